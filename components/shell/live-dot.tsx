"use client"
import { type LiveState, useLiveState } from "../queries/live.ts"
import { cn } from "../ui/cn.ts"

const WORDS: Record<LiveState, { label: string; title: string; dot: string }> = {
  connecting: { label: "Connecting", title: "Opening the stream of changes", dot: "bg-line-control" },
  live: { label: "Live", title: "Live: changes appear as they happen", dot: "bg-success" },
  polling: {
    label: "Polling",
    title: "The live stream is broken; this page is read again every 5 seconds until it is back",
    dot: "bg-[var(--st-up_for_retry)] rounded-none rotate-45",
  },
}

/** Says whether what is on screen keeps itself current. */
export function LiveDot() {
  const words = WORDS[useLiveState()]
  return (
    <span
      role="status"
      title={words.title}
      className="flex min-w-[52px] flex-none items-center gap-1.5 whitespace-nowrap text-12 text-t3 max-md:min-w-0"
    >
      <i className={cn("size-1.5 rounded-full", words.dot)} />
      <span className="max-md:sr-only">{words.label}</span>
    </span>
  )
}
