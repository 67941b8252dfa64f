"use client"
import type { UseQueryResult } from "@tanstack/react-query"
import type { MaintenanceView } from "#lib/contracts/api/alerts.ts"
import { useNow } from "../format/now.ts"
import { Time } from "../format/time.tsx"
import { useRemoveMaintenance } from "../queries/alerts.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { maintenanceLook, matchWords } from "./alert-words.ts"
import { ReadingState } from "./reading-state.tsx"

/** Times in which nobody is told, those that start last first. */
export function MaintenanceTab({ reading }: { reading: UseQueryResult<MaintenanceView[]> }) {
  const columns: Column<MaintenanceView>[] = [
    { id: "state", header: "State", width: "128px", cell: (window) => <WindowState window={window} /> },
    {
      id: "reason",
      header: "Reason",
      cell: (window) => (
        <span className="font-strong" title={window.reason}>
          {window.reason}
        </span>
      ),
    },
    {
      id: "match",
      header: "Of",
      width: "220px",
      className: "max-md:hidden",
      cell: (window) => <span className="text-t2">{matchWords(window.match)}</span>,
    },
    {
      id: "from",
      header: "From",
      width: "128px",
      className: "max-sm:hidden",
      cell: (window) => <Time at={window.startsAt} style="short" />,
    },
    { id: "to", header: "Until", width: "128px", cell: (window) => <Time at={window.endsAt} style="short" /> },
    {
      id: "by",
      header: "By",
      width: "128px",
      className: "max-lg:hidden",
      cell: (window) => <span className="text-t2">{window.createdBy}</span>,
    },
    {
      id: "end",
      header: <span className="sr-only">Actions</span>,
      width: "88px",
      cell: (window) => <EndButton window={window} />,
    },
  ]
  const empty = (
    <EmptyState title="No maintenance">
      While it lasts, incidents of what it names are recorded and nobody is told. What outlasts it is told at its end.
    </EmptyState>
  )
  return (
    <ReadingState reading={reading} what="maintenance windows" empty={empty}>
      {(windows, isDimmed) => (
        <DataTable
          label="Maintenance"
          columns={columns}
          rows={windows}
          rowKey={(window) => window.id}
          isDimmed={isDimmed}
        />
      )}
    </ReadingState>
  )
}

function WindowState({ window }: { window: MaintenanceView }) {
  const { glyph, label } = maintenanceLook(window, new Date(useNow()))
  return <Mark glyph={glyph}>{label}</Mark>
}

function EndButton({ window }: { window: MaintenanceView }) {
  const remove = useRemoveMaintenance()
  const isOver = new Date(window.endsAt).getTime() <= useNow()
  return (
    <Button
      size="sm"
      variant="ghost"
      aria-label={`End ${window.reason}`}
      title={isOver ? "Takes it off the list" : "What it held back is told at once"}
      disabled={remove.isPending}
      onClick={() => remove.mutate(window.id)}
    >
      {isOver ? "Remove" : "End"}
    </Button>
  )
}
