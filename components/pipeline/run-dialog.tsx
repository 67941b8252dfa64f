"use client"
import { useRouter } from "next/navigation"
import { useMemo } from "react"
import { type FieldErrors, type UseFormRegister, useForm } from "react-hook-form"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { partitionScheme } from "#lib/domain/partition-scheme.ts"
import { plural } from "../format/count.ts"
import { formatMinutes } from "../format/duration.ts"
import { ApiError } from "../queries/client.ts"
import { useCreateRun } from "../queries/runs.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input, Select } from "../ui/input.tsx"
import { toast } from "../ui/toast.tsx"
import { type ParamField, paramFields, paramHint, paramProblem, paramValues } from "./param-fields.ts"

type Inputs = Record<string, string>
/** Inputs beside the params: their names have spaces, which those of params rarely have. */
const NOTE = "note of this run"
const LOGICAL_AT = "logical time of this run"
const KEY = "key of the partition"
const START = "start of the data interval"
const END = "end of the data interval"

/** Starts a run by hand, after saying what it does and asking for the pipeline's params. */
export function RunDialog({ pipeline, onClose }: { pipeline: PipelineDetail; onClose: () => void }) {
  const router = useRouter()
  const create = useCreateRun()
  const fields = useMemo(() => paramFields(pipeline.manifest?.params ?? null), [pipeline.manifest])
  const keys = pipeline.manifest?.partition ? partitionScheme(pipeline.manifest.partition).keys : null
  const form = useForm<Inputs>({
    defaultValues: {
      ...Object.fromEntries(fields.map((field) => [field.name, field.initial])),
      [NOTE]: "",
      [LOGICAL_AT]: "",
      [START]: "",
      [KEY]: "",
      [END]: "",
    },
  })
  const start = form.handleSubmit(async (inputs) => {
    const note = inputs[NOTE]?.trim()
    try {
      const run = await create.mutateAsync({
        pipelineId: pipeline.id,
        params: paramValues(fields, inputs),
        ...(note ? { note } : {}),
        ...(inputs[KEY] ? { staticKey: inputs[KEY] } : {}),
        ...instantOf("logicalAt", inputs[LOGICAL_AT]),
        ...instantOf("intervalStart", inputs[START]),
        ...instantOf("intervalEnd", inputs[END]),
      })
      onClose()
      toast.success(`Run ${run.id} of ${pipeline.id} is queued.`, {
        action: { label: "Open", onClick: () => router.push(`/runs/${run.id}`) },
      })
    } catch (error) {
      // The mutation told the person; here the words go beside the inputs they are about.
      for (const issue of error instanceof ApiError ? error.issues : []) {
        const name = issue.path.replace(/^\/?params[./]?/, "")
        if (fields.some((field) => field.name === name)) form.setError(name, { message: issue.message })
      }
    }
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Run ${pipeline.id} now`}
      description={effect(pipeline)}
      footer={
        <>
          <Button onClick={onClose}>Do not run</Button>
          <Button variant="primary" icon="play" type="submit" form="run-now" disabled={create.isPending}>
            Run now
          </Button>
        </>
      }
    >
      <form id="run-now" onSubmit={start} noValidate className="flex flex-col gap-3">
        {keys && (
          <Field label="Key" hint="Which of its partitions the run loads." error={form.formState.errors[KEY]?.message}>
            <Select
              aria-invalid={form.formState.errors[KEY] !== undefined}
              {...form.register(KEY, { validate: (key) => (key ? true : "Choose one.") })}
            >
              <option value="">choose one</option>
              {keys.map((key) => (
                <option key={key} value={key}>
                  {key}
                </option>
              ))}
            </Select>
          </Field>
        )}
        {fields.map((field) => (
          <ParamInput key={field.name} field={field} register={form.register} errors={form.formState.errors} />
        ))}
        <details className="group">
          <summary className="link w-fit cursor-pointer text-12">Logical time and data interval</summary>
          <div className="mt-3 flex flex-col gap-3">
            <Field label="Logical time (optional)" hint={`${OWN_CLOCK} Now, unless given.`}>
              <Input type="datetime-local" {...form.register(LOGICAL_AT)} />
            </Field>
            <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
              <Field label="Data from (optional)" hint={intervalHint(pipeline)}>
                <Input type="datetime-local" {...form.register(START)} />
              </Field>
              <Field
                label="Data up to (optional)"
                hint="Exclusive; the logical time, unless given."
                error={form.formState.errors[END]?.message}
              >
                <Input
                  type="datetime-local"
                  aria-invalid={form.formState.errors[END] !== undefined}
                  {...form.register(END, { validate: (text, all) => intervalProblem(all[START], text) ?? true })}
                />
              </Field>
            </div>
          </div>
        </details>
        <Field label="Note" hint="Why it runs by hand; shown with the run.">
          <Input maxLength={2_000} {...form.register(NOTE)} />
        </Field>
      </form>
    </Dialog>
  )
}

function effect(pipeline: PipelineDetail): string {
  const length = pipeline.medianDurationMs === null ? "" : `, about ${formatMinutes(pipeline.medianDurationMs)}`
  const paused = pipeline.isPaused ? " Its schedule stays paused." : ""
  return `Starts ${plural(pipeline.tasksTotal, "task")} at version ${pipeline.version}${length}.${paused}`
}

const OWN_CLOCK = "On your own clock."

function intervalHint({ manifest }: PipelineDetail): string {
  const unit = manifest?.partition && partitionScheme(manifest.partition).unit
  if (unit) return `The latest complete ${unit}, unless given.`
  return manifest?.schedule ? "Its schedule's latest interval, unless given." : "Nothing, unless given."
}

function intervalProblem(start: string | undefined, end: string | undefined): string | null {
  if (!end) return null
  if (!start) return "Say also where the data starts."
  return start <= end ? null : "This is before the start."
}

/** Inputs have no zone: what a person types is their own wall clock. */
function instantOf<Name extends string>(name: Name, text: string | undefined): { [Key in Name]?: string } {
  return text ? ({ [name]: new Date(text).toISOString() } as { [Key in Name]?: string }) : {}
}

function ParamInput({
  field,
  register,
  errors,
}: {
  field: ParamField
  register: UseFormRegister<Inputs>
  errors: FieldErrors<Inputs>
}) {
  const props = register(field.name, { validate: (text) => paramProblem(field, text ?? "") ?? true })
  const label = field.isRequired ? field.label : `${field.label} (optional)`
  const error = errors[field.name]?.message
  const hint = [field.description?.replace(/([^.!?])$/, "$1."), paramHint(field)].filter(Boolean).join(" ") || null
  return (
    <Field label={label} hint={hint} error={error}>
      {field.kind === "choice" || field.kind === "boolean" ? (
        <Select {...props} aria-invalid={error !== undefined}>
          {(!field.isRequired || field.initial === "") && (
            <option value="">{field.isRequired ? "choose one" : "not set"}</option>
          )}
          {(field.kind === "boolean" ? ["true", "false"] : field.choices).map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </Select>
      ) : field.kind === "json" || field.kind === "list" ? (
        <textarea
          rows={Math.min(8, Math.max(3, field.initial.split("\n").length))}
          spellCheck={false}
          aria-invalid={error !== undefined}
          className="rounded-2 border border-line-control bg-surface px-2 py-1 font-mono text-12"
          {...props}
        />
      ) : (
        <Input
          type={INPUT_TYPE[field.kind]}
          min={field.kind === "number" ? (field.min ?? undefined) : undefined}
          max={field.kind === "number" ? (field.max ?? undefined) : undefined}
          step={field.kind === "number" && !field.isWhole ? "any" : undefined}
          aria-invalid={error !== undefined}
          autoComplete="off"
          {...props}
        />
      )}
    </Field>
  )
}

const INPUT_TYPE = { text: "text", number: "number", date: "date", datetime: "datetime-local" } as const
