import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { isNode, LineCounter, parseDocument } from "yaml"
import { alertRulesFileSchema, type LoadedAlertRule } from "#lib/contracts/alerts/alert-rule.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { BUILTIN_RULES } from "#lib/domain/alert-rule.ts"

const FILE = "alerts.yml"
/** People write it by hand; a larger one is something else. */
const MAX_FILE_BYTES = 1024 * 1024

/** Reads `alerts.yml` of a workspace. A file with a fault yields none of its rules and every fault with its line. */
export async function readAlertRules(
  root: string,
): Promise<{ alertRules: LoadedAlertRule[]; problems: WorkspaceProblem[] }> {
  const text = await readText(path.join(root, FILE))
  if (text === null) return { alertRules: [], problems: [] }
  if (text.length > MAX_FILE_BYTES) return refused([fault(null, "The file is larger than 1 MB.")])
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  if (document.errors.length > 0) {
    return refused(
      document.errors.map(({ message, linePos }) => ({
        ...fault(linePos?.[0].line ?? null, message.split("\n", 1)[0]!),
        rule: "syntax" as const,
      })),
    )
  }
  const lineOf = (at: readonly PropertyKey[]): number | null => {
    for (let length = at.length; length > 0; length--) {
      const node = document.getIn(at.slice(0, length), true)
      if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
    }
    return null
  }
  const parsed = alertRulesFileSchema.safeParse(plain(document.toJS.bind(document)) ?? {})
  if (!parsed.success) {
    return refused(parsed.error.issues.map(({ path: at, message }) => fault(lineOf(at), `${at.join(".")}: ${message}`)))
  }
  const alertRules = parsed.data.rules.map((rule, index) => ({ ...rule, file: FILE, line: lineOf(["rules", index]) }))
  const problems = alertRules.flatMap((rule, index) => {
    if (BUILTIN_RULES.has(rule.id)) return [fault(rule.line, `${rule.id} is the id of a built-in rule; take another.`)]
    const first = alertRules.findIndex(({ id }) => id === rule.id)
    return first < index ? [fault(rule.line, `${rule.id} stands in line ${alertRules[first]!.line} already.`)] : []
  })
  return problems.length > 0 ? refused(problems) : { alertRules, problems }
}

async function readText(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) return " ".repeat(MAX_FILE_BYTES + 1)
    return await readFile(file, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null
    throw error
  }
}

/** An alias that stands for too much is refused by the library, which then throws. */
function plain(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function refused(problems: WorkspaceProblem[]): { alertRules: LoadedAlertRule[]; problems: WorkspaceProblem[] } {
  return { alertRules: [], problems }
}

function fault(line: number | null, message: string): WorkspaceProblem {
  return { file: FILE, line, column: null, pipelineId: null, rule: "bad_alert_rule", message }
}
