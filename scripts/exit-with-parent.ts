/**
 * Ends a program that `npm start` runs when its parent is gone, however the parent died: the kernel closes the channel between
 * the two. The program gets its chance to stop in order, and three seconds later no more. Without a parent it does nothing.
 *
 * The worker loads it with `--import`; the web server imports it, because Next's development server answers no request when
 * Node was given that option.
 */
process.once("disconnect", () => {
  setTimeout(() => process.exit(1), 3_000).unref()
  process.kill(process.pid, "SIGTERM")
})
process.channel?.unref()
