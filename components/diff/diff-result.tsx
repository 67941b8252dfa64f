import type { TableDiffView } from "#lib/contracts/api/diff.ts"
import { CellText } from "../datasets/rows-table.tsx"
import { formatExact } from "../format/count.ts"
import { Icon, StateIcon } from "../ui/icon.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

const KINDS = {
  only_left: { sign: "−", word: "only left", state: "failed" },
  only_right: { sign: "+", word: "only right", state: "success" },
  changed: { sign: "~", word: "changed", state: "up_for_retry" },
} as const

/** What differs: in numbers, by column, and some of the rows. */
export function DiffResult({ diff }: { diff: TableDiffView }) {
  const changed = diff.columns.filter((column) => column.changed > 0)
  return (
    <div className="grid gap-5 px-6 py-4 max-sm:px-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <StateIcon name={diff.isEqual ? "success" : "at_risk"} size={20} />
        <h2 className="text-16">{diff.isEqual ? "Both sides are equal" : "They differ"}</h2>
        <span role="status" className="text-t2">
          {diff.isEqual
            ? `${formatExact(diff.rows.left)} rows, compared by ${diff.keys.join(", ")}`
            : `${formatExact(diff.onlyLeft)} only left, ${formatExact(diff.onlyRight)} only right, ${formatExact(diff.changed)} changed, of ${formatExact(diff.rows.left)} and ${formatExact(diff.rows.right)} rows by ${diff.keys.join(", ")}`}
          {`, in ${diff.seconds.toFixed(1)} s.`}
        </span>
      </header>
      <Notes diff={diff} />
      {changed.length > 0 && (
        <section>
          <h3 className="mb-1.5">Changed by column</h3>
          <Table aria-label="Changed rows by column" className="w-auto min-w-80">
            <thead>
              <tr>
                <Th>Column</Th>
                <Th>Type</Th>
                <Th className="text-right">Changed rows</Th>
              </tr>
            </thead>
            <tbody>
              {changed.map((column) => (
                <Tr key={column.name}>
                  <Td>
                    <span className="inline-flex items-center gap-1">
                      {column.maskedBy !== null && <Icon name="lock" size={12} />}
                      {column.name}
                    </span>
                  </Td>
                  <Td className="text-t2">{column.leftType}</Td>
                  <Td className="text-right">{formatExact(column.changed)}</Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        </section>
      )}
      {diff.samples.length > 0 && <Samples diff={diff} />}
    </div>
  )
}

function Notes({ diff }: { diff: TableDiffView }) {
  const types = diff.columns.filter(({ leftType, rightType }) => leftType !== rightType)
  const notes = [
    diff.columnsOnlyLeft.length > 0 && `Columns only left: ${diff.columnsOnlyLeft.join(", ")}.`,
    diff.columnsOnlyRight.length > 0 && `Columns only right: ${diff.columnsOnlyRight.join(", ")}.`,
    types.length > 0 &&
      `Types differ: ${types.map(({ name, leftType, rightType }) => `${name} is ${leftType} left and ${rightType} right`).join("; ")}.`,
    diff.repeatedKeys.left + diff.repeatedKeys.right > 0 &&
      `The key repeats: ${diff.repeatedKeys.left} times left, ${diff.repeatedKeys.right} times right, among the rows that differ. Such rows are paired in the order of their values.`,
  ].filter((note) => note !== false)
  if (notes.length === 0) return null
  return (
    <ul className="grid gap-1 text-t2">
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  )
}

function Samples({ diff }: { diff: TableDiffView }) {
  const total = diff.onlyLeft + diff.onlyRight + diff.changed
  return (
    <section className="min-w-0">
      <h3 className="mb-1.5">
        Rows{" "}
        <small className="font-body text-t3">
          {diff.samples.length < total ? `${diff.samples.length} of ${formatExact(total)}` : "all that differ"}
        </small>
      </h3>
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
        tabIndex={0}
        className="overflow-x-auto focus-visible:-outline-offset-2"
      >
        <Table aria-label="Rows that differ" className="w-max min-w-full">
          <thead>
            <tr>
              <Th>What</Th>
              {diff.keys.map((key) => (
                <Th key={key}>{key}</Th>
              ))}
              <Th>Left → right</Th>
            </tr>
          </thead>
          <tbody>
            {diff.samples.map((row, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of one answer never move, and masked keys are equal
              <Tr key={index}>
                <Td>
                  <span data-s={KINDS[row.kind].state} className="mr-1.5 inline-block w-3 font-strong text-ct">
                    {KINDS[row.kind].sign}
                  </span>
                  {KINDS[row.kind].word}
                  {row.isRepeated && <span className="text-t3"> · key repeats</span>}
                </Td>
                {row.key.map((value, place) => (
                  <Td key={diff.keys[place]}>
                    <CellText value={value} />
                  </Td>
                ))}
                <Td>
                  {row.values.map(({ column, left, right }) => (
                    <span key={column} className="mr-4 inline-flex items-baseline gap-1.5">
                      <span className="text-t3">{column}</span>
                      <CellText value={left} className="max-w-64 truncate" />
                      <span aria-hidden="true">→</span>
                      <span className="sr-only">is now</span>
                      <CellText value={right} className="max-w-64 truncate font-med" />
                    </span>
                  ))}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </div>
    </section>
  )
}
