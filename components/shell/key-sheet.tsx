"use client"
import { useState } from "react"
import { Dialog } from "../ui/dialog.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { areCharacterKeysOn, type Shortcut, setCharacterKeys, useActiveShortcuts } from "../ui/keys.ts"

/** Lists the keys that work on this screen, and the switch that turns single keys off. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const shortcuts = useActiveShortcuts()
  const [isOn, setOn] = useState(areCharacterKeysOn)
  const groups = groupShortcuts(shortcuts)
  return (
    <Dialog isOpen onOpenChange={(isOpen) => !isOpen && onClose()} title="Keys" className="w-[560px]">
      <div className="grid grid-cols-2 gap-x-8 gap-y-4 max-sm:grid-cols-1">
        {groups.map(([group, keys]) => (
          <section key={group}>
            <h3 className="mb-1 text-12 text-t3">{group}</h3>
            <ul>
              {keys.map((one) => (
                <li key={one.keys} className="flex h-[26px] items-center gap-2">
                  <span className="flex-1 truncate">{one.label}</span>
                  <Keys text={one.keys} />
                </li>
              ))}
            </ul>
          </section>
        ))}
        <section>
          <h3 className="mb-1 text-12 text-t3">Fields and panels</h3>
          <ul>
            <li className="flex h-[26px] items-center gap-2">
              <span className="flex-1">Open the row</span>
              <Kbd>Enter</Kbd>
            </li>
            <li className="flex h-[26px] items-center gap-2">
              <span className="flex-1">Close, or leave a field</span>
              <Kbd>Esc</Kbd>
            </li>
          </ul>
        </section>
      </div>
      <label className="mt-4 flex items-center gap-2 border-line border-t pt-3">
        <input
          type="checkbox"
          checked={isOn}
          onChange={(event) => {
            setCharacterKeys(event.target.checked)
            setOn(event.target.checked)
          }}
          className="size-3.5 accent-accent"
        />
        Single keys work (switch off if you use speech input)
      </label>
    </Dialog>
  )
}

function Keys({ text }: { text: string }) {
  return (
    <span className="flex items-center gap-1">
      {text.split(" ").map((key, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the keys of one sequence keep their order
        <Kbd key={index}>{keyWords(key)}</Kbd>
      ))}
    </span>
  )
}

function keyWords(key: string): string {
  if (key === "Escape") return "Esc"
  return key.startsWith("mod+") ? `${modName()} ${key.slice(4).toUpperCase()}` : key.toUpperCase()
}

/** `⌘` on a Mac, `Ctrl` elsewhere. */
export function modName(): string {
  return typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl"
}

function groupShortcuts(shortcuts: readonly Shortcut[]): [string, Shortcut[]][] {
  const groups = new Map<string, Shortcut[]>()
  const seen = new Set<string>()
  for (const one of shortcuts) {
    if (seen.has(one.keys)) continue
    seen.add(one.keys)
    const group = one.group ?? "This screen"
    groups.set(group, [...(groups.get(group) ?? []), one])
  }
  return [...groups]
}
