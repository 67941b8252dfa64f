import module from "node:module"

// A thread starts in a third of the time where TypeScript was stripped and compiled before. It has to be said before the
// modules are loaded, and for each thread; plain JavaScript, as this file itself would else load what strips TypeScript.
module.enableCompileCache()
await import("./thread-main.ts")
