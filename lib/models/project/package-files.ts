import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"
import { type Problem, ProjectError } from "./project-error.ts"
import { PROJECT_FILE, type RenderYaml } from "./project-file.ts"
import { readYaml } from "./read-yaml.ts"
import { pushSchemaProblems } from "./schema-problems.ts"
import { YamlFloat } from "./yaml-scalars.ts"

/** A package that a project asks for. */
export type PackageSpec =
  | { kind: "local"; path: string }
  | { kind: "git"; url: string; revision: string | null; subdirectory: string | null }
  | { kind: "hub"; name: string; versions: string[]; allowPrerelease: boolean }
  | { kind: "tarball"; url: string; name: string }

const scalar = z.union([z.string(), z.number(), z.instanceof(YamlFloat)])
const versions = z.union([scalar, z.array(scalar)])

const packageSchema = z.union([
  z.strictObject({ local: z.string(), unrendered: z.unknown().optional() }),
  z.strictObject({
    git: z.string(),
    revision: versions.optional(),
    subdirectory: z.string().optional(),
    "warn-unpinned": z.boolean().optional(),
  }),
  z.strictObject({
    private: z.string(),
    revision: versions.optional(),
    subdirectory: z.string().optional(),
    provider: z.string().optional(),
    "warn-unpinned": z.boolean().optional(),
  }),
  z.strictObject({
    package: z.string(),
    version: versions.optional(),
    "install-prerelease": z.boolean().optional(),
    install_prerelease: z.boolean().optional(),
  }),
  z.strictObject({ tarball: z.string(), name: z.string() }),
])

const schema = z.strictObject({
  packages: z.array(packageSchema).nullish(),
  projects: z.array(z.looseObject({ name: z.string() })).nullish(),
})

/**
 * What packages.yml or dependencies.yml ask for; nothing where a project has neither.
 * @throws ProjectError for keys that are no way to name a package.
 */
export function readPackageFile(folder: string, render: RenderYaml): PackageSpec[] {
  for (const name of ["packages.yml", "dependencies.yml"]) {
    const file = path.join(folder, name)
    if (!existsSync(file)) continue
    const yaml = readYaml(readFileSync(file, "utf8"), name)
    const result = schema.safeParse(render(yaml.value, yaml, () => name === "packages.yml") ?? {})
    if (result.success) return (result.data.packages ?? []).map(toSpec)
    const problems: Problem[] = []
    pushSchemaProblems(problems, result.error, yaml, Object.keys(schema.shape))
    throw new ProjectError(problems)
  }
  return []
}

function toSpec(entry: z.output<typeof packageSchema>): PackageSpec {
  const list = (value: z.output<typeof versions> | undefined) =>
    value === undefined ? [] : [value].flat().map(versionText)
  if ("local" in entry) return { kind: "local", path: entry.local }
  if ("tarball" in entry) return { kind: "tarball", url: entry.tarball, name: entry.name }
  if ("package" in entry) {
    const allowPrerelease = entry["install-prerelease"] ?? entry.install_prerelease ?? false
    return { kind: "hub", name: entry.package, versions: list(entry.version), allowPrerelease }
  }
  const url = "git" in entry ? entry.git : entry.private
  return { kind: "git", url, revision: list(entry.revision)[0] ?? null, subdirectory: entry.subdirectory ?? null }
}

/** `1.0` without quotes is a number to YAML, but meant as it stands. */
function versionText(version: z.output<typeof scalar>): string {
  return version instanceof YamlFloat ? version.value.toFixed(1) : String(version)
}

/** The folders of the local packages that a package asks for. */
export function localPackages(folder: string, specs: readonly PackageSpec[]): string[] {
  return specs.flatMap((spec) => (spec.kind === "local" ? [path.resolve(folder, spec.path)] : []))
}

/** The folders of what `deps` installed for a root project. */
export function installedPackages(root: string, installPath: string): string[] {
  const folder = path.resolve(root, installPath)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name))
    .filter((each) => existsSync(path.join(each, PROJECT_FILE)))
}
