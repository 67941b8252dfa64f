import type { Command } from "commander"
import type { Command as DbtCommand } from "#lib/models/run/run-project.ts"
import { addListCommand } from "../dbt/list-command.ts"
import { addGlobalOptions } from "../dbt/options.ts"
import { addParseCommand } from "../dbt/parse-command.ts"
import { addRunCommand, RUN_COMMANDS } from "../dbt/run-command.ts"

/** dbt: the commands of dbt, for projects as they are. */
export function addDbtCommands(program: Command, signal: AbortSignal): void {
  const dbt = addGlobalOptions(program.command("dbt").description("build a dbt project; needs no server"))
  for (const name of Object.keys(RUN_COMMANDS) as DbtCommand[]) addRunCommand(dbt, name, signal)
  addParseCommand(dbt)
  addListCommand(dbt)
}
