"use client"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { AlertRouteView } from "#lib/contracts/api/alerts.ts"
import { alertChannelsQuery, useSaveAlertRoute } from "../queries/alerts.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { hoursWords, lengthWords, matchWords } from "./alert-words.ts"
import { RouteDialog } from "./dialogs.ts"
import { ReadingState } from "./reading-state.tsx"

/** Which incidents are told where, in the order in which it is asked. */
export function RoutesTab({ reading, onAdd }: { reading: UseQueryResult<AlertRouteView[]>; onAdd: () => void }) {
  const channels = useQuery(alertChannelsQuery())
  const [editing, setEditing] = useState<AlertRouteView | null>(null)
  const columns: Column<AlertRouteView>[] = [
    {
      id: "name",
      header: "Route",
      width: "200px",
      className: "max-sm:w-auto",
      cell: (route) => (
        <button
          type="button"
          data-row-link=""
          className="max-w-full truncate text-left font-strong hover:text-accent-t"
          title={`${route.name}: asked at place ${route.position}`}
          onClick={() => setEditing(route)}
        >
          {route.name}
        </button>
      ),
    },
    {
      id: "match",
      header: "Tells of",
      className: "max-md:hidden",
      cell: (route) => <span className="text-t2">{matchWords(route.match)}</span>,
    },
    {
      id: "channels",
      header: "To",
      width: "200px",
      cell: (route) => <span title={route.channels.join(", ")}>{route.channels.join(", ")}</span>,
    },
    {
      id: "escalation",
      header: "If nobody acknowledges",
      width: "220px",
      className: "max-lg:hidden",
      cell: (route) => (
        <span className="text-t2">
          {route.escalation
            .map((step) => `${step.channels.join(", ")} after ${lengthWords(step.afterMinutes * 60)}`)
            .join("; ") || "–"}
        </span>
      ),
    },
    {
      id: "hours",
      header: "When",
      width: "220px",
      className: "max-xl:hidden",
      cell: (route) => <span className="text-t2">{hoursWords(route.hours)}</span>,
    },
    { id: "switch", header: "State", width: "96px", cell: (route) => <RouteSwitch route={route} /> },
  ]
  const empty = (
    <EmptyState
      title="Nobody is told of incidents"
      action={
        <Button icon="plus" onClick={onAdd}>
          New route
        </Button>
      }
    >
      A route says which incidents go to which channels. Without one they are recorded and shown here alone; deadlines
      still tell the channel that their author named.
    </EmptyState>
  )
  return (
    <>
      <ReadingState reading={reading} what="alert routes" empty={empty}>
        {(routes, isDimmed) => (
          <DataTable
            label="Alert routes"
            columns={columns}
            rows={routes}
            rowKey={(route) => route.id}
            isDimmed={isDimmed}
          />
        )}
      </ReadingState>
      {editing && <RouteDialog route={editing} channels={channels.data ?? []} onClose={() => setEditing(null)} />}
    </>
  )
}

function RouteSwitch({ route }: { route: AlertRouteView }) {
  const save = useSaveAlertRoute()
  return (
    <Button
      size="sm"
      variant={route.isActive ? "ghost" : "default"}
      aria-pressed={route.isActive}
      aria-label={`${route.name}: ${route.isActive ? "on" : "off"}`}
      title={route.isActive ? "Switch it off" : "Switch it on"}
      disabled={save.isPending}
      onClick={() => save.mutate({ id: route.id, isActive: !route.isActive })}
    >
      <Mark glyph={route.isActive ? "success" : "cancelled"}>{route.isActive ? "On" : "Off"}</Mark>
    </Button>
  )
}
