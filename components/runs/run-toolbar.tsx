"use client"
import { useQuery } from "@tanstack/react-query"
import { pipelineListQuery } from "../queries/pipelines.ts"
import { statusOf } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { SearchInput, Select } from "../ui/input.tsx"
import { Menu, MenuCheckboxItem } from "../ui/menu.tsx"
import { Toolbar } from "../ui/page-header.tsx"
import { isFiltered, type Range, type RunFilterState } from "./run-filter.ts"

const STATES = ["queued", "running", "cancelling", "success", "failed", "cancelled"] as const
const KINDS = [
  ["schedule", "Schedule"],
  ["manual", "By hand"],
  ["backfill", "Backfill"],
  ["dataset", "Dataset"],
  ["event", "Event"],
] as const
const RANGE_WORDS: [Range, string][] = [
  ["all", "Any time"],
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
]

/** Search and filters of the runs; a change goes to the address. Null clears a filter. */
export function RunToolbar({
  filter,
  onChange,
}: {
  filter: RunFilterState
  onChange: (change: Partial<RunFilterState> | null) => void
}) {
  const pipelines = useQuery(pipelineListQuery()).data ?? []
  const hasOwnRange = filter.from !== null || filter.to !== null
  return (
    <Toolbar>
      <SearchInput
        label="Search runs"
        placeholder="Run, pipeline, error"
        value={filter.q}
        onValueChange={(value) => onChange({ q: value })}
      />
      <StateMenu states={filter.state?.split(",").filter(Boolean) ?? []} onChange={(state) => onChange({ state })} />
      <Select
        aria-label="Pipeline"
        value={filter.pipeline ?? ""}
        onChange={(event) => onChange({ pipeline: event.target.value || null })}
        className="max-w-48"
      >
        <option value="">Any pipeline</option>
        {filter.pipeline && !pipelines.some((one) => one.id === filter.pipeline) && (
          <option value={filter.pipeline}>{filter.pipeline}</option>
        )}
        {pipelines.map((one) => (
          <option key={one.id} value={one.id}>
            {one.id}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Trigger"
        value={filter.kind ?? ""}
        onChange={(event) => onChange({ kind: event.target.value || null })}
      >
        <option value="">Any trigger</option>
        {KINDS.map(([kind, label]) => (
          <option key={kind} value={kind}>
            {label}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Time"
        value={hasOwnRange ? "own" : filter.range}
        onChange={(event) => onChange({ range: event.target.value as Range, from: null, to: null })}
      >
        {hasOwnRange && <option value="own">Chosen time</option>}
        {RANGE_WORDS.map(([range, label]) => (
          <option key={range} value={range}>
            {label}
          </option>
        ))}
      </Select>
      {isFiltered(filter) && (
        <Button variant="ghost" icon="x" onClick={() => onChange(null)}>
          Clear
        </Button>
      )}
    </Toolbar>
  )
}

function StateMenu({ states, onChange }: { states: string[]; onChange: (state: string | null) => void }) {
  const label =
    states.length === 0
      ? "Any state"
      : states.length === 1
        ? statusOf(states[0] ?? "").label
        : `${states.length} states`
  const toggle = (state: string, isOn: boolean) => {
    const next = isOn ? [...states, state] : states.filter((one) => one !== state)
    onChange(next.length > 0 ? next.join(",") : null)
  }
  return (
    <Menu align="start" trigger={<Button aria-label={`State: ${label}`}>{label}</Button>}>
      {STATES.map((state) => (
        <MenuCheckboxItem
          key={state}
          isChecked={states.includes(state)}
          onCheckedChange={(isOn) => toggle(state, isOn)}
        >
          <StateIcon name={statusOf(state).glyph} />
          {statusOf(state).label}
        </MenuCheckboxItem>
      ))}
    </Menu>
  )
}
