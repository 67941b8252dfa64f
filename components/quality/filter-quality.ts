import type { DatasetQuality } from "#lib/contracts/api/quality.ts"
import { plural } from "../format/count.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

interface QualityFilter {
  q: string
  state: "failing" | "unchecked" | null
  owner: string | null
}

/** Datasets that match, those that fail first, then by score; those without one last. */
export function filterQuality(
  datasets: readonly DatasetQuality[],
  { q, state, owner }: QualityFilter,
): DatasetQuality[] {
  const words = q.trim().toLowerCase()
  return datasets
    .filter((one) => owner === null || one.owner === owner)
    .filter((one) => state !== "failing" || one.failing + one.warning > 0)
    .filter((one) => state !== "unchecked" || one.score === null)
    .filter((one) => [one.id, one.owner ?? "", ...one.tags].some((text) => text.toLowerCase().includes(words)))
    .toSorted(
      (a, b) =>
        b.failing - a.failing ||
        b.warning - a.warning ||
        (a.score ?? 101) - (b.score ?? 101) ||
        a.id.localeCompare(b.id),
    )
}

/** The page's answer in a sentence. */
export function qualityVerdict(datasets: readonly DatasetQuality[]): {
  words: string
  note: string | null
  glyph: StateGlyph
} {
  const failing = datasets.filter((one) => one.failing > 0)
  const warning = datasets.filter((one) => one.failing === 0 && one.warning > 0)
  const unscored = datasets.filter((one) => one.score === null).length
  const note =
    unscored > 0 && unscored < datasets.length
      ? `${plural(unscored, "dataset")} without a score: nothing was found to check. No score is not a good score.`
      : null
  if (datasets.length === unscored) return { words: "Quality", note: null, glyph: "missing" }
  if (failing.length > 0) {
    const checks = failing.reduce((sum, one) => sum + one.failing, 0)
    return {
      words: `${plural(failing.length, "dataset")} ${failing.length === 1 ? "fails" : "fail"} ${plural(checks, "check")}`,
      note,
      glyph: "failed",
    }
  }
  if (warning.length > 0) return { words: `${plural(warning.length, "dataset")} with warnings`, note, glyph: "at_risk" }
  return { words: "All checks pass", note, glyph: "success" }
}
