import { valueError } from "../../jinja/errors.ts"
import { HostObject, hostFunction, type Value } from "../../jinja/values.ts"
import type { DateTime } from "./datetime.ts"

/** A zone of a date-time: an IANA name, or a fixed number of minutes east of UTC. */
export class TimeZone extends HostObject {
  readonly name: string
  private readonly fixedMinutes: number | null
  private readonly format: Intl.DateTimeFormat | null

  constructor(name: string, fixedMinutes: number | null) {
    super()
    this.name = name
    this.fixedMinutes = fixedMinutes
    this.format = fixedMinutes === null ? formatOf(name) : null
  }

  override get typeName(): string {
    return "tzinfo"
  }

  /** Minutes east of UTC at an instant. */
  offsetAt(instantMs: number): number {
    if (!this.format) return this.fixedMinutes ?? 0
    const parts = Object.fromEntries(
      this.format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    const wall = Date.UTC(year, month - 1, day, hour % 24, minute, second)
    return Math.round((wall - Math.floor(instantMs / 1000) * 1000) / 60_000)
  }

  /** The offset where the clock on the wall shows this. A time that is there twice means the first. */
  offsetAtWall(wallMs: number): number {
    const guess = this.offsetAt(wallMs - this.offsetAt(wallMs) * 60_000)
    return this.offsetAt(wallMs - guess * 60_000)
  }

  override getAttribute(name: string): Value | undefined {
    if (name === "zone") return this.name
    // pytz: puts the zone onto a time that has none.
    if (name === "localize") return hostFunction("localize", ([time]) => (time as DateTime).withZone(this))
    if (name === "normalize") return hostFunction("normalize", ([time]) => (time as DateTime).inZone(this))
    return undefined
  }

  override equals(other: Value): boolean {
    return other instanceof TimeZone && other.name === this.name
  }

  override toText(): string {
    return this.name
  }
}

export const UTC = new TimeZone("UTC", 0)

function formatOf(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    })
  } catch {
    throw valueError(`There is no time zone "${timeZone}".`)
  }
}
