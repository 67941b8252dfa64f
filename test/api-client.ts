// First of all: schemas that were made before it have no names in the OpenAPI document.
import "@hono/zod-openapi"
import pg from "pg"
import type { Api } from "#lib/server/api/api.ts"
import { createApi } from "#lib/server/api/create-api.ts"
import { createLiveEvents, type LiveEvents } from "#lib/server/events.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"

/** The API over a database of its own, called without a socket. Every answer is checked against its contract. */
export class TestApi {
  readonly database: TestDatabase
  readonly store: Store
  readonly events: LiveEvents
  readonly api: Api
  readonly warehouse: pg.Pool

  private constructor(database: TestDatabase, store: Store) {
    this.database = database
    this.store = store
    this.warehouse = new pg.Pool({ connectionString: database.warehouseUrl, max: 2 })
    this.events = createLiveEvents(database.url)
    this.api = createApi({
      config: { host: "127.0.0.1" },
      store: async () => store,
      events: this.events,
      warehouse: async () => this.warehouse,
      checksAnswers: true,
    })
  }

  static async open(): Promise<TestApi> {
    const database = await createTestDatabase()
    const store = await openStore({ databaseUrl: database.url, applicationName: "test-api", onError: () => {} })
    return new TestApi(database, store)
  }

  async close(): Promise<void> {
    await this.events.close()
    await this.warehouse.end()
    await this.store.close()
    await this.database.drop()
  }

  /** A request as a program sends it; `path` is relative to /api/v1. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return this.api.fetch(new Request(`http://localhost:8420/api/v1${path}`, init))
  }

  /** The JSON of a good answer. @throws Error with the problem of any other. */
  async get<T>(path: string): Promise<T> {
    return json<T>(await this.request(path))
  }

  async post<T>(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<T> {
    return json<T>(await this.send(path, body, headers))
  }

  async send(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Response> {
    return this.request(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    })
  }
}

async function json<T>(response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}
