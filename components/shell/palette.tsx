"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { Command } from "cmdk"
import { useRouter } from "next/navigation"
import * as Dialog from "radix-ui/dialog"
import { type ReactNode, useDeferredValue, useState } from "react"
import type { PipelineSummary } from "#lib/contracts/api/pipelines.ts"
import { Time } from "../format/time.tsx"
import { datasetListQuery } from "../queries/datasets.ts"
import { pipelineListQuery, useSetPaused } from "../queries/pipelines.ts"
import { runListQuery, useCreateRun } from "../queries/runs.ts"
import { approvalsQuery } from "../queries/waits.ts"
import { StatusGlyph } from "../status/status.tsx"
import type { ActionGlyph } from "../ui/glyphs.ts"
import { Icon } from "../ui/icon.tsx"
import { Kbd } from "../ui/kbd.tsx"
import { toast } from "../ui/toast.tsx"
import { PLACES } from "./places.ts"
import { readRecent } from "./recent.ts"
import { setTheme } from "./theme.ts"

const ITEM =
  "flex h-8 cursor-default select-none items-center gap-2.5 rounded-2 px-2 data-[selected=true]:bg-selected [&_svg]:text-t3"
// More would only have to be scrolled past; typing narrows them.
const SHOWN = 8

/** Jumps to any screen, pipeline, run and dataset, and does what can be done from anywhere. */
export function Palette({ onClose, onKeys }: { onClose: () => void; onKeys: () => void }) {
  const router = useRouter()
  const [search, setSearch] = useState("")
  const [picked, setPicked] = useState<string | null>(null)
  const needle = useDeferredValue(search.trim().toLowerCase())
  const pipelineList = useQuery(pipelineListQuery())
  const datasetList = useQuery(datasetListQuery())
  const pipelines = pipelineList.data ?? []
  const datasets = datasetList.data ?? []
  const isComplete = !pipelineList.isPending && !datasetList.isPending
  const go = (href: string) => {
    onClose()
    router.push(href)
  }
  const places = PLACES.filter((place) => place.label.toLowerCase().includes(needle))
  const foundPipelines = pipelines.filter((one) => matches(needle, one.id, ...one.tags)).slice(0, SHOWN)
  const foundDatasets = needle === "" ? [] : datasets.filter((one) => matches(needle, one.id)).slice(0, SHOWN)
  const recent = readRecent().filter((visit) => matches(needle, visit.label))
  const first =
    (needle === "" && recent[0] && `recent ${recent[0].href}`) ||
    places[0]?.href ||
    (foundPipelines[0] && `p ${foundPipelines[0].id}`) ||
    (foundDatasets[0] && `d ${foundDatasets[0].id}`) ||
    ""
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(13_16_20/.45)]" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-[20%] left-1/2 z-50 w-[560px] max-w-[calc(100vw-24px)] -translate-x-1/2 overflow-hidden rounded-3 bg-raised shadow-2 max-sm:top-3"
        >
          <Dialog.Title className="sr-only">Jump to or run</Dialog.Title>
          {/* Filtered here: cmdk's fuzzy match puts "daily_etl" behind anything that happens to hold its letters. */}
          <Command
            label="Jump to or run"
            shouldFilter={false}
            loop
            value={picked ?? first}
            // Before the lists are there cmdk picks what happens to stand alone, such as the search of logs.
            onValueChange={(value) => isComplete && setPicked(value)}
          >
            <div className="flex items-center gap-2 border-line border-b px-3">
              <Icon name="search" className="text-t3" />
              <Command.Input
                value={search}
                onValueChange={(value) => {
                  setSearch(value)
                  setPicked(null)
                }}
                placeholder="Jump to or run…"
                className="h-11 min-w-0 flex-1 bg-transparent text-14 outline-none"
              />
              <Kbd>Esc</Kbd>
            </div>
            <Command.List className="max-h-[min(420px,60vh)] overflow-auto p-1.5 [&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-12 [&_[cmdk-group-heading]]:text-t3">
              <Command.Empty className="px-2 py-3 text-t2">Nothing here is called “{search}”.</Command.Empty>
              {needle === "" && <Recent visits={recent} onGo={go} />}
              <Command.Group heading="Go to">
                {places.map((place) => (
                  <Row
                    key={place.href}
                    id={place.href}
                    icon={place.icon}
                    hint={`G ${place.key.toUpperCase()}`}
                    onSelect={() => go(place.href)}
                  >
                    {place.label}
                  </Row>
                ))}
                {foundPipelines.map((one) => (
                  <Row
                    key={one.id}
                    id={`p ${one.id}`}
                    icon="pipelines"
                    effect={one.schedule?.text ?? "by hand"}
                    onSelect={() => go(`/pipelines/${encodeURIComponent(one.id)}`)}
                  >
                    {one.id}
                  </Row>
                ))}
                {foundDatasets.map((one) => (
                  <Row
                    key={one.id}
                    id={`d ${one.id}`}
                    icon="datasets"
                    onSelect={() => go(`/datasets/${encodeURIComponent(one.id)}`)}
                  >
                    {one.id}
                  </Row>
                ))}
                <Runs needle={needle} onGo={go} />
                <Approvals needle={needle} onGo={go} />
              </Command.Group>
              <Actions pipelines={foundPipelines} needle={needle} onGo={go} onClose={onClose} onKeys={onKeys} />
              {needle !== "" && <Recent visits={recent} onGo={go} />}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function Recent({ visits, onGo }: { visits: { href: string; label: string }[]; onGo: (href: string) => void }) {
  if (visits.length === 0) return null
  return (
    <Command.Group heading="Recent">
      {visits.slice(0, 5).map((visit) => (
        <Row key={visit.href} id={`recent ${visit.href}`} icon="clock" onSelect={() => onGo(visit.href)}>
          {visit.label}
        </Row>
      ))}
    </Command.Group>
  )
}

/** Runs by id, pipeline or error text, searched by the server. */
function Runs({ needle, onGo }: { needle: string; onGo: (href: string) => void }) {
  const { data } = useInfiniteQuery({ ...runListQuery({ q: needle, limit: 5 }), enabled: needle.length > 0 })
  if (needle === "") return null
  return data?.pages[0]?.items.map((run) => (
    <Row
      key={run.id}
      id={`r ${run.id}`}
      glyph={<StatusGlyph state={run.state} />}
      effect={<Time at={run.createdAt} />}
      onSelect={() => onGo(`/runs/${run.id}`)}
    >
      Run {run.id} <span className="text-t2">of {run.pipelineId}</span>
    </Row>
  ))
}

/** What waits for an approval, by its question or where it stands; "approve" finds them all. */
function Approvals({ needle, onGo }: { needle: string; onGo: (href: string) => void }) {
  const { data } = useQuery({ ...approvalsQuery(), enabled: needle.length > 0 })
  if (needle === "" || !data) return null
  return data
    .filter((wait) => matches(needle, wait.approval?.title ?? "", wait.taskId, wait.pipelineId, "approve approval"))
    .slice(0, SHOWN)
    .map((wait) => (
      <Row
        key={wait.taskRunId}
        id={`a ${wait.taskRunId}`}
        glyph={<StatusGlyph state="deferred" />}
        effect={`${wait.taskId} of run ${wait.runId}`}
        onSelect={() => onGo(`/runs/${wait.runId}?task=${encodeURIComponent(wait.taskId)}`)}
      >
        {wait.approval?.title ?? wait.text}
      </Row>
    ))
}

function Actions(props: {
  pipelines: PipelineSummary[]
  needle: string
  onGo: (href: string) => void
  onClose: () => void
  onKeys: () => void
}) {
  const createRun = useCreateRun()
  const setPaused = useSetPaused()
  const { needle, onGo, onClose } = props
  // A verb before the name narrows to the verb: "pause daily".
  const shown = props.needle === "" ? [] : props.pipelines
  const run = (id: string) => {
    // The palette is gone by the time of the answer, and with it callbacks given to `mutate`; a promise is kept.
    const started = createRun.mutateAsync({ pipelineId: id })
    onClose()
    started.then(
      (made) =>
        toast.success(`Run ${made.id} of ${id} is queued.`, {
          action: { label: "Open", onClick: () => onGo(`/runs/${made.id}`) },
        }),
      () => {}, // The mutation told the person.
    )
  }
  return (
    <Command.Group heading="Do">
      {shown.map((one) => (
        <Row
          key={`run ${one.id}`}
          id={`run ${one.id}`}
          icon="play"
          effect={`starts ${one.tasksTotal} tasks`}
          onSelect={() => run(one.id)}
        >
          Run {one.id} now
        </Row>
      ))}
      {shown
        .filter((one) => one.schedule)
        .map((one) => (
          <Row
            key={`pause ${one.id}`}
            id={`pause ${one.id}`}
            icon={one.isPaused ? "play" : "pause"}
            effect={one.isPaused ? "its schedule starts runs again" : "no scheduled run starts"}
            onSelect={() => {
              onClose()
              setPaused.mutate({ id: one.id, isPaused: !one.isPaused })
            }}
          >
            {one.isPaused ? "Resume" : "Pause"} {one.id}
          </Row>
        ))}
      {matches(needle, "new backfill load a range again") && (
        <Row id="new backfill" icon="backfills" effect="shows a preview first" onSelect={() => onGo("/backfills/new")}>
          Load a range again…
        </Row>
      )}
      {needle.length >= 2 && (
        <Row
          id="search logs"
          icon="search"
          effect="lines and messages of failures"
          onSelect={() => onGo(`/logs?q=${encodeURIComponent(needle)}`)}
        >
          Search logs for “{needle}”
        </Row>
      )}
      {matches(needle, "theme dark light system") &&
        (["light", "dark", "system"] as const).map((theme) => (
          <Row
            key={theme}
            id={`theme ${theme}`}
            icon="theme"
            onSelect={() => {
              setTheme(theme)
              onClose()
            }}
          >
            Theme: {theme === "system" ? "like the system" : theme}
          </Row>
        ))}
      {matches(needle, "keys shortcuts help") && (
        <Row id="keys" icon="info" hint="?" onSelect={props.onKeys}>
          Keys of this screen
        </Row>
      )}
    </Command.Group>
  )
}

function Row(props: {
  id: string
  icon?: ActionGlyph
  glyph?: ReactNode
  hint?: string
  effect?: ReactNode
  onSelect: () => void
  children: ReactNode
}) {
  return (
    <Command.Item value={props.id} onSelect={props.onSelect} className={ITEM}>
      {props.icon ? <Icon name={props.icon} /> : props.glyph}
      <span className="min-w-0 flex-1 truncate">{props.children}</span>
      {props.effect && <small className="truncate text-t3">{props.effect}</small>}
      {props.hint && <Kbd>{props.hint}</Kbd>}
    </Command.Item>
  )
}

function matches(needle: string, ...texts: string[]): boolean {
  const words = needle.split(/\s+/).filter((word) => !["run", "pause", "resume", "now"].includes(word))
  return words.every((word) => texts.some((text) => text.toLowerCase().includes(word)))
}
