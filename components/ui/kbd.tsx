import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** A key as it is printed on the keyboard. */
export function Kbd({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <kbd
      className={cn(
        "min-w-[18px] whitespace-nowrap rounded-1 border border-line bg-sunken px-1 text-center font-med font-sans text-11 text-t3",
        className,
      )}
    >
      {children}
    </kbd>
  )
}
