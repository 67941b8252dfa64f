"use client"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { useForm, useWatch } from "react-hook-form"
import { alertConditionSchema } from "#lib/contracts/alerts/alert-rule.ts"
import type { AlertRuleView } from "#lib/contracts/api/alerts.ts"
import { ALERT_KINDS, type AlertKind } from "#lib/domain/alert-rule.ts"
import { SEVERITIES, type Severity } from "#lib/domain/incident-state.ts"
import { rulePreviewQuery, useRemoveAlertRule, useSaveAlertRule } from "../queries/alerts.ts"
import { ApiError } from "../queries/client.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input, Select } from "../ui/input.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { idOf, KIND_WORDS, originWords, SEVERITY_LOOK } from "./alert-words.ts"
import { CONDITION_FIELDS, type ConditionField, conditionOf, inputsOf } from "./condition-fields.ts"
import { MatchFields, type MatchInputs, matchInputs, matchOf } from "./match-fields.tsx"

interface Inputs extends MatchInputs {
  name: string
  kind: AlertKind
  severity: Severity
  forSeconds: string
  clearSeconds: string
  runbook: string
  condition: Record<string, string | boolean>
}

/** Makes a rule, or changes one; says how often it would have found something. A rule of the workspace is shown alone. */
export function RuleDialog({ rule, onClose }: { rule: AlertRuleView | null; onClose: () => void }) {
  const isReadOnly = rule?.origin === "workspace"
  const save = useSaveAlertRule()
  const remove = useRemoveAlertRule()
  const [problem, setProblem] = useState<string | null>(null)
  const kind = rule?.kind ?? "quality_below"
  const form = useForm<Inputs>({
    defaultValues: {
      name: rule?.name ?? "",
      kind,
      severity: rule?.severity ?? "warning",
      forSeconds: String(rule?.forSeconds ?? 0),
      clearSeconds: String(rule?.clearSeconds ?? 0),
      runbook: rule?.runbook ?? "",
      condition: inputsOf(kind, rule?.condition ?? null),
      ...matchInputs(rule?.match),
    },
  })
  const values = useWatch({ control: form.control }) as Inputs
  const submit = form.handleSubmit(async (inputs) => {
    setProblem(null)
    try {
      await save.mutateAsync({
        id: rule?.id ?? idOf(inputs.name),
        isNew: rule === null,
        name: inputs.name.trim(),
        condition: conditionOf(inputs.kind, inputs.condition),
        severity: inputs.severity,
        forSeconds: Number(inputs.forSeconds),
        clearSeconds: Number(inputs.clearSeconds),
        runbook: inputs.runbook.trim() || null,
        match: matchOf(inputs),
      })
      onClose()
    } catch (error) {
      // Other errors are in a toast already.
      const [issue] = error instanceof ApiError ? error.issues : []
      if (issue) setProblem(`${issue.path.replace(/^body\./, "")}: ${issue.message}`)
    }
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={rule ? rule.name : "New rule"}
      description={
        isReadOnly
          ? `This rule stands in ${originWords(rule)}; change it there.`
          : "Makes an incident when something holds."
      }
      className="w-[560px]"
      footer={
        <>
          {rule?.origin === "console" && (
            <Button
              className="mr-auto"
              disabled={remove.isPending}
              onClick={() => remove.mutate(rule.id, { onSuccess: onClose })}
            >
              Remove rule
            </Button>
          )}
          <Button onClick={onClose}>{isReadOnly ? "Close" : "Keep as is"}</Button>
          {!isReadOnly && (
            <Button variant="primary" type="submit" form="alert-rule" disabled={save.isPending}>
              {rule ? "Change rule" : "Add rule"}
            </Button>
          )}
        </>
      }
    >
      <form id="alert-rule" onSubmit={submit} noValidate className="flex flex-col gap-3">
        <Field label="Name" error={form.formState.errors.name?.message}>
          <Input
            autoComplete="off"
            disabled={isReadOnly}
            {...form.register("name", { validate: (name) => idOf(name) !== "" || "give it a name" })}
          />
        </Field>
        <div className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
          <Field label="When">
            <Select
              disabled={rule !== null}
              {...form.register("kind", {
                onChange: (event) => form.setValue("condition", inputsOf(event.target.value, null)),
              })}
            >
              {ALERT_KINDS.map((one) => (
                <option key={one} value={one}>
                  {KIND_WORDS[one]}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Severity">
            <Select disabled={isReadOnly} {...form.register("severity")}>
              {SEVERITIES.map((one) => (
                <option key={one} value={one}>
                  {SEVERITY_LOOK[one].label}
                </option>
              ))}
            </Select>
          </Field>
          {CONDITION_FIELDS[values.kind].map((field) => (
            <ConditionInput
              key={`${values.kind} ${field.name}`}
              field={field}
              disabled={isReadOnly}
              register={(name) => form.register(`condition.${name}`)}
            />
          ))}
          <Field label="Holds for (seconds)" hint="Before it is an incident.">
            <Input type="number" min={0} disabled={isReadOnly} {...form.register("forSeconds")} />
          </Field>
          <Field label="Is over for (seconds)" hint="Before it is resolved.">
            <Input type="number" min={0} disabled={isReadOnly} {...form.register("clearSeconds")} />
          </Field>
        </div>
        <Preview values={values} />
        <MatchFields form={form} disabled={isReadOnly} />
        <Field label="Runbook" hint="A web address, or a file of the workspace.">
          <Input autoComplete="off" disabled={isReadOnly} {...form.register("runbook")} />
        </Field>
        {problem && (
          <p role="alert" className="text-failed-t">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  )
}

function ConditionInput({
  field,
  disabled,
  register,
}: {
  field: ConditionField
  disabled: boolean
  register: (name: string) => ReturnType<ReturnType<typeof useForm<Inputs>>["register"]>
}) {
  if (field.type === "check") {
    return (
      <label className="flex items-center gap-2 self-end pb-1.5">
        <input type="checkbox" disabled={disabled} {...register(field.name)} />
        {field.label}
      </label>
    )
  }
  return (
    <Field label={field.label}>
      {field.type === "choice" ? (
        <Select disabled={disabled} {...register(field.name)}>
          {field.options?.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      ) : (
        <Input
          type={field.type === "number" ? "number" : "text"}
          step="any"
          autoComplete="off"
          disabled={disabled}
          {...register(field.name)}
        />
      )}
    </Field>
  )
}

/** "Would have fired 3 times in the last 7 days", by what is stored of them. */
function Preview({ values }: { values: Inputs }) {
  const text = useDebounced(JSON.stringify([conditionOf(values.kind, values.condition), matchOf(values)]))
  const [condition, match] = JSON.parse(text)
  const parsed = alertConditionSchema.safeParse(condition)
  const { data, isError } = useQuery(rulePreviewQuery(parsed.success ? { condition: parsed.data, match } : null))
  if (!parsed.success || isError || !data) return <p className="min-h-5 text-t3" />
  if (data.times === null) return <p className="min-h-5 text-t3">The past says nothing of it.</p>
  return (
    <p className="min-h-5 text-t2" title={data.examples.map(({ what }) => what).join("\n")}>
      Would have found something{" "}
      <b>
        {data.times} {data.times === 1 ? "time" : "times"}
      </b>{" "}
      in the last {data.days} days.
    </p>
  )
}
