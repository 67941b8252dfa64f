import { existsSync, rmSync } from "node:fs"
import path from "node:path"
import type { Command } from "commander"
import { holdsOwnFiles, isInside } from "#lib/models/project/own-paths.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { guarded } from "./guarded.ts"
import { openConsole, projectConfig, projectFolder } from "./invocation.ts"
import { optionsOf, type RunFlags } from "./options.ts"

interface CleanOptions extends RunFlags {
  cleanProjectFilesOnly?: boolean
}

/** clean: removes the folders that `clean-targets` names. */
export function addCleanCommand(dbt: Command): void {
  dbt
    .command("clean")
    .description("remove the folders that clean-targets of dbt_project.yml names")
    .option("--clean-project-files-only", "nothing outside of the project (default)")
    .option("--no-clean-project-files-only", "also outside of the project")
    .action((_: object, self: Command) =>
      guarded(async () => {
        const options = optionsOf<CleanOptions>(self)
        const console = openConsole(options, "")
        const folder = projectFolder(options)
        const config = projectConfig(options, folder)
        const targets = config.cleanTargets.map((target) => path.resolve(folder, target))
        for (const target of targets) {
          if (holdsOwnFiles(target, folder, config)) {
            throw new CliError(`clean-targets names ${target}, which holds files of the project itself.`, EXIT.usage)
          }
          if (!isInside(target, folder) && options.cleanProjectFilesOnly !== false) {
            const advice = "--no-clean-project-files-only removes it all the same"
            throw new CliError(`clean-targets names ${target}, which is outside of the project; ${advice}.`, EXIT.usage)
          }
        }
        for (const target of targets) {
          if (!existsSync(target)) continue
          rmSync(target, { recursive: true, force: true })
          console.info(`Removed ${path.relative(process.cwd(), target)}`, "ConfirmCleanPath")
        }
        console.info("Finished cleaning.", "FinishedCleanPaths")
      }),
    )
}
