import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { type Exposition, labels } from "./exposition.ts"

/** What is out of order now, and whether people hear of it. */
export function renderTrouble(out: Exposition, { live, incidents, alerts }: MetricsSnapshot): void {
  out.family(
    { name: "headrace_incidents", type: "gauge", help: "Incidents that are not resolved." },
    incidents.map(({ kind, severity, state, count }) => [count, labels({ kind, severity, state })]),
  )
  out.family({ name: "headrace_anomalies", type: "gauge", help: "Measurements that are out of what is expected." }, [
    [live.anomalies],
  ])
  out.family({ name: "headrace_deadlines_missed", type: "gauge", help: "Deadlines that are missed and not made up." }, [
    [live.deadlinesMissed],
  ])
  out.family({ name: "headrace_deliveries_waiting", type: "gauge", help: "Messages that are to be sent." }, [
    [live.webhooksWaiting, labels({ kind: "webhook" })],
    [alerts.reduce((sum, { pending }) => sum + pending, 0), labels({ kind: "alert" })],
  ])
  out.family(
    { name: "headrace_deliveries_given_up", type: "gauge", help: "Messages that were not taken after all tries." },
    [[live.webhooksDead, labels({ kind: "webhook" })]],
  )
  out.family(
    { name: "headrace_alert_deliveries_total", type: "counter", help: "Messages of incidents, by how they ended." },
    alerts.flatMap(({ channel, ...counts }) =>
      (["sent", "failed", "dropped"] as const).map((state) => [counts[state], labels({ channel, state })] as const),
    ),
  )
  out.family(
    { name: "headrace_delivery_oldest_seconds", type: "gauge", help: "How long the message waits that waits longest." },
    [
      [live.webhooksWaitingAge ?? 0, labels({ kind: "webhook" })],
      [Math.max(0, ...alerts.map(({ pendingAge }) => pendingAge ?? 0)), labels({ kind: "alert" })],
    ],
  )
  out.family({ name: "headrace_workspace_problems", type: "gauge", help: "What is wrong in the workspace." }, [
    [live.workspaceProblems],
  ])
}
