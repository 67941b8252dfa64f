import { execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer } from "node:net"
import os from "node:os"
import path from "node:path"

export interface PrometheusPrograms {
  prometheus: string
  promtool: string
}

/** The programs of a Prometheus: from the folder HEADRACE_PROMETHEUS, or else from the PATH. */
export function findPrometheus(): PrometheusPrograms | null {
  const given = process.env.HEADRACE_PROMETHEUS
  for (const folder of given ? [given] : (process.env.PATH ?? "").split(path.delimiter)) {
    const programs = { prometheus: path.join(folder, "prometheus"), promtool: path.join(folder, "promtool") }
    if (existsSync(programs.prometheus) && existsSync(programs.promtool)) return programs
  }
  return null
}

/** For `test({ skip })`: false where there is one. */
export const NO_PROMETHEUS = findPrometheus()
  ? false
  : "no Prometheus here: install the package prometheus, or give its folder as HEADRACE_PROMETHEUS"

/** Runs promtool. @throws Error with what it said when it found a fault. */
export function runPromtool(args: readonly string[], input = ""): string {
  try {
    return execFileSync(findPrometheus()!.promtool, args, { input, encoding: "utf8", stdio: "pipe" })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`promtool ${args.join(" ")}: ${stderr}${stdout}`)
  }
}

export interface RunningPrometheus {
  /** Samples of an instant query: labels without the name, and value. */
  query(expression: string): Promise<{ metric: Record<string, string>; value: number }[]>
  /** Looks again until `isThere` likes what it finds. @throws Error with the last answer after 30 s. */
  until(
    expression: string,
    isThere: (samples: { metric: Record<string, string>; value: number }[]) => boolean,
  ): Promise<void>
  /** Health of its targets, with what is wrong. */
  targets(): Promise<{ health: string; lastError: string; scrapeUrl: string }[]>
  stop(): Promise<void>
}

/** Starts a Prometheus that scrapes and judges twice a second. `target` is host and port. */
export async function startPrometheus(target: string, rules: string): Promise<RunningPrometheus> {
  const dir = await mkdtemp(path.join(os.tmpdir(), "headrace-prometheus-"))
  const port = await freePort()
  const config = {
    global: { scrape_interval: "500ms", scrape_timeout: "450ms", evaluation_interval: "500ms" },
    rule_files: ["rules.yml"],
    scrape_configs: [{ job_name: "headrace", metrics_path: "/api/metrics", static_configs: [{ targets: [target] }] }],
  }
  // JSON is YAML.
  await writeFile(path.join(dir, "prometheus.yml"), JSON.stringify(config))
  await writeFile(path.join(dir, "rules.yml"), rules)
  const child = spawn(
    findPrometheus()!.prometheus,
    [
      `--config.file=${path.join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${path.join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  )
  let said = ""
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk))
  const exited = once(child, "exit")

  const get = async (address: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${address}`)
    if (!response.ok) throw new Error(`${address}: ${await response.text()}`)
    return (await response.json()) as { data: never }
  }
  const query: RunningPrometheus["query"] = async (expression) => {
    const { data } = await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)
    const { result } = data as { result: { metric: Record<string, string>; value: [number, string] }[] }
    return result.map(({ metric: { __name__, ...metric }, value }) => ({ metric, value: Number(value[1]) }))
  }
  const look = async <Value>(what: string, read: () => Promise<Value>, isThere: (value: Value) => boolean) => {
    for (const deadline = Date.now() + 30_000; ; ) {
      const value = await read()
      if (isThere(value)) return
      if (Date.now() > deadline || child.exitCode !== null) {
        throw new Error(`waited for ${what}, which is ${JSON.stringify(value)}\n${said}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  await look(
    "Prometheus",
    () => fetch(`http://127.0.0.1:${port}/-/ready`).then(({ status }) => status, String),
    (status) => status === 200,
  )
  return {
    query,
    until: (expression, isThere) => look(expression, () => query(expression), isThere),
    targets: async () => {
      const { data } = await get("/api/v1/targets")
      return (data as { activeTargets: { health: string; lastError: string; scrapeUrl: string }[] }).activeTargets
    },
    async stop() {
      child.kill("SIGTERM")
      await exited
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
