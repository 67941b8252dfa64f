import type { Command } from "commander"
import { installPackages } from "#lib/models/packages/install-packages.ts"
import { guarded } from "./guarded.ts"
import { openConsole, projectConfig, projectFolder, projectRender } from "./invocation.ts"
import { optionsOf, type RunFlags } from "./options.ts"

interface DepsOptions extends RunFlags {
  upgrade?: boolean
  lock?: boolean
}

/** deps: installs packages. */
export function addDepsCommand(dbt: Command): void {
  dbt
    .command("deps")
    .description("install the packages that packages.yml asks for")
    .option("--upgrade", "take the newest that will do, whatever package-lock.yml says")
    .option("--lock", "write package-lock.yml and install nothing")
    .action((_: object, self: Command) =>
      guarded(async () => {
        const options = optionsOf<DepsOptions>(self)
        const console = openConsole(options, "")
        const folder = projectFolder(options)
        await installPackages({
          folder,
          config: projectConfig(options, folder),
          render: projectRender(options, folder),
          env: process.env,
          isUpgrade: options.upgrade === true,
          isLockOnly: options.lock === true,
          say: (message) => console.info(message),
        })
      }),
    )
}
