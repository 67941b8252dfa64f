import assert from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { parse } from "yaml"
import { EVERYTHING, PROCESS_FIGURES } from "#test/metrics-snapshot.ts"
import { NO_PROMETHEUS, runPromtool } from "#test/prometheus.ts"
import { renderMetrics } from "./render-metrics.ts"

const ROOT = path.join(import.meta.dirname, "../../..")
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8")

interface Rule {
  record?: string
  alert?: string
  expr: string
}
const rules = (parse(read("deploy/prometheus/headrace.rules.yml")) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)
interface Panel {
  title: string
  targets?: { expr: string }[]
}
const board = JSON.parse(read("deploy/grafana/headrace.json")) as {
  panels: Panel[]
  templating: { list: { name: string; definition?: string }[] }
}
const expressions = board.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))

const text = renderMetrics({ snapshot: EVERYTHING, web: PROCESS_FIGURES }, "text")
const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({ name: name!, type: type! }))
const series = new Set([
  ...families.flatMap(({ name, type }) =>
    type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name],
  ),
  ...rules.flatMap(({ record }) => record ?? []),
])

/** Names of metrics in an expression: words that are no function, keyword, label or its value. */
function metricsOf(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, "")
    .replace(/\{[^}]*\}/g, "")
    .replace(/\[[^\]]*\]/g, "")
    .replace(/\b(by|without|on|ignoring|group_left|group_right) *\([^)]*\)/g, "")
  const words = bare.match(/[a-z_][\w:]*(?! *\()\b/gi) ?? []
  return words.filter((word) => word.includes("_") && !new RegExp(`\\b${word} *\\(`).test(bare))
}

test("every metric that a rule or a panel asks for is there", () => {
  const asked = [...rules.map(({ expr }) => expr), ...expressions.map(({ expr }) => expr)]
  const variables = board.templating.list.flatMap(
    ({ definition }) => definition?.match(/label_values\((\w+)/)?.[1] ?? [],
  )
  const unknown = [...asked.flatMap(metricsOf), ...variables].filter((name) => !series.has(name))
  assert.deepEqual(unknown, [])
  assert.ok(asked.flatMap(metricsOf).length > 50)
})

test("every metric is on the board, in a rule or in no need of one, and each stands in the documentation", () => {
  const documented = new Set(
    [...read("docs/metrics.md").matchAll(/`([a-z]\w+)(?:\{[^}]*\})?`/g)].map(([, name]) => name!),
  )
  const missing = families.map(({ name }) => name).filter((name) => !documented.has(name))
  assert.deepEqual(missing, [])
})

test("what the panels ask is good PromQL", { skip: NO_PROMETHEUS }, () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), "headrace-board-"))
  try {
    const file = path.join(dir, "board.yml")
    const asked = expressions.map(({ expr }, place) => ({
      record: `panel_${place}`,
      expr: expr.replaceAll("$__rate_interval", "5m"),
    }))
    // JSON is YAML.
    writeFileSync(file, JSON.stringify({ groups: [{ name: "board", rules: asked }] }))
    runPromtool(["check", "rules", file])
  } finally {
    rmSync(dir, { recursive: true })
  }
})
