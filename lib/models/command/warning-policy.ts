import { ProjectError } from "../project/project-error.ts"
import type { Yaml, YamlMap } from "../project/read-yaml.ts"

/** What becomes of a warning. */
export type WarningVerdict = "warn" | "error" | "silence"

/**
 * `--warn-error` and `--warn-error-options` (dbt's documentation, "Warnings"): which warnings are errors, and which are not
 * shown. Warnings go by the names of dbt's events.
 */
export class WarningPolicy {
  private readonly errors: ReadonlySet<string> | "all"
  private readonly warnings: ReadonlySet<string>
  private readonly silenced: ReadonlySet<string>

  private constructor(errors: ReadonlySet<string> | "all", warnings: Iterable<string>, silenced: Iterable<string>) {
    this.errors = errors
    this.warnings = new Set(warnings)
    this.silenced = new Set(silenced)
  }

  static readonly none = new WarningPolicy(new Set(), [], [])
  static readonly all = new WarningPolicy("all", [], [])

  /** Of `{error: all, warn: [NoNodesForSelectionCriteria]}`; `include` and `exclude` are older names. @throws ProjectError */
  static of(options: YamlMap): WarningPolicy {
    const unknown = Object.keys(options).filter((key) => !KEYS.has(key))
    if (unknown.length > 0) throw bad(`there is no "${unknown[0]}" in it`)
    const errors = options.error ?? options.include
    const isAll = errors === "all" || errors === "*"
    return new WarningPolicy(
      isAll ? "all" : new Set(names(errors)),
      names(options.warn ?? options.exclude),
      names(options.silence),
    )
  }

  verdictOf(event: string): WarningVerdict {
    if (this.silenced.has(event)) return "silence"
    if (this.warnings.has(event)) return "warn"
    return this.errors === "all" || this.errors.has(event) ? "error" : "warn"
  }
}

const KEYS = new Set(["error", "include", "warn", "exclude", "silence"])

function names(value: Yaml | undefined): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw bad('"all" stands for errors alone; all else is a list of names')
  return value.map(String)
}

function bad(what: string): ProjectError {
  const message = `--warn-error-options is written '{error: all, warn: [Name], silence: [Name]}': ${what}.`
  return new ProjectError({ message })
}
