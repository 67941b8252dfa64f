"use client"
import type { LogSearchPage } from "#lib/contracts/api/log-search.ts"
import { formatInstant, formatUtc } from "../format/instant.ts"
import { Time } from "../format/time.tsx"
import { useZone } from "../format/zone.ts"
import { matchParts } from "../logs/match-parts.ts"
import { logHref } from "../run/log-href.ts"
import { cn } from "../ui/cn.ts"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"

type Hit = LogSearchPage["items"][number]

/** One attempt with what of it has the text; each line leads to its place in the log. */
export function HitGroup({ hit, query }: { hit: Hit; query: string }) {
  const name = hit.mapIndex === null ? hit.taskId : `${hit.taskId} #${hit.mapIndex}`
  const searched = `${logHref(hit)}&q=${encodeURIComponent(query)}`
  return (
    <section
      aria-label={`${name} of run ${hit.runId}, try ${hit.attempt}`}
      className="border-line border-b pt-2 pb-2.5"
    >
      <h2 className="flex flex-wrap items-baseline gap-x-3 px-6 max-sm:px-4">
        <Link href={logHref(hit, hit.lines[0]?.line ?? null)} className="link font-strong">
          {hit.pipelineId} › {name}
        </Link>
        <span className="font-body text-t2">
          <Link href={`/runs/${hit.runId}`} className="link">
            run {hit.runId}
          </Link>
          , try {hit.attempt}
        </span>
        <Time at={hit.endedAt} className="ml-auto font-body text-t3" />
      </h2>
      {hit.failure && !isLogged(hit) && (
        <p className="mt-1 flex gap-2 px-6 text-failed-t max-sm:px-4">
          <StateIcon name="failed" className="mt-[3px]" />
          <span className="line-clamp-3 [overflow-wrap:anywhere]">
            <Marked text={hit.failure} query={query} />
          </span>
        </p>
      )}
      {hit.lines.length > 0 && (
        <ul className="mt-1 font-mono text-12 leading-[18px]">
          {hit.lines.map((line) => (
            <Line key={line.line} hit={hit} line={line} query={query} />
          ))}
        </ul>
      )}
      {hit.hasMore && (
        <Link href={searched} className="link block px-6 pt-1 max-sm:px-4">
          More lines of this log
        </Link>
      )}
    </section>
  )
}

/** Most failures end their log with their message: once is enough. Lines are cut, so its beginning counts. */
function isLogged({ failure, lines }: Hit): boolean {
  const start = (failure ?? "").slice(0, 200)
  return lines.some(({ message }) => message.includes(start))
}

function Line({ hit, line, query }: { hit: Hit; line: Hit["lines"][number]; query: string }) {
  const zone = useZone()
  return (
    <li>
      <Link
        href={logHref(hit, line.line)}
        className={cn(
          "grid grid-cols-[64px_72px_minmax(0,1fr)] pr-6 hover:bg-hover focus-visible:-outline-offset-2 max-sm:grid-cols-[52px_minmax(0,1fr)] max-sm:pr-4",
          line.level === "error" ? "text-failed-t" : line.level === "warn" ? "text-risk-t" : "text-t2",
        )}
      >
        <span className="pr-4 text-right text-t3">{line.line}</span>
        <time dateTime={line.at} title={formatUtc(line.at)} className="text-t3 max-sm:hidden">
          {formatInstant(line.at, zone, "seconds")}
        </time>
        <span className="whitespace-pre-wrap [overflow-wrap:anywhere]">
          <span className="sr-only">{line.level} </span>
          <Marked text={line.message} query={query} />
        </span>
      </Link>
    </li>
  )
}

function Marked({ text, query }: { text: string; query: string }) {
  return matchParts(text, query).map((part) =>
    part.isMatch ? (
      <mark key={part.at} className="rounded-[2px] bg-transparent text-inherit outline outline-1 outline-current">
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  )
}
