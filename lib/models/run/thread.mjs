import "../load-sources.mjs"

await import("./thread-main.ts")
