"use client"
import type { IncidentStats } from "#lib/contracts/api/incidents.ts"
import { ALERT_KINDS } from "#lib/domain/alert-rule.ts"
import { SEVERITIES } from "#lib/domain/incident-state.ts"
import { formatExact } from "../format/count.ts"
import { ButtonLink } from "../ui/button.tsx"
import { SearchInput, Select } from "../ui/input.tsx"
import { Link } from "../ui/link.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { KIND_WORDS, SEVERITY_LOOK } from "./incident-words.ts"
import { BOXES, type Box, type TriageFilter } from "./triage-filter.ts"

const BOX_WORDS = { open: "Open", acknowledged: "Acknowledged", snoozed: "Snoozed", resolved: "Resolved" } as const

/** The boxes with what lies in them, the search and the filters; a change goes to the address. */
export function TriageToolbar({
  filter,
  counts,
  owners,
  onChange,
}: {
  filter: TriageFilter
  counts: IncidentStats["now"] | undefined
  /** Owners of what is listed. */
  owners: readonly string[]
  onChange: (change: Partial<TriageFilter>) => void
}) {
  const known = filter.owner && !owners.includes(filter.owner) ? [filter.owner, ...owners] : owners
  return (
    <div className="flex flex-none flex-col gap-2 pt-4 pr-5 pb-3 pl-6 max-sm:px-4">
      <div className="flex items-center">
        <h1>Triage</h1>
        {counts && counts.open > 0 && <span className="ml-2 text-t3">{formatExact(counts.open)} open</span>}
        <ButtonLink className="ml-auto">
          <Link href="/logs">Search logs</Link>
        </ButtonLink>
      </div>
      <Segmented
        label="State"
        className="w-full bg-surface [&>button]:flex-auto [&>button]:justify-center [&>button]:px-1"
        value={filter.state}
        onValueChange={(state) => onChange({ state })}
        options={BOXES.map((box) => ({ value: box, label: <BoxLabel box={box} counts={counts} /> }))}
      />
      <SearchInput
        label="Search incidents"
        placeholder="Title, message, pipeline"
        className="w-full"
        value={filter.q}
        onValueChange={(q) => onChange({ q })}
      />
      <div className="grid grid-cols-3 gap-2 [&_select]:w-full">
        <Choice
          label="Severity"
          value={filter.severity}
          options={SEVERITIES.toReversed().map((one) => [one, SEVERITY_LOOK[one].label])}
          onPick={(severity) => onChange({ severity })}
        />
        <Choice
          label="Kind"
          value={filter.kind}
          options={ALERT_KINDS.map((one) => [one, KIND_WORDS[one]])}
          onPick={(kind) => onChange({ kind })}
        />
        <Choice
          label="Owner"
          value={filter.owner}
          options={known.map((one) => [one, one])}
          onPick={(owner) => onChange({ owner })}
        />
      </div>
    </div>
  )
}

function BoxLabel({ box, counts }: { box: Box; counts: IncidentStats["now"] | undefined }) {
  const count = counts && (box === "acknowledged" || box === "snoozed") ? counts[box] : 0
  return (
    <>
      {BOX_WORDS[box]}
      {count > 0 && <span className="font-body text-11 text-t3">{count > 99 ? "99+" : count}</span>}
    </>
  )
}

function Choice<Value extends string>({
  label,
  value,
  options,
  onPick,
}: {
  label: string
  value: Value | null
  options: readonly (readonly [Value, string])[]
  onPick: (value: Value | null) => void
}) {
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onPick(options.find(([one]) => one === event.target.value)?.[0] ?? null)}
    >
      <option value="">{label}</option>
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </Select>
  )
}
