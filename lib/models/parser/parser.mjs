import "../load-sources.mjs"

await import("./parser-main.ts")
