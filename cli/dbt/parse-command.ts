import type { Command } from "commander"
import { writeManifest } from "#lib/models/artifacts/write-artifacts.ts"
import { guarded } from "./guarded.ts"
import { openInvocation } from "./invocation.ts"
import { countsLine } from "./lines.ts"
import { optionsOf } from "./options.ts"

/** parse: reads a project and leaves its manifest. */
export function addParseCommand(dbt: Command): void {
  dbt
    .command("parse")
    .description("read the project and say what is wrong with it")
    .action((_: object, self: Command) =>
      guarded(async () => {
        const begin = performance.now()
        const { project, console, targetFolder } = openInvocation(optionsOf(self), "parse")
        writeManifest(project, targetFolder)
        console.info(countsLine(project), "FoundStats")
        console.info(`Parsed in ${((performance.now() - begin) / 1000).toFixed(2)} seconds.`)
      }),
    )
}
