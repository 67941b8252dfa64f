import { formatCount, formatExact } from "./count.ts"

/** A count for people, exact on hover. */
export function CountText({ value, className }: { value: number | null | undefined; className?: string }) {
  return (
    <span title={formatExact(value)} className={className}>
      {formatCount(value)}
    </span>
  )
}
