import type { Overview } from "#lib/contracts/api/system.ts"
import { plural } from "../format/count.ts"
import type { StateGlyph } from "../ui/glyphs.ts"

/** A piece of a sentence: plain, strong, or an instant that is shown in the person's zone. */
export type Phrase = string | { strong: string } | { time: string }

/** The one sentence that answers "is everything all right?", why, and the right next step. */
export interface Verdict {
  glyph: StateGlyph
  title: string
  lead: Phrase[]
  action: { label: string; href: string } | null
}

/**
 * Judges the estate, worst first: no worker (then nothing runs), failed pipelines, late data, failing checks, a workspace
 * that does not load, and only then "fine". The rest of the estate is called fine only where it is.
 */
export function verdictOf(overview: Overview): Verdict {
  const causes = causesOf(overview)
  const worst = causes[0]
  if (!worst) return fine(overview)
  const others = causes.slice(1)
  return {
    ...worst,
    title: others.length > 0 ? worst.title : `${worst.title} The rest of the estate is fine.`,
    lead: [...worst.lead, ...(others.length > 0 ? [` Also: ${joined(others.map((one) => one.short))}.`] : [])],
  }
}

type Cause = Verdict & { short: string }

function causesOf(overview: Overview): Cause[] {
  return [workers(overview), failures(overview), breaches(overview), checks(overview), workspace(overview)].filter(
    (cause) => cause !== null,
  )
}

function failures({ failedRuns }: Overview): Cause | null {
  const newest = failedRuns.toSorted((a, b) => b.finishedAt.localeCompare(a.finishedAt))[0]
  if (!newest) return null
  const one = failedRuns.length === 1
  const where: Phrase[] = newest.failedTaskId ? [" at ", { strong: newest.failedTaskId }] : []
  return {
    glyph: "failed",
    title: one ? "One pipeline needs you." : `${capital(failedRuns.length)} pipelines need you.`,
    lead: [
      { strong: newest.pipelineId },
      " failed ",
      { time: newest.finishedAt },
      ...where,
      ...(newest.errorMessage ? [`: ${sentence(newest.errorMessage)}`] : ["."]),
    ],
    action: one
      ? { label: "Open the failed run", href: `/runs/${newest.runId}` }
      : { label: "Open triage", href: "/triage" },
    short: one ? "one failed pipeline" : plural(failedRuns.length, "failed pipeline"),
  }
}

function breaches({ freshness }: Overview): Cause | null {
  const first = freshness.items.find(({ standing }) => standing === "error" || standing === "warn")
  if (freshness.breaches === 0 || !first) return null
  const one = freshness.breaches === 1
  return {
    glyph: "late",
    title: one ? "One dataset is late." : `${capital(freshness.breaches)} datasets are late.`,
    lead: [{ strong: first.dataset }, `: ${sentence(first.message)}`],
    action: one
      ? { label: "Open the dataset", href: `/datasets/${encodeURIComponent(first.dataset)}` }
      : { label: "Open the board", href: "/freshness" },
    short: plural(freshness.breaches, "late dataset"),
  }
}

function checks({ quality }: Overview): Cause | null {
  const { failingChecks: failing, warningChecks: warning } = quality
  if (failing === 0) return warning === 0 ? null : warnings(warning)
  return {
    glyph: "at_risk",
    title: failing === 1 ? "One check fails." : `${capital(failing)} checks fail.`,
    lead: ["All runs are fine, but their data is not as expected."],
    action: { label: "Open quality", href: "/quality" },
    short: plural(failing, "failing check"),
  }
}

/** Of severity warn: worth a look, nothing is stopped by it. */
function warnings(count: number): Cause {
  return {
    glyph: "at_risk",
    title: count === 1 ? "One check warns." : `${capital(count)} checks warn.`,
    lead: ["All runs are fine; their data has something to look at."],
    action: { label: "Open quality", href: "/quality" },
    short: plural(count, "warning check"),
  }
}

function workspace({ problems }: Overview): Cause | null {
  const first = problems[0]
  if (!first) return null
  return {
    glyph: "at_risk",
    title: problems.length === 1 ? "The workspace has a problem." : `The workspace has ${problems.length} problems.`,
    lead: [{ strong: first.line ? `${first.file}:${first.line}` : first.file }, `: ${sentence(first.message)}`],
    action: { label: "Open the problems", href: "/system" },
    short: plural(problems.length, "workspace problem"),
  }
}

function workers({ slots }: Overview): Cause | null {
  if (slots.total > 0) return null
  return {
    glyph: "at_risk",
    title: "No worker is running.",
    lead: ["Runs are queued and wait. Start one with ", { strong: "npm run worker" }, "."],
    action: { label: "Open the system page", href: "/system" },
    short: "no worker",
  }
}

function fine(overview: Overview): Verdict {
  const runs = overview.timeline.reduce((sum, row) => sum + row.runs.length, 0)
  const next = overview.nextRuns[0]
  return {
    glyph: "success",
    title: runs > 0 || overview.nextRuns.length > 0 ? "Everything is fine." : "Nothing has run yet.",
    lead: [
      runs === 0 ? "No run in the last 24 hours." : `${plural(runs, "run")} in the last 24 hours.`,
      ...(next ? [" Next is ", { strong: next.pipelineId }, " at ", { time: next.at }, "."] : []),
    ],
    action: null,
  }
}

const WORDS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"]

function capital(count: number): string {
  return WORDS[count] ?? String(count)
}

function joined(parts: string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`
}

/** The first sentence of a message, in at most 160 characters and with its full stop. */
function sentence(message: string): string {
  const line = message.split("\n")[0]?.trim() ?? ""
  const first = /^.*?[.!?](?=\s|$)/.exec(line)?.[0] ?? line
  const text = first.length > 160 ? `${first.slice(0, 159)}…` : first
  return /[.!?…]$/.test(text) ? text : `${text}.`
}
