import type { ComponentProps, ReactNode, Ref } from "react"
import { cn } from "./cn.ts"
import type { ActionGlyph } from "./glyphs.ts"
import { Icon } from "./icon.tsx"
import { Kbd } from "./kbd.tsx"

const BOX =
  "flex h-7 min-w-0 items-center gap-1.5 rounded-2 border border-line-control bg-surface px-2 text-t1 focus-within:outline-2 focus-within:outline-focus focus-within:outline-offset-1"

interface InputProps extends Omit<ComponentProps<"input">, "size"> {
  icon?: ActionGlyph
  boxClassName?: string
  ref?: Ref<HTMLInputElement>
}

/** A text field. Label it with {@link Field} or `aria-label`. */
export function Input({ icon, boxClassName, className, ...rest }: InputProps) {
  return (
    <span className={cn(BOX, boxClassName)}>
      {icon && <Icon name={icon} size={14} className="text-t3" />}
      <input className={cn("min-w-0 flex-1 bg-transparent outline-none", className)} {...rest} />
    </span>
  )
}

/** A search field: `/` focuses it from anywhere on the page, `Esc` empties it and gives the focus back. */
export function SearchInput({
  label,
  value,
  onValueChange,
  placeholder = label,
  className,
}: {
  label: string
  value: string
  onValueChange: (value: string) => void
  placeholder?: string
  className?: string
}) {
  return (
    <span className={cn(BOX, "w-56 max-sm:w-full", className)}>
      <Icon name="search" size={14} className="text-t3" />
      <input
        type="search"
        data-search=""
        aria-label={label}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onValueChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return
          event.stopPropagation()
          onValueChange("")
          event.currentTarget.blur()
        }}
        autoComplete="off"
        spellCheck={false}
        className="min-w-0 flex-1 bg-transparent outline-none [&::-webkit-search-cancel-button]:hidden"
      />
      {value === "" && <Kbd className="max-md:hidden">/</Kbd>}
    </span>
  )
}

/** A choice of many in the platform's own list, which is the best one on phones and with screen readers. */
export function Select({ className, children, ...rest }: Omit<ComponentProps<"select">, "size">) {
  return (
    <span className={cn("relative inline-flex h-7 min-w-0", className)}>
      <select
        className="h-full w-full min-w-0 appearance-none truncate rounded-2 border border-line-control bg-surface pr-7 pl-2 text-t1"
        {...rest}
      >
        {children}
      </select>
      <Icon name="chev" size={14} className="pointer-events-none absolute top-1.5 right-2 text-t3" />
    </span>
  )
}

/** A label above its control, with what is wrong below it. */
export function Field({
  label,
  hint,
  error,
  children,
  className,
}: {
  label: string
  hint?: ReactNode
  error?: string | undefined
  children: ReactNode
  className?: string
}) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className={cn("flex min-w-0 flex-col gap-1", className)}>
      <span className="font-med text-12 text-t2">{label}</span>
      {children}
      {error ? (
        <span role="alert" className="text-12 text-failed-t">
          {error}
        </span>
      ) : (
        hint && <span className="text-12 text-t3">{hint}</span>
      )}
    </label>
  )
}
