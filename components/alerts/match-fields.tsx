"use client"
import type { FieldValues, Path, UseFormReturn } from "react-hook-form"
import { Field, Input } from "../ui/input.tsx"
import { namesOf } from "./alert-words.ts"

/** Whom something concerns, as text fields hold it. */
export interface MatchInputs {
  pipelines: string
  datasets: string
  owners: string
  tags: string
}

const LABELS = { pipelines: "Pipelines", datasets: "Datasets", owners: "Owners", tags: "Tags" } as const

export function matchInputs(match?: Partial<Record<keyof MatchInputs, readonly string[]>>): MatchInputs {
  const text = (names: readonly string[] | undefined) => (names ?? []).join(", ")
  return {
    pipelines: text(match?.pipelines),
    datasets: text(match?.datasets),
    owners: text(match?.owners),
    tags: text(match?.tags),
  }
}

export function matchOf(inputs: MatchInputs): Record<keyof MatchInputs, string[]> {
  return {
    pipelines: namesOf(inputs.pipelines),
    datasets: namesOf(inputs.datasets),
    owners: namesOf(inputs.owners),
    tags: namesOf(inputs.tags),
  }
}

/** The four lists, separated by commas; empty ones stand for everything. */
export function MatchFields<Values extends FieldValues & MatchInputs>({
  form,
  disabled = false,
}: {
  form: UseFormReturn<Values>
  disabled?: boolean
}) {
  return (
    <fieldset className="grid grid-cols-2 gap-3 max-sm:grid-cols-1">
      <legend className="mb-1 font-med text-12 text-t2">
        Of these alone, separated by commas; * stands for anything
      </legend>
      {Object.entries(LABELS).map(([name, label]) => (
        <Field key={name} label={label}>
          <Input autoComplete="off" placeholder="all" disabled={disabled} {...form.register(name as Path<Values>)} />
        </Field>
      ))}
    </fieldset>
  )
}
