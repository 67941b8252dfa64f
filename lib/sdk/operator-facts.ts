import type { z } from "zod"
import type { JsonObject } from "../contracts/json.ts"
import { approvalOptionsSchema } from "../contracts/operators/approval.ts"
import { checksDatasets, checksOptionsSchema } from "../contracts/operators/checks.ts"
import { branchOptionsSchema, shortCircuitOptionsSchema } from "../contracts/operators/choice.ts"
import { dbtOptionsSchema } from "../contracts/operators/dbt.ts"
import { extractDatasets, extractOptionsSchema } from "../contracts/operators/extract.ts"
import { fnDatasets, fnOptionsSchema } from "../contracts/operators/fn.ts"
import { fnSensorOptionsSchema } from "../contracts/operators/fn-sensor.ts"
import { httpDatasets, httpOptionsSchema } from "../contracts/operators/http.ts"
import { httpSensorOptionsSchema } from "../contracts/operators/http-sensor.ts"
import { loadCsvDatasets, loadCsvOptionsSchema } from "../contracts/operators/load-csv.ts"
import { noopDatasets, noopOptionsSchema } from "../contracts/operators/noop.ts"
import { notifyDatasets, notifyOptionsSchema } from "../contracts/operators/notify.ts"
import { partitionLoadDatasets, partitionLoadOptionsSchema } from "../contracts/operators/partition-load.ts"
import { runPipelineOptionsSchema } from "../contracts/operators/run-pipeline.ts"
import { shellDatasets, shellOptionsSchema } from "../contracts/operators/shell.ts"
import { sqlDatasets, sqlOptionsSchema } from "../contracts/operators/sql.ts"
import { sqlSensorOptionsSchema } from "../contracts/operators/sql-sensor.ts"
import { toStoredColumns } from "../contracts/operators/table-name.ts"
import { waitForCallbackOptionsSchema } from "../contracts/operators/wait-for-callback.ts"
import { waitForDatasetDatasets, waitForDatasetOptionsSchema } from "../contracts/operators/wait-for-dataset.ts"
import { noDatasets } from "../contracts/operators/wait-options.ts"
import { waitUntilOptionsSchema } from "../contracts/operators/wait-until.ts"

type Options = Record<string, unknown>

/** What loading a workspace has to know of an operator; its work is in jobs/operators. */
export interface OperatorFacts {
  options: z.ZodType
  datasets(options: Options): { reads: string[]; writes: string[] }
  /** Connections that the options name; what else stands there, such as references, is left out. */
  connections(options: Options): unknown[]
  /** Workspace files that belong to the version. */
  files(options: Options): unknown[]
  /** Workspace folders all of whose texts belong to the version. */
  folders?(options: Options): unknown[]
  /** Workspace files that are data: they must be there, and belong to the version only where they are small. */
  dataFiles?(options: Options): unknown[]
  /** The options as a version keeps them, where that is not as they are written. */
  stored?(options: JsonObject): JsonObject
}

const none = () => []

export const OPERATOR_FACTS: Readonly<Record<string, OperatorFacts>> = {
  sql: {
    options: sqlOptionsSchema,
    datasets: sqlDatasets,
    connections: (options) => [options.connection],
    files: (options) => [options.file],
  },
  extract: {
    options: extractOptionsSchema,
    datasets: extractDatasets,
    connections: (options) => [options.source],
    files: none,
  },
  partitionLoad: {
    options: partitionLoadOptionsSchema,
    datasets: partitionLoadDatasets,
    connections: (options) => [options.source],
    files: none,
  },
  loadCsv: {
    options: loadCsvOptionsSchema,
    datasets: loadCsvDatasets,
    connections: none,
    files: none,
    dataFiles: (options) => [options.file],
    stored: (options) => ({ ...options, columns: toStoredColumns(options.columns ?? null) }),
  },
  checks: { options: checksOptionsSchema, datasets: checksDatasets, connections: none, files: none },
  http: { options: httpOptionsSchema, datasets: httpDatasets, connections: none, files: none },
  notify: { options: notifyOptionsSchema, datasets: notifyDatasets, connections: none, files: none },
  fn: {
    options: fnOptionsSchema,
    datasets: fnDatasets,
    connections: (options) => list(options.connections),
    files: none,
  },
  branch: {
    options: branchOptionsSchema,
    datasets: fnDatasets,
    connections: (options) => list(options.connections),
    files: none,
  },
  shortCircuit: {
    options: shortCircuitOptionsSchema,
    datasets: fnDatasets,
    connections: (options) => list(options.connections),
    files: none,
  },
  shell: {
    options: shellOptionsSchema,
    datasets: shellDatasets,
    connections: none,
    files: (options) => list(options.files),
  },
  dbt: {
    options: dbtOptionsSchema,
    datasets: noDatasets,
    connections: none,
    files: none,
    folders: (options) => [options.project ?? "dbt"],
  },
  noop: { options: noopOptionsSchema, datasets: noopDatasets, connections: none, files: none },
  waitUntil: { options: waitUntilOptionsSchema, datasets: noDatasets, connections: none, files: none },
  sqlSensor: {
    options: sqlSensorOptionsSchema,
    datasets: noDatasets,
    connections: (options) => [options.connection],
    files: none,
  },
  httpSensor: { options: httpSensorOptionsSchema, datasets: noDatasets, connections: none, files: none },
  fnSensor: {
    options: fnSensorOptionsSchema,
    datasets: noDatasets,
    connections: (options) => list(options.connections),
    files: none,
  },
  waitForDataset: {
    options: waitForDatasetOptionsSchema,
    datasets: waitForDatasetDatasets,
    connections: none,
    files: none,
  },
  waitForCallback: { options: waitForCallbackOptionsSchema, datasets: noDatasets, connections: none, files: none },
  approval: { options: approvalOptionsSchema, datasets: noDatasets, connections: none, files: none },
  runPipeline: { options: runPipelineOptionsSchema, datasets: noDatasets, connections: none, files: none },
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
