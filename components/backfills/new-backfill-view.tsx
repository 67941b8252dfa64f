"use client"
import { useQuery } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import {
  parseAsArrayOf,
  parseAsInteger,
  parseAsIsoDate,
  parseAsJson,
  parseAsString,
  parseAsStringLiteral,
  useQueryStates,
} from "nuqs"
import { useMemo } from "react"
import type { Backfill, CreateBackfill } from "#lib/contracts/api/backfills.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { BACKFILL_SELECTIONS } from "#lib/domain/backfill-plan.ts"
import { partitionScheme } from "#lib/domain/partition-scheme.ts"
import { TASK_NEIGHBOURS } from "#lib/domain/select-tasks.ts"
import { type ParamField, paramFields, paramProblem, paramValues } from "../pipeline/param-fields.ts"
import { backfillPreviewQuery, useCreateBackfill } from "../queries/backfills.ts"
import { adviceFor } from "../queries/client.ts"
import { pipelineDetailQuery } from "../queries/pipelines.ts"
import { PartitionStrip } from "../status/partition-strip.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { toast } from "../ui/toast.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { type BackfillChoice, BackfillForm, lastDays } from "./backfill-form.tsx"
import { countSelections, daysOf, lastStateOf, planWords } from "./backfill-words.ts"
import { SlotTable } from "./slot-table.tsx"

const PARSERS = {
  pipeline: parseAsString.withDefault(""),
  from: parseAsIsoDate,
  to: parseAsIsoDate,
  partitions: parseAsString.withDefault(""),
  selection: parseAsStringLiteral(BACKFILL_SELECTIONS).withDefault("missing_failed"),
  order: parseAsStringLiteral(["oldest", "newest"] as const).withDefault("oldest"),
  concurrency: parseAsInteger.withDefault(1),
  priority: parseAsInteger.withDefault(0),
  keys: parseAsArrayOf(parseAsString).withDefault([]),
  perRun: parseAsInteger.withDefault(1),
  task: parseAsArrayOf(parseAsString).withDefault([]),
  with: parseAsStringLiteral(TASK_NEIGHBOURS).withDefault("downstream"),
  params: parseAsJson(textsOf).withDefault({}),
}

/** An object of texts; null for anything else that an address may hold. */
function textsOf(value: unknown): Record<string, string> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null
  return Object.values(value).every((text) => typeof text === "string") ? (value as Record<string, string>) : null
}

/** Load a range again: choices at the left, what they would do at the right, worked out by the planner itself. */
export function NewBackfillView() {
  const [state, setState] = useQueryStates(PARSERS, { history: "replace" })
  const fallback = useMemo(() => lastDays(7, Date.now()), [])
  const { task: tasks, ...rest } = state
  const choice: BackfillChoice = {
    ...rest,
    tasks,
    from: state.from?.toISOString().slice(0, 10) ?? fallback.from,
    to: state.to?.toISOString().slice(0, 10) ?? fallback.to,
    concurrency: Math.min(64, Math.max(1, state.concurrency)),
    priority: Math.min(1000, Math.max(-1000, state.priority)),
    perRun: Math.min(1000, Math.max(1, state.perRun)),
  }
  const pipelineId = choice.pipeline
  const detail = useQuery({ ...pipelineDetailQuery(pipelineId), enabled: pipelineId !== "" }).data
  const request = toRequest(choice, detail?.manifest ?? null)
  const plan = useDebounced(JSON.stringify(request), 200)
  const preview = useQuery({ ...backfillPreviewQuery(JSON.parse(plan)), enabled: pipelineId !== "" && !!detail })
  const change = ({ from, to, tasks: task, pipeline, ...others }: Partial<BackfillChoice>) =>
    void setState({
      ...others,
      ...(task ? { task } : {}),
      // What was chosen of another pipeline means nothing here.
      ...(pipeline === undefined ? {} : { pipeline, task: [], keys: [], params: {}, partitions: "" }),
      ...(from ? { from: new Date(`${from}T00:00:00Z`) } : {}),
      ...(to ? { to: new Date(`${to}T00:00:00Z`) } : {}),
    })
  const data = pipelineId === "" ? undefined : preview.data
  return (
    <>
      <PageHeader
        title={pipelineId ? `Backfill ${pipelineId}` : "New backfill"}
        beside={<span className="text-t2">Load a range again, without loading what is already right</span>}
        actions={<CopyLink />}
        className="border-line border-b"
      />
      <div className="flex min-h-0 flex-1 max-lg:flex-col max-lg:overflow-auto">
        <BackfillForm
          choice={choice}
          counts={data ? countSelections(data.slots) : null}
          days={daysOf(data?.slots ?? [])}
          onChange={change}
        />
        <div className="flex min-h-0 min-w-0 flex-1 flex-col max-lg:min-h-[420px] max-lg:flex-none">
          {pipelineId === "" ? (
            <EmptyState title="Choose a pipeline">
              The preview shows one row a partition: how it stands, what the backfill would do with it, and why.
            </EmptyState>
          ) : preview.isError ? (
            <ErrorState
              title="This cannot be planned"
              message={adviceFor(preview.error)}
              onRetry={() => void preview.refetch()}
            />
          ) : data ? (
            <Preview
              plan={data}
              request={request}
              isOld={preview.isPlaceholderData || plan !== JSON.stringify(request)}
            />
          ) : (
            <SkeletonRows label="Working out the plan" rowHeight={28} />
          )}
        </div>
      </div>
    </>
  )
}

function toRequest(choice: BackfillChoice, manifest: Manifest | null): CreateBackfill {
  const { pipeline, from, to, partitions, tasks, keys, with: neighbours, params, ...rest } = choice
  const scheme = manifest?.partition ? partitionScheme(manifest.partition) : null
  const isTimed = scheme === null || scheme.unit !== null
  return {
    ...rest,
    pipelineId: pipeline,
    ...(partitions.trim() !== "" ? { partitions } : isTimed ? { from, to } : {}),
    ...(tasks.length === 0 ? {} : { tasks, with: neighbours }),
    ...(scheme?.keys ? { keys } : {}),
    params: paramsOf(manifest, params),
    perRun: isTimed ? choice.perRun : 1,
  }
}

/** Inputs that hold nothing that fits are left out; the form says what is wrong with them. */
function paramsOf(manifest: Manifest | null, texts: Record<string, string>): JsonObject {
  const fields = paramFields(manifest?.params ?? null)
  const textOf = (field: ParamField) => texts[field.name] ?? field.initial
  const good = fields.filter((field) => paramProblem(field, textOf(field)) === null)
  return paramValues(good, Object.fromEntries(good.map((field) => [field.name, textOf(field)])))
}

function Preview({ plan, request, isOld }: { plan: Backfill; request: CreateBackfill; isOld: boolean }) {
  const byTime = plan.slots.toSorted((a, b) => a.logicalAt.localeCompare(b.logicalAt))
  return (
    <>
      <section aria-label="Preview" className="flex-none px-6 pt-3 pb-3 max-sm:px-4">
        <h2 className="mb-3 flex gap-2">
          Preview <span className="font-body text-t3">updates as you choose; underlined partitions will run</span>
        </h2>
        <PartitionStrip
          label={planWords(plan).title}
          cells={byTime.map((slot) => ({
            key: slot.partitionKey,
            state: lastStateOf(slot),
            isPlanned: slot.action === "create",
          }))}
        />
      </section>
      <div className={`flex min-h-0 flex-1 flex-col ${isOld ? "opacity-60" : ""}`}>
        <SlotTable slots={plan.slots} mode="preview" />
      </div>
      <Summary plan={plan} request={request} isOld={isOld} />
    </>
  )
}

function Summary({ plan, request, isOld }: { plan: Backfill; request: CreateBackfill; isOld: boolean }) {
  const router = useRouter()
  const create = useCreateBackfill()
  const words = planWords(plan)
  const count = plan.counts.create
  const canRun = count > 0 && !isOld && !create.isPending
  const keys = useMemo<Shortcut[]>(
    () => [
      {
        keys: "mod+Enter",
        label: "Run the backfill",
        run: () => document.querySelector<HTMLButtonElement>("[data-run-backfill]")?.click(),
      },
    ],
    [],
  )
  useKeys(keys)
  const run = () =>
    create.mutate(request, {
      onSuccess: (made) => {
        toast.success(`Backfill ${made.id} runs ${count} partitions.`)
        router.push(`/backfills/${made.id}`)
      },
    })
  return (
    <div className="flex min-h-[72px] flex-none flex-wrap items-center gap-3 border-line border-t bg-surface px-6 py-3 max-sm:px-4">
      <div className="min-w-0 flex-1">
        <p className="font-[560] text-16" role="status">
          {words.title}
        </p>
        <p className="text-t2">{words.note}</p>
      </div>
      <Button
        variant="primary"
        hint="Ctrl ↵"
        data-run-backfill=""
        disabled={!canRun}
        title={count === 0 ? "Every partition of this choice is skipped" : ""}
        onClick={run}
      >
        {count === 1 ? "Run 1 partition" : `Run ${count} partitions`}
      </Button>
    </div>
  )
}

function CopyLink() {
  const copy = () =>
    navigator.clipboard.writeText(window.location.href).then(
      () => toast.success("The address of this plan is copied."),
      () => toast.error("The browser does not let pages copy. Copy the address from its bar."),
    )
  return (
    <Button icon="link" onClick={() => void copy()}>
      Copy link
    </Button>
  )
}
