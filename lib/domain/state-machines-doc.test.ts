import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import { ATTEMPT_TRANSITIONS } from "./attempt-state.ts"
import { INCIDENT_TRANSITIONS } from "./incident-state.ts"
import { RUN_TRANSITIONS } from "./run-state.ts"
import { TASK_RUN_TRANSITIONS } from "./task-run-state.ts"
import { TRIGGER_RULES } from "./trigger-rule.ts"

const page = await readFile(path.join(import.meta.dirname, "../../docs/state-machines.md"), "utf8")

function arrowsOf(section: string): string[] {
  const text = page.slice(page.indexOf(`## ${section}\n`)).split("```")[1] ?? ""
  return [...text.matchAll(/^ {2}(\w+) --> (\w+): (\w+)$/gm)]
    .map(([, from, to, event]) => `${from} ${event} ${to}`)
    .sort()
}

function movesOf(table: Record<string, Record<string, string | null>>): string[] {
  return Object.entries(table)
    .flatMap(([from, row]) => Object.entries(row).flatMap(([event, to]) => (to ? [`${from} ${event} ${to}`] : [])))
    .filter((move) => !move.includes(" mark_"))
    .sort()
}

for (const [section, table] of [
  ["Run", RUN_TRANSITIONS],
  ["Task run", TASK_RUN_TRANSITIONS],
  ["Attempt", ATTEMPT_TRANSITIONS],
  ["Incident", INCIDENT_TRANSITIONS],
] as const) {
  test(`the diagram of "${section}" shows the table's moves, no more and no fewer`, () => {
    assert.deepEqual(arrowsOf(section), movesOf(table))
  })
}

test("the page explains every trigger rule", () => {
  for (const rule of TRIGGER_RULES) assert.match(page, new RegExp(`^\\| ${rule} \\|`, "m"))
})
