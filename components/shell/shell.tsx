"use client"
import dynamic from "next/dynamic"
import { useRouter } from "next/navigation"
import { type ReactNode, useMemo, useState } from "react"
import { useLiveUpdates } from "../queries/live.ts"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { TooltipProvider } from "../ui/tooltip.tsx"
import { PLACES } from "./places.ts"
import { Rail } from "./rail.tsx"
import { useRecordVisit } from "./recent.ts"
import { TopBar } from "./top-bar.tsx"

// These open on a key, a click or a message only, so their code comes after the screen's.
const Palette = dynamic(() => import("./palette.tsx").then((module) => module.Palette), { ssr: false })
const RailDrawer = dynamic(() => import("./rail-drawer.tsx").then((module) => module.RailDrawer), { ssr: false })
const Toaster = dynamic(() => import("../ui/toaster.tsx").then((module) => module.Toaster), { ssr: false })
const KeySheet = dynamic(() => import("./key-sheet.tsx").then((module) => module.KeySheet), { ssr: false })

/** What surrounds every screen: rail, top bar, keys, palette, toasts, and the stream that keeps all of it current. */
export function Shell({ children }: { children: ReactNode }) {
  const [open, setOpen] = useState<"palette" | "keys" | "menu" | null>(null)
  const close = () => setOpen(null)
  useLiveUpdates()
  useRecordVisit()
  useGlobalKeys(setOpen)
  return (
    <TooltipProvider>
      <div className="grid h-dvh grid-cols-[var(--rail-now)_minmax(0,1fr)] bg-canvas max-sm:grid-cols-1">
        <a
          href="#main"
          className="absolute -left-[999px] z-50 rounded-2 bg-raised p-2 font-med shadow-2 focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <Rail />
        <div className="flex min-h-0 min-w-0 flex-col bg-surface">
          <TopBar onPalette={() => setOpen("palette")} onMenu={() => setOpen("menu")} />
          <main
            id="main"
            tabIndex={-1}
            className="relative flex min-h-0 min-w-0 flex-1 flex-col overflow-auto outline-none"
          >
            {children}
          </main>
        </div>
      </div>
      {open === "menu" && <RailDrawer onClose={close} />}
      {open === "palette" && <Palette onClose={close} onKeys={() => setOpen("keys")} />}
      {open === "keys" && <KeySheet onClose={close} />}
      <Toaster />
    </TooltipProvider>
  )
}

function useGlobalKeys(setOpen: (what: "palette" | "keys") => void) {
  const router = useRouter()
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      {
        keys: "mod+k",
        label: "Palette: jump to anything, do anything",
        group: "Everywhere",
        run: () => setOpen("palette"),
      },
      { keys: "?", label: "Keys of this screen", group: "Everywhere", run: () => setOpen("keys") },
      { keys: "/", label: "Search in this list", group: "Lists", run: focusSearch },
      ...PLACES.map((place) => ({
        keys: `g ${place.key}`,
        label: place.label,
        group: "Go to",
        run: () => router.push(place.href),
      })),
    ],
    [router, setOpen],
  )
  useKeys(shortcuts, true, true)
}

function focusSearch() {
  const field = document.querySelector<HTMLInputElement>("main [data-search]")
  field?.focus()
  field?.select()
}
