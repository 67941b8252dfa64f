import { CliError, EXIT } from "./exit-code.ts"
import { plain } from "./output.ts"

/** An option that is an instant, as ISO 8601 in UTC. @throws CliError `usage`. */
export function instantOption(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  // A date alone is midnight UTC; a time needs its zone, or two machines would read it differently.
  const hasZone = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
  const instant = new Date(text)
  if (hasZone && !Number.isNaN(instant.getTime())) return instant.toISOString()
  throw new CliError(`${name} "${plain(text)}" is no instant; write 2026-01-31 or 2026-01-31T05:00:00Z.`, EXIT.usage)
}
