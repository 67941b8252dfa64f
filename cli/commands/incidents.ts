import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  type Incident,
  type IncidentAction,
  incidentActionAnswerSchema,
  incidentDetailSchema,
  incidentSchema,
  incidentStatsSchema,
} from "#lib/contracts/api/incidents.ts"
import { retryIncidentsResultSchema } from "#lib/contracts/api/triage.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantOption } from "../instant-option.ts"
import { instantText, plain, table } from "../output.ts"

/** incidents list, show, stats, ack, assign, snooze, comment, resolve, retry. */
export function addIncidentCommands(program: Command, signal: AbortSignal): void {
  const incidents = program
    .command("incidents")
    .description("what is wrong, one entry a cause, and what is done about it")

  incidents
    .command("list", { isDefault: true })
    .description("list incidents that are not resolved, those with the newest occurrence first")
    .option("--state <states>", "comma-separated: open, acknowledged, resolved", "open,acknowledged")
    .option("--severity <severities>", "comma-separated: info, warning, critical")
    .option("--pipeline <id>", "that show in this pipeline")
    .option("--snoozed", "snoozed ones too")
    .option("--limit <number>", "at most so many", "50")
    .action(async (options: ListOptions, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/incidents", pageOf(incidentSchema), {
        state: options.state,
        severity: options.severity,
        pipelineId: options.pipeline,
        snoozed: options.snoozed ? "show" : "hide",
        limit: options.limit,
      })
      output.result(page, () =>
        table(
          ["ID", "SEVERITY", "STATE", "WHERE", "LAST", "TIMES", "AFFECTED", "ASSIGNEE", "WHAT"],
          page.items.map(rowOf),
          "Nothing is wrong.",
        ),
      )
    })

  incidents
    .command("show <incident>")
    .description("one incident with its timeline")
    .action(async (id: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const incident = await client.get(`/incidents/${encodeURIComponent(id)}`, incidentDetailSchema)
      output.result(incident, () =>
        [
          `${plain(incident.title)} (${incident.severity}, ${incident.state})`,
          plain(incident.message),
          `${placeOf(incident)}: ${incident.occurrences} times, ${incident.followers} affected`,
          ...incident.timeline.map(({ at, actor, type, body }) =>
            `${instantText(at)}  ${plain(actor)}  ${type} ${plain(body)}`.trimEnd(),
          ),
        ].join("\n"),
      )
    })

  incidents
    .command("stats")
    .description("how many there were, and how long it took to acknowledge and to resolve them")
    .option("--from <instant>", "opened since (default: 30 days ago)")
    .option("--to <instant>", "and before")
    .action(async (options: { from?: string; to?: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const range = { from: instantOption("--from", options.from), to: instantOption("--to", options.to) }
      const stats = await client.get("/incidents/stats", incidentStatsSchema, range)
      const length = (seconds: number | null) => (seconds === null ? "–" : `${Math.round(seconds / 6) / 10} min`)
      output.result(stats, () =>
        [
          `${stats.opened} opened, ${stats.acknowledged} acknowledged, ${stats.resolved} resolved`,
          `mean time to acknowledge ${length(stats.meanSecondsToAcknowledge)}, to resolve ${length(stats.meanSecondsToResolve)}`,
          `now ${stats.now.open} open, ${stats.now.acknowledged} acknowledged, ${stats.now.snoozed} snoozed`,
        ].join("\n"),
      )
    })

  const act = (
    name: string,
    description: string,
    toAction: (ids: string[], value: string | undefined) => IncidentAction,
  ) =>
    incidents
      .command(name)
      .description(description)
      .action(async (...given: unknown[]) => {
        const command = given.at(-1) as Command
        const [first, second] = given as [string | string[], string | string[] | object]
        const ids = Array.isArray(first) ? first : Array.isArray(second) ? second : [first]
        const value = Array.isArray(first) ? undefined : Array.isArray(second) ? first : undefined
        const { client, output } = contextOf(command, signal)
        const answer = await client.post("/incidents/actions", incidentActionAnswerSchema, toAction(ids, value))
        output.result(answer, () =>
          answer.items
            .map(({ id, state, title }) => {
              const note = answer.unchanged.includes(id) ? " already" : ""
              return `Incident ${id} is ${state}${note}: ${plain(title)}`
            })
            .join("\n"),
        )
      })

  act("ack <incidents...>", "acknowledge them: somebody sees to it", (ids) => ({ action: "acknowledge", ids }))
  act("unack <incidents...>", "take back that somebody sees to them", (ids) => ({ action: "unacknowledge", ids }))
  act("assign <person> <incidents...>", 'give them to a person ("-": to nobody)', (ids, person = "-") => ({
    action: "assign",
    ids,
    assignee: person === "-" ? null : person,
  }))
  act(
    "snooze <time> <incidents...>",
    'hide and silence them for 2h, 30m … or until an instant ("0": no longer)',
    (ids, time = "") => ({
      action: "snooze",
      ids,
      until: untilOf(time),
    }),
  )
  act("comment <text> <incidents...>", "write into their timelines", (ids, text = "") => ({
    action: "comment",
    ids,
    text,
  }))
  act("resolve <incidents...>", "say that they are over", (ids) => ({ action: "resolve", ids }))
  act("reopen <incidents...>", "take back that they are over", (ids) => ({ action: "reopen", ids }))

  incidents
    .command("retry <incidents...>")
    .description("run again what failed of their causes, each run once")
    .option("--newest", "with the newest version of the code")
    .option("--dry-run", "only say what would run again")
    .action(async (ids: string[], options: { newest?: boolean; dryRun?: boolean }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const body = { ids, version: options.newest ? "newest" : "pinned", dryRun: options.dryRun ?? false }
      const result = await client.post("/incidents/retry", retryIncidentsResultSchema, body)
      const lines = result.incidents.map(({ incidentId, text }) => `Incident ${incidentId}: ${plain(text)}`)
      output.result(result, () => [...lines, plain(result.text)].join("\n"))
    })

  for (const command of incidents.commands) command.exitOverride().configureHelp({ showGlobalOptions: true })
}

interface ListOptions {
  state: string
  severity?: string
  pipeline?: string
  snoozed?: boolean
  limit: string
}

/** @throws CliError `usage` for what is neither a length of time nor an instant. */
function untilOf(text: string): string | null {
  if (text === "0") return null
  const length = parseDuration(text)
  if (length !== null) return new Date(Date.now() + length).toISOString()
  const until = instantOption("the time", text)
  if (until === undefined) throw new CliError("Say for how long.", EXIT.usage)
  return until
}

function rowOf(incident: Incident): string[] {
  return [
    incident.id,
    incident.severity,
    incident.snoozedUntil ? `snoozed until ${instantText(incident.snoozedUntil)}` : incident.state,
    placeOf(incident),
    instantText(incident.lastAt),
    String(incident.occurrences),
    String(incident.followers),
    incident.assignee ?? "–",
    incident.title,
  ]
}

function placeOf({ pipelineId, taskId, datasetId }: Incident): string {
  return [pipelineId, taskId].filter((part) => part !== null).join("/") || datasetId || "–"
}
