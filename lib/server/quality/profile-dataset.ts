import { type ColumnProfile, columnProfileSchema, type DatasetProfile } from "#lib/contracts/api/profiles.ts"
import { DEFAULT_PROFILE_SAMPLE, profileSectionSchema } from "#lib/contracts/quality/profile-section.ts"
import { AppError } from "#lib/domain/errors.ts"
import { type ProfiledTable, profileTable } from "#lib/engines/postgres/profile/profile-table.ts"
import { withSession } from "#lib/engines/postgres/session.ts"
import type { Store } from "#lib/store/client.ts"
import { askForProfile, readProfileSection } from "#lib/store/profiles.ts"
import { readProfiles } from "#lib/store/read/profiles.ts"
import { type Connections, WAREHOUSE } from "../connections.ts"
import { createTablePolicies } from "./table-policies.ts"

/** A sample is a look in passing; all rows of a large table take their time. */
export const PROFILE_TIMEOUT_MS = { sample: 120_000, all: 900_000 } as const

/**
 * Looks at the values of a table of the warehouse, a sample of its rows or all of them (`sample` null). Columns with personal
 * or sensitive data, their own or inherited, give counts alone.
 * @throws AppError `dataset.not_found`, `engine.timeout` and others, translated.
 */
export async function profileDataset(
  parts: { store: Store; connections: Connections; signal?: AbortSignal },
  { datasetId, sample }: { datasetId: string; sample: number | null },
): Promise<ProfiledTable> {
  const table = tableOf(datasetId)
  const isMasked = await masksOf(parts.store, datasetId)
  const session = {
    connection: WAREHOUSE,
    applicationName: `headrace:profile ${table}`.slice(0, 63),
    ...(parts.signal && { signal: parts.signal }),
  }
  const timeoutMs = sample === null ? PROFILE_TIMEOUT_MS.all : PROFILE_TIMEOUT_MS.sample
  return withSession(parts.connections.pool(WAREHOUSE), session, (client) =>
    profileTable(client, { table, sample, isMasked, timeoutMs }),
  )
}

/**
 * Asks the workers for a profile, of as many rows as the policy says unless told otherwise.
 * @throws AppError `dataset.not_found`
 */
export async function requestProfile(
  { pool }: Store,
  asked: { datasetId: string; sample: number | "all" | undefined; actor: string },
): Promise<{ id: string; datasetId: string }> {
  const { datasetId, actor } = asked
  tableOf(datasetId)
  const section = profileSectionSchema.safeParse(await readProfileSection(pool, datasetId)).data
  const sample = asked.sample ?? section?.sample ?? DEFAULT_PROFILE_SAMPLE
  const id = await askForProfile(pool, { datasetId, sample: sample === "all" ? null : sample, cause: "person", actor })
  if (id === null) throw new AppError("dataset.not_found", `There is no dataset ${datasetId}.`)
  return { id, datasetId }
}

/** Profiles as they may be shown now: of a column that was marked as personal since, values that were kept are not. */
export async function showProfiles(store: Store, datasetId: string): Promise<DatasetProfile> {
  const [profiles, isMasked] = await Promise.all([readProfiles(store.pool, datasetId), masksOf(store, datasetId)])
  const masked = <Profile extends { columns: ColumnProfile[] } | null>(profile: Profile): Profile =>
    profile && { ...profile, columns: profile.columns.map((column) => shown(column, isMasked)) }
  return {
    ...profiles,
    pending: masked(profiles.pending),
    latest: masked(profiles.latest),
    before: masked(profiles.before),
  }
}

function shown(stored: ColumnProfile, isMasked: (column: string) => boolean): ColumnProfile {
  const column = columnProfileSchema.parse(stored)
  if (!isMasked(column.name)) return column
  const nothing = { smallest: null, largest: null, measures: null, top: [], empty: null, unmeasured: 0 }
  return { ...column, ...nothing, isMasked: true }
}

async function masksOf({ pool }: Store, datasetId: string): Promise<(column: string) => boolean> {
  const { masks } = await createTablePolicies(pool).of(datasetId)
  return masks()
}

function tableOf(datasetId: string): string {
  const table = /^warehouse\.([^.]+\.[^.]+)$/.exec(datasetId)?.[1]
  if (table) return table
  throw new AppError("dataset.not_found", `Tables of the warehouse are profiled; ${datasetId} is none.`)
}
