import { globSync } from "node:fs"
import path from "node:path"
import { parseArgs } from "node:util"
import { startEmbeddedPostgres } from "../scripts/embedded-postgres.ts"
import { ROOT } from "../scripts/paths.ts"
import { messageOf } from "../scripts/user-error.ts"
import { type Benchmark, formatTable, measure } from "./harness.ts"

/**
 * `npm run bench [name…]`: runs every benchmark, or those whose file name contains one of the words, one after the other.
 * Prints a table for each, or with `--json` one line a figure: benchmark, name, value, unit, ratio, of.
 */
const { values: options, positionals: words } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
})
const files = globSync("bench/*.bench.ts", { cwd: ROOT })
  .sort()
  .filter((file) => words.length === 0 || words.some((word) => path.basename(file).includes(word)))
if (files.length === 0) {
  process.stderr.write("No benchmark has that in its name.\n")
  process.exit(2)
}

// Tests run on a server that loses data in a crash; what is measured runs on one that does not.
const home = path.join(ROOT, ".headrace/bench-postgres")
const server = await startEmbeddedPostgres(path.join(home, "data"), { logFile: path.join(home, "postgres.log") })
process.env.HEADRACE_TEST_DATABASE_URL = server.url("postgres")
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.stop().then(() => process.exit(130)))
}
let failures = 0
for (const file of files) {
  try {
    const { default: benchmark } = (await import(path.join(ROOT, file))) as { default: Benchmark }
    const rows = await measure(benchmark)
    const text = options.json
      ? rows.map((row) => JSON.stringify({ benchmark: benchmark.name, ...row })).join("\n")
      : `\n${benchmark.name}\n${formatTable(rows)}`
    process.stdout.write(`${text}\n`)
  } catch (error) {
    failures++
    process.stderr.write(`${file}: ${error instanceof Error ? error.stack : messageOf(error)}\n`)
  }
}
await server.stop()
process.exit(failures === 0 ? 0 : 1)
