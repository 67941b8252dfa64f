import type { ComponentProps } from "react"
import { cn } from "./cn.ts"

/** A plain table for up to a hundred rows; longer lists use `DataTable`. Numbers right, first and last cell on the margin. */
export function Table({ className, ...rest }: ComponentProps<"table">) {
  return <table className={cn("w-full border-separate border-spacing-0", className)} {...rest} />
}

/** A column's heading; sticks to the top of its pane. */
export function Th({ className, isNumber = false, ...rest }: ComponentProps<"th"> & { isNumber?: boolean }) {
  return (
    <th
      scope="col"
      className={cn(
        "sticky top-0 z-[1] truncate border-line border-b bg-surface px-2 py-1.5 font-med text-12 text-t3 first:pl-6 last:pr-6 max-sm:first:pl-4 max-sm:last:pr-4",
        isNumber ? "text-right" : "text-left",
        className,
      )}
      {...rest}
    />
  )
}

/** A row; tinted under the pointer and while something in it has the focus. */
export function Tr({ className, ...rest }: ComponentProps<"tr">) {
  return <tr className={cn("group/row aria-selected:[&>td]:bg-selected", className)} {...rest} />
}

/** A cell, 32 px high. */
export function Td({ className, isNumber = false, ...rest }: ComponentProps<"td"> & { isNumber?: boolean }) {
  return (
    <td
      className={cn(
        "h-8 truncate border-grid border-b px-2 first:pl-6 last:pr-6 group-focus-within/row:bg-selected group-hover/row:bg-hover max-sm:first:pl-4 max-sm:last:pr-4",
        isNumber && "text-right",
        className,
      )}
      {...rest}
    />
  )
}
