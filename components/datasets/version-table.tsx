import type { RowVersions } from "#lib/contracts/api/samples.ts"
import { Time } from "../format/time.tsx"
import { Chip } from "../ui/badge.tsx"
import { cn } from "../ui/cn.ts"
import { Table, Td, Th, Tr } from "../ui/table.tsx"
import { CellText } from "./rows-table.tsx"

/** The versions of a row, newest first, with what changed marked. */
export function VersionTable({ found, hidden }: { found: RowVersions; hidden: ReadonlySet<string> }) {
  const shown = found.columns.flatMap((column, position) => (hidden.has(column.name) ? [] : [{ column, position }]))
  return (
    <section
      aria-label="Versions"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
      tabIndex={0}
      className="overflow-auto border-line border-t focus-visible:-outline-offset-2"
    >
      <Table aria-label="Versions" className="w-max min-w-full">
        <thead>
          <tr>
            <Th>Version</Th>
            <Th>Valid from</Th>
            <Th>Valid to</Th>
            {shown.map(({ column }) => (
              <Th key={column.name}>{column.name}</Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {found.versions
            .map((version, index) => (
              <Tr key={version.validFrom}>
                <Td className="font-med">
                  v{index + 1} {version.isDeleted && <Chip>gone at the source</Chip>}
                </Td>
                <Td>
                  <Time at={version.validFrom} style="full" />
                </Td>
                <Td>{version.validTo === null ? "current" : <Time at={version.validTo} style="full" />}</Td>
                {shown.map(({ column, position }) => {
                  const isChanged = version.changed.includes(position)
                  return (
                    <Td key={column.name} className={cn("max-w-72", isChanged && "bg-accent-b")}>
                      <CellText
                        value={version.values[position] ?? null}
                        className={cn(isChanged && "font-med text-accent-t")}
                      />
                      {isChanged && <span className="sr-only"> changed</span>}
                    </Td>
                  )
                })}
              </Tr>
            ))
            .reverse()}
        </tbody>
      </Table>
    </section>
  )
}
