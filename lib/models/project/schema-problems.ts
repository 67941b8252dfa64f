import type { z } from "zod"
import { didYouMean } from "../../domain/closest.ts"
import type { Problem } from "./project-error.ts"
import type { YamlFile, YamlPath } from "./read-yaml.ts"

/** Says for each issue of a schema where in the file it is; an unknown key gets the known one most like it. */
export function pushSchemaProblems(
  problems: Problem[],
  error: z.ZodError,
  yaml: YamlFile,
  known: readonly string[],
  base: YamlPath = [],
): void {
  for (const issue of error.issues) {
    const path = [...base, ...issue.path.map((key) => (typeof key === "symbol" ? String(key) : key))]
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const name = [...issue.path, key].join(".")
        const advice = issue.path.length === 0 ? didYouMean(key, known) : "."
        problems.push({ file: yaml.file, ...yaml.at([...path, key]), message: `there is no key "${name}"${advice}` })
      }
    } else {
      const name = path.filter((key) => typeof key === "string").join(".")
      const reason = issue.message.replace(/^Invalid input: e/, "e").replace(/\.$/, "")
      problems.push({
        file: yaml.file,
        ...yaml.at(path),
        message: name === "" ? `${reason}.` : `"${name}": ${reason}.`,
      })
    }
  }
}
