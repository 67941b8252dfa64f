"use client"
import * as Dialog from "radix-ui/dialog"
import { Rail } from "./rail.tsx"

/** The rail on a phone: slides in over the page. */
export function RailDrawer({ onClose }: { onClose: () => void }) {
  return (
    <Dialog.Root open onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(13_16_20/.45)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-y-0 left-0 z-50 w-60 max-w-[80vw] animate-slide bg-canvas shadow-2"
        >
          <Dialog.Title className="sr-only">Screens</Dialog.Title>
          <Rail isDrawer onGo={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
