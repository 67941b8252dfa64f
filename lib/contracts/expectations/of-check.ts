import type { CheckResult } from "../api/datasets.ts"
import { readExpectation } from "./read-expectation.ts"
import { expectationType, sentenceOf } from "./registry.ts"

/** What the registry knows of a check, by the options that stand with its result; a test of dbt has some, too. */
export function expectationOfCheck({
  name,
  kind,
  details,
}: Pick<CheckResult, "name" | "kind" | "details">): Pick<CheckResult, "expectationType" | "sentence"> {
  const options = details?.options
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    return { expectationType: expectationType(kind) ?? kind, sentence: null }
  }
  const type = "type" in options ? String(options.type) : kind
  const known = expectationType(type)
  // Reading one of an unknown kind would look for what was meant: 0.2 ms for each row of a list.
  if (known === null) return { expectationType: type, sentence: null }
  const read = readExpectation({ ...options, type: known })
  const sentence = "expectation" in read ? sentenceOf(read.expectation) : null
  return {
    expectationType: known,
    // A name that says the same, as those have that nobody named, is not said twice.
    sentence: sentence === null || name === sentence || name.startsWith(`${sentence} (`) ? null : sentence,
  }
}
