import path from "node:path"
import { deferredRelations } from "#lib/models/command/defer.ts"
import { EarlierArtifacts } from "#lib/models/command/earlier-artifacts.ts"
import type { Manifest } from "#lib/models/project/manifest.ts"
import type { DeferredRelations } from "#lib/models/run/node-task.ts"
import type { EarlierState } from "#lib/models/selection/selectable.ts"
import { CliError, EXIT } from "../exit-code.ts"
import type { Invocation } from "./invocation.ts"
import { isSet, type SelectOptions } from "./options.ts"

/** The folder of `--state` or DBT_STATE, absolute, or null. */
export function stateFolder({ state }: SelectOptions): string | null {
  const given = state ?? process.env.DBT_STATE
  return given ? path.resolve(given) : null
}

/** What `--state` names, or null without it. */
export function earlierArtifacts(options: SelectOptions): EarlierArtifacts | null {
  const folder = stateFolder(options)
  return folder === null ? null : new EarlierArtifacts(folder)
}

/** What selection compares with, or null without `--state`: of freshness, the last check here with that of the state. */
export function earlierState(options: SelectOptions, now: Manifest, targetFolder: string): EarlierState | null {
  const artifacts = earlierArtifacts(options)
  if (!artifacts) return null
  const [before, current] = [artifacts.sources(), new EarlierArtifacts(targetFolder).sources()]
  const freshness =
    before && current && new Map([...current].map(([id, at]) => [id, { before: before.get(id) ?? null, now: at }]))
  return { ...artifacts.read(now), ...(freshness && { freshness }) }
}

export function isDeferring({ defer }: SelectOptions): boolean {
  return defer ?? isSet(process.env.DBT_DEFER)
}

/** What the selected nodes read elsewhere, by the options of `--defer`. @throws CliError, ProjectError */
export async function deferralOf(
  { project, session }: Invocation,
  options: SelectOptions,
  selected: ReadonlySet<string>,
): Promise<DeferredRelations | null> {
  if (!isDeferring(options)) return null
  const given = options.deferState ?? process.env.DBT_DEFER_STATE
  const artifacts = given ? new EarlierArtifacts(path.resolve(given)) : earlierArtifacts(options)
  if (!artifacts) {
    throw new CliError("--defer needs the artifacts of the invocation to read from: give --state <folder>.", EXIT.usage)
  }
  return deferredRelations({
    manifest: project.manifest,
    earlier: artifacts.relations(),
    selected,
    session,
    favorsState: options.favorState === true || isSet(process.env.DBT_FAVOR_STATE),
  })
}
