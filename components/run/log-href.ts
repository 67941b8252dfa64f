/** The page that shows the log of one try of a task in a run. */
export function logHref(runId: string, taskId: string, attempt: number): string {
  return `/runs/${runId}?tab=gantt&task=${encodeURIComponent(taskId)}&try=${attempt}`
}
