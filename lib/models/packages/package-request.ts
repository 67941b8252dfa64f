import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { type PackageSpec, readPackageFile } from "../project/package-files.ts"
import { ProjectError } from "../project/project-error.ts"
import type { RenderYaml } from "../project/project-file.ts"
import { readYaml, type Yaml, type YamlMap } from "../project/read-yaml.ts"

/** A package that somebody asks for. */
export interface PackageRequest {
  spec: PackageSpec
  /** As it is written, with its templates, which may hold the names of secrets. */
  written: YamlMap
  rendered: YamlMap
  /** The folder of who asks, from which local paths count. */
  from: string
}

const FILES = ["packages.yml", "dependencies.yml"]

/** What the package file of a folder asks for. @throws ProjectError */
export function readRequests(folder: string, render: RenderYaml): PackageRequest[] {
  const specs = readPackageFile(folder, render)
  const file = FILES.find((name) => existsSync(path.join(folder, name)))
  if (file === undefined) return []
  const yaml = readYaml(readFileSync(path.join(folder, file), "utf8"), file)
  const written = entriesOf(yaml.value)
  const rendered = entriesOf(render(yaml.value, yaml, () => file === "packages.yml"))
  return specs.map((spec, place) => {
    const entry = { spec, written: written[place], rendered: rendered[place], from: folder }
    if (!entry.written || !entry.rendered) throw new ProjectError({ file, message: "its packages are no list." })
    return entry as PackageRequest
  })
}

function entriesOf(value: Yaml): YamlMap[] {
  const packages = (value as YamlMap | null)?.packages
  return Array.isArray(packages) ? (packages as YamlMap[]) : []
}
