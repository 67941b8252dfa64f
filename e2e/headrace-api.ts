import type { Backfill, CreateBackfill } from "#lib/contracts/api/backfills.ts"
import type { Page } from "#lib/contracts/api/common.ts"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import type { PipelineDetail, PipelineSummary } from "#lib/contracts/api/pipelines.ts"
import type { RunDetail, RunSummary } from "#lib/contracts/api/runs.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"

// As often as a person could tell the difference.
const LOOK_MS = 100
const ENDS_WITHIN_MS = 60_000

/** The API of the product under test, for what a journey needs and is not about. @throws Error on any answer but 2xx. */
export class HeadraceApi {
  readonly #baseUrl: string

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl
  }

  async get<Body>(route: string): Promise<Body> {
    return (await this.#ask(route)) as Body
  }

  async post<Body>(route: string, body: object): Promise<Body> {
    return (await this.#ask(route, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    })) as Body
  }

  pipeline(id: string): Promise<PipelineDetail> {
    return this.get(`pipelines/${id}`)
  }

  /** The versions of all pipelines that the workspace defines now, as `id@version`. */
  async definitions(): Promise<string[]> {
    const { items } = await this.get<{ items: PipelineSummary[] }>("pipelines")
    return items.flatMap(({ id, version, isDefined }) => (isDefined ? [`${id}@${version}`] : [])).sort()
  }

  async problems(): Promise<WorkspaceProblem[]> {
    return (await this.get<{ items: WorkspaceProblem[] }>("workspace/problems")).items
  }

  run(id: string): Promise<RunDetail> {
    return this.get(`runs/${id}`)
  }

  /** Newest first; `filter` is a query string such as `pipelineId=daily_etl&state=failed`. */
  async runs(filter = ""): Promise<RunSummary[]> {
    return (await this.get<{ items: RunSummary[] }>(`runs?${filter}`)).items
  }

  /** Waits until no run of a pipeline is left to end. */
  async quiet(pipelineId: string): Promise<void> {
    for (const { id } of await this.runs(`pipelineId=${pipelineId}&state=queued,running,cancelling`)) {
      await this.ended(id)
    }
  }

  startRun(pipelineId: string): Promise<RunDetail> {
    return this.post<RunDetail>("runs", { pipelineId })
  }

  /** Starts a run and waits for its end. */
  async runToEnd(pipelineId: string): Promise<RunDetail> {
    const { id } = await this.startRun(pipelineId)
    return this.ended(id)
  }

  /** The run once it is over. @throws Error when it goes on for a minute. */
  ended(id: string): Promise<RunDetail> {
    return settled(`run ${id}`, () => this.run(id))
  }

  /** The incident that a failed run is part of; it is opened a moment after the run's end. */
  async incidentOf(runId: string): Promise<string> {
    const { id } = await settled(`the incident of run ${runId}`, async () => {
      const { items } = await this.get<Page<Incident>>(`incidents?runId=${runId}&snoozed=show`)
      return { id: items[0]?.id ?? "", state: items[0] ? "success" : null }
    })
    return id
  }

  /** Starts a backfill and waits for its end. */
  async backfillToEnd(backfill: CreateBackfill): Promise<Backfill> {
    const { id } = await this.post<Backfill>("backfills", backfill)
    return settled(`backfill ${id}`, () => this.get<Backfill>(`backfills/${id}`))
  }

  async #ask(route: string, init?: RequestInit): Promise<unknown> {
    const response = await fetch(new URL(`/api/v1/${route}`, this.#baseUrl), init)
    if (!response.ok) throw new Error(`${init?.method ?? "GET"} ${route}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}

async function settled<Thing extends { state: string | null }>(name: string, read: () => Promise<Thing>) {
  const deadline = Date.now() + ENDS_WITHIN_MS
  for (;;) {
    const thing = await read()
    if (["success", "failed", "cancelled"].includes(thing.state ?? "")) return thing
    if (Date.now() > deadline) throw new Error(`${name} is still ${thing.state}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
