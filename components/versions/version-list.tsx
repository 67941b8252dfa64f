"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { datasetVersionsQuery } from "../queries/datasets.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** The versions in which a dataset changed, newest first; each opens the dataset as of it. */
export function VersionList({ id, onOpen }: { id: string; onOpen: (moment: Moment) => void }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    datasetVersionsQuery(id),
  )
  if (error && !data) {
    return (
      <ErrorState title="The versions could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
    )
  }
  if (!data) return <SkeletonRows label="Reading the versions" />
  const versions = data.pages.flatMap((page) => page.items)
  if (versions.length === 0) {
    return (
      <EmptyState title="No versions of it are kept">
        They are of datasets that a dbt project describes, and of those that an SQL task made: what is said of them,
        their columns, and what they are made from.
      </EmptyState>
    )
  }
  return (
    <>
      <Table aria-label="Versions" className="max-md:min-w-[560px]">
        <thead>
          <tr>
            <Th className="w-[1%]">Version</Th>
            <Th>What changed</Th>
            <Th className="w-[1%]">Saved</Th>
            <Th className="w-[1%]">Pipeline</Th>
          </tr>
        </thead>
        <tbody>
          {versions.map((version) => (
            <Tr key={`${version.version} ${version.pipelineId}`}>
              <Td>
                <button type="button" className="link whitespace-nowrap font-med" onClick={() => onOpen(version)}>
                  Version {version.version}
                </button>
              </Td>
              <Td className="whitespace-normal">
                {version.summary}
                {version.isCurrent && (
                  <Mark glyph="success" className="ml-2 font-body text-t2">
                    holds now
                  </Mark>
                )}
              </Td>
              <Td className="whitespace-nowrap">
                <Time at={version.at} /> <RelativeTime at={version.at} className="text-t3" />
              </Td>
              <Td>{version.pipelineId}</Td>
            </Tr>
          ))}
        </tbody>
      </Table>
      {versions.length === 1 && <p className="px-6 py-3 text-t3 max-sm:px-4">It has not changed since it is known.</p>}
      {hasNextPage && (
        <div className="px-6 py-3 max-sm:px-4">
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? "Reading …" : "Older versions"}
          </Button>
        </div>
      )}
    </>
  )
}
