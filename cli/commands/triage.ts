import type { Command } from "commander"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import { incidentDetailSchema } from "#lib/contracts/api/incidents.ts"
import { type LogSearchPage, logSearchPageSchema } from "#lib/contracts/api/log-search.ts"
import { bulkResultSchema } from "#lib/contracts/api/runs.ts"
import { type RunChanges, runChangesSchema, type Triage, triageSchema } from "#lib/contracts/api/triage.ts"
import { contextOf } from "../context.ts"
import { instantOption } from "../instant-option.ts"
import { faint, instantText, plain, table } from "../output.ts"

/** triage, changes, search. */
export function addTriageCommands(program: Command, signal: AbortSignal): void {
  program
    .command("triage <incident>")
    .description("show what changed, where it failed first, who is affected and what to do")
    .option("--retry", "run again what failed of its cause")
    .option("--newest", "with --retry: with the newest version of the code")
    .option("--dry-run", "with --retry: only say what would run again")
    .action(async (id: string, options: { retry?: boolean; newest?: boolean; dryRun?: boolean }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      if (options.retry) {
        const body = { version: options.newest ? "newest" : "pinned", dryRun: options.dryRun ?? false }
        const result = await client.post(`/incidents/${encodeURIComponent(id)}/retry`, bulkResultSchema, body)
        return output.result(result, () => plain(result.text))
      }
      const incident = await client.get(`/incidents/${encodeURIComponent(id)}`, incidentDetailSchema)
      const triage = await client.get(`/incidents/${encodeURIComponent(id)}/triage`, triageSchema)
      output.result({ incident, ...triage }, () => triageText(incident, triage))
    })

  program
    .command("changes <run>")
    .description("show what differs between a run and the last of its pipeline that went well before it")
    .action(async (id: string, _: unknown, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const changes = await client.get(`/runs/${encodeURIComponent(id)}/changes`, runChangesSchema)
      output.result(changes, () => changesText(changes))
    })

  program
    .command("search <text>")
    .description("search all logs and messages of failures, newest first")
    .option("--level <level>", "this level and above: debug, info, warn, error")
    .option("--pipeline <id>", "only this pipeline")
    .option("--run <id>", "only this run")
    .option("--from <instant>", "what ended from then on")
    .option("--to <instant>", "what ended up to then")
    .option("--limit <number>", "at most so many attempts", "25")
    .action(async (text: string, options: Record<string, string | undefined>, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/logs/search", logSearchPageSchema, {
        q: text,
        level: options.level,
        pipelineId: options.pipeline,
        runId: options.run,
        from: instantOption("--from", options.from),
        to: instantOption("--to", options.to),
        limit: options.limit,
      })
      output.result(page, () => searchText(page))
    })
}

function triageText(incident: Incident, triage: Triage): string {
  const { changes, firstError, blastRadius } = triage
  const parts = [
    `${plain(incident.title)}\n${faint(`${incident.severity}, ${incident.state}, ${incident.occurrences} times since ${instantText(incident.firstAt)}`)}`,
    section(
      "What to do",
      triage.nextSteps.map(({ text }) => text),
    ),
    firstError &&
      section(
        "First error",
        firstError.lines.map(({ line, level, message }) => `${line} ${level} ${message}`),
      ),
    changes && section("What changed", changesText(changes).split("\n")),
    section(
      "Affected",
      blastRadius.affected.map(({ id, owner }) => `${id}${owner ? ` (${owner})` : ""}`),
    ),
  ]
  return parts.filter((part) => part).join("\n\n")
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [faint(title), ...lines.map((line) => `  ${plain(line)}`)].join("\n")
}

function changesText({ lastSuccess, changes, failedBefore }: RunChanges): string {
  const failed = failedBefore.map(
    ({ taskId, failures, message }) =>
      `${plain(taskId)} failed ${failures === 1 ? "once" : `${failures} times`} before it went well${message ? `: ${plain(message)}` : "."}`,
  )
  if (lastSuccess === null) return [...failed, "No run went well before it."].join("\n")
  const rows = changes.map((change) => [String(change.suspicion), change.kind, change.subject, change.text])
  const compared = table(
    ["SUSPICION", "WHAT", "WHERE", "CHANGE"],
    rows,
    `Nothing that is recorded differs from run ${lastSuccess.id}.`,
  )
  return [...failed, compared].join("\n")
}

function searchText({ items, searched, nextCursor }: LogSearchPage): string {
  const blocks = items.map((hit) => {
    const head = `run ${hit.runId} ${hit.pipelineId}/${hit.taskId}, try ${hit.attempt}, ${instantText(hit.endedAt)}`
    const lines = hit.lines.map(({ line, level, message }) => `  ${line} ${level} ${message}`)
    if (hit.failure !== null) lines.unshift(`  failed: ${hit.failure}`)
    if (hit.hasMore) lines.push("  …")
    return [faint(head), ...lines.map(plain)].join("\n")
  })
  const back = searched.backTo === null ? "" : ` back to ${instantText(searched.backTo)}`
  const end = `Searched ${searched.lines} lines of ${searched.attempts} attempts${back}.`
  const more = nextCursor === null || searched.backTo === null ? "" : ` Go on with --to ${searched.backTo}.`
  return [...blocks, items.length === 0 ? `Nothing found. ${end}${more}` : faint(`${end}${more}`)].join("\n\n")
}
