"use client"
import { useState } from "react"
import { Button } from "../ui/button.tsx"
import { Field, Input } from "../ui/input.tsx"
import type { DiffForm } from "./diff-request.ts"

const SIDES = [
  { side: "left", title: "Left" },
  { side: "right", title: "Right" },
] as const

/** Which tables, which rows of them, by which key. Asked for by the button or Enter, since it reads both tables. */
export function DiffFormView({
  form,
  tables,
  isBusy,
  onCompare,
}: {
  form: DiffForm
  tables: readonly string[]
  isBusy: boolean
  onCompare: (form: DiffForm) => void
}) {
  const [draft, setDraft] = useState(form)
  const field = (name: keyof DiffForm, label: string, placeholder: string, list?: string) => (
    <Field label={label}>
      <Input
        value={draft[name]}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        {...(list && { list })}
        onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
      />
    </Field>
  )
  return (
    <form
      className="grid flex-none grid-cols-3 gap-x-6 gap-y-3 border-line border-y bg-canvas px-6 py-4 max-lg:grid-cols-1 max-sm:px-4"
      onSubmit={(event) => {
        event.preventDefault()
        onCompare(draft)
      }}
    >
      <datalist id="diff-tables">
        {tables.map((table) => (
          <option key={table} value={table} />
        ))}
      </datalist>
      {SIDES.map(({ side, title }) => (
        <fieldset key={side} className="grid min-w-0 content-start gap-2">
          <legend className="mb-1 font-strong">{title}</legend>
          {field(side, "Table", side === "left" ? "marts.fct_orders" : "the same table", "diff-tables")}
          {field(`${side}Where`, "Only rows where", "order_date=2026-01-31")}
          {field(`${side}AsOf`, "As of (where versions are kept)", "2026-01-31")}
        </fieldset>
      ))}
      <fieldset className="grid min-w-0 content-start gap-2">
        <legend className="mb-1 font-strong">Comparison</legend>
        {field("key", "Key columns", "the primary key")}
        {field("columns", "Columns", "all that both have")}
        <Button type="submit" variant="primary" disabled={isBusy || draft.left.trim() === ""} className="mt-5 w-fit">
          {isBusy ? "Comparing…" : "Compare"}
        </Button>
      </fieldset>
    </form>
  )
}
