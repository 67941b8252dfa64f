import type { Command } from "commander"
import type { Command as DbtCommand } from "#lib/models/run/run-project.ts"
import { addCleanCommand } from "../dbt/clean-command.ts"
import { addCloneCommand } from "../dbt/clone-command.ts"
import { addDebugCommand } from "../dbt/debug-command.ts"
import { addDepsCommand } from "../dbt/deps-command.ts"
import { addDocsCommands } from "../dbt/docs-command.ts"
import { addListCommand } from "../dbt/list-command.ts"
import { addOperationCommand } from "../dbt/operation-command.ts"
import { addGlobalOptions } from "../dbt/options.ts"
import { addParseCommand } from "../dbt/parse-command.ts"
import { addRetryCommand } from "../dbt/retry-command.ts"
import { addRunCommand, RUN_COMMANDS } from "../dbt/run-command.ts"
import { addSourceCommands } from "../dbt/source-command.ts"

/** dbt: the commands of dbt, for projects as they are. */
export function addDbtCommands(program: Command, signal: AbortSignal): void {
  const dbt = addGlobalOptions(program.command("dbt").description("build a dbt project; needs no server"))
  for (const name of Object.keys(RUN_COMMANDS) as DbtCommand[]) addRunCommand(dbt, name, signal)
  addParseCommand(dbt)
  addListCommand(dbt)
  addSourceCommands(dbt)
  addDocsCommands(dbt, signal)
  addOperationCommand(dbt, signal)
  addCloneCommand(dbt)
  addRetryCommand(dbt, signal)
  addDepsCommand(dbt)
  addCleanCommand(dbt)
  addDebugCommand(dbt)
}
