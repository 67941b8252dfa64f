import { Api, type ApiDependencies } from "./api.ts"
import { alertRoutes } from "./routes/alerts.ts"
import { backfillRoutes } from "./routes/backfills.ts"
import { datasetRoutes } from "./routes/datasets.ts"
import { deadlineRoutes } from "./routes/deadlines.ts"
import { diffRoutes } from "./routes/diff.ts"
import { docsRoutes } from "./routes/docs.ts"
import { eventRoutes } from "./routes/events.ts"
import { freshnessRoutes } from "./routes/freshness.ts"
import { incidentRoutes } from "./routes/incidents.ts"
import { lineageRoutes } from "./routes/lineage.ts"
import { logRoutes } from "./routes/logs.ts"
import { pipelineViewRoutes } from "./routes/pipeline-views.ts"
import { pipelineRoutes } from "./routes/pipelines.ts"
import { profileRoutes } from "./routes/profiles.ts"
import { qualityRoutes } from "./routes/quality.ts"
import { queueRoutes } from "./routes/queue.ts"
import { runRoutes } from "./routes/runs.ts"
import { sampleRoutes } from "./routes/samples.ts"
import { seriesRoutes } from "./routes/series.ts"
import { systemRoutes } from "./routes/system.ts"
import { taskRunRoutes } from "./routes/task-runs.ts"
import { triageRoutes } from "./routes/triage.ts"
import { triggerRoutes } from "./routes/triggers.ts"
import { waitRoutes } from "./routes/waits.ts"
import { webhookRoutes } from "./routes/webhooks.ts"

/** The whole API at /api/v1. */
export function createApi(dependencies: ApiDependencies): Api {
  const api = new Api(dependencies)
  systemRoutes(api)
  pipelineRoutes(api)
  pipelineViewRoutes(api)
  runRoutes(api)
  taskRunRoutes(api)
  waitRoutes(api)
  logRoutes(api)
  datasetRoutes(api)
  qualityRoutes(api)
  profileRoutes(api)
  lineageRoutes(api)
  sampleRoutes(api)
  backfillRoutes(api)
  deadlineRoutes(api)
  incidentRoutes(api)
  alertRoutes(api)
  freshnessRoutes(api)
  seriesRoutes(api)
  queueRoutes(api)
  eventRoutes(api)
  triggerRoutes(api)
  webhookRoutes(api)
  triageRoutes(api)
  diffRoutes(api)
  docsRoutes(api)
  return api
}
