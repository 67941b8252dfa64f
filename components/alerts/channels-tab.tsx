"use client"
import type { UseQueryResult } from "@tanstack/react-query"
import { useState } from "react"
import type { AlertChannelView } from "#lib/contracts/api/alerts.ts"
import { RelativeTime } from "../format/time.tsx"
import { useTestAlertChannel } from "../queries/alerts.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { CHANNEL_WORDS, channelLook } from "./alert-words.ts"
import { ChannelDialog } from "./dialogs.ts"
import { ReadingState } from "./reading-state.tsx"

/** Every channel, how it fares, and a button that sends it a test. */
export function ChannelsTab({ reading }: { reading: UseQueryResult<AlertChannelView[]> }) {
  const [editing, setEditing] = useState<AlertChannelView | null>(null)
  const columns: Column<AlertChannelView>[] = [
    {
      id: "state",
      header: "State",
      width: "104px",
      cell: (channel) => {
        const { glyph, label } = channelLook(channel)
        return (
          <span title={channel.lastError ?? undefined}>
            <Mark glyph={glyph}>{label}</Mark>
          </span>
        )
      },
    },
    {
      id: "name",
      header: "Channel",
      cell: (channel) => (
        <button
          type="button"
          data-row-link=""
          className="max-w-full truncate text-left font-strong hover:text-accent-t"
          title={channel.description || channel.id}
          onClick={() => setEditing(channel)}
        >
          {channel.id}
        </button>
      ),
    },
    {
      id: "kind",
      header: "Speaks",
      width: "120px",
      className: "max-sm:hidden",
      cell: (channel) => <span className="text-t2">{CHANNEL_WORDS[channel.kind]}</span>,
    },
    {
      id: "error",
      header: "Last answer",
      className: "max-lg:hidden",
      cell: (channel) => (
        <span className="text-t2" title={channel.lastError ?? undefined}>
          {channel.lastError ?? "–"}
        </span>
      ),
    },
    {
      id: "routes",
      header: "Routes",
      width: "160px",
      className: "max-lg:hidden",
      cell: (channel) => <span className="text-t2">{channel.routes.join(", ") || "none"}</span>,
    },
    {
      id: "waiting",
      header: "Waiting",
      width: "80px",
      isNumber: true,
      className: "max-md:hidden",
      cell: (channel) => channel.waiting || <span className="text-t3">–</span>,
    },
    {
      id: "last",
      header: "Last told",
      width: "120px",
      isNumber: true,
      className: "max-md:hidden",
      cell: (channel) => <RelativeTime at={channel.lastDeliveredAt} className="text-t2" />,
    },
    {
      id: "test",
      header: <span className="sr-only">Actions</span>,
      width: "112px",
      cell: (channel) => <TestButton channel={channel} />,
    },
  ]
  const empty = (
    <EmptyState title="No channels">
      A channel is a variable of the workers' environment, so that its address and its key stay out of the database:{" "}
      <code>HEADRACE_NOTIFY_OPS=https://hooks.slack.com/…</code>, <code>smtp://…</code>, <code>pagerduty://…</code>,{" "}
      <code>opsgenie://…</code>, <code>teams+https://…</code> or the <code>https://…</code> of a webhook. Start the
      workers anew, and it stands here.
    </EmptyState>
  )
  return (
    <>
      <ReadingState reading={reading} what="alert channels" empty={empty}>
        {(channels, isDimmed) => (
          <DataTable
            label="Alert channels"
            columns={columns}
            rows={channels}
            rowKey={(channel) => channel.id}
            isDimmed={isDimmed}
          />
        )}
      </ReadingState>
      {editing && <ChannelDialog channel={editing} channels={reading.data ?? []} onClose={() => setEditing(null)} />}
    </>
  )
}

function TestButton({ channel }: { channel: AlertChannelView }) {
  const test = useTestAlertChannel()
  return (
    <Button
      size="sm"
      variant="ghost"
      icon="play"
      aria-label={`Send a test to ${channel.id}`}
      title={channel.isActive ? "Sends a message that says that nothing is wrong" : "It is switched off"}
      disabled={!channel.isActive || test.isPending}
      onClick={() => test.mutate(channel.id)}
    >
      Send test
    </Button>
  )
}
