"use client"
import * as Radix from "radix-ui/dialog"
import { type ReactNode, useState } from "react"
import { Button } from "./button.tsx"
import { cn } from "./cn.ts"

interface DialogProps {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  title: ReactNode
  description?: ReactNode
  children?: ReactNode
  footer?: ReactNode
  /** 440 by default. */
  className?: string
}

/** A modal: focus is held inside, `Esc` closes, focus returns to what opened it. */
export function Dialog({ isOpen, onOpenChange, title, description, children, footer, className }: DialogProps) {
  return (
    <Radix.Root open={isOpen} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(13_16_20/.45)]" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed top-[18%] left-1/2 z-50 flex max-h-[76vh] w-[440px] max-w-[calc(100vw-24px)] -translate-x-1/2 flex-col rounded-3 bg-raised shadow-2",
            className,
          )}
        >
          <div className="flex flex-col gap-1 px-5 pt-4">
            <Radix.Title className="font-strong text-16">{title}</Radix.Title>
            {description && <Radix.Description className="text-t2">{description}</Radix.Description>}
          </div>
          <div className="min-h-0 overflow-auto px-5 py-3">{children}</div>
          {footer && <div className="flex justify-end gap-2 border-line border-t px-5 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/**
 * Asks before something is destroyed. `title` is the verb with its object, `children` lists what changes in numbers, and
 * the button repeats the verb. Stays open, with the button waiting, until `onConfirm` settles; closes on success.
 */
export function ConfirmDialog({
  isOpen,
  onOpenChange,
  title,
  confirmLabel,
  onConfirm,
  isReady = true,
  isDanger = true,
  children,
}: {
  isOpen: boolean
  onOpenChange: (isOpen: boolean) => void
  title: ReactNode
  confirmLabel: string
  onConfirm: () => Promise<unknown>
  /** False while the effect is still being worked out. */
  isReady?: boolean
  isDanger?: boolean
  children: ReactNode
}) {
  const [isBusy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    try {
      await onConfirm()
      onOpenChange(false)
    } catch {
      // The mutation has told the person in a toast; the dialog stays for another try.
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      title={title}
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Keep as is</Button>
          <Button variant={isDanger ? "danger" : "primary"} disabled={isBusy || !isReady} onClick={confirm}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}
