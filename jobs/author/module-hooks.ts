import { readFileSync } from "node:fs"
import { isBuiltin, registerHooks } from "node:module"
import { extname, sep } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

export interface ModuleHookOptions {
  /** Whether a file is the author's: inside the workspace, or inside a version's folder. Real paths. */
  rootOf(file: string): string | null
  /** Where bare imports of author code are looked up first. */
  workspaceDir: string
  onResolve?(file: string, from: string): void
  onRead?(file: string, source: string): void
}

/** Thrown from `import` statements of author code that cannot be followed; says where the statement stands. */
export class AuthorImportError extends Error {
  readonly specifier: string
  readonly from: string

  constructor(message: string, specifier: string, from: string) {
    super(message)
    this.specifier = specifier
    this.from = from
  }
}

/** A format for each extension, so that how a file is read does not depend on package.json files around its folder. */
const FORMATS: Record<string, string> = {
  ".ts": "module-typescript",
  ".mts": "module-typescript",
  ".js": "module",
  ".mjs": "module",
}

/**
 * Makes author code importable in this process: `headrace` is our SDK, bare imports come from the workspace or else
 * from our own packages, files are read as ES modules, and imports may not leave the author's folder.
 */
export function installModuleHooks(options: ModuleHookOptions): void {
  const sdkUrl = import.meta.resolve("headrace")
  const isAuthors = (file: string | null) => file !== null && options.rootOf(file) !== null
  const packageRoots = [pathToFileURL(`${options.workspaceDir}/package.json`).href, import.meta.url]

  registerHooks({
    resolve(specifier, context, next) {
      const from = toPath(context.parentURL)
      if (from === null || !isAuthors(from)) return next(specifier, context)
      if (specifier === "headrace") return { url: sdkUrl, format: "module-typescript", shortCircuit: true }
      if (isBuiltin(specifier)) return next(specifier, context)
      if (!/^(\.{0,2}\/|file:)/.test(specifier)) return resolveBare(specifier, from, context, next)
      const resolved = attempt(() => next(specifier, context), specifier, from)
      const file = toPath(resolved.url)
      if (file === null || options.rootOf(file) !== options.rootOf(from)) {
        throw new AuthorImportError(
          `"${specifier}" lies outside the workspace; move it inside, where its versions are kept.`,
          specifier,
          from,
        )
      }
      options.onResolve?.(file, from)
      return resolved
    },
    load(url, context, next) {
      const file = toPath(url)
      const format = file === null ? undefined : FORMATS[extname(file)]
      if (file === null || !format || !isAuthors(file)) return next(url, context)
      const source = readFileSync(file, "utf8")
      options.onRead?.(file, source)
      return { format, source, shortCircuit: true }
    },
  })

  type Next = Parameters<NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>>[2]
  type Context = Parameters<NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>>[1]
  function resolveBare(specifier: string, from: string, context: Context, next: Next) {
    for (const parentURL of packageRoots) {
      try {
        return next(specifier, { ...context, parentURL })
      } catch {
        // Not there: the next root, and then one error that names both.
      }
    }
    throw new AuthorImportError(
      `The package "${specifier}" is not installed; run npm install ${specifier} in the workspace.`,
      specifier,
      from,
    )
  }
}

/** Files of a folder, except installed packages. */
export function isInside(root: string, file: string): boolean {
  const prefix = root.endsWith(sep) ? root : root + sep
  return file.startsWith(prefix) && !file.slice(prefix.length).split(sep).includes("node_modules")
}

function attempt<Result>(resolve: () => Result, specifier: string, from: string): Result {
  try {
    return resolve()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error
    const advice = extname(specifier) === "" ? "; imports name the file with its extension, such as .ts" : ""
    throw new AuthorImportError(`There is no file "${specifier}" beside this one${advice}.`, specifier, from)
  }
}

function toPath(url: string | undefined): string | null {
  if (!url?.startsWith("file:")) return null
  return fileURLToPath(url)
}
