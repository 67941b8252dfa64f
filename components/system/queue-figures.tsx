"use client"
import type { ReactNode } from "react"
import type { Queue } from "#lib/contracts/api/queue.ts"
import { formatCount } from "../format/count.ts"
import { formatInstant } from "../format/instant.ts"
import { RelativeTime } from "../format/time.tsx"
import { useZone } from "../format/zone.ts"
import { cn } from "../ui/cn.ts"

/** How much waits, for what, and since when; what runs; and what ended in each of the last minutes. */
export function QueueFigures({
  queue,
  onWorkers,
}: {
  queue: Queue
  /** Shows what waits for a worker. */
  onWorkers: () => void
}) {
  const { waitingForWorker, waitingForSlot, retrying } = queue
  return (
    <dl className="grid grid-cols-4 border-line border-y max-lg:grid-cols-2 max-sm:grid-cols-1">
      <Figure
        label="Running"
        value={
          <>
            {formatCount(queue.running)}{" "}
            <span className="text-14 text-t3">of {formatCount(queue.workerSlots)} slots</span>
          </>
        }
      >
        {queue.deferred > 0 ? `${formatCount(queue.deferred)} deferred hold no slot` : "None is deferred"}
      </Figure>
      <Figure
        label="Waiting for a worker"
        value={
          waitingForWorker.count > 0 ? (
            <button type="button" className="rounded-1 underline decoration-line-strong" onClick={onWorkers}>
              {formatCount(waitingForWorker.count)}
            </button>
          ) : (
            "0"
          )
        }
        isHot={queue.workerSlots === 0 && waitingForWorker.count > 0}
      >
        <Oldest since={waitingForWorker.oldestSince} />
      </Figure>
      <Figure label="Waiting for a slot" value={formatCount(waitingForSlot.count)}>
        <Oldest since={waitingForSlot.oldestSince} />
      </Figure>
      <Figure label="Waiting for their next try" value={formatCount(retrying.count)}>
        {retrying.nextAt ? (
          <>
            The next is due <RelativeTime at={retrying.nextAt} />
          </>
        ) : (
          "None"
        )}
      </Figure>
      <Throughput minutes={queue.throughput} />
    </dl>
  )
}

function Figure({
  label,
  value,
  isHot = false,
  children,
}: {
  label: string
  value: ReactNode
  isHot?: boolean
  children: ReactNode
}) {
  return (
    <div className="border-line border-l px-6 py-3 first:border-l-0 max-lg:border-l-0 max-sm:px-4">
      <dt className="text-12 text-t3">{label}</dt>
      <dd className={cn("text-20 font-strong", isHot && "text-failed-t")}>{value}</dd>
      <dd className="text-12 text-t2">{children}</dd>
    </div>
  )
}

function Oldest({ since }: { since: string | null }) {
  if (!since) return <>Nothing waits</>
  return (
    <>
      The oldest became ready <RelativeTime at={since} />
    </>
  )
}

/** Attempts that ended, a bar a minute; failed ones stand on top in red, and the sum is in words. */
function Throughput({ minutes }: { minutes: Queue["throughput"] }) {
  const zone = useZone()
  const most = Math.max(1, ...minutes.map((minute) => minute.ended))
  const ended = minutes.reduce((sum, minute) => sum + minute.ended, 0)
  const failed = minutes.reduce((sum, minute) => sum + minute.failed, 0)
  const words = `${formatCount(ended)} tries ended in ${minutes.length} minutes, ${failed === 0 ? "none failed" : `${formatCount(failed)} failed`}`
  return (
    <div className="col-span-full flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-t px-6 py-2 max-sm:px-4">
      <dt className="text-12 text-t3">Throughput</dt>
      <dd className="flex items-center gap-3">
        <svg width={minutes.length * 10} height="28" aria-hidden="true">
          {minutes.map((minute, index) => {
            const height = (count: number) => (count === 0 ? 0 : Math.max(2, (count / most) * 26))
            return (
              <g key={minute.minute}>
                <title>{`${formatInstant(minute.minute, zone, "time")}: ${minute.ended} ended, ${minute.failed} failed`}</title>
                <rect x={index * 10} y="27" width="7" height="1" fill="var(--border-strong)" />
                <rect
                  x={index * 10}
                  y={27 - height(minute.ended)}
                  width="7"
                  height={height(minute.ended)}
                  rx="1"
                  fill="var(--ink)"
                />
                <rect
                  x={index * 10}
                  y={27 - height(minute.ended)}
                  width="7"
                  height={height(minute.failed)}
                  rx="1"
                  fill="var(--st-failed)"
                />
              </g>
            )
          })}
        </svg>
        <span className="text-12 text-t2">{words}</span>
      </dd>
    </div>
  )
}
