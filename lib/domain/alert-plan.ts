import {
  type AlertMatch,
  type AlertSubject,
  type IncidentMatch,
  matchesIncident,
  matchesSubject,
} from "./alert-match.ts"
import type { Severity } from "./incident-state.ts"
import { wallTime } from "./zone.ts"

/** Hours of a week on a zone's clock. `to` not after `from` reaches into the next day; days are those on which it begins. */
export interface AlertHours {
  /** 1 is Monday, 7 Sunday. */
  days: number[]
  from: string
  to: string
  timezone: string
}

/** Which incidents are told where. */
export interface AlertRoute {
  id: string
  match: IncidentMatch
  /** Null: at all hours. */
  hours: AlertHours | null
  channels: string[]
  /** The first message waits this long for others that belong to it. */
  groupWaitSeconds: number
  /** After a message the next ones are gathered for this long. */
  groupIntervalSeconds: number
  /** While nobody acknowledges. */
  escalation: { afterMinutes: number; channels: string[] }[]
  /** Whether the routes after it are asked too. */
  continues: boolean
}

/** While it lasts, incidents of what it names are recorded and nobody is told. */
export interface MaintenanceWindow {
  match: AlertMatch
  startsAt: Date
  endsAt: Date
}

export interface RoutedIncident extends AlertSubject {
  kind: string
  severity: Severity
  snoozedUntil: Date | null
}

export interface PlannedDelivery {
  channelId: string
  routeId: string
  /** 0: at once; from 1 on: steps of the escalation. */
  step: number
  dueAt: Date
}

/**
 * Whom to tell that an incident was opened or came back, and when: by the first route that fits, and those after it as long
 * as they continue. A channel is told once a step, at its earliest; nothing is due before maintenance and snoozing are over.
 */
export function planDeliveries(
  incident: RoutedIncident,
  routes: readonly AlertRoute[],
  windows: readonly MaintenanceWindow[],
  now: Date,
): PlannedDelivery[] {
  const planned = new Map<string, PlannedDelivery>()
  for (const route of routes) {
    if (!matchesIncident(route.match, incident) || !isWithinHours(route.hours, now)) continue
    const steps = [
      { step: 0, afterMs: route.groupWaitSeconds * 1_000, channels: route.channels },
      ...route.escalation.map(({ afterMinutes, channels }, index) => ({
        step: index + 1,
        afterMs: afterMinutes * 60_000,
        channels,
      })),
    ]
    for (const { step, afterMs, channels } of steps) {
      const dueAt = heldUntil(incident, windows, new Date(now.getTime() + afterMs))
      for (const channelId of channels) {
        const key = `${step} ${channelId}`
        const known = planned.get(key)
        if (!known || dueAt < known.dueAt) planned.set(key, { channelId, routeId: route.id, step, dueAt })
      }
    }
    if (!route.continues) break
  }
  return [...planned.values()]
}

/** The first instant from `at` on at which somebody may be told of the incident: `at` itself, unless something holds it. */
export function heldUntil(
  incident: AlertSubject & { snoozedUntil: Date | null },
  windows: readonly MaintenanceWindow[],
  at: Date,
): Date {
  let free = incident.snoozedUntil && incident.snoozedUntil > at ? incident.snoozedUntil : at
  // Windows may follow each other without a gap; by their start, one pass finds the end of all.
  const ordered = windows
    .filter((window) => matchesSubject(window.match, incident))
    .sort((one, other) => one.startsAt.getTime() - other.startsAt.getTime())
  for (const { startsAt, endsAt } of ordered) {
    if (startsAt <= free && free < endsAt) free = endsAt
  }
  return free
}

const DAY_MINUTES = 24 * 60

/** Whether it is one of the hours. */
export function isWithinHours(hours: AlertHours | null, now: Date): boolean {
  if (hours === null) return true
  const wall = new Date(wallTime(hours.timezone, now.getTime()))
  const minute = wall.getUTCHours() * 60 + wall.getUTCMinutes()
  const from = minuteOf(hours.from)
  const to = minuteOf(hours.to)
  // 0 is Sunday there.
  const today = wall.getUTCDay() || 7
  const yesterday = today === 1 ? 7 : today - 1
  const end = to > from ? to : to + DAY_MINUTES
  const startedOn = (day: number, minutes: number) => hours.days.includes(day) && minutes >= from && minutes < end
  return startedOn(today, minute) || startedOn(yesterday, minute + DAY_MINUTES)
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number)
  return hours * 60 + minutes
}
