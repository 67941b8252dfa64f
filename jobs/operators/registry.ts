import { approvalOperator } from "./approval.ts"
import { checksOperator } from "./checks.ts"
import { branchOperator, shortCircuitOperator } from "./choice.ts"
import { dbtOperator } from "./dbt.ts"
import { extractOperator } from "./extract.ts"
import { fnOperator } from "./fn.ts"
import { fnSensorOperator } from "./fn-sensor.ts"
import { httpOperator } from "./http.ts"
import { httpSensorOperator } from "./http-sensor.ts"
import { loadCsvOperator } from "./load-csv.ts"
import { noopOperator } from "./noop.ts"
import { notifyOperator } from "./notify.ts"
import type { Operator } from "./operator.ts"
import { partitionLoadOperator } from "./partition-load.ts"
import { runPipelineOperator } from "./run-pipeline.ts"
import { shellOperator } from "./shell.ts"
import { sqlOperator } from "./sql.ts"
import { sqlSensorOperator } from "./sql-sensor.ts"
import { waitForCallbackOperator } from "./wait-for-callback.ts"
import { waitForDatasetOperator } from "./wait-for-dataset.ts"
import { waitUntilOperator } from "./wait-until.ts"

/** Every operator by the name that manifests use. */
export const operators: Record<string, Operator> = {
  sql: sqlOperator,
  extract: extractOperator,
  partitionLoad: partitionLoadOperator,
  loadCsv: loadCsvOperator,
  checks: checksOperator,
  dbt: dbtOperator,
  fn: fnOperator,
  branch: branchOperator,
  shortCircuit: shortCircuitOperator,
  shell: shellOperator,
  http: httpOperator,
  notify: notifyOperator,
  noop: noopOperator,
  waitUntil: waitUntilOperator,
  sqlSensor: sqlSensorOperator,
  httpSensor: httpSensorOperator,
  fnSensor: fnSensorOperator,
  waitForDataset: waitForDatasetOperator,
  waitForCallback: waitForCallbackOperator,
  approval: approvalOperator,
  runPipeline: runPipelineOperator,
}
