"use client"
import { useQuery } from "@tanstack/react-query"
import { usePathname } from "next/navigation"
import { overviewQuery } from "../queries/overview.ts"
import { cn } from "../ui/cn.ts"
import { BrandMark, Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { PLACES, placeOf } from "./places.ts"

/** The screens at the left: 184 px, icons only below 1024 px, a drawer below 640 px (then `isDrawer`). */
export function Rail({ isDrawer = false, onGo }: { isDrawer?: boolean; onGo?: () => void }) {
  const path = usePathname()
  const here = placeOf(path)
  const counts = useCounts()
  const label = isDrawer ? "" : "max-lg:hidden"
  return (
    <nav
      aria-label="Main"
      className={cn(
        "flex h-full flex-col gap-px overflow-y-auto bg-canvas px-2 pb-2",
        !isDrawer && "border-line border-r max-sm:hidden",
      )}
    >
      <Link
        href="/"
        onClick={onGo}
        className="flex h-12 flex-none items-center gap-2 px-2 font-[660] text-14 tracking-[-.01em] max-lg:px-1.5"
      >
        <BrandMark />
        <span className={label}>Headrace</span>
      </Link>
      {PLACES.filter((place) => !place.isAside).map((place) => (
        <div key={place.href} className={cn(place.startsGroup && "mt-[7px] border-line border-t pt-[7px]")}>
          <Link
            href={place.href}
            onClick={onGo}
            aria-current={here === place ? "page" : undefined}
            title={place.label}
            className={cn(
              "flex h-7 items-center gap-2.5 rounded-2 px-2 font-[480] text-t2 hover:bg-hover max-sm:h-10",
              "aria-[current]:bg-selected aria-[current]:font-strong aria-[current]:text-t1",
            )}
          >
            <Icon name={place.icon} className={here === place ? "text-accent" : "text-t3"} />
            <span className={cn("flex-1", label)}>{place.label}</span>
            <Count value={counts[place.href]} className={label} />
          </Link>
        </div>
      ))}
    </nav>
  )
}

interface RailCount {
  value: number
  words: string
  isHot: boolean
}

function Count({ value, className }: { value: RailCount | undefined; className: string }) {
  if (!value || value.value === 0) return null
  return (
    <span
      title={value.words}
      className={cn("font-[560] text-11", value.isHot ? "text-failed-t" : "text-t3", className)}
    >
      {value.value}
      <span className="sr-only"> {value.words}</span>
    </span>
  )
}

/** Failed pipelines and what runs now; nothing before the overview is read. */
function useCounts(): Record<string, RailCount> {
  const { data } = useQuery(overviewQuery())
  if (!data) return {}
  const failing = data.quality.failingChecks
  return {
    "/pipelines": { value: data.failedRuns.length, words: "whose last run failed", isHot: true },
    "/runs": { value: data.running, words: "running", isHot: false },
    "/triage": {
      value: data.incidents.open,
      words: data.incidents.open === 1 ? "open incident" : "open incidents",
      isHot: true,
    },
    "/datasets": { value: failing, words: failing === 1 ? "failing check" : "failing checks", isHot: true },
    "/system": {
      value: data.problems.length,
      words: data.problems.length === 1 ? "workspace problem" : "workspace problems",
      isHot: true,
    },
  }
}
