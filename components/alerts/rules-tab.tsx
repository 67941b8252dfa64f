"use client"
import type { UseQueryResult } from "@tanstack/react-query"
import { useState } from "react"
import type { AlertRuleView } from "#lib/contracts/api/alerts.ts"
import { useSaveAlertRule } from "../queries/alerts.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Link } from "../ui/link.tsx"
import { conditionWords, lengthWords, matchWords, originWords, SEVERITY_LOOK } from "./alert-words.ts"
import { RuleDialog } from "./dialogs.ts"
import { ReadingState } from "./reading-state.tsx"

/** Every rule: what it asks for, of what, and whether it is on. */
export function RulesTab({ reading }: { reading: UseQueryResult<AlertRuleView[]> }) {
  const [editing, setEditing] = useState<AlertRuleView | null>(null)
  const columns: Column<AlertRuleView>[] = [
    {
      id: "name",
      header: "Rule",
      width: "240px",
      className: "max-sm:w-auto",
      cell: (rule) => (
        <button
          type="button"
          data-row-link=""
          className="max-w-full truncate text-left font-strong hover:text-accent-t"
          title={rule.name}
          onClick={() => setEditing(rule)}
        >
          {rule.name}
        </button>
      ),
    },
    {
      id: "severity",
      header: "Severity",
      width: "104px",
      cell: (rule) => {
        const { glyph, label } = SEVERITY_LOOK[rule.severity]
        return <Mark glyph={glyph}>{label}</Mark>
      },
    },
    {
      id: "when",
      header: "When",
      className: "max-md:hidden",
      cell: (rule) => (
        <span className="text-t2" title={`when ${conditionWords(rule.condition)}`}>
          {conditionWords(rule.condition)}
          {rule.forSeconds > 0 && ` for ${lengthWords(rule.forSeconds)}`}
        </span>
      ),
    },
    {
      id: "match",
      header: "Of",
      width: "160px",
      className: "max-lg:hidden",
      cell: (rule) => <span className="text-t2">{matchWords(rule.match)}</span>,
    },
    {
      id: "origin",
      header: "From",
      width: "112px",
      className: "max-lg:hidden",
      cell: (rule) => <span className="text-t3">{originWords(rule)}</span>,
    },
    {
      id: "open",
      header: "Open",
      width: "64px",
      isNumber: true,
      className: "max-sm:hidden",
      cell: (rule) =>
        rule.open > 0 ? (
          <Link href={`/triage?kind=${rule.kind}`} className="font-strong text-failed-t">
            {rule.open}
          </Link>
        ) : (
          <span className="text-t3">–</span>
        ),
    },
    { id: "switch", header: "State", width: "96px", cell: (rule) => <RuleSwitch rule={rule} /> },
  ]
  return (
    <>
      <ReadingState reading={reading} what="alert rules" empty={<EmptyState title="No rules" />}>
        {(rules, isDimmed) => (
          <DataTable
            label="Alert rules"
            columns={columns}
            rows={rules}
            rowKey={(rule) => rule.id}
            isDimmed={isDimmed}
          />
        )}
      </ReadingState>
      {editing && <RuleDialog rule={editing} onClose={() => setEditing(null)} />}
    </>
  )
}

function RuleSwitch({ rule }: { rule: AlertRuleView }) {
  const save = useSaveAlertRule()
  const isOurs = rule.origin !== "workspace"
  return (
    <Button
      size="sm"
      variant={rule.isActive ? "ghost" : "default"}
      aria-pressed={rule.isActive}
      aria-label={`${rule.name}: ${rule.isActive ? "on" : "off"}`}
      title={isOurs ? (rule.isActive ? "Switch it off" : "Switch it on") : `It stands in ${originWords(rule)}`}
      disabled={!isOurs || save.isPending}
      onClick={() => save.mutate({ id: rule.id, isNew: false, isActive: !rule.isActive })}
    >
      <Mark glyph={rule.isActive ? "success" : "cancelled"}>{rule.isActive ? "On" : "Off"}</Mark>
    </Button>
  )
}
