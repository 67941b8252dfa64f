import type { JsonObject } from "#lib/contracts/json.ts"
import type { Severity } from "#lib/domain/incident-state.ts"

/** What is told of one incident, as data; each channel makes its own of it. */
export interface AlertMessage {
  /** Names the incident for good: where each is an object of its own, its turns are told of the same one. */
  dedupKey: string
  action: "trigger" | "acknowledge" | "resolve"
  severity: Severity
  /** What broke: a pipeline, dataset or worker. */
  source: string
  /** Its page in the console. */
  url: string
  runbookUrl: string | null
  tags: string[]
  details: Record<string, string>
  /** The same for programs. */
  incident: JsonObject
}
