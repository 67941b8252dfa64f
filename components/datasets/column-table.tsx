import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import type { CheckResult, DatasetColumn, DatasetDetail } from "#lib/contracts/api/datasets.ts"
import type { DatasetChanges } from "#lib/contracts/dataset-changes.ts"
import { shortName } from "../lineage/lineage-flow.ts"
import { counted } from "../lineage/lineage-words.ts"
import { Chip, Mark } from "../ui/badge.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"
import { momentSearch } from "../versions/moment-address.ts"

/** A dataset as of a version, and what changed in it. */
interface Past {
  moment: Moment
  changes: DatasetChanges | null
}

/**
 * The columns: what they are, what hangs on them, which personal data they hold and how it came, and their tests. Of a
 * version that is past, those that are new with it are marked, and tests only counted.
 */
export function ColumnTable({
  dataset,
  past,
}: {
  dataset: Pick<DatasetDetail, "id" | "columns" | "checks" | "definition">
  past?: Past
}) {
  if (dataset.columns.length === 0) {
    return past ? (
      <EmptyState title="No columns are known of this version">
        The project speaks of none, and no run has shown them.
      </EmptyState>
    ) : (
      <EmptyState title="Columns are not known yet">
        They are read when a task of this workspace loads the table the next time.
      </EmptyState>
    )
  }
  return (
    <Table aria-label="Columns" className="table-fixed max-md:min-w-[560px]">
      <thead>
        <tr>
          <Th className="w-[34%]">Column</Th>
          <Th className="w-[18%]">Type</Th>
          <Th>Tags</Th>
          <Th className="w-[20%]">Tests</Th>
        </tr>
      </thead>
      <tbody>
        {dataset.columns.map((column) => (
          <Tr key={column.name}>
            <Td className="py-1 align-top" title={column.name}>
              <Link
                href={`/lineage?${past ? `around=${encodeURIComponent(dataset.id)}&${momentSearch(past.moment)}&` : ""}dataset=${encodeURIComponent(dataset.id)}&column=${encodeURIComponent(column.name)}`}
                title={`Where ${column.name} comes from and where it goes`}
                className="font-med hover:text-accent-t hover:underline"
              >
                {column.name}
              </Link>
              {column.description && (
                <span className="block whitespace-normal text-12 text-t3">{column.description.trim()}</span>
              )}
              {!column.exists && (
                <Mark glyph="at_risk">
                  {past ? "Described, and not in its query" : "Described, and not in the table"}
                </Mark>
              )}
              {past?.changes?.columnsAdded.includes(column.name) && <Chip className="ml-1.5">new</Chip>}
            </Td>
            <Td className="py-1 align-top text-t2">
              {column.type === null ? <span className="text-t3">not known</span> : <code>{column.type}</code>}
              <WasType column={column.name} changes={past?.changes ?? null} />
            </Td>
            <Td className="whitespace-normal py-1 align-top">
              <ColumnTags column={column} />
            </Td>
            <Td className="py-1 align-top">
              <Tests
                isPast={past !== undefined}
                checks={dataset.checks.filter((check) => check.column === column.name)}
                declared={dataset.definition?.tests.filter((test) => test.column === column.name).length ?? 0}
              />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function ColumnTags({ column }: { column: DatasetColumn }) {
  return (
    <span className="flex flex-col items-start gap-1">
      {column.tags.length > 0 && (
        <span className="flex flex-wrap gap-1">
          {column.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </span>
      )}
      {column.inheritedTags.map(({ tag, from, through }) => (
        <span key={tag} className="flex flex-wrap items-center gap-x-1.5 text-12 text-t2">
          <Chip>
            <Icon name="lock" size={12} className="mr-0.5" />
            {tag}
          </Chip>
          <span title={`${from.dataset}.${from.column}, through ${through.dataset}.${through.column}`}>
            from {shortName(from.dataset)}.{from.column}
            {through.dataset !== from.dataset && `, through ${shortName(through.dataset)}`}
          </span>
        </span>
      ))}
      {column.stoppedTags.map(({ tag, through, by }) => (
        <span
          key={`${tag} ${through.dataset} ${through.column}`}
          className="text-12 text-t3"
          title={`${through.dataset}.${through.column}`}
        >
          {tag} of {shortName(through.dataset)}.{through.column} ends here:{" "}
          {by === "declared" ? "the project says that none is left" : <code>{by}</code>}
        </span>
      ))}
    </span>
  )
}

function WasType({ column, changes }: { column: string; changes: DatasetChanges | null }) {
  const change = changes?.columnsRetyped.find((each) => each.column === column)
  if (!change) return null
  return (
    <span className="block text-12 text-t3">
      was <code>{change.from}</code>
    </span>
  )
}

function Tests({ checks, declared, isPast }: { checks: readonly CheckResult[]; declared: number; isPast: boolean }) {
  const failing = checks.filter((check) => !check.passed)
  if (isPast && declared > 0) return <span className="text-t2">{counted(declared, "test")}</span>
  if (checks.length === 0) return <span className="text-t3">{declared === 0 ? "none" : `${declared} not run yet`}</span>
  if (failing.length > 0) return <Mark glyph="failed">{failing.map((check) => check.kind).join(", ")}</Mark>
  return (
    <Mark glyph="success" className="font-body text-t2">
      {checks.length} pass
    </Mark>
  )
}
