import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** The top of a page: title, what belongs beside it, the actions at the right, then `children` (lead, facts) below. */
export function PageHeader({
  title,
  beside,
  actions,
  className,
  children,
}: {
  title: ReactNode
  beside?: ReactNode
  actions?: ReactNode
  className?: string
  children?: ReactNode
}) {
  return (
    <div className={cn("flex-none px-6 pt-4 pb-3 max-sm:px-4", className)}>
      <div className="flex min-h-7 flex-wrap items-center gap-x-2 gap-y-1.5">
        <h1 className="min-w-0 break-words">{title}</h1>
        {beside}
        {actions && <div className="ml-auto flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** One sentence below the title. */
export function Lead({ children }: { children: ReactNode }) {
  return <p className="mt-0.5 text-14 text-t2">{children}</p>
}

/** The row of search and filters above a list. */
export function Toolbar({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div
      className={cn(
        "flex min-h-11 flex-none flex-wrap items-center gap-2 border-line border-t px-6 py-2 max-sm:px-4",
        className,
      )}
    >
      {children}
    </div>
  )
}
