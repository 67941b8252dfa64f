import module from "node:module"

/*
 * Imported by a program before its first TypeScript, and once for each thread: halves the time until it runs. Plain
 * JavaScript, as this file itself would else load what strips TypeScript.
 */

const root = new URL("../../", import.meta.url).href

// What was stripped and compiled before is kept.
module.enableCompileCache()
// An import of one of our files by another names it in full. To ask the disk for links and packages on its way is a third of loading it.
module.registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL ?? ""
    const isOurs = specifier.endsWith(".ts") && parent.endsWith(".ts") && parent.startsWith(root)
    const url = isOurs ? placeOf(specifier, parent) : null
    return url === null ? next(specifier, context) : { url, format: "module-typescript", shortCircuit: true }
  },
})

/** `./name.ts` beside who imports it, `#lib/name.ts` from the top ("imports" of package.json). */
function placeOf(specifier, parent) {
  if (specifier.startsWith(".")) return new URL(specifier, parent).href
  return specifier.startsWith("#") ? root + specifier.slice(1) : null
}
