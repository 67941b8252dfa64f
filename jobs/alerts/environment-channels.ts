import { parseChannel } from "#lib/connectors/notify/channel.ts"
import { log } from "#lib/server/log.ts"

/** What the `HEADRACE_NOTIFY_*` variables speak, by lower-case name. One that cannot be read is named in the log and left out. */
export function environmentChannels(urls: Readonly<Record<string, string>>): { name: string; kind: string }[] {
  return Object.entries(urls).flatMap(([name, url]) => {
    try {
      return [{ name, kind: parseChannel(name, url).kind }]
    } catch (error) {
      log.warn({ channel: name, error: error instanceof Error ? error.message : String(error) }, "channel left out")
      return []
    }
  })
}
