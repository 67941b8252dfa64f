import type { LogPage } from "#lib/contracts/api/runs.ts"
import { formatCount } from "../format/count.ts"
import { adviceFor, getJson } from "../queries/client.ts"
import { toast } from "../ui/toast.tsx"

/** A copy larger than this is a download. */
const COPY_LINES = 5_000

/** Copies the log as text, or its last lines where it is long. */
export async function copyLog(attemptId: string, level: string | null, q: string): Promise<void> {
  try {
    const page = await getJson<LogPage>(`/attempts/${attemptId}/logs`, {
      from: -COPY_LINES,
      limit: COPY_LINES,
      level,
      q: q.trim(),
    })
    const text = page.lines.map((line) => `${line.at} ${line.level.toUpperCase().padEnd(5)} ${line.message}`)
    await navigator.clipboard.writeText(text.join("\n"))
    const isPart = page.matches > page.lines.length
    toast.success(
      isPart
        ? `Copied the last ${formatCount(text.length)} of ${formatCount(page.matches)} lines; download has them all.`
        : `Copied ${formatCount(text.length)} lines.`,
    )
  } catch (error) {
    toast.error(adviceFor(error))
  }
}
