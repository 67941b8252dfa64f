import type { LineageKind } from "#lib/contracts/api/lineage.ts"
import type { ActionGlyph } from "../ui/glyphs.ts"

/** A dataset's kind as a mark and a word; never by colour alone. */
export const KINDS: Readonly<Record<LineageKind, { icon: ActionGlyph; label: string }>> = {
  model: { icon: "pipelines", label: "Model" },
  seed: { icon: "file", label: "Seed" },
  snapshot: { icon: "clock", label: "Snapshot" },
  source: { icon: "external", label: "Source" },
  table: { icon: "datasets", label: "Table" },
  outside: { icon: "info", label: "Outside" },
  exposure: { icon: "overview", label: "Exposure" },
}

/** "Model, view"; a materialization that only repeats the kind is left out. */
export function kindWords(kind: LineageKind, materialized: string | null): string {
  const { label } = KINDS[kind]
  return materialized === null || materialized === kind ? label : `${label}, ${materialized.replaceAll("_", " ")}`
}

/** "1 dataset", "3 datasets". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
