"use client"
import { useState } from "react"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { Field } from "../ui/input.tsx"
import { inSentence } from "./snooze-dialog.tsx"

/** Asks before something counts as over, and what it was. */
export function ResolveDialog({
  what,
  onClose,
  onConfirm,
}: {
  what: string
  onClose: () => void
  onConfirm: (text: string) => Promise<void>
}) {
  const [text, setText] = useState("")
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Resolve ${inSentence(what)}`}
      confirmLabel="Resolve"
      isDanger={false}
      onConfirm={() => onConfirm(text.trim())}
    >
      <p className="mb-3 text-t2">
        It counts as over, and who was told of it hears so. If it shows again, it is opened again. What fails now goes
        on failing: once that works, it is resolved by itself.
      </p>
      <Field label="What was it? (optional)" hint="Kept in the timeline.">
        <textarea
          rows={3}
          maxLength={5_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          className="w-full resize-y rounded-2 border border-line-control bg-surface px-2 py-1 text-t1"
        />
      </Field>
    </ConfirmDialog>
  )
}
