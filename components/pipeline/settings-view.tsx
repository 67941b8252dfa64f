"use client"
import type { ReactNode } from "react"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { schemeText } from "#lib/domain/partition-scheme.ts"
import { formatDuration } from "../format/duration.ts"
import { Time } from "../format/time.tsx"
import { Facts } from "../ui/card.tsx"
import { NextRuns } from "./next-runs.tsx"
import { type ParamField, paramFields } from "./param-fields.ts"

const CATCHUP = {
  latest: "One run for the newest missed interval",
  all: "One run for each missed interval",
  none: "None: it waits for the next tick",
} as const

/** What the definition says of the pipeline. It is changed in the workspace's files, so here it is read only. */
export function SettingsView({ pipeline }: { pipeline: PipelineDetail }) {
  const { manifest } = pipeline
  if (!manifest) return null
  const params = paramFields(manifest.params)
  const facts: [string, ReactNode][] = [
    ["Declared in", <code key="file">{manifest.file}</code>],
    ["Schedule", schedule(pipeline)],
    ["Starts from", manifest.startDate ? <Time key="start" at={manifest.startDate} /> : "when it was first seen"],
    ["After a pause", CATCHUP[manifest.catchup]],
    ["Runs at once", `${manifest.maxActiveRuns} at most`],
    [
      "Partition",
      manifest.partition
        ? `one of ${schemeText(manifest.partition)} a run`
        : "not partitioned, so no backfill by range",
    ],
    ["Owner", pipeline.owner ?? "nobody yet"],
    ["Tags", pipeline.tags.join(", ") || "none"],
    ["Tasks", `${manifest.tasks.length} in ${manifest.groups.length} groups`],
    ["Usual duration", formatDuration(pipeline.medianDurationMs)],
  ]
  return (
    <section
      aria-label="Settings"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
      tabIndex={0}
      className="flex min-h-0 flex-1 flex-col gap-6 overflow-auto px-6 py-5 focus-visible:-outline-offset-2 max-sm:px-4"
    >
      <p className="text-t2">
        These settings stand in the workspace and are changed there; a saved change becomes the next version.
      </p>
      <Facts items={facts} className="max-w-[760px] grid-cols-[144px_1fr] gap-y-2" />
      {pipeline.schedule && (
        <section className="max-w-[960px]">
          <h2 className="mb-2">Next runs</h2>
          <NextRuns pipeline={pipeline} />
        </section>
      )}
      {params.length > 0 && (
        <section className="max-w-[760px]">
          <h2 className="mb-2">Params</h2>
          <Facts
            className="grid-cols-[144px_1fr] gap-y-2"
            items={params.map((field) => [<code key={field.name}>{field.name}</code>, paramWords(field)])}
          />
        </section>
      )}
    </section>
  )
}

function paramWords(field: ParamField): string {
  const kind = field.kind === "choice" ? field.choices.join(" or ") : field.isWhole ? "whole number" : field.kind
  const need = field.isRequired ? "needed" : field.initial === "" ? "optional" : `${field.initial} unless given`
  return `${kind}, ${need}${field.description ? `. ${field.description}` : ""}`
}

function schedule(pipeline: PipelineDetail): ReactNode {
  if (!pipeline.schedule) return "none: it is started by hand"
  return (
    <span>
      {pipeline.schedule.text.split("; ").map((text) => (
        <span key={text} className="block">
          {text}
        </span>
      ))}
      {pipeline.schedule.cron && <code className="text-t3">{pipeline.schedule.cron}</code>}
    </span>
  )
}
