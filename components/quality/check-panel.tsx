"use client"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { CellText } from "../datasets/rows-table.tsx"
import { formatExact, formatShare } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { checkHistoryQuery, failingRowsQuery } from "../queries/quality.ts"
import { Badge, Chip } from "../ui/badge.tsx"
import { Facts } from "../ui/card.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { SidePanel, SidePanelSection } from "../ui/side-panel.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"
import { CheckHistory } from "./check-history.tsx"
import { checkLook, optionRows } from "./check-words.ts"

/** One check: what it found, which rows, what was expected, and how it went before. */
export function CheckPanel({
  check,
  hasDataset = false,
  onClose,
}: {
  check: CheckResult
  /** The dataset is to be named: it is not that of the page. */
  hasDataset?: boolean
  onClose: () => void
}) {
  const { label, glyph } = checkLook(check)
  const { sentence } = check
  const tags = Array.isArray(check.details?.tags) ? check.details.tags.map(String) : []
  return (
    <SidePanel label={`Check ${check.name}`} onClose={onClose}>
      <SidePanelSection>
        <h2 className="break-words pr-8 text-14">{sentence ?? check.name}</h2>
        {sentence && <p className="break-words text-12 text-t3">{check.name}</p>}
        <p className="mt-1.5 flex flex-wrap items-center gap-1.5">
          <Badge glyph={glyph}>{label}</Badge>
          <Chip>{check.dimension}</Chip>
          {tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </p>
        <p className="mt-2 break-words text-t1">{check.message}</p>
        <Facts
          className="mt-2"
          items={[
            ...(hasDataset
              ? [
                  [
                    "Dataset",
                    <Link key="dataset" className="link" href={`/datasets/${encodeURIComponent(check.dataset)}`}>
                      {check.dataset}
                    </Link>,
                  ] as [string, ReactNode],
                ]
              : []),
            ["Rows failed", `${formatExact(check.rowsFailed)} of ${formatExact(check.rowsChecked)}${shareText(check)}`],
            ["Checked", <Time key="at" at={check.at} />],
            [
              "By",
              check.runId ? (
                <Link key="run" className="link" href={`/runs/${check.runId}?tab=quality`}>
                  run {check.runId}
                </Link>
              ) : (
                "its monitor, without a run"
              ),
            ],
            ...(check.partitionKey ? [["Partition", check.partitionKey] as [string, string]] : []),
          ]}
        />
      </SidePanelSection>
      {check.hasSamples && <FailingRowsSection id={check.id} total={check.rowsFailed} />}
      <HistorySection check={check} />
      <SidePanelSection title="What is expected">
        <Link className="link break-all font-mono text-12" href={`/quality/expectations#${check.expectationType}`}>
          {check.expectationType}
        </Link>
        <Facts
          className="mt-2"
          items={[
            ...optionRows(check).map(([name, value]) => [name, <code key={name}>{value}</code>] as [string, ReactNode]),
            [
              "If it fails",
              FAIL_WORDS[String(check.details?.onFail)] ??
                (check.severity === "warn" ? "a warning" : "stops what follows"),
            ],
          ]}
        />
      </SidePanelSection>
    </SidePanel>
  )
}

const FAIL_WORDS: Record<string, string> = {
  block: "the load is taken back",
  warn: "a warning",
  quarantine: "failing rows are set aside",
}

function shareText({ rowsChecked, rowsFailed }: CheckResult): string {
  return rowsChecked > 0 && rowsFailed > 0 ? ` (${formatShare(rowsFailed / rowsChecked)})` : ""
}

function FailingRowsSection({ id, total }: { id: string; total: number }) {
  const { data, error, refetch } = useQuery(failingRowsQuery(id))
  const columns = Object.keys(data?.rows[0] ?? {})
  return (
    <SidePanelSection
      title="Failing rows"
      aside={<span className="text-t3">{data ? `${data.rows.length} of ${formatExact(total)}` : ""}</span>}
    >
      {error ? (
        <ErrorState title="The rows could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Reading failing rows" />
      ) : (
        <section
          aria-label="Failing rows"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
          tabIndex={0}
          className="-mx-4 overflow-x-auto focus-visible:-outline-offset-2"
        >
          <Table aria-label="Failing rows" className="w-max min-w-full">
            <thead>
              <tr>
                {columns.map((column) => (
                  <Th key={column}>{column}</Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows of one answer never move, and have no other name
                <Tr key={index}>
                  {columns.map((column) => (
                    <Td key={column} className="max-w-60" title={row[column] ?? undefined}>
                      <CellText value={row[column] ?? null} />
                    </Td>
                  ))}
                </Tr>
              ))}
            </tbody>
          </Table>
        </section>
      )}
    </SidePanelSection>
  )
}

function HistorySection({ check }: { check: CheckResult }) {
  const { data, error, refetch } = useQuery(checkHistoryQuery(check.dataset, check.name))
  return (
    <SidePanelSection title="How it went" aside={<span className="text-t3">newest last</span>}>
      {error ? (
        <ErrorState title="Its history could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : data ? (
        <CheckHistory results={data.items.toReversed()} />
      ) : (
        <SkeletonRows label="Reading its history" />
      )}
    </SidePanelSection>
  )
}
