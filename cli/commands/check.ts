import { readFile } from "node:fs/promises"
import path from "node:path"
import { type Command, Option } from "commander"
import pg from "pg"
import { readPolicies } from "#jobs/workspace/read-policies.ts"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import { tableNameSchema } from "#lib/contracts/operators/table-name.ts"
import type { CheckOutcome } from "#lib/contracts/task-result.ts"
import { type CheckedTable, checkTable, isBlocking } from "#lib/quality/check-table.ts"
import { readSoda } from "#lib/quality/readers/read-soda.ts"
import { readSuite } from "#lib/quality/readers/read-suite.ts"
import type { DimensionWeights } from "#lib/quality/score.ts"
import { junitReport } from "../check/junit-report.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { faint, plain, stateText, table as textTable } from "../output.ts"

interface CheckOptions {
  suite?: string
  soda?: string
  where?: string
  format: "text" | "json" | "junit"
  warehouse?: string
  failOn: "error" | "warn"
}

/** check. */
export function addCheckCommand(program: Command, signal: AbortSignal): void {
  program
    .command("check <table>")
    .description("check what is expected of a table of the warehouse, now; needs no server")
    .option("--suite <file>", "expectations from a suite of Great Expectations instead of the workspace's policy")
    .option("--soda <file>", "expectations from a SodaCL file instead")
    .option("--where <condition>", "SQL condition on the rows to look at")
    .option("--warehouse <url>", "database (or HEADRACE_WAREHOUSE_URL; default: that of what npm start runs here)")
    .addOption(new Option("--format <format>", "how to print").choices(["text", "json", "junit"]).default("text"))
    .addOption(new Option("--fail-on <severity>", "what ends with code 1").choices(["error", "warn"]).default("error"))
    .action(async (name: string, options: CheckOptions, command: Command) => {
      const { settings, output } = contextOf(command, signal)
      const table = tableOf(name)
      const { expectations, weights } = await readExpectations(table, options, settings.workspaceDir)
      const url = options.warehouse ?? settings.warehouseUrl
      if (!url) {
        throw new CliError("There is no warehouse: set HEADRACE_WAREHOUSE_URL, or give --warehouse.", EXIT.usage)
      }
      const started = performance.now()
      const checked = await runIn(url, table, withWhere(expectations, options.where), weights)
      const seconds = (performance.now() - started) / 1_000
      const format = output.isJson ? "json" : options.format
      process.stdout.write(`${FORMATS[format](table, checked, seconds)}\n`)
      const failed = checked.checks.filter(options.failOn === "warn" ? (one) => !one.passed : isBlocking)
      if (failed.length > 0) {
        const message = `${failed.length} of ${checked.checks.length} checks of ${table} failed.`
        throw new CliError(format === "text" ? message : "", EXIT.failed)
      }
    })
}

function tableOf(name: string): string {
  const table = name.replace(/^warehouse\.(?=[^.]+\.)/, "")
  if (tableNameSchema.safeParse(table).success) return table
  throw new CliError(`"${plain(name)}" is no table: write schema.table.`, EXIT.usage)
}

/** Of a file, or of the policy that the workspace has for the table. */
async function readExpectations(
  table: string,
  { suite, soda }: CheckOptions,
  workspaceDir: string,
): Promise<{ expectations: Expectation[]; weights: DimensionWeights }> {
  if (suite !== undefined && soda !== undefined) throw new CliError("Give --suite or --soda, not both.", EXIT.usage)
  const file = suite ?? soda
  if (file !== undefined) {
    const text = await readFile(path.resolve(file), "utf8").catch(() => {
      throw new CliError(`There is no file ${plain(file)}.`, EXIT.usage)
    })
    const { expectations, problems } = suite === undefined ? readSoda(text, table) : readSuite(text)
    if (problems.length > 0) {
      throw new CliError(
        problems.map((one) => plain(`${file}:${one.line}: error: ${one.message}`)).join("\n"),
        EXIT.usage,
      )
    }
    return { expectations, weights: {} }
  }
  const { policies, problems } = await readPolicies(workspaceDir)
  const policy = policies.find(({ datasetId }) => datasetId === `warehouse.${table}`)
  const section = policy?.policy.expectations
  const faults = problems.map((one) => plain(`${one.file}:${one.line ?? 1}: error: ${one.message}`))
  if (!section || section.expect.length === 0 || faults.length > 0) {
    const none = `Nothing is expected of ${table}: write it under quality/ in the workspace, or give --suite.`
    throw new CliError(faults.length > 0 ? faults.join("\n") : none, EXIT.usage)
  }
  return { expectations: section.expect, weights: section.weights }
}

function withWhere(expectations: readonly Expectation[], where: string | undefined): Expectation[] {
  if (where === undefined) return [...expectations]
  return expectations.map((one) => ({
    ...one,
    where: one.where === undefined ? where : `(${one.where}\n) and (${where}\n)`,
  }))
}

async function runIn(
  url: string,
  table: string,
  expectations: readonly Expectation[],
  weights: DimensionWeights,
): Promise<CheckedTable> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "headrace check",
    connectionTimeoutMillis: 10_000,
  })
  client.on("error", () => {})
  await client.connect().catch((error: Error) => {
    throw new CliError(`The warehouse does not let us in: ${plain(error.message || String(error))}`, EXIT.unreachable)
  })
  try {
    const checked = await checkTable(client, table, expectations, { isInTransaction: false, weights })
    // What is personal is known to the catalogue alone: no values are printed.
    return { ...checked, checks: checked.checks.map(({ samples: _, ...outcome }) => outcome) }
  } finally {
    await client.end()
  }
}

const FORMATS = {
  text: textReport,
  json: (table: string, checked: CheckedTable, seconds: number) =>
    JSON.stringify({ table, passed: !checked.checks.some(isBlocking), seconds, ...checked }, null, 2),
  junit: junitReport,
}

function textReport(table: string, { checks, scores }: CheckedTable, seconds: number): string {
  const ordered = checks.toSorted((a, b) => Number(a.passed) - Number(b.passed))
  const rows = ordered.map((check) => [check.name, check.dimension, check.message, stateText(wordOf(check))])
  const overall = scores.find(({ dimension }) => dimension === "overall")
  const each = scores
    .filter(({ dimension }) => dimension !== "overall")
    .map(({ dimension, score }) => `${dimension} ${score}`)
    .join(", ")
  return [
    textTable(["CHECK", "DIMENSION", "FOUND", "RESULT"], rows, "No checks."),
    "",
    overall ? `Score ${overall.score} of ${table} (${each})` : `No score of ${table}: there were no rows to look at.`,
    faint(`${checks.length} checks in ${seconds.toFixed(2)} s`),
  ].join("\n")
}

function wordOf(check: CheckOutcome): string {
  if (check.state === "empty") return "nothing to check"
  if (check.passed) return "ok"
  return isBlocking(check) ? "failed" : "warn"
}
