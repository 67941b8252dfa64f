import { globSync, readFileSync } from "node:fs"
import path from "node:path"
import { parseSync } from "oxc-parser"
import { findViolations, type Import, type Violation } from "./import-rules.ts"
import { ROOT } from "./paths.ts"

/**
 * The product reads its environment in one place, so that boot can list every bad variable. An author process is given its own;
 * programs and tests around the product may read theirs.
 */
const MAY_READ_ENVIRONMENT =
  /^(lib\/server\/config\.ts|jobs\/author\/author-child\.ts|(scripts|test|bench|e2e|cli|workspace)\/|[^/]+$)|\.test\.tsx?$/

/**
 * A program: checks every source file against the table of import-rules.ts and prints what it forbids. Files are parsed by
 * oxc, because TypeScript 7 has no JavaScript API for the usual checkers to call.
 */
if (import.meta.main) {
  const violations = checkImports()
  for (const { file, line, message } of violations) process.stdout.write(`${file}:${line} ${message}\n`)
  process.exitCode = violations.length > 0 ? 1 : 0
}

/** What the project's files do that the rules forbid. */
export function checkImports(): Violation[] {
  const files = sourceFiles()
  const environment = files.flatMap((file) => environmentReads(file))
  return [...findViolations(files.flatMap(importsOf)), ...environment]
}

function sourceFiles(): string[] {
  const isLeftOut = (name: string) => /^(node_modules|\.[^/]+|lib\/generated|public|test\/fixtures)$/.test(name)
  return globSync("**/*.{ts,tsx,mjs}", { cwd: ROOT, exclude: isLeftOut })
}

function importsOf(file: string): Import[] {
  const source = readFileSync(path.join(ROOT, file), "utf8")
  const { module } = parseSync(file, source)
  const found = [
    ...module.staticImports.map(({ moduleRequest, entries }) => ({
      request: moduleRequest,
      isType: entries.length > 0 && entries.every((entry) => entry.isType),
    })),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest, isType }) => (moduleRequest ? [{ request: moduleRequest, isType }] : [])),
    ),
    // A dynamic import comes late and closes no circle at load time; one of a computed name cannot be known.
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      request: { value: /^["'`](.*)["'`]$/.exec(source.slice(start, end))?.[1] ?? "", start },
      isType: true,
    })),
  ]
  return found
    .filter(({ request }) => request.value !== "")
    .map(({ request, isType }) => ({
      from: file,
      to: resolveImport(file, request.value),
      line: lineAt(source, request.start),
      isType,
    }))
}

function resolveImport(from: string, specifier: string): string {
  if (specifier.startsWith(".")) return path.posix.join(path.posix.dirname(from), specifier)
  if (specifier.startsWith("#")) return specifier.slice(1) // package.json "imports": the folder of that name
  if (specifier === "headrace") return "lib/sdk/index.ts"
  if (specifier.startsWith("node:")) return specifier
  return `npm:${specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")}`
}

function environmentReads(file: string): Violation[] {
  if (MAY_READ_ENVIRONMENT.test(file)) return []
  const source = readFileSync(path.join(ROOT, file), "utf8")
  return [...source.matchAll(/\bprocess\.env\b/g)].map(({ index }) => ({
    file,
    line: lineAt(source, index),
    message: "reads process.env: lib/server/config.ts does that for all",
  }))
}

function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length
}
