"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsIsoDate, parseAsString, useQueryStates } from "nuqs"
import { useState } from "react"
import type { SnapshotDocument } from "#lib/contracts/dataset-document.ts"
import { useNow } from "../format/now.ts"
import { counted } from "../lineage/lineage-words.ts"
import { adviceFor } from "../queries/client.ts"
import { historyKeysQuery, rowVersionsQuery, tableAsOfQuery } from "../queries/datasets.ts"
import { Button } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Input, SearchInput } from "../ui/input.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { changedColumns } from "./history-model.ts"
import { RowsTable } from "./rows-table.tsx"
import { VersionTable } from "./version-table.tsx"
import { VersionTimeline } from "./version-timeline.tsx"

/** How rows were before: the versions of one, and the whole table as of a day. Both choices are in the address. */
export function HistoryTab({ id, snapshot }: { id: string; snapshot: SnapshotDocument }) {
  const [{ key, asOf }, setAddress] = useQueryStates({ key: parseAsString, asOf: parseAsIsoDate })
  const at = asOf === null ? null : `${asOf.toISOString().slice(0, 10)}T23:59:59.999Z`
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-auto">
      <div className="flex flex-none flex-wrap items-center gap-x-3 gap-y-1.5 border-line border-b px-6 py-2 max-sm:px-4">
        <span className="text-t2">
          Versions by <code>{snapshot.keys.join(", ")}</code>
        </span>
        {key !== null && (
          <Button size="sm" onClick={() => void setAddress({ key: null })}>
            Another key
          </Button>
        )}
        <label htmlFor="as-of" className="ml-auto flex items-center gap-2 text-t2 max-sm:ml-0">
          The table as of
          <Input
            id="as-of"
            type="date"
            value={asOf?.toISOString().slice(0, 10) ?? ""}
            onChange={(event) =>
              void setAddress({ asOf: event.target.value === "" ? null : new Date(`${event.target.value}T00:00:00Z`) })
            }
          />
        </label>
        {asOf && (
          <Button size="sm" variant="ghost" onClick={() => void setAddress({ asOf: null })}>
            Now
          </Button>
        )}
      </div>
      {key === null ? (
        <KeyPicker id={id} onPick={(picked) => void setAddress({ key: picked })} />
      ) : (
        <RowHistory id={id} rowKey={key} snapshot={snapshot} asOf={at} />
      )}
      {at !== null && <TableThen id={id} at={at} />}
    </div>
  )
}

function KeyPicker({ id, onPick }: { id: string; onPick: (key: string) => void }) {
  const [text, setText] = useState("")
  const q = useDebounced(text.trim(), 250)
  const { data, error, refetch, isPlaceholderData } = useQuery(historyKeysQuery(id, q))
  return (
    <div className="flex flex-none flex-col gap-2 px-6 py-3 max-sm:px-4">
      <form
        className="flex flex-wrap items-center gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (text.trim() !== "") onPick(text.trim())
        }}
      >
        <SearchInput label="Find a key" placeholder="A key, or how it begins" value={text} onValueChange={setText} />
        <Button type="submit" disabled={text.trim() === ""}>
          Show its versions
        </Button>
      </form>
      {error && !data ? (
        <ErrorState title="Keys could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Reading keys" />
      ) : data.reason ? (
        <p className="text-t2">{data.reason}</p>
      ) : data.items.length === 0 ? (
        <p className="text-t2">{q === "" ? "The table has no rows." : `No key begins with ${q}.`}</p>
      ) : (
        <>
          <h2 className="font-med text-12 text-t3">{q === "" ? "Most often changed" : "Found"}</h2>
          <ul
            className={cn(
              "grid grid-cols-[repeat(auto-fill,minmax(180px,1fr))] gap-x-4",
              isPlaceholderData && "opacity-60",
            )}
          >
            {data.items.map((item) => (
              <li key={item.key}>
                <button
                  type="button"
                  onClick={() => onPick(item.key)}
                  className="flex h-7 w-full items-center gap-2 rounded-2 px-2 text-left hover:bg-hover"
                >
                  <span className="truncate font-med">{item.key}</span>
                  <span className="ml-auto flex-none text-12 text-t3">{counted(item.versions, "version")}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function RowHistory({
  id,
  rowKey,
  snapshot,
  asOf,
}: {
  id: string
  rowKey: string
  snapshot: SnapshotDocument
  asOf: string | null
}) {
  const now = useNow(60_000)
  const { data, error, refetch } = useQuery(rowVersionsQuery(id, rowKey))
  if (error && !data) {
    return (
      <ErrorState title="Its versions could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
    )
  }
  if (!data) return <SkeletonRows label="Reading versions" />
  if (data.versions.length === 0) {
    return (
      <EmptyState title={`No row has the key ${rowKey}`}>
        Keys are compared whole, and a key of several columns is written with | between them.
      </EmptyState>
    )
  }
  const changed = changedColumns(data.versions)
  return (
    <section aria-label={`Versions of ${rowKey}`} className="flex-none">
      <h2 className="flex flex-wrap items-baseline gap-2 px-6 pt-3 max-sm:px-4">
        {rowKey}
        <span className="font-body text-t3">
          {data.isCut ? `the newest ${data.versions.length} versions` : counted(data.versions.length, "version")},{" "}
          {changed.length === 0 ? "nothing changed" : `${counted(changed.length, "column")} changed`}
        </span>
      </h2>
      <VersionTimeline found={data} now={now === 0 ? Date.now() : now} asOf={asOf === null ? null : Date.parse(asOf)} />
      <VersionTable found={data} hidden={new Set(snapshot.bookkeeping)} />
    </section>
  )
}

function TableThen({ id, at }: { id: string; at: string }) {
  const { data, error, refetch } = useQuery(tableAsOfQuery(id, at))
  const day = at.slice(0, 10)
  return (
    <section aria-label={`The table as of ${day}`} className="flex min-h-64 flex-1 flex-col border-line border-t">
      <h2 className="flex flex-none flex-wrap items-baseline gap-2 px-6 pt-3 pb-2 max-sm:px-4">
        As of the end of {day} (UTC)
        {data && (
          <span className="font-body text-t3">
            {counted(data.total, "row")}
            {data.isCut && `, ${data.rows.length} shown in no order`}
          </span>
        )}
      </h2>
      {error && !data ? (
        <ErrorState title="The table could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Reading the table" />
      ) : data.total === 0 ? (
        <EmptyState title="It had no rows then" />
      ) : (
        <RowsTable label={`Rows as of ${day}`} columns={data.columns} rows={data.rows} />
      )}
    </section>
  )
}
