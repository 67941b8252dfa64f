import { queryOptions } from "@tanstack/react-query"
import type { Overview } from "#lib/contracts/api/system.ts"
import { getJson } from "./client.ts"
import { overviewKeys } from "./keys.ts"

/** The state of the whole estate. */
export const overviewQuery = () =>
  queryOptions({
    queryKey: overviewKeys.all,
    queryFn: ({ signal }) => getJson<Overview>("/overview", {}, signal),
  })
