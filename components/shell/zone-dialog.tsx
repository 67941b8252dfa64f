"use client"
import { useState } from "react"
import { formatInstant } from "../format/instant.ts"
import { setZone, useZonePick } from "../format/zone.ts"
import { Dialog } from "../ui/dialog.tsx"
import { Icon } from "../ui/icon.tsx"
import { SearchInput } from "../ui/input.tsx"

/** Picks the zone in which this person reads all times. Schedules keep their own zone. */
export function ZoneDialog({ onClose }: { onClose: () => void }) {
  const pick = useZonePick()
  const [search, setSearch] = useState("")
  const browser = Intl.DateTimeFormat().resolvedOptions().timeZone
  const needle = search.trim().toLowerCase().replaceAll(" ", "_")
  const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")]
  const found = zones.filter((zone) => zone.toLowerCase().includes(needle)).slice(0, 60)
  const choose = (zone: string | null) => {
    setZone(zone)
    onClose()
  }
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Read times in"
      description="Only how this browser shows times. Schedules keep the zone they are written in."
    >
      <SearchInput label="Zone or city" value={search} onValueChange={setSearch} className="mb-2 w-full" />
      <ul className="-mx-2 h-72 overflow-auto">
        {needle === "" && (
          <Choice
            name={`Browser's zone (${browser})`}
            zone={browser}
            isOn={pick === null}
            onPick={() => choose(null)}
          />
        )}
        {found.map((zone) => (
          <Choice
            key={zone}
            name={zone.replaceAll("_", " ")}
            zone={zone}
            isOn={pick === zone}
            onPick={() => choose(zone)}
          />
        ))}
        {found.length === 0 && <li className="px-2 py-1 text-t3">No zone has “{search}” in its name.</li>}
      </ul>
    </Dialog>
  )
}

function Choice(props: { name: string; zone: string; isOn: boolean; onPick: () => void }) {
  return (
    <li>
      <button
        type="button"
        aria-pressed={props.isOn}
        onClick={props.onPick}
        className="flex h-7 w-full items-center gap-2 rounded-2 px-2 text-left hover:bg-hover"
      >
        <span className="w-4 flex-none">{props.isOn && <Icon name="check" className="text-accent" />}</span>
        <span className="flex-1 truncate">{props.name}</span>
        <small className="text-t3">{formatInstant(Date.now(), props.zone, "time")}</small>
      </button>
    </li>
  )
}
