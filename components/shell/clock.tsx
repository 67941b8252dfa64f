"use client"
import dynamic from "next/dynamic"
import { useState } from "react"
import { formatInstant, formatUtc, zoneName } from "../format/instant.ts"
import { useNow } from "../format/now.ts"
import { useZone } from "../format/zone.ts"
import { Tooltip } from "../ui/tooltip.tsx"

const ZoneDialog = dynamic(() => import("./zone-dialog.tsx").then((module) => module.ZoneDialog), { ssr: false })

/** The time in the person's zone; opens the choice of zone. */
export function Clock() {
  const zone = useZone()
  const now = useNow(10_000)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Tooltip content={now === 0 ? "Time zone" : `${formatUtc(now)}. Click to read times in another zone.`}>
        <button
          type="button"
          onClick={() => setOpen(true)}
          className="min-w-[130px] flex-none whitespace-nowrap rounded-1 text-right font-med text-12 text-t2 hover:text-t1 max-lg:min-w-0 max-sm:hidden"
        >
          {now === 0 ? (
            <span className="sr-only">Time zone</span>
          ) : (
            <>
              <span className="sr-only">Time zone of </span>
              <span className="max-lg:hidden">{formatInstant(now, zone, "short", now)}</span>
              <span className="lg:hidden">{formatInstant(now, zone, "time", now)}</span>{" "}
              <small className="font-body text-t3 max-lg:hidden">{zoneName(zone)}</small>
            </>
          )}
        </button>
      </Tooltip>
      {isOpen && <ZoneDialog onClose={() => setOpen(false)} />}
    </>
  )
}
