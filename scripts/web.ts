import http from "node:http"
import next from "next"
import { readConfig } from "#lib/server/config.ts"
import "./exit-with-parent.ts"
import { explainError } from "./explain-error.ts"
import { ROOT } from "./paths.ts"
import { explainListenError } from "./ports.ts"

/**
 * The web process: pages, API and live events of the app that `next build` left in .next, or with `--dev` of the sources.
 * Any number of them can serve one database. SIGTERM ends it at once: it keeps nothing.
 */
const isDevelopment = process.argv.includes("--dev")

try {
  await serve()
} catch (error) {
  process.stderr.write(`${explainError(error)}\n`)
  process.exit(1)
}

async function serve(): Promise<void> {
  const config = readConfig()
  // The app is bundled and does not know where it lies.
  Object.assign(process.env, {
    NODE_ENV: isDevelopment ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
    DATABASE_URL: config.databaseUrl,
    HEADRACE_HOME: config.homeDir,
    HEADRACE_WORKSPACE: config.workspaceDir,
  })
  const { host, port } = config
  const server = http.createServer()
  const app = next({ dev: isDevelopment, dir: ROOT, hostname: host, port, httpServer: server })
  await app.prepare()
  const handle = app.getRequestHandler()
  server.on("request", (request, response) => void handle(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListenError(error, port, host)))
    server.listen(port, host, resolve)
  })
  process.stdout.write(`Headrace answers at http://${host}:${port}\n`)
  process.send?.({ type: "ready" })
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      server.closeAllConnections()
      process.exit(0)
    })
  }
}
