import { z } from "zod"
import { DBT_VERSION } from "../context/base-names.ts"
import { ProjectError } from "../project/project-error.ts"
import { isSatisfied } from "../project/require-version.ts"

/** Where dbt's package hub answers (dbt's documentation, "Packages"); DBT_PACKAGE_HUB_URL names another. */
export const DEFAULT_HUB_URL = "https://hub.getdbt.com/"

const TIMEOUT_MS = 60_000

const versionSchema = z.looseObject({
  name: z.string(),
  require_dbt_version: z.union([z.string(), z.array(z.string())]).nullish(),
  packages: z.array(z.record(z.string(), z.unknown())).nullish(),
  downloads: z.looseObject({ tarball: z.string() }),
})
const packageSchema = z.looseObject({ versions: z.record(z.string(), versionSchema) })

export type HubVersion = z.output<typeof versionSchema>

/** Packages of a hub by version, asked for once each. */
export class Hub {
  private readonly url: string
  private readonly known = new Map<string, Promise<ReadonlyMap<string, HubVersion>>>()

  constructor(url: string = DEFAULT_HUB_URL) {
    this.url = url.endsWith("/") ? url : `${url}/`
  }

  /** @throws ProjectError when the hub cannot be asked, or has no such package */
  versions(name: string): Promise<ReadonlyMap<string, HubVersion>> {
    let versions = this.known.get(name)
    if (!versions) {
      versions = this.fetchVersions(name)
      this.known.set(name, versions)
    }
    return versions
  }

  private async fetchVersions(name: string): Promise<ReadonlyMap<string, HubVersion>> {
    if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
      throw new ProjectError({ file: "packages.yml", message: `"${name}" is no package of a hub: write owner/name.` })
    }
    const response = await download(`${this.url}api/v1/${name}.json`)
    if (response.status === 404) {
      throw new ProjectError({ file: "packages.yml", message: `The hub at ${this.url} has no package "${name}".` })
    }
    const parsed = packageSchema.safeParse(await jsonOf(response))
    if (!response.ok || !parsed.success) {
      throw new ProjectError({ message: `The hub at ${this.url} gave no versions of "${name}" (${response.status}).` })
    }
    return new Map(Object.entries(parsed.data.versions))
  }
}

/** Whether the release of dbt that we follow is one that the package asks for. */
export function isCompatible({ require_dbt_version: required }: HubVersion): boolean {
  return [required ?? []].flat().every((requirement) => isSatisfied(DBT_VERSION, requirement))
}

/** @throws ProjectError when nothing answers */
export async function download(url: string): Promise<Response> {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    const message = `${new URL(url).host} does not answer (${cause}). Is the network there? Packages that are installed already stay as they are.`
    throw new ProjectError({ message }, { cause: error })
  }
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return null
  }
}
