import { globSync } from "node:fs"
import path from "node:path"
import { run } from "node:test"
import { inspect } from "node:util"
import { ROOT } from "./paths.ts"
import { say } from "./steps.ts"

export interface Outcome {
  passed: number
  failed: number
}

/** A file that hangs is ended, and counts as failed, so that the other files are still run. */
const FILE_TIMEOUT_MS = 15 * 60_000

/** Test files with that ending, below every folder that is ours. */
export function testFiles(ending: "test" | "db.test" | "process.test"): string[] {
  const isLeftOut = (name: string) => /^(node_modules|\.[^/]+|lib\/generated)$/.test(name)
  const files = globSync(`**/*.${ending}.{ts,tsx}`, { cwd: ROOT, exclude: isLeftOut }).sort()
  return ending === "test" ? files.filter((file) => !/\.(db|process)\.test\.tsx?$/.test(file)) : files
}

/** Runs files with Node's test runner, each in a process of its own, and prints only what failed. */
export async function runNodeTests(files: string[], concurrency: number): Promise<Outcome> {
  if (files.length === 0) return { passed: 0, failed: 0 }
  const outcome = { passed: 0, failed: 0 }
  const events = run({
    files: files.map((file) => path.join(ROOT, file)),
    cwd: ROOT,
    concurrency,
    timeout: FILE_TIMEOUT_MS,
  })
  for await (const { type, data } of events) {
    if (type === "test:stderr" && /^\(node:\d+\) |--trace-/.test(data.message)) continue
    if (type === "test:fail" && data.details.type !== "suite") {
      say(`  ✖ ${place(data.file, data.line)} ${data.name}`)
      say(indent(textOf(data.details.error)))
    }
    if (type === "test:summary" && data.file === undefined) {
      outcome.passed = data.counts.passed
      outcome.failed = data.counts.tests - data.counts.passed - data.counts.skipped - data.counts.todo
    }
  }
  return outcome
}

/** What the test threw, without the runner's wrapping. */
function textOf(error: Error): string {
  const cause = error.cause ?? error
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause)
}

function place(file: string | undefined, line: number | undefined): string {
  return file ? `${path.relative(ROOT, file)}${line ? `:${line}` : ""}` : ""
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "      ")
}
