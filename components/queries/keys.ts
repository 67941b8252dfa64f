import type { CreateBackfill, SlotListQuery } from "#lib/contracts/api/backfills.ts"
import type { GridQuery } from "#lib/contracts/api/pipeline-views.ts"
import type { RunListQuery } from "#lib/contracts/api/runs.ts"

/** What a list of runs is narrowed to; `limit` is the page size. */
export type RunFilter = Omit<RunListQuery, "cursor" | "limit"> & { limit?: number }

/** Which of a backfill's slots are listed. */
export type SlotFilter = Omit<SlotListQuery, "cursor" | "limit">

/** Which runs a grid shows. */
export type GridFilter = Omit<GridQuery, "runs"> & { runs: number }

/** Cache keys of everything about pipelines; `all` is the prefix of the others. */
export const pipelineKeys = {
  all: ["pipelines"] as const,
  list: () => ["pipelines", "list"] as const,
  detail: (id: string) => ["pipelines", "detail", id] as const,
  nextRuns: (id: string, count: number) => ["pipelines", "next-runs", id, count] as const,
  versions: (id: string) => ["pipelines", "versions", id] as const,
  version: (id: string, version: number) => ["pipelines", "version", id, version] as const,
  /** What becomes old with each run of the pipeline: the prefix of the three below. */
  views: (id: string) => ["pipelines", "views", id] as const,
  grids: (id: string) => ["pipelines", "views", id, "grid"] as const,
  grid: (id: string, query: GridFilter) => ["pipelines", "views", id, "grid", query] as const,
  calendar: (id: string, year: number | null) => ["pipelines", "views", id, "calendar", year] as const,
  taskHistory: (id: string, taskId: string) => ["pipelines", "views", id, "task", taskId] as const,
}

/** Cache keys of everything about runs; `all` is the prefix of the others. */
export const runKeys = {
  all: ["runs"] as const,
  lists: () => ["runs", "list"] as const,
  list: (filter: RunFilter) => ["runs", "list", filter] as const,
  detail: (id: string) => ["runs", "detail", id] as const,
  events: (id: string) => ["runs", "events", id] as const,
  changes: (id: string) => ["runs", "changes", id] as const,
  instances: (id: string) => ["runs", "instances", id] as const,
  instanceList: (id: string, taskId: string, filter: string) =>
    ["runs", "instances", id, taskId, "list", filter] as const,
  instance: (id: string, taskId: string, mapIndex: number) => ["runs", "instances", id, taskId, mapIndex] as const,
}

/** Cache keys of what deferred tasks wait for; `all` is the prefix of the others. */
export const waitKeys = {
  all: ["waits"] as const,
  approvals: () => ["waits", "approvals"] as const,
}

/** Cache keys of everything about datasets; `all` is the prefix of the others. */
export const datasetKeys = {
  all: ["datasets"] as const,
  list: () => ["datasets", "list"] as const,
  detail: (id: string) => ["datasets", "detail", id] as const,
  changes: (id: string) => ["datasets", "changes", id] as const,
  past: (id: string, moment: object) => ["datasets", "past", id, moment] as const,
  sample: (id: string) => ["datasets", "sample", id] as const,
  historyKeys: (id: string, q: string) => ["datasets", "history", id, "keys", q] as const,
  versions: (id: string, key: string) => ["datasets", "history", id, "versions", key] as const,
  asOf: (id: string, at: string) => ["datasets", "history", id, "as-of", at] as const,
}

/** Cache keys of everything about quality; `all` is the prefix of the others. */
export const qualityKeys = {
  all: ["quality"] as const,
  list: () => ["quality", "list"] as const,
  failing: () => ["quality", "failing"] as const,
  history: (dataset: string, name: string) => ["quality", "history", dataset, name] as const,
  rows: (id: string) => ["quality", "rows", id] as const,
  scores: (dataset: string) => ["quality", "scores", dataset] as const,
}

/** Cache keys of everything about freshness; `all` is the prefix of the others. */
export const freshnessKeys = {
  all: ["freshness"] as const,
  list: (filter: object) => ["freshness", "list", filter] as const,
  detail: (id: string, zone: string) => ["freshness", "detail", id, zone] as const,
}

/** Cache keys of measurements, anomalies and changed columns; `all` is the prefix of the others. */
export const seriesKeys = {
  all: ["series"] as const,
  list: (id: string) => ["series", "list", id] as const,
  points: (id: string, filter: object) => ["series", "points", id, filter] as const,
  anomalies: (id: string) => ["series", "anomalies", id] as const,
  schema: (id: string) => ["series", "schema", id] as const,
}

/** Cache keys of profiles. */
export const profileKeys = { detail: (id: string) => ["profiles", id] as const }

/** Cache keys of what flows where; `all` is the prefix of the others. */
export const lineageKeys = {
  all: ["lineage"] as const,
  graph: (query: object) => ["lineage", "graph", query] as const,
  trail: (query: object) => ["lineage", "trail", query] as const,
  impact: (dataset: string, column: string) => ["lineage", "impact", dataset, column] as const,
}

/** Cache keys of deadlines; `all` is the prefix of the others. */
export const deadlineKeys = {
  all: ["deadlines"] as const,
  list: (filter: object) => ["deadlines", "list", filter] as const,
}

/** Cache keys of incidents; `all` is the prefix of the others. */
export const incidentKeys = {
  all: ["incidents"] as const,
  lists: () => ["incidents", "list"] as const,
  list: (filter: object) => ["incidents", "list", filter] as const,
  detail: (id: string) => ["incidents", "detail", id] as const,
  triage: (id: string) => ["incidents", "triage", id] as const,
  told: (id: string) => ["incidents", "told", id] as const,
  occurrences: (id: string) => ["incidents", "occurrences", id] as const,
  stats: (range: object) => ["incidents", "stats", range] as const,
}

/** Cache keys of alert rules, channels, routes, maintenance and deliveries; `all` is the prefix of the others. */
export const alertKeys = {
  all: ["alerts"] as const,
  rules: () => ["alerts", "rules"] as const,
  preview: (rule: object) => ["alerts", "preview", rule] as const,
  channels: () => ["alerts", "channels"] as const,
  routes: () => ["alerts", "routes"] as const,
  maintenance: () => ["alerts", "maintenance"] as const,
  deliveries: (filter: object) => ["alerts", "deliveries", filter] as const,
}

/** Cache key of the overview. */
export const overviewKeys = { all: ["overview"] as const }

/** Cache keys of everything about backfills; `all` is the prefix of the others. */
export const backfillKeys = {
  all: ["backfills"] as const,
  list: () => ["backfills", "list"] as const,
  detail: (id: string) => ["backfills", "detail", id] as const,
  map: (id: string) => ["backfills", "detail", id, "map"] as const,
  slots: (id: string, filter: SlotFilter) => ["backfills", "detail", id, "slots", filter] as const,
  preview: (plan: CreateBackfill) => ["backfills", "preview", plan] as const,
}

/** Cache keys of the system's own state; `all` is the prefix of the others. */
export const systemKeys = {
  all: ["system"] as const,
  health: () => ["system", "health"] as const,
  workers: () => ["system", "workers"] as const,
  problems: () => ["system", "problems"] as const,
  queue: () => ["system", "queue"] as const,
  waiting: (limitId: string | null) => ["system", "queue", "waiting", limitId] as const,
}

/** Cache keys of everything about webhooks; `all` is the prefix of the others. */
export const webhookKeys = {
  all: ["webhooks"] as const,
  list: () => ["webhooks", "list"] as const,
  detail: (id: string) => ["webhooks", "detail", id] as const,
  deliveries: (id: string, state: string | null) => ["webhooks", "deliveries", id, state] as const,
}
