import { z } from "zod"
import { checkSchema } from "../operators/checks.ts"

/** What is expected of a table's rows: section `expectations` of its policy. */
export const expectationsSectionSchema = z.array(checkSchema).min(1, "name at least one expectation")
