"use client"
import { Toaster as Sonner } from "sonner"

/** Where toasts appear: bottom left of the main pane, eight seconds, longer while hovered or focused. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-left"
      duration={8_000}
      offset={{ left: "calc(var(--rail-now, 0px) + 16px)", bottom: 16 }}
      mobileOffset={12}
      visibleToasts={3}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-[380px] font-sans max-w-[calc(100vw-24px)] items-center gap-2.5 rounded-3 bg-raised px-3 py-2.5 text-13 text-t1 shadow-2",
          content: "flex-1 min-w-0",
          title: "font-med",
          description: "text-12 text-t2 mt-0.5",
          actionButton: "flex-none rounded-2 px-2 h-6 font-med text-12 text-accent-t hover:bg-hover",
        },
      }}
    />
  )
}
