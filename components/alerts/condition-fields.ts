import { type AlertCondition, type AlertKind, METRIC_OPERATORS } from "#lib/domain/alert-rule.ts"

/** An input of a rule's condition. */
export interface ConditionField {
  name: string
  label: string
  type: "number" | "text" | "names" | "choice" | "check"
  /** Of a choice: value and word. */
  options?: readonly (readonly [string, string])[]
  initial: string | boolean
}

const LEVEL: ConditionField = {
  name: "level",
  label: "From",
  type: "choice",
  options: [
    ["warn", "Warning"],
    ["error", "Error"],
  ],
  initial: "error",
}

/** What is asked for each kind of rule, in the order of the form. */
export const CONDITION_FIELDS: Record<AlertKind, readonly ConditionField[]> = {
  pipeline_failure: [
    { name: "errorKinds", label: "Kinds of errors (empty: all)", type: "names", initial: "" },
    { name: "withBackfills", label: "Runs of backfills too", type: "check", initial: true },
  ],
  freshness_breach: [LEVEL],
  quality_below: [
    { name: "below", label: "Below", type: "number", initial: "90" },
    {
      name: "dimension",
      label: "Score",
      type: "choice",
      options: ["overall", "completeness", "validity", "uniqueness", "consistency", "timeliness", "volume"].map(
        (name) => [name, name] as const,
      ),
      initial: "overall",
    },
  ],
  check_failure: [LEVEL],
  anomaly: [
    { name: "metrics", label: "Metrics (empty: all)", type: "names", initial: "" },
    { ...LEVEL, initial: "warn" },
  ],
  duration_anomaly: [
    {
      name: "method",
      label: "Compared with",
      type: "choice",
      options: [
        ["mean", "the mean"],
        ["robust", "median and deviation"],
      ],
      initial: "mean",
    },
    { name: "factor", label: "Times", type: "number", initial: "2" },
    { name: "days", label: "Of the last days", type: "number", initial: "7" },
    { name: "minRuns", label: "With at least runs", type: "number", initial: "5" },
    { name: "minSeconds", label: "Longer by at least seconds", type: "number", initial: "60" },
  ],
  deadline_missed: [],
  queue_backlog: [
    { name: "tasks", label: "More tasks than", type: "number", initial: "1000" },
    { name: "waitSeconds", label: "Or one waits for seconds", type: "number", initial: "900" },
  ],
  worker_lost: [],
  metric: [
    { name: "metric", label: "Metric", type: "text", initial: "" },
    { name: "column", label: "Column (empty: of the table)", type: "text", initial: "" },
    {
      name: "operator",
      label: "Is",
      type: "choice",
      options: METRIC_OPERATORS.map((operator) => [operator, operator] as const),
      initial: ">",
    },
    { name: "value", label: "Number", type: "number", initial: "0" },
  ],
}

export type ConditionInputs = Record<string, string | boolean>

/** What the inputs of a condition hold at first. */
export function inputsOf(kind: AlertKind, condition: AlertCondition | null): ConditionInputs {
  const known = (condition ?? {}) as unknown as Record<string, unknown>
  return Object.fromEntries(
    CONDITION_FIELDS[kind].map(({ name, initial }) => {
      const value = known[name]
      if (value === undefined) return [name, initial]
      if (typeof value === "boolean") return [name, value]
      return [name, Array.isArray(value) ? value.join(", ") : String(value)]
    }),
  )
}

/** The condition that inputs make; what does not fit is found by the contract. */
export function conditionOf(kind: AlertKind, inputs: ConditionInputs): Record<string, unknown> {
  const values = CONDITION_FIELDS[kind].map(({ name, type }) => {
    const value = inputs[name]
    if (type === "number") return [name, value === "" ? null : Number(value)]
    if (type === "names")
      return [
        name,
        String(value)
          .split(",")
          .flatMap((one) => one.trim() || []),
      ]
    return [name, typeof value === "string" ? value.trim() : value]
  })
  return { kind, ...Object.fromEntries(values) }
}
