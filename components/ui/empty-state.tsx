import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** What would be here, why it is not, and one action; at the place of the first row. */
export function EmptyState({
  title,
  children,
  action,
  className,
}: {
  title: string
  children?: ReactNode
  action?: ReactNode
  className?: string
}) {
  return (
    <div className={cn("flex max-w-[640px] flex-col items-start gap-2 px-6 py-5 max-sm:px-4", className)}>
      <p className="font-strong text-14">{title}</p>
      {children && <div className="text-t2">{children}</div>}
      {action && <div className="mt-1">{action}</div>}
    </div>
  )
}
