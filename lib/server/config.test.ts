import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { ConfigError, readConfig, withDatabase } from "./config.ts"
import { writeRunningState } from "./running-state.ts"

const DATABASE_URL = "postgresql://me:secret@db.example.org/headrace"

test("every bad variable is listed, and no value", () => {
  const variables = {
    DATABASE_URL: "mysql://me:secret@db",
    HEADRACE_PORT: "0",
    HEADRACE_CONNECTION_SHOP: "shop:secret",
  }
  assert.throws(
    () => readConfig(variables),
    (error: Error) =>
      error instanceof ConfigError &&
      /DATABASE_URL: must be/.test(error.message) &&
      /HEADRACE_PORT: /.test(error.message) &&
      /HEADRACE_CONNECTION_SHOP: must be/.test(error.message) &&
      !/secret/.test(error.message),
  )
})

test("a number that is none, or out of its range, is told with the range", () => {
  for (const HEADRACE_PORT of ["0", "http", "84.5", "70000"]) {
    assert.throws(
      () => readConfig({ DATABASE_URL, HEADRACE_PORT }),
      /HEADRACE_PORT: must be a whole number from 1 to 65535$/,
    )
  }
})

test("an empty variable counts as not set", () => {
  assert.equal(readConfig({ DATABASE_URL, HEADRACE_PORT: "" }).port, 8420)
})

test("connections are known by the lower-case rest of their variable's name", () => {
  const { connectionUrls } = readConfig({ DATABASE_URL, HEADRACE_CONNECTION_OLD_SHOP: "postgres://shop@db/shop" })
  assert.deepEqual(connectionUrls, { old_shop: "postgres://shop@db/shop" })
})

test("the warehouse is a database beside the metadata unless one is named", () => {
  assert.equal(readConfig({ DATABASE_URL }).warehouseUrl, "postgresql://me:secret@db.example.org/warehouse")
  assert.equal(
    withDatabase(`${DATABASE_URL}?sslmode=require`, "a/b"),
    "postgresql://me:secret@db.example.org/a%2Fb?sslmode=require",
  )
})

test("without DATABASE_URL the server that runs in the home folder is joined", (context) => {
  const homeDir = mkdtempSync(path.join(os.tmpdir(), "headrace-config-"))
  context.after(() => rmSync(homeDir, { recursive: true }))
  assert.throws(() => readConfig({ HEADRACE_HOME: homeDir }), /DATABASE_URL: is not set/)
  const environment = { DATABASE_URL, HEADRACE_CONNECTION_SHOP: "postgresql://shop@db/shop" }
  writeRunningState(homeDir, { url: "http://127.0.0.1:8420", pid: 1, children: [], environment })
  const config = readConfig({ HEADRACE_HOME: homeDir })
  assert.equal(config.databaseUrl, DATABASE_URL)
  assert.deepEqual(Object.keys(config.connectionUrls), ["shop"])
})

test("an OpenLineage backend is given by its base address or by that of its endpoint", () => {
  const read = (url: string) => readConfig({ DATABASE_URL, HEADRACE_OPENLINEAGE_URL: url }).openLineage?.url
  assert.equal(read("http://marquez:5000"), "http://marquez:5000/api/v1/lineage")
  assert.equal(read("https://lineage.example/events?team=a"), "https://lineage.example/events?team=a")
  assert.equal(readConfig({ DATABASE_URL }).openLineage, null)
})

test("a trace collector is given by our name or by OpenTelemetry's, as base address or as that for traces", () => {
  const read = (variables: Record<string, string>) => readConfig({ DATABASE_URL, ...variables }).tracing
  assert.equal(read({}), null)
  assert.equal(read({ HEADRACE_OTLP_URL: "http://tempo:4318" })?.url, "http://tempo:4318/v1/traces")
  assert.equal(
    read({ HEADRACE_OTLP_URL: "https://api.example/otlp/x?team=a" })?.url,
    "https://api.example/otlp/x?team=a",
  )
  assert.equal(
    read({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://tempo:4318/base/" })?.url,
    "http://tempo:4318/base/v1/traces",
  )
  const traces = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://tempo/mine",
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://tempo",
  }
  assert.equal(read(traces)?.url, "http://tempo/mine")
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20b==, x=100%,odd" }
  assert.deepEqual(read({ ...traces, ...headers })?.headers, { "api-key": "a b==", x: "100%" })
  assert.throws(() => read({ HEADRACE_OTLP_URL: "tempo:4317" }), /HEADRACE_OTLP_URL: must be an http or https URL/)
  assert.throws(() => read({ HEADRACE_TRACE_SAMPLE: "2" }), /HEADRACE_TRACE_SAMPLE/)
})

test("a token for metrics that can be guessed is refused", () => {
  assert.throws(
    () => readConfig({ DATABASE_URL, HEADRACE_METRICS_TOKEN: "short" }),
    /HEADRACE_METRICS_TOKEN: must have 16/,
  )
  assert.equal(readConfig({ DATABASE_URL }).metricsToken, null)
})
