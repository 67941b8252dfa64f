"use client"
import { Button } from "./button.tsx"
import { cn } from "./cn.ts"
import { StateIcon } from "./icon.tsx"

/** What failed, what to do about it, and another try. `message` comes from the server and already gives the advice. */
export function ErrorState({
  title,
  message,
  onRetry,
  className,
}: {
  title: string
  message: string
  onRetry?: (() => void) | undefined
  className?: string
}) {
  return (
    <div role="alert" className={cn("flex items-start gap-3 px-6 py-5 max-sm:px-4", className)}>
      <StateIcon name="failed" size={18} className="mt-px" />
      <div className="flex max-w-[640px] flex-col items-start gap-1">
        <p className="font-strong text-14">{title}</p>
        <p className="text-t2">{message}</p>
        {onRetry && (
          <Button className="mt-2" icon="retry" onClick={onRetry}>
            Try again
          </Button>
        )}
      </div>
    </div>
  )
}
