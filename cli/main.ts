import { Command, CommanderError } from "commander"
import { warmThreads } from "#lib/models/run/start-thread.ts"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import { CliError, EXIT } from "./exit-code.ts"

/** Commands of dbt that need threads. */
const BUILDING: ReadonlySet<string> = new Set(["build", "run", "test", "seed", "snapshot", "compile", "show"])

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
    const program = await createProgram(interrupt.signal)
    await program.parseAsync(argv)
    return EXIT.ok
  } catch (error) {
    // Commander has printed what was wrong, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (!(error instanceof CliError)) throw error
    if (error.message) process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}

async function createProgram(signal: AbortSignal): Promise<Command> {
  const program = new Command("headrace")
    .description("Runs pipelines, shows what happened, and mends it.")
    .option("--url <url>", "where Headrace answers (or HEADRACE_URL; default: what npm start runs here)")
    .option("--json", "print JSON for programs")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      "\nExit codes: 0 done, 1 failed or refused, 2 wrong command line, 3 Headrace does not answer.",
    )
  await addCommands(program, signal)
  // Options of the program count anywhere in the line, and behind a command `--version` is that of what it shows.
  if (!program.commands.some((command) => process.argv.includes(command.name()))) program.version(HEADRACE_VERSION)
  // Subcommands share the program's behaviour on errors.
  for (const command of withSubcommands(program.commands)) {
    command.exitOverride().configureHelp({ showGlobalOptions: true })
  }
  return program
}

/** dbt's users start it often, so it loads nothing of the others. */
async function addCommands(program: Command, signal: AbortSignal): Promise<void> {
  if (process.argv[2] === "dbt") {
    if (BUILDING.has(process.argv[3] ?? "")) warmThreads()
    const { addDbtCommands } = await import("./commands/dbt.ts")
    addDbtCommands(program, signal)
  } else {
    const { addAllCommands } = await import("./commands/all.ts")
    addAllCommands(program, signal)
  }
}

function withSubcommands(commands: readonly Command[]): Command[] {
  return commands.flatMap((each) => [each, ...withSubcommands(each.commands)])
}
