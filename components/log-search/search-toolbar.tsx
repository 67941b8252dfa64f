"use client"
import { useQuery } from "@tanstack/react-query"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { pipelineListQuery } from "../queries/pipelines.ts"
import { Button } from "../ui/button.tsx"
import { SearchInput, Select } from "../ui/input.tsx"
import { Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import type { SearchFilter } from "./search-filter.ts"

const RANGE_WORDS = [
  ["1h", "Last hour"],
  ["24h", "Last 24 hours"],
  ["7d", "Last 7 days"],
  ["30d", "Last 30 days"],
  ["all", "Any time"],
] as const

/** The text and what narrows the search; a change goes to the address. */
export function SearchToolbar({
  filter,
  onChange,
}: {
  filter: SearchFilter
  onChange: (change: Partial<SearchFilter>) => void
}) {
  const pipelines = useQuery(pipelineListQuery()).data ?? []
  const zone = useZone()
  const hasOwnRange = filter.from !== null || filter.to !== null
  return (
    <Toolbar className="border-t-0 pt-0">
      <SearchInput
        label="Text"
        placeholder="Text in a line or a failure"
        className="w-96"
        value={filter.q}
        onValueChange={(q) => onChange({ q })}
      />
      <Segmented
        label="Lowest level"
        value={filter.level}
        onValueChange={(level) => onChange({ level })}
        options={[
          { value: "debug", label: "All" },
          { value: "info", label: "Info" },
          { value: "warn", label: "Warnings" },
          { value: "error", label: "Errors" },
        ]}
      />
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
      {hasOwnRange ? (
        <Button icon="x" title="Search by a range instead" onClick={() => onChange({ from: null, to: null })}>
          {formatInstant(filter.from, zone)} to {filter.to ? formatInstant(filter.to, zone) : "now"}
        </Button>
      ) : (
        <Select
          aria-label="Time"
          value={filter.range}
          onChange={(event) => {
            const range = RANGE_WORDS.find(([one]) => one === event.target.value)?.[0]
            if (range) onChange({ range })
          }}
        >
          {RANGE_WORDS.map(([range, words]) => (
            <option key={range} value={range}>
              {words}
            </option>
          ))}
        </Select>
      )}
    </Toolbar>
  )
}
