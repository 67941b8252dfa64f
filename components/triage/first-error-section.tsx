"use client"
import type { FirstError } from "#lib/contracts/api/triage.ts"
import { plural } from "../format/count.ts"
import { formatInstant, formatUtc } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { logHref } from "../run/log-href.ts"
import { cn } from "../ui/cn.ts"
import { Link } from "../ui/link.tsx"
import { Section } from "./section.tsx"

/** The first error of the log among the lines around it, each a link to its place in the whole log. */
export function FirstErrorSection({ error }: { error: FirstError }) {
  const zone = useZone()
  const { taskId, attempt, line, lines } = error
  return (
    <Section
      title={line === null ? "End of the log" : "First error"}
      note={`${taskId}, try ${attempt}${line === null ? "" : `, line ${line}`}`}
      aside={
        <Link className="link" href={logHref(error, line)}>
          {line === null ? "Whole log" : "Log at the error"}
        </Link>
      }
    >
      {lines.length === 0 ? (
        <p className="text-t2">It wrote no log.</p>
      ) : (
        <ol
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={plural(lines.length, "line")}
          className="max-h-[340px] overflow-auto rounded-2 border border-line bg-canvas py-1.5 font-mono text-12 leading-[18px]"
        >
          {lines.map((one) => (
            <li
              key={one.line}
              className={cn(
                "grid grid-cols-[48px_72px_minmax(0,1fr)] pr-3 max-sm:grid-cols-[40px_minmax(0,1fr)]",
                one.level === "error" ? "text-failed-t" : one.level === "warn" ? "text-risk-t" : "text-t2",
                one.line === line && "bg-failed-b shadow-[inset_3px_0_var(--st-failed)]",
              )}
            >
              <Link
                href={logHref(error, one.line)}
                tabIndex={-1}
                aria-label={`Line ${one.line}`}
                className="pr-3 text-right text-t3 hover:text-accent-t"
              >
                {one.line}
              </Link>
              <time dateTime={one.at} title={formatUtc(one.at)} className="text-t3 max-sm:hidden">
                {formatInstant(one.at, zone, "seconds")}
              </time>
              <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">
                <span className="sr-only">{one.level} </span>
                {one.message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  )
}
