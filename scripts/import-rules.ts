export interface Import {
  from: string
  /** A file of the project, `npm:<package>`, or `node:<module>`. */
  to: string
  line: number
  /** Erased before the code runs. */
  isType: boolean
}

export interface Violation {
  file: string
  line: number
  message: string
}

interface Rule {
  folder: string
  /** Folders and files of the project it may import, besides itself. */
  may: string[]
  /** Packages that must not be loaded with it, not even through what it imports. */
  without?: string[]
  /** When given, it may import these packages alone, and nothing of Node: so it does no I/O. */
  packages?: string[]
}

const BEHIND_JOBS = [
  "lib/domain",
  "lib/contracts",
  "lib/store",
  "lib/actions",
  "lib/engines",
  "lib/models",
  "lib/connectors",
  "lib/quality",
  "lib/security",
  "lib/server",
]

/**
 * Who may import whom (docs/ARCHITECTURE.md draws it): data goes one way, and what decides stays free of I/O. The first rule
 * whose folder holds a file is that file's; a file under none may import anything.
 */
export const IMPORT_RULES: Rule[] = [
  { folder: "lib/domain", may: [], packages: ["croner", "cronstrue", "zod", "date-fns", "@date-fns/tz"] },
  { folder: "lib/contracts", may: ["lib/domain"] },
  { folder: "lib/store", may: ["lib/domain", "lib/contracts", "lib/generated"] },
  // A template language of its own: it knows nothing of dbt, and does no I/O.
  { folder: "lib/models/jinja", may: ["lib/domain"], packages: [] },
  { folder: "lib/engines", may: ["lib/domain", "lib/contracts"] },
  { folder: "lib/connectors", may: ["lib/domain", "lib/contracts"] },
  { folder: "lib/models", may: ["lib/domain", "lib/contracts", "lib/engines"] },
  { folder: "lib/quality", may: ["lib/domain", "lib/contracts", "lib/engines"] },
  { folder: "lib/security", may: ["lib/domain", "lib/contracts"] },
  { folder: "lib/actions", may: ["lib/domain", "lib/contracts", "lib/store"] },
  // Of dbt projects it knows types alone: their parser is loaded where a workspace has one.
  { folder: "lib/sdk", may: ["lib/domain", "lib/contracts", "lib/models"] },
  { folder: "lib/server", may: ["lib"] },
  // Two programs run author code, and so the SDK that it is written with.
  { folder: "jobs/author", may: ["jobs", "lib"] },
  { folder: "jobs/workspace", may: ["jobs", "lib"] },
  { folder: "jobs", may: BEHIND_JOBS },
  { folder: "components/ui", may: [] },
  // The browser checks nothing that the server checks: a screen would wait for all schemas. This one is loaded when it opens.
  { folder: "components/alerts/rule-dialog.tsx", may: ["components", "lib/domain", "lib/contracts"] },
  { folder: "components", may: ["lib/domain", "lib/contracts"], without: ["zod"] },
  { folder: "app/server.ts", may: ["lib/domain", "lib/contracts", "lib/server"] },
  { folder: "app", may: ["components", "lib/domain", "lib/contracts"] },
  // A client of the API, but for what it does without a server: finding one here, checking a workspace or a table, and building a dbt project.
  {
    folder: "cli",
    may: [
      "lib/domain",
      "lib/contracts",
      "lib/models",
      "lib/quality",
      "lib/server/running-state.ts",
      "lib/server/version.ts",
      "jobs/workspace",
    ],
  },
  { folder: "workspace", may: ["lib/sdk/index.ts"] },
  { folder: "scripts", may: ["lib"] },
]

/** Entry points and people's own files: nothing else builds on them. */
const IMPORTED_BY_NOBODY = ["app", "jobs", "cli", "workspace", "scripts"]

/** Tests, fixtures and benchmarks reach into everything they prove. */
const PROOFS = /^(playwright\.config\.ts$|(test|bench|e2e)\/)|\.(test|bench|spec)\.tsx?$/

/** Every import that the table forbids, and every circle of imports that exists at run time. */
export function findViolations(imports: Import[]): Violation[] {
  const violations: Violation[] = []
  for (const each of imports) {
    if (PROOFS.test(each.from)) continue
    const message = forbids(each)
    if (message) violations.push({ file: each.from, line: each.line, message })
  }
  return [...violations, ...findLoads(imports), ...findCircles(imports)]
}

/** Imports that would load a package which the rule of their file keeps out, where they cross into another rule's files. */
function findLoads(imports: Import[]): Violation[] {
  const next = Map.groupBy(
    imports.filter(({ isType }) => !isType),
    ({ from }) => from,
  )
  const loads = (file: string, name: string, seen: Set<string>): boolean => {
    if (file === `npm:${name}`) return true
    if (seen.has(file)) return false
    seen.add(file)
    return (next.get(file) ?? []).some(({ to }) => loads(to, name, seen))
  }
  return imports.flatMap(({ from, to, line, isType }) => {
    const rule = IMPORT_RULES.find(({ folder }) => isIn(from, folder))
    if (isType || !rule?.without || PROOFS.test(from) || isIn(to, rule.folder)) return []
    const name = rule.without.find((each) => loads(to, each, new Set()))
    return name
      ? [{ file: from, line, message: `imports ${to}, which loads ${name}: ${rule.folder} does without` }]
      : []
  })
}

function forbids({ from, to }: Import): string | null {
  if (PROOFS.test(to)) return `imports ${to}, which is for tests only`
  const rule = IMPORT_RULES.find(({ folder }) => isIn(from, folder))
  if (!isProjectFile(to)) {
    const isAllowed = !rule?.packages || rule.packages.some((name) => to === `npm:${name}`)
    return isAllowed ? null : `imports ${to}: ${rule?.folder} does no I/O; it may use ${rule?.packages?.join(", ")}`
  }
  if (rule) {
    const isAllowed = isIn(to, rule.folder) || rule.may.some((folder) => isIn(to, folder))
    return isAllowed
      ? null
      : `imports ${to}: ${rule.folder} may import ${rule.may.join(", ") || "nothing else of ours"}`
  }
  const closed = IMPORTED_BY_NOBODY.find((folder) => isIn(to, folder))
  return closed ? `imports ${to}: nobody outside ${closed} builds on it` : null
}

/** Depth first; a file that is met again on the way to itself closes a circle. */
function findCircles(imports: Import[]): Violation[] {
  const next = Map.groupBy(
    imports.filter(({ isType, to }) => !isType && isProjectFile(to)),
    ({ from }) => from,
  )
  const violations: Violation[] = []
  const done = new Set<string>()
  const way: string[] = []
  const visit = (file: string) => {
    if (done.has(file)) return
    way.push(file)
    for (const { to, line } of next.get(file) ?? []) {
      const start = way.indexOf(to)
      if (start === -1) visit(to)
      else violations.push({ file, line, message: `closes a circle: ${[...way.slice(start), to].join(" → ")}` })
    }
    way.pop()
    done.add(file)
  }
  for (const file of next.keys()) visit(file)
  return violations
}

function isIn(file: string, folder: string): boolean {
  return file === folder || file.startsWith(`${folder}/`)
}

function isProjectFile(target: string): boolean {
  return !/^(npm|node):/.test(target)
}
