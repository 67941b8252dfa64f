import type { BulkAction } from "#lib/contracts/api/runs.ts"
import { plural } from "../format/count.ts"

/** How the question about many runs is put. */
export function bulkWords(action: BulkAction, count: number): { title: string; verb: string; isDanger: boolean } {
  const runs = plural(count, "run")
  switch (action) {
    case "retry":
      return { title: `Retry what failed in ${runs}?`, verb: "Retry failed", isDanger: false }
    case "cancel":
      return { title: `Cancel ${runs}?`, verb: "Cancel the runs", isDanger: true }
    case "mark_success":
      return { title: `Mark ${runs} as success?`, verb: "Mark as success", isDanger: true }
    case "mark_failed":
      return { title: `Mark ${runs} as failed?`, verb: "Mark as failed", isDanger: true }
    case "repin":
      return { title: `Move ${runs} to the newest version?`, verb: "Move to the newest", isDanger: false }
  }
}
