import type { AttemptState } from "#lib/domain/attempt-state.ts"
import type { RunState } from "#lib/domain/run-state.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import type { CellGlyph, StateGlyph } from "../ui/glyphs.ts"

export type PartitionState = "missing" | "running" | "fresh" | "failed" | "stale"
export type BackfillState = "running" | "paused" | "success" | "failed" | "cancelled"
/** Every state that a screen can show. */
export type AnyState = RunState | TaskRunState | AttemptState | PartitionState | BackfillState

/** How a state looks: its word, its hue and shape in text (`glyph`) and in grids and heat-maps (`cell`). */
export interface StatusLook {
  label: string
  /** Names the hue too: put it on `data-s` and use `--c`, `--ct`, `--cb`. */
  glyph: StateGlyph
  cell: CellGlyph
}

/** The one map from state to label, colour and icon. */
export const STATUS: Record<AnyState, StatusLook> = {
  queued: { label: "Queued", glyph: "queued", cell: "queued" },
  running: { label: "Running", glyph: "running", cell: "running" },
  cancelling: { label: "Cancelling", glyph: "cancelled", cell: "cancelled" },
  success: { label: "Success", glyph: "success", cell: "success" },
  failed: { label: "Failed", glyph: "failed", cell: "failed" },
  cancelled: { label: "Cancelled", glyph: "cancelled", cell: "cancelled" },
  pending: { label: "Waiting", glyph: "scheduled", cell: "scheduled" },
  ready: { label: "Queued", glyph: "queued", cell: "queued" },
  up_for_retry: { label: "Up for retry", glyph: "up_for_retry", cell: "up_for_retry" },
  deferred: { label: "Deferred", glyph: "deferred", cell: "deferred" },
  mapped: { label: "Mapped", glyph: "running", cell: "running" },
  skipped: { label: "Skipped", glyph: "skipped", cell: "skipped" },
  upstream_failed: { label: "Upstream failed", glyph: "upstream_failed", cell: "upstream_failed" },
  timed_out: { label: "Timed out", glyph: "failed", cell: "failed" },
  lost: { label: "Worker lost", glyph: "failed", cell: "failed" },
  killed: { label: "Killed", glyph: "failed", cell: "failed" },
  missing: { label: "Missing", glyph: "missing", cell: "missing" },
  fresh: { label: "Fresh", glyph: "success", cell: "success" },
  stale: { label: "Stale", glyph: "stale", cell: "stale" },
  paused: { label: "Paused", glyph: "deferred", cell: "deferred" },
}

/** Looks up a state that may come from a newer server; an unknown one shows its own name in the neutral look. */
export function statusOf(state: string): StatusLook {
  return STATUS[state as AnyState] ?? { label: state.replaceAll("_", " "), glyph: "scheduled", cell: "none" }
}
