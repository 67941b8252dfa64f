import { cva, type VariantProps } from "class-variance-authority"
import { Slot } from "radix-ui/slot"
import type { ComponentProps, ReactNode } from "react"
import { cn } from "./cn.ts"
import type { ActionGlyph } from "./glyphs.ts"
import { Icon } from "./icon.tsx"
import { Kbd } from "./kbd.tsx"

const button = cva(
  "inline-flex flex-none items-center justify-center whitespace-nowrap rounded-2 border font-med transition-colors duration-[var(--t-fast)] select-none disabled:opacity-55 aria-disabled:opacity-55",
  {
    variants: {
      variant: {
        default: "border-line-strong bg-raised text-t1 enabled:hover:bg-hover [a&]:hover:bg-hover [&>svg]:text-t3",
        primary: "border-accent bg-accent text-accent-on enabled:hover:bg-accent-hover [a&]:hover:bg-accent-hover",
        ghost: "border-transparent bg-transparent text-t2 enabled:hover:bg-hover [a&]:hover:bg-hover",
        danger: "border-failed bg-failed text-[var(--st-on)] enabled:hover:brightness-95",
      },
      size: { md: "h-7 gap-1.5 px-2.5 text-13", sm: "h-6 gap-1.5 px-2 text-12" },
      square: { true: "px-0", false: "" },
    },
    compoundVariants: [
      { square: true, size: "md", class: "w-7" },
      { square: true, size: "sm", class: "w-6" },
    ],
    defaultVariants: { variant: "default", size: "md", square: false },
  },
)

interface ButtonProps extends ComponentProps<"button">, Omit<VariantProps<typeof button>, "square"> {
  icon?: ActionGlyph
  /** Key that does the same, shown inside at the right. */
  hint?: string
}

/**
 * The button. `icon` stands before the label, `hint` after it. Without children it is square: give `aria-label`.
 * A disabled button keeps its label and says why in `title`.
 */
export function Button({ variant, size, icon, hint, className, children, type = "button", ...rest }: ButtonProps) {
  const isSquare = children === undefined || children === null
  return (
    <button type={type} className={cn(button({ variant, size, square: isSquare }), className)} {...rest}>
      <Inner icon={icon} hint={hint} isSquare={isSquare} isPrimary={variant === "primary"}>
        {children}
      </Inner>
    </button>
  )
}

/** A link that looks like a button: `<ButtonLink icon="plus"><Link href="…">New</Link></ButtonLink>`. */
export function ButtonLink({
  variant,
  size,
  className,
  children,
}: VariantProps<typeof button> & { className?: string; children: ReactNode }) {
  return <Slot className={cn(button({ variant, size }), className)}>{children}</Slot>
}

function Inner(props: {
  icon: ActionGlyph | undefined
  hint: string | undefined
  isSquare: boolean
  isPrimary: boolean
  children: ReactNode
}) {
  return (
    <>
      {props.icon && <Icon name={props.icon} className={props.isSquare ? "" : "-ml-0.5"} />}
      {props.children}
      {props.hint && (
        <Kbd
          className={cn(
            "-mr-1 max-md:hidden",
            props.isPrimary && "border-current bg-transparent text-current opacity-85",
          )}
        >
          {props.hint}
        </Kbd>
      )}
    </>
  )
}
