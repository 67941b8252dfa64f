import { queryOptions } from "@tanstack/react-query"
import type { Overview } from "#lib/contracts/api/system.ts"
import { getJson } from "./client.ts"

/** Cache key of the overview. */
export const overviewKeys = { all: ["overview"] as const }

/** The state of the whole estate. */
export const overviewQuery = () =>
  queryOptions({
    queryKey: overviewKeys.all,
    queryFn: ({ signal }) => getJson<Overview>("/overview", {}, signal),
  })
