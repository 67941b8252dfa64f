"use client"
import { useState } from "react"
import { useForm } from "react-hook-form"
import { useCreateMaintenance } from "../queries/alerts.ts"
import { ApiError } from "../queries/client.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input } from "../ui/input.tsx"
import { MatchFields, type MatchInputs, matchInputs, matchOf } from "./match-fields.tsx"

interface Inputs extends MatchInputs {
  reason: string
  startsAt: string
  endsAt: string
}

/** Sets a time in which nobody is told. Times are the browser's, as its own inputs have them. */
export function MaintenanceDialog({ onClose }: { onClose: () => void }) {
  const create = useCreateMaintenance()
  const [problem, setProblem] = useState<string | null>(null)
  const [now] = useState(() => Date.now())
  const form = useForm<Inputs>({
    defaultValues: { reason: "", startsAt: localText(now), endsAt: localText(now + 2 * 3_600_000), ...matchInputs() },
  })
  const submit = form.handleSubmit(async (inputs) => {
    setProblem(null)
    try {
      await create.mutateAsync({
        reason: inputs.reason.trim(),
        startsAt: new Date(inputs.startsAt).toISOString(),
        endsAt: new Date(inputs.endsAt).toISOString(),
        match: matchOf(inputs),
      })
      onClose()
    } catch (error) {
      const [issue] = error instanceof ApiError ? error.issues : []
      if (issue) setProblem(`${issue.path.replace(/^body\./, "")}: ${issue.message}`)
    }
  })
  const { errors } = form.formState
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="New maintenance"
      description="Incidents are recorded and nobody is told. What outlasts it is told at its end."
      footer={
        <>
          <Button onClick={onClose}>Keep as is</Button>
          <Button variant="primary" type="submit" form="maintenance" disabled={create.isPending}>
            Set maintenance
          </Button>
        </>
      }
    >
      <form id="maintenance" onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field label="Reason" error={errors.reason?.message}>
          <Input autoComplete="off" {...form.register("reason", { required: "say why" })} />
        </Field>
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="From" error={errors.startsAt?.message}>
            <Input type="datetime-local" {...form.register("startsAt", { required: "give a time" })} />
          </Field>
          <Field label="Until" error={errors.endsAt?.message}>
            <Input
              type="datetime-local"
              {...form.register("endsAt", {
                required: "give a time",
                validate: (endsAt, { startsAt }) => startsAt < endsAt || "it must end after it starts",
              })}
            />
          </Field>
        </div>
        <MatchFields form={form} />
        {problem && (
          <p role="alert" className="text-failed-t">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  )
}

/** What an input for dates and times holds: the browser's clock, to the minute. */
function localText(time: number): string {
  return new Date(time - new Date(time).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
