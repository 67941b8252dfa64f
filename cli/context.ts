import type { Command } from "commander"
import { HeadraceClient } from "./client.ts"
import { Output } from "./output.ts"
import { readSettings, type Settings } from "./settings.ts"

/** What every command works with. */
export interface CliContext {
  client: HeadraceClient
  output: Output
  settings: Settings
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** From the options that all commands share; they may stand before or after the command's name. */
export function contextOf(command: Command, signal: AbortSignal): CliContext {
  const options = command.optsWithGlobals<{ url?: string; json?: boolean }>()
  const settings = readSettings({ url: options.url })
  return {
    settings,
    client: new HeadraceClient(settings.url),
    output: new Output(options.json === true),
    signal,
  }
}
