import { formatScore } from "../format/count.ts"
import { StateIcon } from "../ui/icon.tsx"

/** A quality score with its judgement: failing checks weigh more than the number. No checks is no score. */
export function ScoreText({ score, failing }: { score: number | null; failing: number }) {
  if (score === null) return <span className="text-t3">no checks</span>
  return (
    <span className="inline-flex items-center gap-1.5">
      <StateIcon name={failing > 0 ? "failed" : "success"} size={12} />
      <b className="font-med">{formatScore(score)}</b>
      {failing > 0 && <span className="text-failed-t">{failing} failing</span>}
      {failing === 0 && <span className="sr-only">all checks pass</span>}
    </span>
  )
}
