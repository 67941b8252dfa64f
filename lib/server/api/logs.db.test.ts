import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { LogPage } from "#lib/contracts/api/runs.ts"
import { announce } from "#lib/store/notify.ts"
import { TestApi } from "#test/api-client.ts"
import { makeAttempt, makeLogLines, makeTaskRun } from "#test/factories.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
})
after(() => t.close())

async function attemptWith(lines: Parameters<typeof makeLogLines>[1]["lines"]): Promise<string> {
  const attempt = await makeAttempt(t.store.pool)
  await makeLogLines(t.store.pool, { attemptId: attempt.id, lines })
  return attempt.id
}
const numbers = (page: LogPage) => page.lines.map((line) => line.line)

test("gives lines from a number on and from the end", async () => {
  const id = await attemptWith(Array.from({ length: 10 }, (_, index) => `line ${index + 1}`))
  const read = async (query: string) => numbers(await t.get(`/attempts/${id}/logs?${query}`))
  assert.deepEqual(await read("from=4&limit=3"), [4, 5, 6])
  assert.deepEqual(await read("from=9"), [9, 10])
  assert.deepEqual(await read("from=-2"), [9, 10])
  assert.deepEqual(await read("from=-5&limit=2"), [6, 7])
  assert.deepEqual(await read("from=-50"), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  assert.deepEqual(await read("from=11"), [])
  const page = await t.get<LogPage>(`/attempts/${id}/logs?limit=1`)
  assert.deepEqual([page.totalLines, page.matches, page.firstErrorLine, page.state], [10, 10, null, "success"])
})

test("searches the whole log in any case, with wildcards taken literally", async () => {
  const id = await attemptWith(["50% done", "500 done", "C:\\temp", "under_score", "underXscore", "DONE"])
  const search = async (q: string) => {
    const page = await t.get<LogPage>(`/attempts/${id}/logs?q=${encodeURIComponent(q)}`)
    assert.equal(page.matches, page.lines.length)
    assert.equal(page.totalLines, 6)
    return numbers(page)
  }
  assert.deepEqual(await search("done"), [1, 2, 6])
  assert.deepEqual(await search("50%"), [1])
  assert.deepEqual(await search("r_s"), [4])
  assert.deepEqual(await search("C:\\t"), [3])
  assert.deepEqual(await search("\\"), [3])
  assert.deepEqual(await search("%"), [1])
})

test("filters by lowest level and says where the first error is", async () => {
  const level = (name: string) => ({ level: name, message: `a ${name}` })
  const id = await attemptWith([level("debug"), level("info"), level("warn"), level("error"), level("error")])
  const read = async (query: string) => {
    const page = await t.get<LogPage>(`/attempts/${id}/logs?${query}`)
    assert.equal(page.firstErrorLine, 4)
    return [numbers(page), page.matches]
  }
  assert.deepEqual(await read("level=debug"), [[1, 2, 3, 4, 5], 5])
  assert.deepEqual(await read("level=warn"), [[3, 4, 5], 3])
  assert.deepEqual(await read("level=error&limit=1"), [[4], 2])
  assert.deepEqual(await read("level=warn&q=error&from=-1"), [[5], 2])
})

test("downloads the whole log as text, line by line", async () => {
  const id = await attemptWith([
    ...Array.from({ length: 4_999 }, (_, index) => `line ${index + 1}`),
    { level: "warn", message: "<script>alert(1)</script>" },
  ])
  const response = await t.request(`/attempts/${id}/logs/download`)
  assert.match(response.headers.get("content-disposition") ?? "", /^attachment; filename="run-\d+-only-1\.log"$/)
  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8")
  assert.equal(response.headers.get("x-content-type-options"), "nosniff")
  const lines = (await response.text()).trimEnd().split("\n")
  assert.equal(lines.length, 5_000)
  assert.match(lines[4_998]!, /^\d{4}-.+Z INFO {2}line 4999$/)
  assert.match(lines[4_999]!, / WARN {2}<script>/)
})

test("streams what is there, then each line as it is written, and ends with the attempt", async () => {
  const taskRun = await makeTaskRun(t.store.pool, { state: "running" })
  const { rows } = await t.store.pool.query<{ id: string }>("select id from attempt where task_run_id = $1", [
    taskRun.id,
  ])
  const attemptId = rows[0]!.id
  const write = async (message: string) => {
    await makeLogLines(t.store.pool, { attemptId, lines: [message] })
    await announce(t.store.pool, [{ type: "log", attemptId, runId: taskRun.runId, lines: 1 }])
  }
  await write("one")
  const reader = new EventReader(await t.request(`/attempts/${attemptId}/logs/stream`))
  assert.deepEqual(await reader.next(), { event: "lines", id: "1", messages: ["one"] })
  await write("two")
  assert.deepEqual(await reader.next(), { event: "lines", id: "2", messages: ["two"] })
  await t.store.pool.query("update task_run set state = 'success', fence = null, finished_at = now() where id = $1", [
    taskRun.id,
  ])
  await t.store.pool.query("update attempt set state = 'success', finished_at = now() where id = $1", [attemptId])
  await announce(t.store.pool, [
    { type: "task_run", id: taskRun.id, runId: taskRun.runId, pipelineId: "p", taskId: "only", state: "success" },
  ])
  assert.deepEqual(await reader.next(), { event: "end", id: undefined, data: { state: "success", totalLines: 2 } })
  assert.equal(await reader.next(), null)
})

test("a broken stream continues after the last line that was received", async () => {
  const id = await attemptWith(["one", "two", "three"])
  const response = await t.request(`/attempts/${id}/logs/stream`, { headers: { "last-event-id": "2" } })
  assert.deepEqual(await new EventReader(response).next(), { event: "lines", id: "3", messages: ["three"] })
})

test("a stream of an unknown attempt is a plain 404", async () => {
  assert.equal((await t.request("/attempts/999999/logs/stream")).status, 404)
})

test("a reader that goes away ends its stream", async () => {
  const taskRun = await makeTaskRun(t.store.pool, { state: "running" })
  const { rows } = await t.store.pool.query<{ id: string }>("select id from attempt where task_run_id = $1", [
    taskRun.id,
  ])
  const leaving = new AbortController()
  const response = await t.request(`/attempts/${rows[0]!.id}/logs/stream`, { signal: leaving.signal })
  const body = response.text()
  leaving.abort()
  assert.match(await body, /^retry: 1000/)
})

/** Server-sent events one by one; comments and `retry` are passed over. */
class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>
  #text = ""

  constructor(response: Response) {
    assert.equal(response.headers.get("content-type"), "text/event-stream; charset=utf-8")
    this.#reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  }

  async next(): Promise<object | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n")
      if (end < 0) {
        const { done, value } = await this.#reader.read()
        if (done) return null
        this.#text += value
        continue
      }
      const fields = this.#text.slice(0, end).split("\n")
      this.#text = this.#text.slice(end + 2)
      const field = (name: string) => fields.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2)
      const data = field("data")
      if (data === undefined) continue
      const parsed: unknown = JSON.parse(data)
      const content = Array.isArray(parsed)
        ? { messages: (parsed as { message: string }[]).map((line) => line.message) }
        : { data: parsed }
      return { event: field("event"), id: field("id"), ...content }
    }
  }
}
