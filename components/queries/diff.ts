import { queryOptions } from "@tanstack/react-query"
import type { DiffRequest, TableDiffView } from "#lib/contracts/api/diff.ts"
import { sendJson } from "./client.ts"

/** How two tables differ; null while nothing is asked. Reads both, so it is asked again only by hand, and stops on the server when nobody waits for it any more. */
export const tableDiffQuery = (request: DiffRequest | null) =>
  queryOptions({
    queryKey: ["diff", request] as const,
    queryFn: ({ signal }) => sendJson<TableDiffView>("POST", "/diff", request, signal),
    enabled: request !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
