import { selectForCommand } from "#lib/models/command/select-for-command.ts"
import { RESOURCE_TYPES, type ResourceType } from "#lib/models/selection/selectable.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { earlierState } from "./earlier.ts"
import type { Invocation } from "./invocation.ts"
import type { SelectOptions } from "./options.ts"

/** The unique ids that the options choose, of the kinds that the command works on. @throws CliError, SelectionError */
export function selectedIds(
  { project, console, targetFolder }: Invocation,
  options: SelectOptions,
  all: readonly ResourceType[],
): Set<string> {
  const { select, exclude, selector, indirectSelection } = options
  const earlier = earlierState(options, project.manifest, targetFolder.path)
  const selection = selectForCommand(project, {
    resourceTypes: resourceTypes(options, all),
    ...(select && { select }),
    ...(exclude && { exclude }),
    ...(selector !== undefined && { selector }),
    ...(indirectSelection && { indirectSelection }),
    ...(earlier && { earlier }),
  })
  for (const { message } of selection.warnings) console.warn(message, "NoNodesForSelectionCriteria")
  console.assertNoErrors()
  return new Set(selection.ids)
}

function resourceTypes(
  { resourceType, excludeResourceType }: SelectOptions,
  all: readonly ResourceType[],
): ResourceType[] {
  const [only, not] = [resourceType, excludeResourceType].map((types) => types?.map(toType))
  return all.filter((type) => (!only || only.includes("all") || only.includes(type)) && !not?.includes(type))
}

/** `default` stands for all that a command works on, as `all` does. */
function toType(text: string): ResourceType | "all" {
  if (text === "all" || text === "default") return "all"
  const found = RESOURCE_TYPES.find((type) => type === text)
  if (!found) throw new CliError(`--resource-type is one of ${RESOURCE_TYPES.join(", ")}, not "${text}".`, EXIT.usage)
  return found
}
