"use client"
import { createContext, type ReactNode, useContext } from "react"

/** The heading of the sections inside: one below what they stand under. */
export const SectionLevel = createContext<"h2" | "h3">("h2")

/** A part of an incident: what it is, a note beside it, and a link at the right. */
export function Section({
  title,
  note,
  aside,
  children,
}: {
  title: string
  note?: ReactNode
  aside?: ReactNode
  children: ReactNode
}) {
  const Heading = useContext(SectionLevel)
  return (
    <section aria-label={title} className="min-w-0">
      <div className="mb-1.5 flex flex-wrap items-baseline gap-x-2">
        <Heading>{title}</Heading>
        {note && <small className="text-t3">{note}</small>}
        {aside && <span className="ml-auto text-12">{aside}</span>}
      </div>
      {children}
    </section>
  )
}
