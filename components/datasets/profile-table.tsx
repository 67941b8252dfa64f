"use client"
import type { ColumnProfile, TableProfile } from "#lib/contracts/api/profiles.ts"
import { PROFILE_QUANTILES } from "#lib/domain/profile/quantiles.ts"
import { formatExact } from "../format/count.ts"
import { Facts } from "../ui/card.tsx"
import { Icon } from "../ui/icon.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"
import { MiniHistogram, MiniShares } from "./mini-histogram.tsx"
import { bucketWords, changeWords, distinctWords, measureWords, percentWords } from "./profile-words.ts"

/** The columns of a profile; one that is picked shows all that is known of it below its row. */
export function ProfileTable({
  profile,
  before,
  picked,
  onPick,
}: {
  profile: TableProfile
  before: TableProfile | null
  picked: string | null
  onPick: (column: string | null) => void
}) {
  const old = new Map(before?.columns.map((column) => [column.name, column]))
  const rows = profile.rowsRead ?? 0
  return (
    <Table aria-label="Profile" className="table-fixed max-md:min-w-[720px]">
      <thead>
        <tr>
          <Th className="w-[20%]">Column</Th>
          <Th className="w-[112px]">Empty</Th>
          <Th isNumber className="w-[104px]">
            Distinct
          </Th>
          <Th className="w-[104px]">Values</Th>
          <Th className="w-[22%]">Range</Th>
          <Th>Most frequent</Th>
          <Th className="w-[18%] max-xl:hidden">Since the time before</Th>
        </tr>
      </thead>
      <tbody>
        {profile.columns.map((column) => {
          const was = old.get(column.name)
          const changes =
            before === null
              ? []
              : changeWords({ column, rows }, was ? { column: was, rows: before.rowsRead ?? 0 } : null)
          const isPicked = picked === column.name
          return [
            <Tr key={column.name} aria-selected={isPicked}>
              <Td title={`${column.name} ${column.type}`}>
                <button
                  type="button"
                  aria-expanded={isPicked}
                  onClick={() => onPick(isPicked ? null : column.name)}
                  className="max-w-full truncate font-med hover:text-accent-t"
                >
                  {column.name}
                </button>
              </Td>
              <Td>
                <NullBar share={rows === 0 ? null : column.nulls / rows} />
              </Td>
              <Td isNumber title={`${formatExact(column.distinct)} in the rows that were read`}>
                {distinctWords(column)}
              </Td>
              <Td>
                <Spread column={column} filled={rows - column.nulls} />
              </Td>
              <Td className="text-t2">
                <Range column={column} />
              </Td>
              <Td className="text-t2">
                <MostFrequent column={column} filled={rows - column.nulls} />
              </Td>
              <Td className="text-t2 max-xl:hidden" title={changes.join(", ")}>
                {changes.length === 0 ? <span className="text-t3">{before ? "same" : "–"}</span> : changes.join(", ")}
              </Td>
            </Tr>,
            isPicked && (
              <tr key={`${column.name} details`}>
                <td colSpan={7} className="border-grid border-b px-6 py-3 max-sm:px-4">
                  <Details column={column} rows={rows} changes={changes} />
                </td>
              </tr>
            ),
          ]
        })}
      </tbody>
    </Table>
  )
}

function NullBar({ share }: { share: number | null }) {
  if (share === null) return <span className="text-t3">–</span>
  return (
    <span className="flex items-center gap-2">
      <span aria-hidden="true" className="h-2 w-10 flex-none rounded-1 bg-grid">
        <span className="block h-2 rounded-1 bg-[var(--ink)]" style={{ width: `${share * 100}%` }} />
      </span>
      <span className={share === 0 ? "text-t3" : ""}>{percentWords(share)}</span>
    </span>
  )
}

/** Of texts and flags with few values, which and how many; else how sizes, lengths or times spread. */
const FEW = 50

function Spread({ column, filled }: { column: ColumnProfile; filled: number }) {
  const label = `How values of ${column.name} spread`
  const isNamed = column.kind === "text" || column.kind === "boolean"
  if (isNamed && column.top.length > 0 && column.distinct <= FEW) {
    return <MiniShares counts={column.top.map(({ count }) => count)} total={filled} label={label} />
  }
  if (column.measures) return <MiniHistogram counts={column.measures.histogram} label={label} />
  return <span className="text-t3">–</span>
}

function Masked() {
  return (
    <span className="inline-flex items-center gap-1 text-t3">
      <Icon name="lock" size={12} /> masked
    </span>
  )
}

function Range({ column }: { column: ColumnProfile }) {
  if (column.isMasked) return <Masked />
  if (column.smallest === null) return <span className="text-t3">–</span>
  const text = column.smallest === column.largest ? column.smallest : `${column.smallest} to ${column.largest}`
  return <span title={text}>{text}</span>
}

function MostFrequent({ column, filled }: { column: ColumnProfile; filled: number }) {
  const [first] = column.top
  if (column.isMasked) return <Masked />
  if (!first || filled === 0) return <span className="text-t3">–</span>
  if (first.count === 1) return <span className="text-t3">each once</span>
  const value = first.value === "" ? "(no text)" : first.value
  return (
    <span title={value}>
      {value} <span className="text-t3">{percentWords(first.count / filled)}</span>
    </span>
  )
}

function Details({ column, rows, changes }: { column: ColumnProfile; rows: number; changes: string[] }) {
  const { measures, kind } = column
  return (
    <div className="flex flex-wrap gap-x-12 gap-y-3">
      <Facts className="w-64 content-start" items={factsOf(column, rows, changes)} />
      {measures && (
        <Facts
          className="w-64 content-start"
          items={[
            ["Mean", measureWords(kind, measures.mean)],
            [
              "Deviation",
              kind === "time"
                ? `${formatExact(Math.round(measures.stdev / 360) / 10)} h`
                : measureWords(kind, measures.stdev),
            ],
            ...PROFILE_QUANTILES.map((share, index): [string, string] => [
              share === 0.5 ? "Median" : `${share * 100} % up to`,
              measureWords(kind, measures.quantiles[index] ?? 0),
            ]),
          ]}
        />
      )}
      {column.top.length > 0 && (
        <List
          title="Most frequent"
          items={column.top.map(({ value, count }) => [value === "" ? "(no text)" : value, count])}
        />
      )}
      {measures && measures.histogram.length > 1 && (
        <List
          title={kind === "text" ? "Lengths" : "Ranges"}
          items={measures.histogram
            .map((count, bucket): [string, number] => [bucketWords(column, bucket), count])
            .filter(([, count]) => count > 0)}
        />
      )}
    </div>
  )
}

function factsOf(column: ColumnProfile, rows: number, changes: string[]): [string, string][] {
  const { empty, unmeasured, kind, distinctEstimate } = column
  return [
    ["Type", column.type],
    ["Empty", `${formatExact(column.nulls)} of ${formatExact(rows)}`],
    ["Distinct", `${formatExact(column.distinct)}, ${formatExact(column.once)} of them once`],
    ...(distinctEstimate === null
      ? []
      : [["In the table", `about ${formatExact(distinctEstimate)} (estimate)`] satisfies [string, string]]),
    ...(empty === null ? [] : [[kind === "number" ? "Zeros" : "Blank", formatExact(empty)] satisfies [string, string]]),
    ...(unmeasured === 0 ? [] : [["Not finite", formatExact(unmeasured)] satisfies [string, string]]),
    ...(changes.length === 0 ? [] : [["Changed", changes.join(", ")] satisfies [string, string]]),
  ]
}

function List({ title, items }: { title: string; items: readonly (readonly [string, number])[] }) {
  return (
    <dl className="grid max-h-56 min-w-64 max-w-96 grid-cols-[1fr_auto] content-start gap-x-4 gap-y-1 overflow-auto">
      <dt className="col-span-2 text-t3">{title}</dt>
      {items.map(([label, count]) => (
        <div key={label} className="contents">
          <dt className="truncate" title={label}>
            {label}
          </dt>
          <dd className="text-right text-t2">{formatExact(count)}</dd>
        </div>
      ))}
    </dl>
  )
}
