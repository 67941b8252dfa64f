import { type LineageSettings, lineageEvents } from "#lib/connectors/openlineage/lineage-events.ts"
import { signMessage } from "#lib/connectors/webhook/sign-message.ts"
import { type WebhookMessage, webhookMessageSchema } from "#lib/contracts/webhook-message.ts"
import type { VersionId } from "#lib/domain/ids.ts"
import type { Config } from "#lib/server/config.ts"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import type { Store } from "#lib/store/client.ts"
import { readVersion } from "#lib/store/versions.ts"
import { type Delivery, type RunFacts, readSubject, readTaskDatasets, type TaskFacts } from "#lib/store/webhooks.ts"

/** One request of a delivery. */
export interface DeliveryRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** A sentence is enough for a message; the page of the run has all of it. */
const MAX_ERROR_LENGTH = 1_000

/**
 * The requests that deliver a delivery, in their order: one for a webhook; none to a few for OpenLineage. Everything is
 * read when it is sent, so what a message says of its run is at least as new as its event.
 */
export async function renderDelivery(store: Store, config: Config, delivery: Delivery): Promise<DeliveryRequest[]> {
  const subject = await readSubject(store.pool, delivery)
  return delivery.kind === "openlineage"
    ? renderLineage(store, config, delivery, subject)
    : [renderMessage(delivery, subject, new Date())]
}

interface Subject {
  run: RunFacts | null
  task: TaskFacts | null
}

function renderMessage(delivery: Delivery, { run, task }: Subject, sentAt: Date): DeliveryRequest {
  const message: WebhookMessage = {
    version: 1,
    id: delivery.messageId,
    type: delivery.type,
    timestamp: delivery.at.toISOString(),
    data: {
      actor: delivery.actor,
      pipelineId: delivery.pipelineId,
      run: run && {
        id: run.id,
        kind: run.kind,
        state: run.state,
        version: run.version,
        logicalAt: run.logicalAt.toISOString(),
        intervalStart: run.intervalStart.toISOString(),
        intervalEnd: run.intervalEnd.toISOString(),
        partitionKey: run.partitionKey,
        backfillId: run.backfillId,
        createdAt: run.createdAt.toISOString(),
        startedAt: run.startedAt?.toISOString() ?? null,
      },
      task: task && { runId: task.runId, id: task.id, taskId: task.taskId, attempt: task.attempt },
      ...datasetOf(delivery),
      error: errorOf(delivery),
      ...incidentOf(delivery),
    },
  }
  const body = JSON.stringify(message)
  const signature = signMessage(delivery.secret ?? "", { id: delivery.messageId, body, sentAt })
  return {
    url: delivery.url,
    body,
    headers: { "content-type": "application/json", "user-agent": `headrace/${HEADRACE_VERSION}`, ...signature },
  }
}

/** The event carries what was said then, in the contract's own form. */
function datasetOf({ type, data }: Delivery): Pick<WebhookMessage["data"], "dataset"> | null {
  if (!type.startsWith("freshness.")) return null
  const { datasetId: id, ...rest } = data
  const parsed = webhookMessageSchema.shape.data.shape.dataset.safeParse({ id, ...rest })
  return parsed.success ? { dataset: parsed.data } : null
}

/** What the event says of its incident, as it was then. */
function incidentOf({ type, data }: Delivery): Pick<WebhookMessage["data"], "incident"> {
  if (!type.startsWith("incident.")) return {}
  const { incidentId, kind, title, severity, state, datasetId } = data
  return {
    incident: {
      id: String(incidentId),
      kind: String(kind),
      title: String(title),
      severity: String(severity),
      state: String(state),
      datasetId: typeof datasetId === "string" ? datasetId : null,
    },
  }
}

function errorOf({ type, data }: Delivery): WebhookMessage["data"]["error"] {
  const { message, code, failedTaskId, taskId } = data
  // A wait, and a dataset that is fresh again, have a message too, but nothing is wrong with them.
  if (typeof message !== "string" || type === "task_run.deferred" || type === "freshness.recovered") return null
  const task = failedTaskId ?? taskId
  return {
    taskId: typeof task === "string" ? task : null,
    code: typeof code === "string" ? code : null,
    message: message.slice(0, MAX_ERROR_LENGTH),
  }
}

async function renderLineage(
  store: Store,
  config: Config,
  delivery: Delivery,
  { run, task }: Subject,
): Promise<DeliveryRequest[]> {
  const backend = config.openLineage
  // A run that was deleted, or a task of it, has nothing to say any more.
  if (!backend || !run || !delivery.pipelineId || (delivery.taskRunId !== null && !task)) return []
  const { manifest } = await readVersion(store.pool, run.versionId as VersionId)
  const reads = manifest.tasks.find(({ id }) => id === task?.taskId)?.reads ?? []
  const datasets = task && (await readTaskDatasets(store.pool, { ...task, reads }))
  const events = lineageEvents(
    {
      type: delivery.type,
      at: delivery.at,
      pipelineId: delivery.pipelineId,
      file: manifest.file,
      version: run.version,
      versionHash: run.versionHash,
      run,
      task: task && { ...task, ...datasets! },
      errorMessage: errorOf(delivery)?.message ?? null,
    },
    lineageSettings(config),
  )
  return events.map((event) => ({
    url: backend.url,
    body: JSON.stringify(event),
    headers: {
      "content-type": "application/json",
      "user-agent": `headrace/${HEADRACE_VERSION}`,
      ...(backend.apiKey && { authorization: `Bearer ${backend.apiKey}` }),
    },
  }))
}

function lineageSettings(config: Config): LineageSettings {
  const urls = { ...config.connectionUrls, warehouse: config.warehouseUrl }
  const connections: LineageSettings["connections"] = {}
  for (const [name, text] of Object.entries(urls)) {
    const url = new URL(text)
    connections[name] = {
      host: url.hostname,
      port: Number(url.port) || 5432,
      database: decodeURIComponent(url.pathname.slice(1)),
    }
  }
  return {
    namespace: config.openLineage?.namespace ?? "headrace",
    producer: `urn:headrace:${HEADRACE_VERSION}`,
    connections,
  }
}
