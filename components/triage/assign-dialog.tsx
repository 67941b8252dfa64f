"use client"
import { useId, useState } from "react"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input } from "../ui/input.tsx"
import { inSentence } from "./snooze-dialog.tsx"
import type { Target } from "./use-incident-actions.tsx"

/** Asks who sees to it; nobody is an answer too. */
export function AssignDialog({
  what,
  targets,
  onClose,
  onPick,
}: {
  what: string
  targets: readonly Target[]
  onClose: () => void
  onPick: (assignee: string | null) => void
}) {
  const [name, setName] = useState(targets[0]?.assignee ?? targets[0]?.owner ?? "")
  const list = useId()
  const form = useId()
  const known = [...new Set(targets.flatMap(({ owner, assignee }) => [owner, assignee]))].filter((one) => one !== null)
  const pick = (assignee: string | null) => {
    onPick(assignee)
    onClose()
  }
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Assign ${inSentence(what)}`}
      footer={
        <>
          {targets.some(({ assignee }) => assignee !== null) && (
            <Button className="mr-auto" onClick={() => pick(null)}>
              Assign to nobody
            </Button>
          )}
          <Button onClick={onClose}>Keep as is</Button>
          <Button type="submit" form={form} variant="primary" disabled={name.trim() === ""}>
            Assign
          </Button>
        </>
      }
    >
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() !== "") pick(name.trim())
        }}
      >
        <Field label="Who sees to it">
          <Input
            value={name}
            onChange={(event) => setName(event.target.value)}
            list={list}
            maxLength={200}
            placeholder="A person or a team"
            autoComplete="off"
          />
        </Field>
        <datalist id={list}>
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </form>
    </Dialog>
  )
}
