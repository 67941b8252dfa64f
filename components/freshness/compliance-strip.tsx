import { stripWords } from "./freshness-words.ts"

const STEP = 7

/** Thirty days, today last: even while they were kept; what was not stands out by shape and colour. */
export function ComplianceStrip({ days }: { days: string }) {
  const width = days.length * STEP
  return (
    <svg
      viewBox={`0 0 ${width} 22`}
      width={width}
      height="22"
      role="img"
      aria-label={stripWords(days)}
      className="block max-w-full"
    >
      <Shapes days={days} />
    </svg>
  )
}

/** One element a kind of day, so that a hundred strips stay light. */
function Shapes({ days }: { days: string }) {
  const at = (letter: string, path: (x: number) => string) =>
    [...days].flatMap((day, index) => (day === letter ? path(index * STEP) : [])).join("")
  return (
    <>
      <path d={at("-", (x) => `M${x + 1.5} 10h2v2h-2z`)} fill="var(--border-strong)" />
      <path d={at("f", (x) => `M${x} 6h5v10h-5z`)} fill="var(--st-success)" />
      <path d={at("w", (x) => `M${x} 11h5v5h-5z`)} fill="var(--st-up_for_retry)" />
      <path d={at("e", (x) => `M${x} 1h5v20h-5z`)} fill="var(--st-failed)" />
      <path d={at("e", (x) => `M${x + 1} 9.5l3 3m0-3-3 3`)} stroke="var(--st-on)" strokeWidth="1.2" />
      <path
        d={at("u", (x) => `M${x + 0.6} 6.6h3.8v8.8h-3.8z`)}
        fill="none"
        stroke="var(--st-missing)"
        strokeDasharray="2 1.5"
      />
    </>
  )
}

/** What the shapes mean. */
export function StripLegend() {
  const items = [
    ["f", "fresh"],
    ["w", "warning"],
    ["e", "late"],
    ["u", "unknown"],
  ] as const
  return (
    <ul className="ml-auto flex gap-3 text-12 text-t2 max-lg:hidden" aria-label="The last 30 days">
      <li className="inline-flex items-center gap-1">
        <svg width="10" height="14" viewBox="0 0 10 14" aria-hidden="true">
          <path d="M1 7l4-4.500 4 4.500-4 4.500z" fill="var(--surface)" stroke="var(--text-1)" strokeWidth="1.3" />
        </svg>
        expected arrival
      </li>
      {items.map(([letter, word]) => (
        <li key={letter} className="inline-flex items-center gap-1">
          <svg width="5" height="22" viewBox="0 0 5 22" aria-hidden="true">
            <Shapes days={letter} />
          </svg>
          {word}
        </li>
      ))}
    </ul>
  )
}
