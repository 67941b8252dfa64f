import { createHash } from "node:crypto"
import { readdir, readFile, stat } from "node:fs/promises"
import path from "node:path"
import { type Document, isNode, LineCounter, parseDocument } from "yaml"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { type DatasetPolicy, type LoadedPolicy, policyFileSchema } from "#lib/contracts/quality/dataset-policy.ts"
import { readExpectationFile } from "./read-expectation-file.ts"

const FOLDER = "quality"
/** People write these by hand; a larger one is something else. */
const MAX_FILE_BYTES = 2 * 1024 * 1024

interface Policies {
  policies: LoadedPolicy[]
  problems: WorkspaceProblem[]
}

/**
 * Reads `quality/**\/*.yml` of a workspace. A file with a fault yields none of its policies and every fault with its place;
 * the second policy of a dataset is a fault. No folder, no policies.
 */
export async function readPolicies(root: string): Promise<Policies> {
  const found: Policies = { policies: [], problems: [] }
  const named = new Set<string>()
  for (const file of await policyFiles(root)) {
    const read = await withExpectationFiles(root, await readPolicyFile(root, file))
    for (const one of read.files) named.add(one)
    found.problems.push(...read.problems)
    for (const policy of read.policies) {
      const other = found.policies.find(({ datasetId }) => datasetId === policy.datasetId)
      if (other) found.problems.push(repeated(policy, other))
      else found.policies.push(policy)
    }
  }
  // Checks of another tool may lie beside the policies, and are none.
  found.problems = found.problems.filter(({ file, rule }) => rule === "bad_expectation" || !named.has(file))
  return found
}

async function policyFiles(root: string): Promise<string[]> {
  const entries = await readdir(path.join(root, FOLDER), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return []
      throw error
    },
  )
  return entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !entry.name.startsWith("."))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort()
}

async function readPolicyFile(root: string, file: string): Promise<Policies> {
  const full = path.join(root, file)
  const { size } = await stat(full)
  if (size > MAX_FILE_BYTES) {
    return { policies: [], problems: [fault(file, null, "The file is larger than 2 MB; split it by dataset.")] }
  }
  const lines = new LineCounter()
  const document = parseDocument(await readFile(full, "utf8"), { lineCounter: lines })
  if (document.errors.length > 0) {
    return {
      policies: [],
      problems: document.errors.map((error) => ({
        ...fault(file, null, firstLine(error.message)),
        line: error.linePos?.[0].line ?? null,
        column: error.linePos?.[0].col ?? null,
        rule: "syntax",
      })),
    }
  }
  if (document.contents === null) return { policies: [], problems: [] }
  return check(file, document, lines)
}

function check(file: string, document: Document.Parsed, lines: LineCounter): Policies {
  const { data, error } = policyFileSchema.safeParse(toPlain(document))
  if (error) {
    return {
      policies: [],
      problems: error.issues.map((issue) => {
        const place = issue.path.length > 0 ? `${issue.path.join(".")}: ` : ""
        return fault(file, lineOf(document, lines, issue.path), `${place}${issue.message}`)
      }),
    }
  }
  return {
    policies: Object.entries(data.datasets).map(([table, policy]) => ({
      datasetId: `warehouse.${table}`,
      file,
      line: lineOf(document, lines, ["datasets", table]),
      policy,
      hash: policyHash(policy),
    })),
    problems: [],
  }
}

/** Adds the expectations of the files that policies name, which makes them part of the policy and of its hash. */
async function withExpectationFiles(root: string, read: Policies): Promise<Policies & { files: string[] }> {
  const problems = [...read.problems]
  const files: string[] = []
  const policies: LoadedPolicy[] = []
  for (const loaded of read.policies) {
    const section = loaded.policy.expectations
    if (!section || section.files.length === 0) {
      policies.push(loaded)
      continue
    }
    const expect = [...section.expect]
    for (const one of section.files) {
      const table = loaded.datasetId.replace(/^warehouse\./, "")
      const added = await readExpectationFile(root, one, table, loaded)
      expect.push(...added.expectations)
      problems.push(...added.problems)
      files.push(one.path)
    }
    const policy = { ...loaded.policy, expectations: { ...section, expect } }
    policies.push({ ...loaded, policy, hash: policyHash(policy) })
  }
  return { policies, problems, files }
}

function policyHash(policy: DatasetPolicy): string {
  return createHash("sha256").update(JSON.stringify(policy)).digest("hex")
}

/** An alias that stands for too much is refused by the library, which then throws. */
function toPlain(document: Document.Parsed): unknown {
  try {
    return document.toJS()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The line of the deepest part of a path that the file has. */
function lineOf(document: Document.Parsed, lines: LineCounter, at: readonly PropertyKey[]): number | null {
  for (let length = at.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(at.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return null
}

function repeated(policy: LoadedPolicy, other: LoadedPolicy): WorkspaceProblem {
  const place = other.line === null ? other.file : `${other.file}:${other.line}`
  return fault(policy.file, policy.line, `${policy.datasetId} has a policy in ${place}; keep one of the two.`)
}

function fault(file: string, line: number | null, message: string): WorkspaceProblem {
  return { file, line, column: null, pipelineId: null, rule: "bad_policy", message }
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text
}
