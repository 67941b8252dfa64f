import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"
import type { SelectorDefinition } from "./node.ts"
import { type Problem, ProjectError } from "./project-error.ts"
import type { RenderYaml } from "./project-file.ts"
import { readYaml, type Yaml } from "./read-yaml.ts"
import { pushSchemaProblems } from "./schema-problems.ts"

const schema = z.looseObject({
  selectors: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string().nullish(),
      default: z.union([z.boolean(), z.string()]).nullish(),
      definition: z.unknown(),
    }),
  ),
})

/** The named selections of selectors.yml, as they are written; none without such a file. @throws ProjectError */
export function readSelectors(folder: string, render: RenderYaml): Map<string, SelectorDefinition> {
  const file = path.join(folder, "selectors.yml")
  if (!existsSync(file)) return new Map()
  const yaml = readYaml(readFileSync(file, "utf8"), "selectors.yml")
  const result = schema.safeParse(render(yaml.value, yaml, () => true))
  if (!result.success) {
    const problems: Problem[] = []
    pushSchemaProblems(problems, result.error, yaml, ["selectors"])
    throw new ProjectError(problems)
  }
  const selectors = result.data.selectors.map(({ name, description, default: isDefault, definition }) => ({
    name,
    description: description ?? null,
    default: isDefault ?? false,
    definition: definition as Yaml,
  }))
  return new Map(selectors.map((selector) => [selector.name, selector]))
}
