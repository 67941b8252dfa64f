import { dayWords, stripWords } from "./freshness-words.ts"

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
      {[...days].map((letter, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a day is known by its place
        <g key={index} transform={`translate(${index * STEP} 0)`}>
          <title>{dayWords(days, index)}</title>
          <Day letter={letter} />
        </g>
      ))}
    </svg>
  )
}

function Day({ letter }: { letter: string }) {
  switch (letter) {
    case "f":
      return <rect y="6" width="5" height="10" fill="var(--st-success)" />
    case "w":
      return <rect y="11" width="5" height="5" rx="1" fill="var(--st-up_for_retry)" />
    case "e":
      return (
        <>
          <rect y="1" width="5" height="20" rx="1" fill="var(--st-failed)" />
          <path d="M1 9.500l3 3m0-3-3 3" stroke="var(--st-on)" strokeWidth="1.2" />
        </>
      )
    case "u":
      return (
        <rect
          x=".6"
          y="6.600"
          width="3.800"
          height="8.800"
          rx="1"
          fill="none"
          stroke="var(--st-missing)"
          strokeDasharray="2 1.500"
        />
      )
    default:
      return <rect x="1.500" y="10" width="2" height="2" rx="1" fill="var(--border-strong)" />
  }
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
            <Day letter={letter} />
          </svg>
          {word}
        </li>
      ))}
    </ul>
  )
}
