"use client"
import { Button } from "../ui/button.tsx"
import { Icon } from "../ui/icon.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { Clock } from "./clock.tsx"
import { Crumbs } from "./crumbs.tsx"
import { LiveDot } from "./live-dot.tsx"
import { ThemeMenu } from "./theme-menu.tsx"

/** Crumbs, the palette's field, whether the page is live, the clock and the theme. */
export function TopBar({ onPalette, onMenu }: { onPalette: () => void; onMenu: () => void }) {
  return (
    <header className="flex h-12 flex-none items-center gap-4 border-line border-b pr-4 pl-6 max-sm:gap-2 max-sm:px-2">
      <Button variant="ghost" icon="menu" aria-label="Screens" onClick={onMenu} className="sm:hidden" />
      <Crumbs />
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={onPalette}
        className="flex h-7 w-[280px] flex-none items-center gap-2 rounded-2 border border-line-strong bg-surface pr-[5px] pl-2.5 text-t3 hover:border-line-control max-lg:w-52 max-md:w-7 max-md:justify-center max-md:px-0"
      >
        <Icon name="search" size={14} />
        <span className="flex-1 truncate text-left max-md:sr-only">Jump to or run…</span>
        <Kbd className="max-md:hidden">Ctrl K</Kbd>
      </button>
      <LiveDot />
      <Clock />
      <ThemeMenu />
    </header>
  )
}
