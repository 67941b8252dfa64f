import type { Backfill } from "#lib/contracts/api/backfills.ts"
import type { WebhookView } from "#lib/contracts/api/webhooks.ts"
import { query } from "./databases.ts"
import { HeadraceApi } from "./headrace-api.ts"

/** Things that screens need in order to have something to show. */
export interface Estate {
  run: string
  failedRun: string
  /** What the failed run is part of. */
  incident: string
  backfill: string
  /** A day that the backfill has loaded. */
  day: string
  /** A webhook to which a test was sent. */
  webhook: string
}

/** Makes the demo look lived in: runs that went well, one that failed, a backfill. Makes only what is not there yet. */
export async function furnish(baseUrl: string): Promise<Estate> {
  const api = new HeadraceApi(baseUrl)
  await api.quiet("daily_etl")
  const [failed] = await api.runs("pipelineId=daily_etl&state=failed&q=budget_gone")
  const failedRun = failed?.id ?? (await failedRunOf(api))
  const newest = (await api.runs("pipelineId=daily_etl"))[0]
  const run = newest?.state === "success" ? newest : await api.runToEnd("daily_etl")
  const backfills = (await api.get<{ items: Backfill[] }>("backfills?pipelineId=data_backfill")).items
  const backfill =
    backfills.find(({ state }) => state === "success") ??
    (await api.backfillToEnd({ pipelineId: "data_backfill", from: dayBack(12), to: dayBack(10), concurrency: 3 }))
  const webhook = await testedWebhook(api)
  const incident = await api.incidentOf(failedRun)
  return { run: run.id, failedRun, incident, backfill: backfill.id ?? "", day: backfill.range?.from ?? "", webhook }
}

export const WEBHOOK_URL = "https://ops.example.invalid/headrace"

async function testedWebhook(api: HeadraceApi): Promise<string> {
  const known = (await api.get<{ items: WebhookView[] }>("webhooks")).items.find(({ url }) => url === WEBHOOK_URL)
  if (known) return known.id
  const { id } = await api.post<WebhookView>("webhooks", { url: WEBHOOK_URL, events: ["run.failed"] })
  await api.post(`webhooks/${id}/test`, {})
  return id
}

/** The UTC day so many days ago; the shop's history ends yesterday. */
export function dayBack(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10)
}

/** A run that found a column missing in the shop. */
async function failedRunOf(api: HeadraceApi): Promise<string> {
  await query("HEADRACE_CONNECTION_SHOP", "alter table public.campaigns rename column budget to budget_gone")
  try {
    return (await api.runToEnd("daily_etl")).id
  } finally {
    await query("HEADRACE_CONNECTION_SHOP", "alter table public.campaigns rename column budget_gone to budget")
  }
}
