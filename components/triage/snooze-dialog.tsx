"use client"
import { useMemo } from "react"
import { formatUpcoming } from "../format/instant.ts"
import { useNow } from "../format/now.ts"
import { useZone } from "../format/zone.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { snoozeChoices } from "./snooze-choices.ts"

/** Asks until when; one press answers. */
export function SnoozeDialog({
  what,
  onClose,
  onPick,
}: {
  what: string
  onClose: () => void
  onPick: (until: string) => void
}) {
  const zone = useZone()
  const now = useNow(60_000)
  const choices = useMemo(() => snoozeChoices(now, zone), [now, zone])
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Snooze ${inSentence(what)}`}
      description="Hidden from the open ones, and nobody is told of it, until then."
      footer={<Button onClick={onClose}>Keep as is</Button>}
    >
      <ul className="flex flex-col gap-1.5">
        {choices.map(({ label, until }) => (
          <li key={label}>
            <Button
              className="w-full justify-between"
              onClick={() => {
                onPick(until)
                onClose()
              }}
            >
              {label}
              <span className="font-body text-t3">{formatUpcoming(until, zone, now)}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}

/** `Incident 3` within a sentence. */
export function inSentence(what: string): string {
  return `${what[0]!.toLowerCase()}${what.slice(1)}`
}
