// Loaded before a program that `npm start` runs: ends it when its parent is gone, however the parent died. The kernel closes
// the channel between the two; then the program gets its chance to stop in order, and three seconds later no more.
process.once("disconnect", () => {
  setTimeout(() => process.exit(1), 3_000).unref()
  process.kill(process.pid, "SIGTERM")
})
process.channel?.unref()
