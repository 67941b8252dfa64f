import type { Command } from "commander"
import { contextOf } from "../context.ts"
import { plain } from "../output.ts"

/** metrics. */
export function addMetricsCommand(program: Command, signal: AbortSignal): void {
  program
    .command("metrics [word]")
    .description("print what Prometheus reads: all of it, or the metrics that have the word in their name")
    .action(async (word: string | undefined, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const lines = (await client.metrics()).split("\n").filter((line) => line !== "")
      const shown = lines.filter((line) => word === undefined || nameOf(line).includes(word))
      output.result({ samples: shown.filter((line) => !line.startsWith("#")).map(sampleOf) }, () =>
        shown.length > 0 ? shown.map(plain).join("\n") : `No metric has "${word}" in its name.`,
      )
    })
}

function nameOf(line: string): string {
  return line.replace(/^# \w+ /, "").match(/^\w+/)?.[0] ?? ""
}

/** Values as text: JSON has no infinity, and counts may be larger than its numbers. */
function sampleOf(line: string): { name: string; labels: Record<string, string>; value: string } {
  const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return { name, labels: Object.fromEntries(pairs.map(([, key, text]) => [key!, unescaped(text!)])), value }
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character))
}
