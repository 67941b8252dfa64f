import { queryOptions } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { Health, WorkerView } from "#lib/contracts/api/system.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { getJson } from "./client.ts"
import { systemKeys } from "./keys.ts"

/** Version, database and named checks. */
export const healthQuery = () =>
  queryOptions({
    queryKey: systemKeys.health(),
    queryFn: ({ signal }) => getJson<Health>("/health", {}, signal),
    refetchInterval: 15_000,
  })

/** Workers with their slots and heartbeats. */
export const workersQuery = () =>
  queryOptions({
    queryKey: systemKeys.workers(),
    queryFn: async ({ signal }) => (await getJson<Page<WorkerView>>("/workers", {}, signal)).items,
    refetchInterval: 10_000,
  })

/** What is wrong in the workspace, with file and line. */
export const workspaceProblemsQuery = () =>
  queryOptions({
    queryKey: systemKeys.problems(),
    queryFn: async ({ signal }) => (await getJson<Page<WorkspaceProblem>>("/workspace/problems", {}, signal)).items,
  })
