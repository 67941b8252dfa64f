import path from "node:path"

/** The folder of package.json. */
export const ROOT = path.resolve(import.meta.dirname, "..")

/** A path as people type it: relative to where they are, when it is below. */
export function shown(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative === "" || relative.startsWith("..") ? file : relative
}
