import assert from "node:assert/strict"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { test } from "node:test"
import { WEBHOOK_EVENTS } from "../domain/webhook-events.ts"
import { eventPatternSchema } from "./webhook-message.ts"

test("docs/webhooks.md lists every event that can be subscribed to, and no other", async () => {
  const page = await readFile(path.resolve(import.meta.dirname, "../../docs/webhooks.md"), "utf8")
  const rows = page.split("\n").filter((line) => /^\| `[a-z_]+\./.test(line))
  const named = rows.flatMap((line) => [...line.split("|")[1]!.matchAll(/`([a-z_.]+)`/g)].map((match) => match[1]!))
  // A test is sent by hand, whatever an endpoint subscribes to.
  assert.deepEqual(named.sort(), [...WEBHOOK_EVENTS, "webhook.test"].sort())
})

test("takes names, groups and all, and nothing that could never happen", () => {
  for (const pattern of ["run.failed", "task_run.*", "*"])
    assert.ok(eventPatternSchema.safeParse(pattern).success, pattern)
  for (const pattern of ["run.exploded", "run", "runs.*", "*.failed", ""]) {
    assert.ok(!eventPatternSchema.safeParse(pattern).success, pattern)
  }
})
