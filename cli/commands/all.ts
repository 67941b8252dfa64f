import type { Command } from "commander"
import { addAlertCommands } from "./alerts.ts"
import { addAnomalyCommands } from "./anomalies.ts"
import { addApprovalCommands } from "./approvals.ts"
import { addBackfillCommands } from "./backfill.ts"
import { addCheckCommand } from "./check.ts"
import { addDatasetCommands } from "./datasets.ts"
import { addDbtCommands } from "./dbt.ts"
import { addDeadlineCommands } from "./deadlines.ts"
import { addDiffCommand } from "./diff.ts"
import { addDoctorCommand } from "./doctor.ts"
import { addFreshnessCommands } from "./freshness.ts"
import { addIncidentCommands } from "./incidents.ts"
import { addLineageCommand } from "./lineage.ts"
import { addLogsCommand } from "./logs.ts"
import { addMetricsCommand } from "./metrics.ts"
import { addPipelineCommands } from "./pipelines.ts"
import { addPoolCommands } from "./pools.ts"
import { addProfileCommand } from "./profile.ts"
import { addRunCommands } from "./runs.ts"
import { addScheduleCommands } from "./schedules.ts"
import { addTriageCommands } from "./triage.ts"
import { addValidateCommand } from "./validate.ts"
import { addViewCommands } from "./views.ts"
import { addWebhookCommands } from "./webhooks.ts"

/** Every command of the program. */
export function addAllCommands(program: Command, signal: AbortSignal): void {
  addRunCommands(program, signal)
  addApprovalCommands(program, signal)
  addLogsCommand(program, signal)
  addPipelineCommands(program, signal)
  addScheduleCommands(program, signal)
  addBackfillCommands(program, signal)
  addPoolCommands(program, signal)
  addDeadlineCommands(program, signal)
  addViewCommands(program, signal)
  addDatasetCommands(program, signal)
  addDiffCommand(program, signal)
  addCheckCommand(program, signal)
  addProfileCommand(program, signal)
  addFreshnessCommands(program, signal)
  addAnomalyCommands(program, signal)
  addLineageCommand(program, signal)
  addIncidentCommands(program, signal)
  addTriageCommands(program, signal)
  addAlertCommands(program, signal)
  addWebhookCommands(program, signal)
  addMetricsCommand(program, signal)
  addValidateCommand(program, signal)
  addDoctorCommand(program, signal)
  addDbtCommands(program, signal)
}
