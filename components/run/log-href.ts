/** One try of a task, or of one instance of it. */
export interface LogPlace {
  runId: string
  taskId: string
  mapIndex: number | null
  attempt: number
}

/** The page that shows the log of one try, at `line` where that is given. */
export function logHref({ runId, taskId, mapIndex, attempt }: LogPlace, line: number | null = null): string {
  const instance = mapIndex === null ? "" : `&index=${mapIndex}`
  const at = line === null ? "" : `&line=${line}`
  return `/runs/${runId}?tab=gantt&task=${encodeURIComponent(taskId)}${instance}&try=${attempt}${at}`
}
