import type { LineageEvent } from "#lib/contracts/openlineage.ts"
import { lineageRunId } from "./lineage-run-id.ts"

/** What a lineage event tells of, as the store knows it. */
export interface LineageSubject {
  /** The event of ours that is told: `run.started`, `run.failed`, `task_run.success` … */
  type: string
  at: Date
  pipelineId: string
  file: string
  version: number
  versionHash: string
  run: { id: string; createdAt: Date; intervalStart: Date; intervalEnd: Date }
  task: {
    id: string
    taskId: string
    startedAt: Date | null
    inputs: LineageDataset[]
    outputs: LineageDataset[]
  } | null
  errorMessage: string | null
}

export interface LineageDataset {
  /** `connection.schema.name`. */
  id: string
  columns: readonly { name: string; type: string }[]
  written: { rows: number; bytes: number | null } | null
}

export interface LineageSettings {
  /** Of the jobs. */
  namespace: string
  /** URI of this program and version. */
  producer: string
  /** Where a connection's data lies. */
  connections: Record<string, { host: string; port: number; database: string }>
}

const FACETS = "https://openlineage.io/spec/facets"

const EVENT_TYPES: Record<string, LineageEvent["eventType"]> = {
  "run.started": "START",
  "run.success": "COMPLETE",
  "run.failed": "FAIL",
  "run.cancelled": "ABORT",
  "task_run.success": "COMPLETE",
  "task_run.failed": "FAIL",
}
/** What the OpenLineage endpoint subscribes to. */
export const LINEAGE_SUBSCRIPTION = Object.keys(EVENT_TYPES)

/**
 * The OpenLineage events that tell of one of ours, in their order. A pipeline's run starts and ends with an event each; a
 * task is told of at its end, start and end together, with its datasets and the pipeline's run as parent, and only where
 * it has datasets: a task without any says nothing about lineage.
 */
export function lineageEvents(subject: LineageSubject, settings: LineageSettings): LineageEvent[] {
  const eventType = EVENT_TYPES[subject.type]
  if (!eventType) return []
  const end = toEvent(subject, settings, eventType, subject.at)
  if (!subject.task) return [end]
  if (end.inputs.length + end.outputs.length === 0) return []
  const { errorMessage: _, ...facets } = end.run.facets
  const start: LineageEvent = {
    ...end,
    eventType: "START",
    eventTime: (subject.task.startedAt ?? subject.at).toISOString(),
    run: { ...end.run, facets },
    outputs: end.outputs.map((output) => ({ ...output, outputFacets: {} })),
  }
  return [start, end]
}

function toEvent(
  subject: LineageSubject,
  settings: LineageSettings,
  eventType: LineageEvent["eventType"],
  at: Date,
): LineageEvent {
  const { pipelineId, run, task } = subject
  const { namespace, producer } = settings
  const runId = lineageRunId({ namespace, kind: "run", id: run.id, createdAt: run.createdAt })
  return {
    eventType,
    eventTime: at.toISOString(),
    producer,
    schemaURL: "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    run: {
      runId: task ? lineageRunId({ namespace, kind: "task_run", id: task.id, createdAt: run.createdAt }) : runId,
      facets: {
        nominalTime: {
          _producer: producer,
          _schemaURL: `${FACETS}/1-0-1/NominalTimeRunFacet.json#/$defs/NominalTimeRunFacet`,
          nominalStartTime: run.intervalStart.toISOString(),
          nominalEndTime: run.intervalEnd.toISOString(),
        },
        ...(task && {
          parent: {
            _producer: producer,
            _schemaURL: `${FACETS}/1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet`,
            run: { runId },
            job: { namespace, name: pipelineId },
          },
        }),
        ...(eventType === "FAIL" && {
          errorMessage: {
            _producer: producer,
            _schemaURL: `${FACETS}/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet`,
            message: subject.errorMessage ?? "The run failed without a message.",
            programmingLanguage: "typescript",
          },
        }),
      },
    },
    job: {
      namespace,
      name: task ? `${pipelineId}.${task.taskId}` : pipelineId,
      facets: {
        jobType: {
          _producer: producer,
          _schemaURL: `${FACETS}/2-0-3/JobTypeJobFacet.json#/$defs/JobTypeJobFacet`,
          processingType: "BATCH",
          integration: "HEADRACE",
          jobType: task ? "TASK" : "PIPELINE",
        },
        sourceCodeLocation: {
          _producer: producer,
          _schemaURL: `${FACETS}/1-0-1/SourceCodeLocationJobFacet.json#/$defs/SourceCodeLocationJobFacet`,
          type: "headrace",
          url: `urn:headrace:pipeline:${encodeURIComponent(pipelineId)}:${subject.version}`,
          path: subject.file,
          version: subject.versionHash,
        },
      },
    },
    inputs: (task?.inputs ?? []).map((dataset) => describeDataset(dataset, settings)),
    outputs: (task?.outputs ?? []).map((dataset) => ({
      ...describeDataset(dataset, settings),
      outputFacets: {
        ...(dataset.written && {
          outputStatistics: {
            _producer: producer,
            _schemaURL: `${FACETS}/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet`,
            rowCount: dataset.written.rows,
            ...(dataset.written.bytes !== null && { size: dataset.written.bytes }),
          },
        }),
      },
    })),
  }
}

/** Named as other producers name the same table, so that lineage of several tools meets. */
function describeDataset({ id, columns }: LineageDataset, { producer, connections, namespace }: LineageSettings) {
  const [connection = "", ...rest] = id.split(".")
  const place = connections[connection]
  return {
    namespace: place ? `postgres://${place.host}:${place.port}` : namespace,
    name: place ? [place.database, ...rest].join(".") : id,
    facets: {
      ...(columns.length > 0 && {
        schema: {
          _producer: producer,
          _schemaURL: `${FACETS}/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet` as const,
          fields: columns.map(({ name, type }) => ({ name, type })),
        },
      }),
    },
  }
}
