import module from "node:module"

// As for the threads that run nodes (run/thread.mjs): without it, most of the start is stripping types.
module.enableCompileCache()
await import("./parser-main.ts")
