import os from "node:os"
import path from "node:path"
import { z } from "zod"
import { readRunningState } from "./running-state.ts"

/**
 * The only file that reads `process.env`. Boot fails with every bad variable listed, never with the first alone.
 * URLs carry passwords: nothing here is ever logged as a whole.
 */
// A bundle has no dirname; in the web process Next has made the project's folder the current one.
const root = import.meta.dirname ? path.resolve(import.meta.dirname, "../..") : process.cwd()
const DEFAULT_HOME = path.join(root, ".headrace")

const postgresUrl = z
  .string("is not set: give the URL of a PostgreSQL server, or start everything with `npm start`")
  .refine((value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value), "must be a postgresql:// URL")

const httpUrl = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol), "must be an http or https URL")

const FRACTION = "must be a number from 0 to 1"

/** Says the whole range whatever is wrong, so that one correction is enough. */
function wholeNumber(min: number, max: number | null = null) {
  const sentence = `must be a whole number ${max === null ? `of at least ${min}` : `from ${min} to ${max}`}`
  const number = z.coerce.number(sentence).int(sentence).min(min, sentence)
  return max === null ? number : number.max(max, sentence)
}

const environmentSchema = z.object({
  DATABASE_URL: postgresUrl,
  HEADRACE_WAREHOUSE_URL: postgresUrl.optional(),
  HEADRACE_WORKSPACE: z.string().default(path.join(root, "workspace")),
  HEADRACE_HOME: z.string().default(DEFAULT_HOME),
  HEADRACE_PORT: wholeNumber(1, 65_535).default(8420),
  HEADRACE_HOST: z.string().default("127.0.0.1"),
  /** Address under which people and other systems reach the console and the API; for links and callbacks. */
  HEADRACE_PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }).optional(),
  HEADRACE_LOG_LEVEL: z.enum(["debug", "info", "warn", "error"], "must be debug, info, warn or error").default("info"),
  /** Task runs that one worker executes at a time. SQL waits on the database, so many more than cores. */
  HEADRACE_WORKER_SLOTS: wholeNumber(1, 256).default(Math.max(16, os.cpus().length * 8)),
  /** Warm child processes for author code. */
  HEADRACE_AUTHOR_PROCESSES: wholeNumber(1, 64).default(Math.max(2, os.cpus().length)),
  /** An attempt whose worker was silent for this long is lost. */
  HEADRACE_HEARTBEAT_TIMEOUT_MS: wholeNumber(1_000).default(20_000),
  /** How long a stopping worker lets running tasks finish before it hands them back. */
  HEADRACE_DRAIN_MS: wholeNumber(0).default(10_000),
  HEADRACE_RETENTION_DAYS: wholeNumber(1).default(90),
  /** Log bytes kept per attempt; what comes after is counted and left out. */
  HEADRACE_LOG_MAX_BYTES: wholeNumber(1_024).default(64 * 1024 * 1024),
  /** With which a scraper on another machine may read /api/metrics. */
  HEADRACE_METRICS_TOKEN: z.string().min(16, "must have 16 characters or more: anyone may guess at it").optional(),
  /** Pipelines that /api/metrics names, and as many tables; further ones are counted and left out. */
  HEADRACE_METRICS_LIMIT: wholeNumber(1, 20_000).default(2_000),
  /** A trace collector (OTLP over HTTP): its base URL, or the full address where it takes traces. */
  HEADRACE_OTLP_URL: httpUrl.optional(),
  /** The same by OpenTelemetry's own names: base URL; full address. */
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl.optional(),
  /** `name=value,name=value`, values percent-encoded: keys of the collector. */
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default(""),
  OTEL_SERVICE_NAME: z.string().default("headrace"),
  /** Which part of the runs is traced, each wholly or not at all. */
  HEADRACE_TRACE_SAMPLE: z.coerce.number(FRACTION).min(0, FRACTION).max(1, FRACTION).default(1),
  /** Lets webhooks go to loopback and private addresses: for receivers in the same network. */
  HEADRACE_ALLOW_PRIVATE_WEBHOOKS: z.enum(["true", "false"], "must be true or false").default("false"),
  /** An OpenLineage backend: its base URL, or the full address of its endpoint. */
  HEADRACE_OPENLINEAGE_URL: httpUrl.optional(),
  /** Sent as a bearer token. */
  HEADRACE_OPENLINEAGE_API_KEY: z.string().optional(),
  /** Under which the backend keeps our jobs. */
  HEADRACE_OPENLINEAGE_NAMESPACE: z.string().default("headrace"),
})

export interface Config {
  databaseUrl: string
  warehouseUrl: string
  /** URLs of `HEADRACE_CONNECTION_<NAME>` by lower-case name. */
  connectionUrls: Record<string, string>
  /** URLs of `HEADRACE_NOTIFY_<NAME>` by lower-case name: https://… (Slack or webhook), smtp://…, console: */
  notifyUrls: Record<string, string>
  /** Values of `HEADRACE_ENV_*`, which author code sees and logs must not. */
  authorSecrets: string[]
  /** The same by lower-case name, for `{{env.NAME}}` in requests. */
  authorVariables: Record<string, string>
  workspaceDir: string
  homeDir: string
  port: number
  host: string
  /** Without a slash at its end. */
  publicUrl: string
  logLevel: "debug" | "info" | "warn" | "error"
  workerSlots: number
  authorProcesses: number
  heartbeatTimeoutMs: number
  drainMs: number
  retentionDays: number
  logMaxBytes: number
  metricsToken: string | null
  metricsLimit: number
  allowsPrivateWebhooks: boolean
  openLineage: OpenLineageConfig | null
  /** Null: runs are not traced. */
  tracing: TracingConfig | null
}

export interface TracingConfig {
  /** Where traces are taken. */
  url: string
  /** With secrets. */
  headers: Record<string, string>
  serviceName: string
  /** 0 to 1. */
  sample: number
}

export interface OpenLineageConfig {
  url: string
  apiKey: string | null
  namespace: string
}

type Variables = Record<string, string | undefined>

/** The message names every variable that is missing or wrong. */
export class ConfigError extends Error {
  override readonly name = "ConfigError"
}

/**
 * Reads the environment; an empty variable counts as not set. Without DATABASE_URL, what `npm start` runs in the home
 * folder is joined, so that a further worker started there needs no variables.
 *
 * @throws ConfigError
 */
export function readConfig(variables: Variables = process.env): Config {
  const env = withRunningServer(Object.fromEntries(Object.entries(variables).filter(([, value]) => value)))
  const parsed = environmentSchema.safeParse(env)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`)
  const connectionUrls = namedValues(env, "HEADRACE_CONNECTION_")
  for (const [name, url] of Object.entries(connectionUrls)) {
    const result = postgresUrl.safeParse(url)
    if (!result.success) problems.push(`HEADRACE_CONNECTION_${name.toUpperCase()}: must be a postgresql:// URL`)
  }
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(`Headrace cannot start, because of its environment:\n  ${problems.join("\n  ")}`)
  }
  const value = parsed.data
  return {
    databaseUrl: value.DATABASE_URL,
    warehouseUrl: value.HEADRACE_WAREHOUSE_URL ?? withDatabase(value.DATABASE_URL, "warehouse"),
    connectionUrls,
    notifyUrls: namedValues(env, "HEADRACE_NOTIFY_"),
    authorSecrets: Object.values(namedValues(env, "HEADRACE_ENV_")),
    authorVariables: namedValues(env, "HEADRACE_ENV_"),
    workspaceDir: path.resolve(value.HEADRACE_WORKSPACE),
    homeDir: path.resolve(value.HEADRACE_HOME),
    port: value.HEADRACE_PORT,
    host: value.HEADRACE_HOST,
    publicUrl: (value.HEADRACE_PUBLIC_URL ?? `http://${value.HEADRACE_HOST}:${value.HEADRACE_PORT}`).replace(
      /\/+$/,
      "",
    ),
    logLevel: value.HEADRACE_LOG_LEVEL,
    workerSlots: value.HEADRACE_WORKER_SLOTS,
    authorProcesses: value.HEADRACE_AUTHOR_PROCESSES,
    heartbeatTimeoutMs: value.HEADRACE_HEARTBEAT_TIMEOUT_MS,
    drainMs: value.HEADRACE_DRAIN_MS,
    retentionDays: value.HEADRACE_RETENTION_DAYS,
    logMaxBytes: value.HEADRACE_LOG_MAX_BYTES,
    metricsToken: value.HEADRACE_METRICS_TOKEN ?? null,
    metricsLimit: value.HEADRACE_METRICS_LIMIT,
    allowsPrivateWebhooks: value.HEADRACE_ALLOW_PRIVATE_WEBHOOKS === "true",
    openLineage: value.HEADRACE_OPENLINEAGE_URL
      ? {
          url: lineageEndpoint(value.HEADRACE_OPENLINEAGE_URL),
          apiKey: value.HEADRACE_OPENLINEAGE_API_KEY ?? null,
          namespace: value.HEADRACE_OPENLINEAGE_NAMESPACE,
        }
      : null,
    tracing: tracingConfig(value),
  }
}

/** OpenTelemetry, "OTLP Exporter Configuration": an address for traces is taken as it is, a base URL gets `/v1/traces`. */
function tracingConfig(value: z.output<typeof environmentSchema>): TracingConfig | null {
  const own = value.HEADRACE_OTLP_URL && new URL(value.HEADRACE_OTLP_URL)
  const ownUrl = own && (own.pathname === "/" ? withTracesPath(own.href) : own.href)
  const base = value.OTEL_EXPORTER_OTLP_ENDPOINT
  const url = ownUrl ?? value.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && withTracesPath(base))
  if (!url) return null
  const pairs = value.OTEL_EXPORTER_OTLP_HEADERS.split(",").filter((pair) => pair.includes("="))
  const headers = pairs.map((pair) => {
    const [name = "", ...rest] = pair.split("=")
    return [name.trim(), decoded(rest.join("=").trim())]
  })
  return {
    url,
    headers: Object.fromEntries(headers),
    serviceName: value.OTEL_SERVICE_NAME,
    sample: value.HEADRACE_TRACE_SAMPLE,
  }
}

function withTracesPath(base: string): string {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/v1/traces`
  return url.href
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Backends give their base URL and take events at this path; an address with a path of its own is taken as it is. */
function lineageEndpoint(url: string): string {
  const endpoint = new URL(url)
  if (endpoint.pathname === "/") endpoint.pathname = "/api/v1/lineage"
  return endpoint.href
}

/**
 * What processes that run author code may see of the environment: the usual few, and `HEADRACE_ENV_*`. An allow-list, so
 * that no connection, token or cloud credential of the worker reaches them by being forgotten here.
 */
export function authorEnvironment(env: Variables = process.env): NodeJS.ProcessEnv {
  const allowed = new Set(["PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_ENV"])
  const isAllowed = (name: string) => allowed.has(name) || name.startsWith("HEADRACE_ENV_")
  // The cast: Next's types claim that NODE_ENV is always set.
  return Object.fromEntries(Object.entries(env).filter(([name]) => isAllowed(name))) as unknown as NodeJS.ProcessEnv
}

/** The same server and role, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

function withRunningServer(env: Variables): Variables {
  if (env.DATABASE_URL) return env
  // The bundler would take a path it cannot read for the whole project, and say so at each build.
  const homeDir = path.resolve(/* turbopackIgnore: true */ env.HEADRACE_HOME ?? DEFAULT_HOME)
  return { ...readRunningState(homeDir)?.environment, ...env }
}

function namedValues(env: Variables, prefix: string): Record<string, string> {
  const named: Record<string, string> = {}
  for (const [key, value] of Object.entries(env)) {
    if (key.startsWith(prefix) && value) named[key.slice(prefix.length).toLowerCase()] = value
  }
  return named
}
