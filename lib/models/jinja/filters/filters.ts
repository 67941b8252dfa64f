import type { Filter } from "../filter.ts"
import { MARKUP_FILTERS } from "./markup.ts"
import { NUMBER_FILTERS } from "./numbers.ts"
import { SELECTION_FILTERS } from "./selections.ts"
import { SEQUENCE_FILTERS } from "./sequences.ts"
import { TEXT_FILTERS } from "./texts.ts"

/** Jinja's own filters, by name. */
export const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ...SEQUENCE_FILTERS,
  ...SELECTION_FILTERS,
  ...TEXT_FILTERS,
  ...NUMBER_FILTERS,
  ...MARKUP_FILTERS,
])
