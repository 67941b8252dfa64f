import { z } from "@hono/zod-openapi"
import {
  alertChannelSchema,
  alertDeliverySchema,
  alertRouteSchema,
  alertRuleSchema,
  maintenanceSchema,
  rulePreviewSchema,
} from "#lib/contracts/api/alerts.ts"
import { backfillSchema } from "#lib/contracts/api/backfills.ts"
import { idSchema, pageQuerySchema, problemSchema } from "#lib/contracts/api/common.ts"
import { datasetVersionSchema, datasetVersionSummarySchema } from "#lib/contracts/api/dataset-versions.ts"
import { checkResultSchema, datasetDetailSchema, datasetSummarySchema } from "#lib/contracts/api/datasets.ts"
import { deadlineViewSchema } from "#lib/contracts/api/deadlines.ts"
import { tableDiffSchema } from "#lib/contracts/api/diff.ts"
import {
  checkReceiptSchema,
  freshnessDetailSchema,
  freshnessPageSchema,
  monitorSchema,
} from "#lib/contracts/api/freshness.ts"
import {
  incidentDetailSchema,
  incidentOccurrenceSchema,
  incidentSchema,
  incidentStatsSchema,
} from "#lib/contracts/api/incidents.ts"
import { columnImpactSchema, columnTrailSchema, lineageGraphSchema } from "#lib/contracts/api/lineage.ts"
import { logSearchPageSchema } from "#lib/contracts/api/log-search.ts"
import { pipelineCalendarSchema, pipelineGridSchema, taskHistorySchema } from "#lib/contracts/api/pipeline-views.ts"
import {
  eventReceiptSchema,
  nextRunsSchema,
  pipelineDetailSchema,
  pipelineSummarySchema,
  versionDetailSchema,
  versionSummarySchema,
} from "#lib/contracts/api/pipelines.ts"
import { datasetProfileSchema, profileReceiptSchema } from "#lib/contracts/api/profiles.ts"
import {
  currentCheckPageSchema,
  datasetQualityPageSchema,
  expectationKindsSchema,
  failingRowsSchema,
  scoreHistorySchema,
} from "#lib/contracts/api/quality.ts"
import { queueSchema, slotLimitSchema, waitingTaskSchema } from "#lib/contracts/api/queue.ts"
import {
  attemptDetailSchema,
  bulkResultSchema,
  logPageSchema,
  runDetailSchema,
  runEffectSchema,
  runEventSchema,
  runSummarySchema,
  taskRunSchema,
} from "#lib/contracts/api/runs.ts"
import {
  datasetSampleSchema,
  historyKeysSchema,
  rowVersionsSchema,
  tableAsOfSchema,
} from "#lib/contracts/api/samples.ts"
import { datasetSchemaSchema } from "#lib/contracts/api/schema-changes.ts"
import { anomalySchema, seriesListSchema, seriesSchema } from "#lib/contracts/api/series.ts"
import { healthSchema, overviewSchema, workerSchema } from "#lib/contracts/api/system.ts"
import {
  firstErrorSchema,
  retryIncidentsResultSchema,
  runChangesSchema,
  triageSchema,
} from "#lib/contracts/api/triage.ts"
import { approvalReceiptSchema, openWaitSchema } from "#lib/contracts/api/waits.ts"
import { createdWebhookSchema, webhookDeliverySchema, webhookSchema } from "#lib/contracts/api/webhooks.ts"
import { jsonSchema } from "#lib/contracts/json.ts"
import { manifestSchema, workspaceProblemSchema } from "#lib/contracts/manifest.ts"

/**
 * The contracts under the names they have in the OpenAPI document. Importing `z` from zod-openapi adds `.openapi` to all
 * schemas. Naming `Json` first ends its recursion.
 */
jsonSchema.openapi("Json")
manifestSchema.openapi("Manifest")

export const Problem = problemSchema.openapi("Problem")
export const RunSummary = runSummarySchema.openapi("RunSummary")
export const RunDetail = runDetailSchema.openapi("RunDetail")
export const RunEvent = runEventSchema.openapi("RunEvent")
export const RunEffect = runEffectSchema.openapi("RunEffect")
export const BulkResult = bulkResultSchema.openapi("BulkResult")
export const TaskRun = taskRunSchema.openapi("TaskRun")
export const OpenWait = openWaitSchema.openapi("OpenWait")
export const ApprovalReceipt = approvalReceiptSchema.openapi("ApprovalReceipt")
export const AttemptDetail = attemptDetailSchema.openapi("Attempt")
export const LogPage = logPageSchema.openapi("LogPage")
export const PipelineSummary = pipelineSummarySchema.openapi("PipelineSummary")
export const PipelineDetail = pipelineDetailSchema.openapi("PipelineDetail")
export const NextRuns = nextRunsSchema.openapi("NextRuns")
export const EventReceipt = eventReceiptSchema.openapi("EventReceipt")
export const VersionSummary = versionSummarySchema.openapi("VersionSummary")
export const VersionDetail = versionDetailSchema.openapi("VersionDetail")
export const PipelineGrid = pipelineGridSchema.openapi("PipelineGrid")
export const PipelineCalendar = pipelineCalendarSchema.openapi("PipelineCalendar")
export const TaskHistory = taskHistorySchema.openapi("TaskHistory")
export const DatasetSummary = datasetSummarySchema.openapi("DatasetSummary")
export const DatasetDetail = datasetDetailSchema.openapi("DatasetDetail")
export const DatasetVersionSummary = datasetVersionSummarySchema.openapi("DatasetVersionSummary")
export const DatasetVersion = datasetVersionSchema.openapi("DatasetVersion")
export const CheckResult = checkResultSchema.openapi("CheckResult")
export const DatasetQualityPage = datasetQualityPageSchema.openapi("DatasetQualityPage")
export const CurrentCheckPage = currentCheckPageSchema.openapi("CurrentCheckPage")
export const ScoreHistory = scoreHistorySchema.openapi("ScoreHistory")
export const FailingRows = failingRowsSchema.openapi("FailingRows")
export const ExpectationKinds = expectationKindsSchema.openapi("ExpectationKinds")
export const LineageGraph = lineageGraphSchema.openapi("LineageGraph")
export const ColumnTrail = columnTrailSchema.openapi("ColumnTrail")
export const ColumnImpact = columnImpactSchema.openapi("ColumnImpact")
export const DatasetSample = datasetSampleSchema.openapi("DatasetSample")
export const HistoryKeys = historyKeysSchema.openapi("HistoryKeys")
export const RowVersions = rowVersionsSchema.openapi("RowVersions")
export const TableAsOf = tableAsOfSchema.openapi("TableAsOf")
export const DatasetProfile = datasetProfileSchema.openapi("DatasetProfile")
export const ProfileReceipt = profileReceiptSchema.openapi("ProfileReceipt")
export const Backfill = backfillSchema.openapi("Backfill")
export const Worker = workerSchema.openapi("Worker")
export const Queue = queueSchema.openapi("Queue")
export const SlotLimit = slotLimitSchema.openapi("SlotLimit")
export const WaitingTask = waitingTaskSchema.openapi("WaitingTask")
export const Deadline = deadlineViewSchema.openapi("Deadline")
export const FreshnessPage = freshnessPageSchema.openapi("FreshnessPage")
export const FreshnessDetail = freshnessDetailSchema.openapi("FreshnessDetail")
export const CheckReceipt = checkReceiptSchema.openapi("CheckReceipt")
export const Monitor = monitorSchema.openapi("Monitor")
export const WorkspaceProblem = workspaceProblemSchema.openapi("WorkspaceProblem")
export const Overview = overviewSchema.openapi("Overview")
export const Webhook = webhookSchema.openapi("Webhook")
export const CreatedWebhook = createdWebhookSchema.openapi("CreatedWebhook")
export const WebhookDelivery = webhookDeliverySchema.openapi("WebhookDelivery")
export const DatasetSchema = datasetSchemaSchema.openapi("DatasetSchema")
export const Anomaly = anomalySchema.openapi("Anomaly")
export const Series = seriesSchema.openapi("Series")
export const SeriesList = seriesListSchema.openapi("SeriesList")
export const Incident = incidentSchema.openapi("Incident")
export const IncidentDetail = incidentDetailSchema.openapi("IncidentDetail")
export const IncidentOccurrence = incidentOccurrenceSchema.openapi("IncidentOccurrence")
export const IncidentStats = incidentStatsSchema.openapi("IncidentStats")
export const AlertRule = alertRuleSchema.openapi("AlertRule")
export const RulePreview = rulePreviewSchema.openapi("RulePreview")
export const AlertChannel = alertChannelSchema.openapi("AlertChannel")
export const AlertRoute = alertRouteSchema.openapi("AlertRoute")
export const AlertDelivery = alertDeliverySchema.openapi("AlertDelivery")
export const MaintenanceWindow = maintenanceSchema.openapi("MaintenanceWindow")
/** What was removed, by its id or name. */
export const Removed = z.object({ id: z.string() })
export const Health = healthSchema.openapi("Health")

export const idParams = z.object({ id: idSchema })
/** Pipelines and datasets are known by name. */
export const nameParams = z.object({ id: z.string().min(1).max(300) })
/** Lists of things known by name are short: they come whole unless asked otherwise. */
export const namePageQuery = pageQuerySchema.extend({ limit: z.coerce.number().int().min(1).max(500).default(500) })
export const RunChanges = runChangesSchema.openapi("RunChanges")
export const FirstError = firstErrorSchema.openapi("FirstError")
export const RetryIncidentsResult = retryIncidentsResultSchema.openapi("RetryIncidentsResult")
export const Triage = triageSchema.openapi("Triage")
export const LogSearchPage = logSearchPageSchema.openapi("LogSearchPage")
export const TableDiff = tableDiffSchema.openapi("TableDiff")
