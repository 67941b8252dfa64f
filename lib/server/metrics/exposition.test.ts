import assert from "node:assert/strict"
import { test } from "node:test"
import { Exposition, labels, negotiateFormat } from "./exposition.ts"

test("labels and help are escaped as each format has it", () => {
  const nasty = 'a "quoted" \\ path\nand a line, {x="1"} ü'
  for (const format of ["text", "openmetrics"] as const) {
    const out = new Exposition(format)
    out.family({ name: "headrace_x_total", type: "counter", help: nasty }, [[1, labels({ pipeline_name: nasty })]])
    const [help, type, sample, ...end] = out.toString().split("\n")
    assert.equal(sample, String.raw`headrace_x_total{pipeline_name="a \"quoted\" \\ path\nand a line, {x=\"1\"} ü"} 1`)
    const isOpen = format === "openmetrics"
    assert.equal(type, `# TYPE headrace_x${isOpen ? "" : "_total"} counter`)
    assert.match(help!, isOpen ? /a \\"quoted\\" \\\\ path\\nand/ : /a "quoted" \\\\ path\\nand/)
    assert.deepEqual(end, isOpen ? ["# EOF", ""] : [""])
  }
})

test("a histogram's buckets add up, and hold for both formats under one name", () => {
  const render = (format: "text" | "openmetrics") => {
    const out = new Exposition(format)
    const sample = { counts: [2, 1, 3], sum: 300.5 }
    out.histograms({ name: "wait_seconds", help: "Waits." }, [0.5, 60], [[sample, labels({ pipeline_name: "a" })]])
    return out.toString().split("\n").slice(2, 7)
  }
  assert.deepEqual(render("text"), render("openmetrics"))
  assert.deepEqual(render("text"), [
    'wait_seconds_bucket{pipeline_name="a",le="0.5"} 2',
    'wait_seconds_bucket{pipeline_name="a",le="60.0"} 3',
    'wait_seconds_bucket{pipeline_name="a",le="+Inf"} 6',
    'wait_seconds_sum{pipeline_name="a"} 300.5',
    'wait_seconds_count{pipeline_name="a"} 6',
  ])
})

test("a family without samples is not mentioned, and infos are gauges to the older format", () => {
  const out = new Exposition("text")
  out.family({ name: "nothing", type: "gauge", help: "Nothing." }, [])
  out.family({ name: "pipeline_info", type: "info", help: "A pipeline." }, [[1]])
  out.family({ name: "extremes", type: "gauge", help: "Values." }, [
    [Infinity, 'n="1"'],
    [-Infinity, 'n="2"'],
    [Number.NaN, 'n="3"'],
    ["9007199254740993", 'n="4"'],
  ])
  const text = out.toString()
  assert.doesNotMatch(text, /nothing/)
  assert.match(text, /# TYPE pipeline_info gauge\npipeline_info 1\n/)
  assert.match(text, /\+Inf\n.*-Inf\n.*NaN\n.*9007199254740993\n$/)
})

test("OpenMetrics goes to those who prefer it", () => {
  const prometheus =
    "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
  assert.equal(negotiateFormat(prometheus), "openmetrics")
  assert.equal(negotiateFormat("application/openmetrics-text"), "openmetrics")
  assert.equal(negotiateFormat("text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.5"), "text")
  for (const accept of [null, "*/*", "text/html", "application/openmetrics-text;q=0"]) {
    assert.equal(negotiateFormat(accept), "text")
  }
})
