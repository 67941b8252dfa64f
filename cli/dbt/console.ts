import { styleText } from "node:util"
import { WarningPolicy } from "#lib/models/command/warning-policy.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { plain } from "../output.ts"

type Level = "debug" | "info" | "warn" | "error"

export interface ConsoleOptions {
  isQuiet?: boolean
  isJson?: boolean
  isDebug?: boolean
  warnings?: WarningPolicy
  invocationId?: string
}

/** What a dbt command says while it works: lines with the time before them, or one JSON document a line, as dbt's logs. */
export class DbtConsole {
  readonly isJson: boolean
  private readonly options: ConsoleOptions
  private readonly policy: WarningPolicy
  private errors = 0

  constructor(options: ConsoleOptions = {}) {
    this.options = options
    this.isJson = options.isJson === true
    this.policy = options.warnings ?? WarningPolicy.none
  }

  info(message: string, event = "Note", data: object = {}): void {
    if (!this.options.isQuiet) this.write("info", message, event, data)
  }

  debug(message: string, event = "Note"): void {
    if (this.options.isDebug && !this.options.isQuiet) this.write("debug", message, event, {})
  }

  error(message: string, event = "Note", data: object = {}): void {
    this.write("error", message, event, data)
  }

  /** A warning by the name of dbt's event for it; the command's options may make it an error, or silence it. */
  warn(message: string, event: string): void {
    switch (this.policy.verdictOf(event)) {
      case "silence":
        return
      case "error":
        this.errors++
        this.write("error", `${message} (${event}, which is an error here)`, event, {})
        return
      default:
        if (!this.options.isQuiet) this.write("warn", `${yellow("Warning")}: ${message}`, event, {})
    }
  }

  isError(event: string): boolean {
    return this.policy.verdictOf(event) === "error"
  }

  /** Whether a warning was an error. */
  get hasErrors(): boolean {
    return this.errors > 0
  }

  /** @throws CliError when a warning was an error. */
  assertNoErrors(): void {
    if (this.errors > 0) throw new CliError("Warnings are errors here, and there were some.", EXIT.usage)
  }

  /** What the command is asked for, as it is: `--quiet` does not silence it. */
  print(text: string): void {
    if (this.isJson) this.write("info", text, "PrintEvent", {})
    else process.stdout.write(`${text}\n`)
  }

  private write(level: Level, message: string, name: string, data: object): void {
    const now = new Date()
    if (!this.isJson) {
      const time = now.toTimeString().slice(0, 8)
      process.stdout.write(`${message === "" ? time : `${time}  ${plain(message)}`}\n`)
      return
    }
    const info = {
      category: "",
      extra: {},
      invocation_id: this.options.invocationId ?? "",
      level,
      msg: message.replace(STYLES, ""),
      name,
      pid: process.pid,
      thread: "MainThread",
      ts: now.toISOString(),
    }
    process.stdout.write(`${JSON.stringify({ data: { ...data, msg: info.msg }, info })}\n`)
  }
}

const yellow = (text: string) => styleText("yellow", text, { stream: process.stdout })

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one
const STYLES = /\u001b\[\d+m/g
