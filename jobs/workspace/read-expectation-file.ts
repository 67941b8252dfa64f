import { readFile, realpath, stat } from "node:fs/promises"
import path from "node:path"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import type { ExpectationFile } from "#lib/contracts/quality/expectations-section.ts"
import { readSoda } from "#lib/quality/readers/read-soda.ts"
import { readSuite } from "#lib/quality/readers/read-suite.ts"

const MAX_FILE_BYTES = 5 * 1024 * 1024

interface Added {
  expectations: Expectation[]
  problems: WorkspaceProblem[]
}

/** Reads a suite or SodaCL file of the workspace for one table; what is wrong is told with the file's own lines. */
export async function readExpectationFile(
  root: string,
  { kind, path: file }: ExpectationFile,
  table: string,
  owner: { file: string; line: number | null },
): Promise<Added> {
  const text = await readInside(root, file)
  if (text === null) {
    const message = `There is no file ${file} in the workspace (or it is larger than 5 MB); its path is relative to the workspace.`
    return { expectations: [], problems: [problem(owner.file, owner.line, message)] }
  }
  const read = kind === "suite" ? readSuite(text) : readSoda(text, table)
  return {
    expectations: read.expectations,
    problems: read.problems.map(({ line, message }) =>
      problem(file, line, message.endsWith(".") ? message : `${message}.`),
    ),
  }
}

/** Null where there is no such file, or it lies outside the folder once links are followed. */
async function readInside(root: string, file: string): Promise<string | null> {
  const base = await realpath(root).catch(() => null)
  const found = await realpath(path.join(root, file)).catch(() => null)
  if (base === null || found === null || !found.startsWith(base + path.sep)) return null
  const about = await stat(found)
  return about.isFile() && about.size <= MAX_FILE_BYTES ? readFile(found, "utf8") : null
}

function problem(file: string, line: number | null, message: string): WorkspaceProblem {
  return { file, line, column: null, pipelineId: null, rule: "bad_expectation", message }
}
