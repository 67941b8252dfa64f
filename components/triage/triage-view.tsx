"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { useQueryStates } from "nuqs"
import { useCallback, useMemo, useState } from "react"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import { adviceFor } from "../queries/client.ts"
import { incidentDetailQuery, incidentListQuery, incidentStatsQuery, triageQuery } from "../queries/incidents.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { Link } from "../ui/link.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { BulkBar } from "./bulk-bar.tsx"
import { IncidentDetail } from "./incident-detail.tsx"
import { IncidentList } from "./incident-list.tsx"
import { ROW_HEIGHT } from "./incident-row.tsx"
import { retryVersion } from "./next-steps.tsx"
import { isNarrowed, toIncidentFilter, triageParsers } from "./triage-filter.ts"
import { TriageToolbar } from "./triage-toolbar.tsx"
import { useIncidentActions } from "./use-incident-actions.tsx"
import { useTriageKeys } from "./use-triage-keys.ts"

/** At most so many are acted on at once, as the API takes them. */
const MOST_CHOSEN = 200

/** The inbox of whoever is on call: what is wrong at the left, the selected one with all that is known of it at the right. */
export function TriageView() {
  const [address, setAddress] = useQueryStates(triageParsers, { history: "replace" })
  const q = useDebounced(address.q)
  const filter = toIncidentFilter({ ...address, q })
  const reading = useInfiniteQuery(incidentListQuery(filter))
  const { data, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage } = reading
  const stats = useQuery(incidentStatsQuery()).data?.now
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  // What is found again moves up while pages are read: it would come twice.
  const items = useMemo(
    () => data && [...new Map(data.pages.flatMap((page) => page.items).map((one) => [one.id, one])).values()],
    [data],
  )
  const firstId = useFirst(JSON.stringify(filter), isPlaceholderData ? undefined : items)
  const selectedId = address.incident ?? firstId
  const select = useCallback((incident: string) => void setAddress({ incident }), [setAddress])
  const chosen = useMemo(() => new Set(address.chosen), [address.chosen])
  const choose = useCallback(
    (id: string, isOn: boolean) =>
      void setAddress(({ chosen: before }) => ({
        chosen: isOn ? [...before, id].slice(-MOST_CHOSEN) : before.filter((one) => one !== id),
      })),
    [setAddress],
  )
  const clear = () => void setAddress({ chosen: null })
  const { ask, dialog } = useIncidentActions(chosen.size > 0 ? clear : undefined)
  // What a filter hides is not acted on.
  const chosenItems = items?.filter(({ id }) => chosen.has(id)) ?? []
  const selected = useQuery({ ...incidentDetailQuery(selectedId ?? ""), enabled: Boolean(selectedId) }).data
  const version = retryVersion(
    useQuery({ ...triageQuery(selectedId ?? ""), enabled: Boolean(selectedId) }).data ?? null,
  )
  useTriageKeys({
    items: items ?? [],
    selectedId,
    select,
    toggle: (id) => choose(id, !chosen.has(id)),
    close: () => (chosen.size > 0 ? clear() : void setAddress({ incident: "" })),
    act: (action) =>
      chosenItems.length > 0 ? ask(action, chosenItems) : ask(action, selected ? [selected] : [], { version }),
  })

  return (
    <div className="flex min-h-0 flex-1">
      <div
        className={cn(
          "flex min-h-0 w-[400px] flex-none flex-col border-line border-r bg-canvas max-xl:w-[360px] max-md:w-full max-md:border-0",
          address.incident && "max-md:hidden",
        )}
      >
        <StaleNotice reading={reading} />
        <TriageToolbar
          filter={address}
          counts={stats}
          owners={ownersOf(items ?? [])}
          onChange={(change) => void setAddress({ ...change, incident: null, chosen: null })}
        />
        <BulkBar incidents={chosenItems} onAsk={ask} onClear={clear} />
        {reading.isError && !items ? (
          <ErrorState
            title="The incidents could not be read"
            message={adviceFor(reading.error)}
            onRetry={() => void reading.refetch()}
          />
        ) : !items ? (
          <SkeletonRows label="Reading incidents" rows={7} rowHeight={ROW_HEIGHT} />
        ) : items.length > 0 ? (
          <IncidentList
            incidents={items}
            selectedId={selectedId}
            chosen={chosen}
            isDimmed={isPlaceholderData || reading.isError}
            onSelect={select}
            onChoose={choose}
            onReachEnd={readMore}
          />
        ) : isNarrowed(address) ? (
          <EmptyState
            title="No incident matches"
            action={
              <Button onClick={() => void setAddress({ severity: null, kind: null, owner: null, q: null })}>
                Show all of this box
              </Button>
            }
          >
            None fits this search and these filters.
          </EmptyState>
        ) : (
          <EmptyBox box={address.state} />
        )}
        <KeyHints />
      </div>
      <section
        aria-label="Incident"
        id="incident"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
        tabIndex={0}
        className={cn(
          "min-h-0 min-w-0 flex-1 overflow-auto focus-visible:-outline-offset-2",
          !address.incident && "max-md:hidden",
        )}
      >
        {selectedId ? (
          <IncidentDetail
            key={selectedId}
            id={selectedId}
            onAsk={ask}
            onClose={() => void setAddress({ incident: null })}
          />
        ) : (
          items &&
          items.length > 0 && (
            <EmptyState title="Nothing is selected">
              Pick an incident at the left, or press J for the next one.
            </EmptyState>
          )
        )}
      </section>
      {dialog}
    </div>
  )
}

/**
 * The first of a list as it was when the list came: what arrives later must not take its place under the eyes of whoever
 * reads it.
 */
function useFirst(list: string, items: readonly Incident[] | undefined): string | null {
  const [first, setFirst] = useState<{ list: string; id: string | null } | null>(null)
  const isKnown = first?.list === list && first.id !== null
  const id = items?.[0]?.id ?? null
  if (!isKnown && items && (first?.list !== list || id !== null)) setFirst({ list, id })
  return isKnown ? first.id : id
}

function ownersOf(items: readonly Incident[]): string[] {
  return [...new Set(items.flatMap(({ owner }) => owner ?? []))].sort()
}

const EMPTY = {
  open: {
    title: "Nothing is wrong.",
    text: "Runs that fail, data that is late or unusual, and checks that do not pass show up here: one entry a cause, with what changed and what to do.",
  },
  acknowledged: {
    title: "Nobody is at work on anything.",
    text: "What somebody acknowledges lies here until it is over.",
  },
  snoozed: { title: "Nothing is put off.", text: "What is snoozed lies here, silent, until its time has come." },
  resolved: {
    title: "Nothing was ever wrong.",
    text: "What is over lies here: by itself once what failed works again, or because a person said so.",
  },
} as const

function EmptyBox({ box }: { box: keyof typeof EMPTY }) {
  return (
    <div className="flex items-start pt-2 pl-6 max-sm:pl-4">
      {box === "open" && <StateIcon name="success" size={20} className="mt-5" />}
      <EmptyState className={box === "open" ? "pl-2.5" : "pl-0"} title={EMPTY[box].title}>
        <p>{EMPTY[box].text}</p>
        {box === "open" && (
          <p className="mt-2">
            <Link className="link" href="/triage?state=resolved">
              What was wrong before
            </Link>
          </p>
        )}
      </EmptyState>
    </div>
  )
}

function KeyHints() {
  return (
    <p className="mt-auto flex flex-none items-center gap-1.5 border-line border-t px-6 py-2 text-12 text-t3 max-md:hidden">
      <Kbd>J</Kbd>
      <Kbd>K</Kbd> move <Kbd className="ml-1.5">X</Kbd> choose <Kbd className="ml-1.5">/</Kbd> search{" "}
      <Kbd className="ml-1.5">?</Kbd> all keys
    </p>
  )
}
