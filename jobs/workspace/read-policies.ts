import { createHash } from "node:crypto"
import { readdir } from "node:fs/promises"
import path from "node:path"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { type DatasetPolicy, type LoadedPolicy, policyFileSchema } from "#lib/contracts/quality/dataset-policy.ts"
import { readExpectationFile } from "./read-expectation-file.ts"
import { readYamlFile, yamlFault } from "./read-yaml-file.ts"

const FOLDER = "quality"
const RULE = "bad_policy"

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
  const options = { schema: policyFileSchema, rule: RULE, maxMegabytes: 2, advice: "split it by dataset" } as const
  const read = await readYamlFile(root, file, options)
  if (read.kind === "empty") return { policies: [], problems: [] }
  if (read.kind === "faulty") return { policies: [], problems: read.problems }
  const policies = Object.entries(read.value.datasets).map(([table, policy]) => ({
    datasetId: `warehouse.${table}`,
    file,
    line: read.lineOf(["datasets", table]),
    policy,
    hash: policyHash(policy),
  }))
  return { policies, problems: [] }
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

function repeated(policy: LoadedPolicy, other: LoadedPolicy): WorkspaceProblem {
  const place = other.line === null ? other.file : `${other.file}:${other.line}`
  return yamlFault(
    { file: policy.file, line: policy.line, rule: RULE },
    `${policy.datasetId} has a policy in ${place}; keep one of the two.`,
  )
}
