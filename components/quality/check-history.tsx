import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { formatExact } from "../format/count.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { checkLook } from "./check-words.ts"

const STEP = 7
const HEIGHT = 26

/** The newest results of a check, oldest first: a bar as high as the share of rows that failed, a dot where none did. */
export function CheckHistory({ results }: { results: readonly CheckResult[] }) {
  const zone = useZone()
  const failed = results.filter((one) => !one.passed).length
  const width = Math.max(1, results.length) * STEP
  return (
    <>
      <svg
        role="img"
        aria-label={`${failed} of the last ${results.length} results failed`}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width={width}
        height={HEIGHT}
        className="block max-w-full"
      >
        {results.map((one, index) => (
          <g key={one.id} transform={`translate(${index * STEP} 0)`}>
            <title>
              {`${formatInstant(one.at, zone)}: ${checkLook(one).label}, ${formatExact(one.rowsFailed)} of ${formatExact(one.rowsChecked)} rows failed`}
            </title>
            <Bar result={one} />
          </g>
        ))}
      </svg>
      <p className="mt-1 text-12 text-t2">
        {results.length === 1
          ? "This is its first result."
          : failed === 0
            ? `It passed the last ${results.length} times.`
            : `It failed ${failed} of the last ${results.length} times.`}
      </p>
    </>
  )
}

function Bar({ result }: { result: CheckResult }) {
  if (result.state === "empty") {
    return (
      <rect x="1" y={HEIGHT - 6} width="3" height="5" fill="none" stroke="var(--border-strong)" strokeDasharray="2 1" />
    )
  }
  if (result.passed) return <rect x="0" y={HEIGHT - 6} width="5" height="5" rx="1" fill="var(--st-success)" />
  const share = result.rowsChecked > 0 ? result.rowsFailed / result.rowsChecked : 1
  const height = Math.max(9, Math.round(share * HEIGHT))
  const fill = result.severity === "warn" ? "var(--st-up_for_retry)" : "var(--st-failed)"
  return <rect x="0" y={HEIGHT - height} width="5" height={height} rx="1" fill={fill} />
}
