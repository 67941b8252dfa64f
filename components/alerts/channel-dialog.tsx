"use client"
import { useState } from "react"
import { useForm } from "react-hook-form"
import type { AlertChannelView } from "#lib/contracts/api/alerts.ts"
import { useChangeAlertChannel, useCreateAlertChannel, useRemoveAlertChannel } from "../queries/alerts.ts"
import { ApiError } from "../queries/client.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input, Select } from "../ui/input.tsx"
import { CHANNEL_WORDS, namesOf } from "./alert-words.ts"

interface Inputs {
  id: string
  variable: string
  description: string
  maxPerHour: string
  to: string
  subject: string
  text: string
}

/** Makes a channel over a variable of the environment, or changes what is not secret of one. */
export function ChannelDialog({
  channel,
  channels,
  onClose,
}: {
  channel: AlertChannelView | null
  channels: readonly AlertChannelView[]
  onClose: () => void
}) {
  const create = useCreateAlertChannel()
  const change = useChangeAlertChannel()
  const remove = useRemoveAlertChannel()
  const [problem, setProblem] = useState<string | null>(null)
  const variables = channels.filter(({ origin }) => origin === "environment")
  const form = useForm<Inputs>({
    defaultValues: {
      id: channel?.id ?? "",
      variable: channel?.variable ?? variables[0]?.variable ?? "",
      description: channel?.description ?? "",
      maxPerHour: channel?.maxPerHour == null ? "" : String(channel.maxPerHour),
      to: (channel?.settings.to ?? []).join(", "),
      subject: channel?.settings.templates?.subject ?? "",
      text: channel?.settings.templates?.text ?? "",
    },
  })
  const submit = form.handleSubmit(async (inputs) => {
    setProblem(null)
    const { subject, text } = inputs
    const to = namesOf(inputs.to)
    const common = {
      description: inputs.description.trim(),
      maxPerHour: inputs.maxPerHour === "" ? null : Number(inputs.maxPerHour),
      settings: {
        ...(to.length > 0 && { to }),
        ...((subject || text) && { templates: { ...(subject && { subject }), ...(text && { text }) } }),
      },
    }
    try {
      if (channel) await change.mutateAsync({ id: channel.id, ...common })
      else await create.mutateAsync({ id: inputs.id.trim(), variable: inputs.variable, ...common })
      onClose()
    } catch (error) {
      const [issue] = error instanceof ApiError ? error.issues : []
      if (issue) setProblem(`${issue.path.replace(/^body\./, "")}: ${issue.message}`)
    }
  })
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={channel ? channel.id : "New channel"}
      description={
        channel
          ? `${CHANNEL_WORDS[channel.kind]} by HEADRACE_NOTIFY_${channel.variable.toUpperCase()}, which holds its address and its key.`
          : "Another channel over a variable of the workers' environment, with recipients, texts or a rate of its own."
      }
      footer={
        <>
          {channel && (
            <span className="mr-auto flex gap-2">
              <Button
                disabled={change.isPending}
                onClick={() => change.mutate({ id: channel.id, isActive: !channel.isActive }, { onSuccess: onClose })}
              >
                {channel.isActive ? "Switch off" : "Switch on"}
              </Button>
              {channel.origin === "console" && (
                <Button disabled={remove.isPending} onClick={() => remove.mutate(channel.id, { onSuccess: onClose })}>
                  Remove
                </Button>
              )}
            </span>
          )}
          <Button onClick={onClose}>Keep as is</Button>
          <Button
            variant="primary"
            type="submit"
            form="alert-channel"
            disabled={create.isPending || change.isPending || (!channel && variables.length === 0)}
          >
            {channel ? "Change" : "Add channel"}
          </Button>
        </>
      }
    >
      <form id="alert-channel" onSubmit={submit} noValidate className="flex flex-col gap-3">
        {!channel && (
          <>
            <Field label="Variable" hint="Set HEADRACE_NOTIFY_<NAME> for the workers, and it stands here.">
              <Select {...form.register("variable")}>
                {variables.map(({ variable, kind }) => (
                  <option key={variable} value={variable}>
                    HEADRACE_NOTIFY_{variable.toUpperCase()} ({CHANNEL_WORDS[kind]})
                  </option>
                ))}
              </Select>
            </Field>
            <Field label="Name" hint="Lower-case letters, digits, - and _" error={form.formState.errors.id?.message}>
              <Input autoComplete="off" {...form.register("id", { required: "give it a name" })} />
            </Field>
          </>
        )}
        <Field label="What it is for">
          <Input maxLength={500} autoComplete="off" {...form.register("description")} />
        </Field>
        <Field label="Messages an hour at most" hint="More are held back and come as one. Empty: no limit.">
          <Input type="number" min={1} {...form.register("maxPerHour")} />
        </Field>
        <Field label="Recipients of mails" hint="In place of those of the variable, separated by commas.">
          <Input autoComplete="off" {...form.register("to")} />
        </Field>
        <Field label="Subject in place of ours" hint="Mustache: {{severity}} {{title}} {{where}} {{url}} …">
          <Input autoComplete="off" {...form.register("subject")} />
        </Field>
        <Field label="Text in place of ours">
          <textarea
            rows={3}
            className="min-h-16 rounded-2 border border-line-control bg-surface px-2 py-1 font-mono text-12 text-t1"
            {...form.register("text")}
          />
        </Field>
        {problem && (
          <p role="alert" className="text-failed-t">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  )
}
