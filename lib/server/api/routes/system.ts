import { z } from "@hono/zod-openapi"
import { pageOf } from "#lib/contracts/api/common.ts"
import type { Health as HealthView } from "#lib/contracts/api/system.ts"
import { readOverview } from "#lib/store/read/overview.ts"
import { listProblems, listWorkers, readPulse } from "#lib/store/read/system.ts"
import { HEADRACE_VERSION } from "../../version.ts"
import type { Api } from "../api.ts"
import { Health, Overview, Worker, WorkspaceProblem } from "../schemas.ts"

const tag = "System"
/** A probe that waits for a dead database helps nobody. */
const HEALTH_TIMEOUT_MS = 3_000

/** The estate at a glance, workers, workspace, and probes. */
export function systemRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/overview",
      permission: "overview.read",
      tag,
      summary: "The state of the whole estate",
      answer: Overview,
    },
    ({ store, now }) => readOverview(store.pool, now),
  )

  api.json(
    {
      method: "get",
      path: "/workers",
      permission: "system.read",
      tag,
      summary: "Workers, those alive first",
      answer: pageOf(Worker),
    },
    async ({ store }) => ({ items: await listWorkers(store.pool), nextCursor: null }),
  )

  api.json(
    {
      method: "get",
      path: "/workspace/problems",
      permission: "code.read",
      tag,
      summary: "What is wrong in the workspace",
      answer: pageOf(WorkspaceProblem),
    },
    async ({ store }) => ({ items: await listProblems(store.pool), nextCursor: null }),
  )

  api.raw(
    {
      method: "get",
      path: "/health",
      permission: "public",
      tag,
      summary: "Whether Headrace works, and what does not",
      description:
        "Status 503 when the database cannot be reached. Without a live worker it is `degraded`, with status 200.",
      mediaType: "application/json",
      answer: Health,
    },
    async () => {
      const health = await readHealth(api)
      return answer(health, health.database === "ok" ? 200 : 503)
    },
  )

  api.raw(
    {
      method: "get",
      path: "/ready",
      permission: "public",
      tag,
      summary: "Whether this process can serve requests",
      mediaType: "application/json",
      answer: z.object({ ready: z.boolean() }),
    },
    async () => {
      const { database } = await readHealth(api)
      return answer({ ready: database === "ok" }, database === "ok" ? 200 : 503)
    },
  )
}

async function readHealth(api: Api): Promise<HealthView> {
  const pulse = await within(HEALTH_TIMEOUT_MS, async () => readPulse((await api.dependencies.store()).pool))
  if (!pulse) {
    const message = "The database does not answer; check that it runs and that DATABASE_URL is right."
    return {
      status: "degraded",
      version: HEADRACE_VERSION,
      database: "unreachable",
      workers: 0,
      checks: [{ name: "database", ok: false, message }],
    }
  }
  const checks = [
    { name: "database", ok: true, message: "The database answers." },
    {
      name: "workers",
      ok: pulse.workers > 0,
      message: pulse.workers > 0 ? `${pulse.workers} alive.` : "No worker is alive: start one with npm run worker.",
    },
    {
      name: "workspace",
      ok: pulse.problems === 0,
      message:
        pulse.problems === 0 ? "Loads without problems." : `${pulse.problems} problems: see /workspace/problems.`,
    },
  ]
  // A broken file of one author is shown, but it is no reason to call the platform ill.
  const isWell = pulse.workers > 0
  return {
    status: isWell ? "ok" : "degraded",
    version: HEADRACE_VERSION,
    database: "ok",
    workers: pulse.workers,
    checks,
  }
}

/** Null when it fails or takes longer. */
async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeoutMs)
  })
  try {
    return await Promise.race([work().catch(() => null), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

function answer(body: object, status: number): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  })
}
