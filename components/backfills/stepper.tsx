"use client"
import { Button } from "../ui/button.tsx"

const MOST_AT_ONCE = 64

/** A number from 1 to `most` (64) with a button at each side. */
export function Stepper({
  label,
  value,
  most = MOST_AT_ONCE,
  onChange,
}: {
  label: string
  most?: number
  value: number
  onChange: (value: number) => void
}) {
  return (
    <span className="inline-flex items-center gap-1">
      <Button
        size="sm"
        icon="minus"
        aria-label={`One fewer ${label.toLowerCase()}`}
        disabled={value <= 1}
        onClick={() => onChange(value - 1)}
      />
      <output aria-label={label} className="w-8 text-center font-strong">
        {value}
      </output>
      <Button
        size="sm"
        icon="plus"
        aria-label={`One more ${label.toLowerCase()}`}
        disabled={value >= most}
        onClick={() => onChange(value + 1)}
      />
    </span>
  )
}
