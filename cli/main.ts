import { Command, CommanderError } from "commander"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import { addAlertCommands } from "./commands/alerts.ts"
import { addApprovalCommands } from "./commands/approvals.ts"
import { addBackfillCommands } from "./commands/backfill.ts"
import { addDatasetCommands } from "./commands/datasets.ts"
import { addDbtCommands } from "./commands/dbt.ts"
import { addDeadlineCommands } from "./commands/deadlines.ts"
import { addDoctorCommand } from "./commands/doctor.ts"
import { addIncidentCommands } from "./commands/incidents.ts"
import { addLineageCommand } from "./commands/lineage.ts"
import { addLogsCommand } from "./commands/logs.ts"
import { addPipelineCommands } from "./commands/pipelines.ts"
import { addPoolCommands } from "./commands/pools.ts"
import { addRunCommands } from "./commands/runs.ts"
import { addScheduleCommands } from "./commands/schedules.ts"
import { addValidateCommand } from "./commands/validate.ts"
import { addViewCommands } from "./commands/views.ts"
import { addWebhookCommands } from "./commands/webhooks.ts"
import { CliError, EXIT } from "./exit-code.ts"

/** The command line of Headrace: a client of the API, and two commands that work without a server. See docs/cli.md. */
const interrupt = new AbortController()
process.once("SIGINT", () => interrupt.abort())
// `headrace runs | head` closes the pipe: nothing is wrong.
process.stdout.on("error", (error: NodeJS.ErrnoException) =>
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed),
)

process.exitCode = await main(process.argv)

async function main(argv: string[]): Promise<number> {
  try {
    await createProgram(interrupt.signal).parseAsync(argv)
    return EXIT.ok
  } catch (error) {
    // Commander has printed what was wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (!(error instanceof CliError)) throw error
    if (error.message) process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}

function createProgram(signal: AbortSignal): Command {
  const program = new Command("headrace")
    .description("Runs pipelines, shows what happened, and mends it.")
    .version(HEADRACE_VERSION)
    .option("--url <url>", "where Headrace answers (or HEADRACE_URL; default: what npm start runs here)")
    .option("--json", "print JSON for programs")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed or refused, 2 wrong command line, 3 Headrace does not answer.",
    )
  addRunCommands(program, signal)
  addApprovalCommands(program, signal)
  addLogsCommand(program, signal)
  addPipelineCommands(program, signal)
  addScheduleCommands(program, signal)
  addBackfillCommands(program, signal)
  addPoolCommands(program, signal)
  addDeadlineCommands(program, signal)
  addIncidentCommands(program, signal)
  addAlertCommands(program, signal)
  addViewCommands(program, signal)
  addDatasetCommands(program, signal)
  addLineageCommand(program, signal)
  addWebhookCommands(program, signal)
  addValidateCommand(program, signal)
  addDoctorCommand(program, signal)
  addDbtCommands(program, signal)
  // Subcommands share the program's behaviour on errors.
  for (const command of withSubcommands(program.commands)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true })
  }
  return program
}

function withSubcommands(commands: readonly Command[]): Command[] {
  return commands.flatMap((each) => [each, ...withSubcommands(each.commands)])
}
