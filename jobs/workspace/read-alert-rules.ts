import { alertRulesFileSchema, type LoadedAlertRule } from "#lib/contracts/alerts/alert-rule.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { BUILTIN_RULES } from "#lib/domain/alert-rule.ts"
import { readYamlFile, yamlFault } from "./read-yaml-file.ts"

const FILE = "alerts.yml"
const RULE = "bad_alert_rule"

/** Reads `alerts.yml` of a workspace. A file with a fault yields none of its rules and every fault with its line. */
export async function readAlertRules(
  root: string,
): Promise<{ alertRules: LoadedAlertRule[]; problems: WorkspaceProblem[] }> {
  const read = await readYamlFile(root, FILE, { schema: alertRulesFileSchema, rule: RULE, maxMegabytes: 1 })
  if (read.kind === "empty") return { alertRules: [], problems: [] }
  if (read.kind === "faulty") return { alertRules: [], problems: read.problems }
  const alertRules = read.value.rules.map((rule, index) => ({
    ...rule,
    file: FILE,
    line: read.lineOf(["rules", index]),
  }))
  const problems = takenIds(alertRules)
  return problems.length > 0 ? { alertRules: [], problems } : { alertRules, problems }
}

function takenIds(rules: readonly LoadedAlertRule[]): WorkspaceProblem[] {
  return rules.flatMap(({ id, line }, index) => {
    const at = { file: FILE, line, rule: RULE } as const
    if (BUILTIN_RULES.has(id)) return [yamlFault(at, `${id} is the id of a built-in rule; take another.`)]
    const first = rules.findIndex((rule) => rule.id === id)
    return first < index ? [yamlFault(at, `${id} stands in line ${rules[first]!.line} already.`)] : []
  })
}
