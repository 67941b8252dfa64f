"use client"
import { useState } from "react"
import { useForm, useWatch } from "react-hook-form"
import type { AlertChannelView, AlertRouteView } from "#lib/contracts/api/alerts.ts"
import { ALERT_KINDS, type AlertKind } from "#lib/domain/alert-rule.ts"
import { SEVERITIES, type Severity } from "#lib/domain/incident-state.ts"
import { useZone } from "../format/zone.ts"
import { useRemoveAlertRoute, useSaveAlertRoute } from "../queries/alerts.ts"
import { ApiError } from "../queries/client.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input, Select } from "../ui/input.tsx"
import { KIND_WORDS, SEVERITY_LOOK } from "./alert-words.ts"
import { MatchFields, type MatchInputs, matchInputs, matchOf } from "./match-fields.tsx"

interface Inputs extends MatchInputs {
  name: string
  position: string
  severities: Severity[]
  kind: string
  channels: string[]
  groupWaitSeconds: string
  groupIntervalSeconds: string
  continues: boolean
  hasHours: boolean
  days: string[]
  from: string
  to: string
  timezone: string
  afterMinutes: string
  escalateTo: string
}

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

/** Makes a route, or changes one. */
export function RouteDialog({
  route,
  channels,
  onClose,
}: {
  route: AlertRouteView | null
  channels: readonly AlertChannelView[]
  onClose: () => void
}) {
  const zone = useZone()
  const save = useSaveAlertRoute()
  const remove = useRemoveAlertRoute()
  const [problem, setProblem] = useState<string | null>(null)
  const [step, ...furtherSteps] = route?.escalation ?? []
  const form = useForm<Inputs>({
    defaultValues: {
      name: route?.name ?? "",
      position: String(route?.position ?? 100),
      severities: route?.match.severities ?? [],
      kind: route?.match.kinds[0] ?? "",
      channels: route?.channels ?? [],
      groupWaitSeconds: String(route?.groupWaitSeconds ?? 30),
      groupIntervalSeconds: String(route?.groupIntervalSeconds ?? 300),
      continues: route?.continues ?? false,
      hasHours: route?.hours != null,
      days: (route?.hours?.days ?? [1, 2, 3, 4, 5]).map(String),
      from: route?.hours?.from ?? "09:00",
      to: route?.hours?.to ?? "18:00",
      timezone: route?.hours?.timezone ?? zone,
      afterMinutes: step ? String(step.afterMinutes) : "",
      escalateTo: step?.channels[0] ?? "",
      ...matchInputs(route?.match),
    },
  })
  const hasHours = useWatch({ control: form.control, name: "hasHours" })
  // Several kinds come from the API; the form keeps them unless one is chosen.
  const kinds = (kind: string): AlertKind[] =>
    kind === "" ? [] : kind === route?.match.kinds[0] ? route.match.kinds : [kind as AlertKind]
  const submit = form.handleSubmit(async (inputs) => {
    setProblem(null)
    const first =
      inputs.afterMinutes === "" || inputs.escalateTo === ""
        ? []
        : [{ afterMinutes: Number(inputs.afterMinutes), channels: escalatesTo(step, inputs.escalateTo) }]
    try {
      await save.mutateAsync({
        id: route?.id ?? null,
        name: inputs.name.trim(),
        position: Number(inputs.position),
        match: { ...matchOf(inputs), severities: inputs.severities, kinds: kinds(inputs.kind) },
        channels: inputs.channels,
        groupWaitSeconds: Number(inputs.groupWaitSeconds),
        groupIntervalSeconds: Number(inputs.groupIntervalSeconds),
        continues: inputs.continues,
        hours: inputs.hasHours
          ? { days: inputs.days.map(Number), from: inputs.from, to: inputs.to, timezone: inputs.timezone }
          : null,
        escalation: [...first, ...furtherSteps],
      })
      onClose()
    } catch (error) {
      const [issue] = error instanceof ApiError ? error.issues : []
      if (issue) setProblem(`${issue.path.replace(/^body\./, "")}: ${issue.message}`)
    }
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={route ? route.name : "New route"}
      description="Says which incidents go to which channels. Routes are asked in the order of their places."
      className="w-[560px]"
      footer={
        <>
          {route && (
            <Button
              className="mr-auto"
              disabled={remove.isPending}
              onClick={() => remove.mutate(route.id, { onSuccess: onClose })}
            >
              Remove route
            </Button>
          )}
          <Button onClick={onClose}>Keep as is</Button>
          <Button variant="primary" type="submit" form="alert-route" disabled={save.isPending}>
            {route ? "Change route" : "Add route"}
          </Button>
        </>
      }
    >
      <form id="alert-route" onSubmit={submit} noValidate className="flex flex-col gap-3">
        <div className="grid grid-cols-[1fr_96px] gap-3">
          <Field label="Name" error={form.formState.errors.name?.message}>
            <Input autoComplete="off" {...form.register("name", { required: "give it a name" })} />
          </Field>
          <Field label="Place">
            <Input type="number" min={0} {...form.register("position")} />
          </Field>
        </div>
        <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
          <legend className="mb-1 font-med text-12 text-t2">Tells these channels</legend>
          {channels.map(({ id }) => (
            <label key={id} className="flex items-center gap-1.5">
              <input
                type="checkbox"
                value={id}
                {...form.register("channels", { validate: (ids) => ids.length > 0 || "choose at least one channel" })}
              />
              {id}
            </label>
          ))}
          {channels.length === 0 && (
            <span className="text-t3">There are none; set HEADRACE_NOTIFY_&lt;NAME&gt; for the workers first.</span>
          )}
          {form.formState.errors.channels && (
            <span role="alert" className="w-full text-12 text-failed-t">
              {form.formState.errors.channels.message}
            </span>
          )}
        </fieldset>
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="Of this kind">
            <Select {...form.register("kind")}>
              <option value="">any kind</option>
              {ALERT_KINDS.map((one) => (
                <option key={one} value={one}>
                  {KIND_WORDS[one]}
                </option>
              ))}
            </Select>
          </Field>
          <fieldset className="flex flex-wrap items-end gap-x-4 gap-y-1 pb-1">
            <legend className="mb-1 font-med text-12 text-t2">Of these severities (none: all)</legend>
            {SEVERITIES.map((one) => (
              <label key={one} className="flex items-center gap-1.5">
                <input type="checkbox" value={one} {...form.register("severities")} />
                {SEVERITY_LOOK[one].label}
              </label>
            ))}
          </fieldset>
        </div>
        <MatchFields form={form} />
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="Waits for others (seconds)" hint="What comes meanwhile is one message.">
            <Input type="number" min={0} {...form.register("groupWaitSeconds")} />
          </Field>
          <Field label="Then gathers for (seconds)" hint="No more than one message in that time.">
            <Input type="number" min={0} {...form.register("groupIntervalSeconds")} />
          </Field>
          <Field label="If nobody acknowledges for (minutes)">
            <Input type="number" min={1} placeholder="never" {...form.register("afterMinutes")} />
          </Field>
          <Field label="tell" {...(furtherSteps.length > 0 && { hint: `and ${furtherSteps.length} further steps` })}>
            <Select {...form.register("escalateTo")}>
              <option value="">nobody</option>
              {channels.map(({ id }) => (
                <option key={id} value={id}>
                  {id}
                </option>
              ))}
            </Select>
          </Field>
        </div>
        <label className="flex items-center gap-2">
          <input type="checkbox" {...form.register("hasHours")} />
          Only at certain hours
        </label>
        {hasHours && (
          <div className="grid grid-cols-[1fr_1fr_1.6fr] gap-3">
            <fieldset className="col-span-3 flex flex-wrap gap-x-3">
              <legend className="sr-only">Days</legend>
              {DAYS.map((day, index) => (
                <label key={day} className="flex items-center gap-1.5">
                  <input type="checkbox" value={String(index + 1)} {...form.register("days")} />
                  {day}
                </label>
              ))}
            </fieldset>
            <Field label="From">
              <Input type="time" {...form.register("from")} />
            </Field>
            <Field label="To">
              <Input type="time" {...form.register("to")} />
            </Field>
            <Field label="Time zone">
              <Input autoComplete="off" {...form.register("timezone")} />
            </Field>
          </div>
        )}
        <label className="flex items-center gap-2">
          <input type="checkbox" {...form.register("continues")} />
          Ask the routes after it too
        </label>
        {problem && (
          <p role="alert" className="text-failed-t">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  )
}

/** A step that names several channels keeps them while its first stays. */
function escalatesTo(step: { channels: string[] } | undefined, chosen: string): string[] {
  return step && step.channels[0] === chosen ? step.channels : [chosen]
}
