import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** A block that could be moved on its own; everything else is divided by lines. */
export function Card({
  title,
  note,
  aside,
  className,
  children,
}: {
  title: ReactNode
  note?: ReactNode
  aside?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <section className={cn("min-w-0 rounded-3 border border-line bg-surface", className)}>
      <header className="flex min-h-10 items-center gap-x-2 gap-y-1 border-line border-b px-4 max-sm:flex-wrap max-sm:py-1.5">
        <h2 className="whitespace-nowrap">{title}</h2>
        {note && <small className="truncate text-t3">{note}</small>}
        {aside && <div className="ml-auto flex min-w-0 items-center gap-4 max-sm:flex-wrap">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

/** Facts as label and value, one a line. */
export function Facts({ items, className }: { items: readonly [ReactNode, ReactNode][]; className?: string }) {
  return (
    <dl className={cn("grid grid-cols-[104px_1fr] gap-x-2 gap-y-1", className)}>
      {items.map(([label, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is written out by the caller and keeps its order
        <div key={index} className="contents">
          <dt className="text-t3">{label}</dt>
          <dd className="min-w-0 break-words text-t1">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Facts in a row under a page's title. */
export function MetaRow({ items, className }: { items: readonly [ReactNode, ReactNode][]; className?: string }) {
  return (
    <dl className={cn("mt-2 flex flex-wrap items-center gap-x-6 gap-y-0.5 text-t2", className)}>
      {items.map(([label, value], index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is written out by the caller and keeps its order
        <div key={index} className="flex min-w-0 items-center gap-1.5">
          <dt className="whitespace-nowrap text-t3">{label}</dt>
          <dd className="flex min-w-0 items-center gap-1">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
