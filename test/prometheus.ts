import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
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
