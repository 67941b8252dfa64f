"use client"
import { Fragment, useState } from "react"
import type { WorkerView } from "#lib/contracts/api/system.ts"
import { ElapsedText, RelativeTime } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import type { StateGlyph } from "../ui/glyphs.ts"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

const LOOKS: Record<WorkerView["state"], { glyph: StateGlyph; label: string }> = {
  active: { glyph: "success", label: "Active" },
  draining: { glyph: "deferred", label: "Draining" },
  gone: { glyph: "cancelled", label: "Gone" },
}

/** Workers with what they run and when they were last heard of. A draining one finishes what it runs and takes no more. */
export function WorkerTable({ workers }: { workers: readonly WorkerView[] }) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (id: string) => {
    const next = new Set(open)
    if (!next.delete(id)) next.add(id)
    setOpen(next)
  }
  return (
    <Table aria-label="Workers" className="table-fixed">
      <thead>
        <tr>
          <Th className="w-[130px] max-sm:w-[112px]">State</Th>
          <Th>Worker</Th>
          <Th className="w-[110px] max-md:hidden">Version</Th>
          <Th isNumber className="w-[130px] max-sm:hidden">
            Up since
          </Th>
          <Th isNumber className="w-[130px] max-sm:hidden">
            Heard of
          </Th>
          <Th isNumber className="w-[130px] max-sm:w-[104px]">
            Slots in use
          </Th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <Fragment key={worker.id}>
            <Tr>
              <Td>
                <Mark glyph={LOOKS[worker.state].glyph}>{LOOKS[worker.state].label}</Mark>
              </Td>
              <Td title={worker.id}>
                <span className="font-med">{worker.host}</span> <span className="text-t3">process {worker.pid}</span>
              </Td>
              <Td className="text-t2 max-md:hidden">{worker.version}</Td>
              <Td isNumber className="text-t2 max-sm:hidden">
                <RelativeTime at={worker.startedAt} />
              </Td>
              <Td isNumber className="text-t2 max-sm:hidden">
                <RelativeTime at={worker.heartbeatAt} />
              </Td>
              <Td isNumber>
                {worker.tasks.length > 0 ? (
                  <button
                    type="button"
                    aria-expanded={open.has(worker.id)}
                    aria-label={`${worker.running} of ${worker.slots} slots in use on ${worker.host}, process ${worker.pid}: show the tasks`}
                    onClick={() => toggle(worker.id)}
                    className="inline-flex min-h-6 items-center gap-1 rounded-1 hover:text-accent-t"
                  >
                    <Icon name="right" size={12} className={open.has(worker.id) ? "rotate-90 text-t3" : "text-t3"} />
                    {worker.running} <span className="text-t3">of {worker.slots}</span>
                  </button>
                ) : (
                  <>
                    {worker.running} <span className="text-t3">of {worker.slots}</span>
                  </>
                )}
              </Td>
            </Tr>
            {open.has(worker.id) && worker.tasks.map((task) => <TaskRow key={task.attemptId} task={task} />)}
          </Fragment>
        ))}
      </tbody>
    </Table>
  )
}

function TaskRow({ task }: { task: WorkerView["tasks"][number] }) {
  return (
    <Tr>
      <Td>
        <Mark glyph="running" className="pl-4">
          Running
        </Mark>
      </Td>
      <Td>
        <Link
          className="font-med hover:text-accent-t"
          href={`/runs/${task.runId}?tab=gantt&task=${encodeURIComponent(task.taskId)}`}
        >
          {task.taskId}
        </Link>{" "}
        <span className="text-t3">
          {task.pipelineId}, run {task.runId}
        </span>
      </Td>
      <Td className="max-md:hidden" />
      <Td className="max-sm:hidden" />
      <Td className="max-sm:hidden" />
      <Td isNumber className="text-t2">
        <ElapsedText since={task.startedAt} until={null} />
      </Td>
    </Tr>
  )
}
