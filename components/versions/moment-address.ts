import { parseAsInteger, parseAsString } from "nuqs"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"

/** The version that a page is as of, in its address; the pipeline tells versions of equal number apart. */
export const MOMENT_ADDRESS = { version: parseAsInteger, pipeline: parseAsString }

/** What the address says, or null for now. */
export function momentOf({ version, pipeline }: { version: number | null; pipeline: string | null }): Moment | null {
  return version === null || pipeline === null ? null : { pipelineId: pipeline, version }
}

/** Null for what is now: takes the version out of the address. */
export function toAddress(moment: Moment | null) {
  return { version: moment?.version ?? null, pipeline: moment?.pipelineId ?? null }
}

/** As the API takes it. */
export function momentQuery(moment: Moment | null): { version?: number; pipeline?: string } {
  return moment ? { version: moment.version, pipeline: moment.pipelineId } : {}
}

/** As the search part of an address carries it. */
export function momentSearch({ pipelineId, version }: Moment): string {
  return `version=${version}&pipeline=${encodeURIComponent(pipelineId)}`
}

export function isSameMoment(a: Moment | null, b: Moment | null): boolean {
  return a?.version === b?.version && a?.pipelineId === b?.pipelineId
}
