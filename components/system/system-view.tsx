"use client"
import { useQuery } from "@tanstack/react-query"
import { Suspense } from "react"
import { WorkspaceProblems } from "../pipelines/workspace-problems.tsx"
import { adviceFor } from "../queries/client.ts"
import { healthQuery, workersQuery, workspaceProblemsQuery } from "../queries/system.ts"
import { Badge, Mark } from "../ui/badge.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"
import { QueueSection } from "./queue-section.tsx"
import { WorkerTable } from "./worker-table.tsx"

/** The machine itself: its queue and limits, its workers, its health, and what is wrong in the workspace. */
export function SystemView() {
  const health = useQuery(healthQuery())
  const workers = useQuery(workersQuery())
  const problems = useQuery(workspaceProblemsQuery())
  return (
    <div className="pb-6">
      <PageHeader
        title="System"
        beside={
          health.data && (
            <Badge glyph={health.data.status === "ok" ? "success" : "at_risk"}>
              {health.data.status === "ok" ? "All well" : "Degraded"}
            </Badge>
          )
        }
        actions={
          // No screen, but a page of the API's own.
          <a className="link" href="/api/v1/docs">
            API
          </a>
        }
      />
      <h2 className="px-6 pt-3 pb-2 max-sm:px-4">Queue</h2>
      {/* It reads the address, which is not known while the page is built. */}
      <Suspense fallback={<SkeletonRows rows={4} label="Reading the queue" />}>
        <QueueSection />
      </Suspense>

      <h2 className="px-6 pt-5 pb-1 max-sm:px-4">Workers</h2>
      {workers.isError && !workers.data ? (
        <ErrorState
          title="The workers could not be read"
          message={adviceFor(workers.error)}
          onRetry={() => void workers.refetch()}
        />
      ) : !workers.data ? (
        <SkeletonRows rows={2} label="Reading workers" />
      ) : workers.data.length > 0 ? (
        <WorkerTable workers={workers.data} />
      ) : (
        <EmptyState title="No worker has reported yet">
          Nothing runs without one. Start it with <code>npm run worker</code>, on this machine or any other that reaches
          the database.
        </EmptyState>
      )}

      <h2 className="px-6 pt-5 pb-1 max-sm:px-4">
        Health {health.data && <span className="ml-1 font-body text-t3">version {health.data.version}</span>}
      </h2>
      {health.isError && !health.data ? (
        <ErrorState
          title="The health could not be read"
          message={adviceFor(health.error)}
          onRetry={() => void health.refetch()}
        />
      ) : !health.data ? (
        <SkeletonRows rows={3} label="Reading health" />
      ) : (
        <Table aria-label="Health" className="table-fixed">
          <thead>
            <tr>
              <Th className="w-[130px]">State</Th>
              <Th className="w-[200px] max-sm:w-[35%]">Check</Th>
              <Th>What it says</Th>
            </tr>
          </thead>
          <tbody>
            {health.data.checks.map((check) => (
              <HealthRow key={check.name} ok={check.ok} name={check.name} message={check.message} />
            ))}
          </tbody>
        </Table>
      )}

      <h2 className="px-6 pt-5 pb-1 max-sm:px-4">Workspace</h2>
      {problems.data && <WorkspaceProblems problems={problems.data} />}
      {problems.data?.length === 0 && (
        <p className="px-6 pb-3 text-t2 max-sm:px-4">
          <Mark glyph="success" className="font-body text-t2">
            The workspace loads without a problem.
          </Mark>
        </p>
      )}
    </div>
  )
}

function HealthRow({ ok, name, message }: { ok: boolean; name: string; message: string }) {
  return (
    <Tr>
      <Td>
        <Mark glyph={ok ? "success" : "failed"}>{ok ? "Well" : "Not well"}</Mark>
      </Td>
      <Td className="font-med first-letter:uppercase">{name}</Td>
      <Td className="text-t2" title={message}>
        {message}
      </Td>
    </Tr>
  )
}
