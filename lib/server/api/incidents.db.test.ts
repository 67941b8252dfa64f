import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { Page } from "#lib/contracts/api/common.ts"
import type { Incident, IncidentDetail, IncidentStats } from "#lib/contracts/api/incidents.ts"
import { TestApi } from "#test/api-client.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
  await t.store.pool.query(
    `insert into incident (key, kind, title, severity, pipeline_id, owner, opened_at, last_at, first_at)
     select 'failure:' || n, 'pipeline_failure', 'Cause ' || n, (array['info', 'warning', 'critical'])[1 + n % 3],
            'pipeline_' || n % 2, 'Data platform', now() - n * interval '1 hour', now() - n * interval '1 hour',
            now() - n * interval '1 hour'
     from generate_series(1, 9) n`,
  )
})
after(() => t.close())

const titles = async (query: string) =>
  (await t.get<Page<Incident>>(`/incidents${query}`)).items.map(({ title }) => title)
const act = async (body: object) => t.post<{ items: Incident[]; unchanged: string[] }>("/incidents/actions", body)

test("pages through incidents, the newest occurrence first, each once", async () => {
  const seen: string[] = []
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page<Incident> = await t.get(`/incidents?limit=4${cursor && `&cursor=${cursor}`}`)
    seen.push(...page.items.map(({ title }) => title))
    cursor = page.nextCursor
  }
  assert.deepEqual(
    seen,
    [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `Cause ${n}`),
  )
})

test("narrows incidents by state, severity, pipeline and words", async () => {
  assert.deepEqual(await titles("?severity=critical"), ["Cause 2", "Cause 5", "Cause 8"])
  assert.deepEqual(await titles("?pipelineId=pipeline_0&severity=critical,info"), ["Cause 2", "Cause 6", "Cause 8"])
  assert.deepEqual(await titles("?q=cause%207"), ["Cause 7"])
  assert.deepEqual(await titles("?state=resolved"), [])
  assert.equal((await t.request("/incidents?state=gone")).status, 400)
})

test("acts on many at once, says what did not change, and snoozed ones are out of sight", async () => {
  const [first, second] = (await t.get<Page<Incident>>("/incidents?limit=2")).items.map(({ id }) => id)
  await act({ action: "acknowledge", ids: [first] })
  const answer = await act({ action: "acknowledge", ids: [first, second] })
  assert.deepEqual(answer.unchanged, [first])
  assert.deepEqual(
    answer.items.map(({ state, assignee }) => [state, assignee]),
    [
      ["acknowledged", "local owner"],
      ["acknowledged", "local owner"],
    ],
  )
  await act({ action: "snooze", ids: [second], until: new Date(Date.now() + 3_600_000).toISOString() })
  assert.deepEqual(await titles("?state=acknowledged"), ["Cause 1"])
  assert.deepEqual(await titles("?snoozed=only"), ["Cause 2"])
  await act({ action: "resolve", ids: [first], text: "Done." })
  const detail = await t.get<IncidentDetail>(`/incidents/${first}`)
  assert.deepEqual(
    [detail.state, detail.resolvedBy, detail.timeline.at(-1)?.body],
    ["resolved", "local owner", "Done."],
  )
  assert.equal((await t.send("/incidents/actions", { action: "resolve", ids: ["99"] })).status, 404)
  assert.equal((await t.send("/incidents/actions", { action: "assign", ids: [first], assignee: "x" })).status, 409)
})

test("measures how long it took to acknowledge and to resolve", async () => {
  const stats = await t.get<IncidentStats>("/incidents/stats")
  assert.deepEqual([stats.opened, stats.acknowledged, stats.resolved], [9, 2, 1])
  assert.ok(Math.abs(stats.meanSecondsToAcknowledge! - 5_400) < 60)
  assert.ok(Math.abs(stats.meanSecondsToResolve! - 3_600) < 60)
  assert.deepEqual(stats.now, { open: 7, acknowledged: 0, snoozed: 1, critical: 2 })
  assert.equal((await t.get<IncidentStats>("/incidents/stats?to=2020-01-01T00:00:00Z")).meanSecondsToResolve, null)
})
