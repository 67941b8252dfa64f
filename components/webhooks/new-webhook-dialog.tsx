"use client"
import { useRouter } from "next/navigation"
import { useState } from "react"
import { useForm } from "react-hook-form"
import { WEBHOOK_EVENTS } from "#lib/domain/webhook-events.ts"
import { ApiError } from "../queries/client.ts"
import { useCreateWebhook } from "../queries/webhooks.ts"
import { Button } from "../ui/button.tsx"
import { Dialog } from "../ui/dialog.tsx"
import { Field, Input } from "../ui/input.tsx"
import { toast } from "../ui/toast.tsx"
import { splitNames } from "./webhook-words.ts"

interface Inputs {
  url: string
  events: string
  pipelines: string
  tags: string
  description: string
}
const NAMES = ["url", "events", "pipelines", "tags", "description"] as const

/** Adds a webhook, and then shows its secret, once. */
export function NewWebhookDialog({ onClose }: { onClose: () => void }) {
  const router = useRouter()
  const create = useCreateWebhook()
  const [made, setMade] = useState<{ id: string; secret: string } | null>(null)
  const form = useForm<Inputs>({
    defaultValues: { url: "", events: "run.failed", pipelines: "", tags: "", description: "" },
  })
  const { errors } = form.formState
  const add = form.handleSubmit(async ({ url, description, ...lists }) => {
    try {
      setMade(
        await create.mutateAsync({
          url: url.trim(),
          description: description.trim(),
          events: splitNames(lists.events),
          pipelines: splitNames(lists.pipelines),
          tags: splitNames(lists.tags),
        }),
      )
    } catch (error) {
      // Other errors are in a toast already; here the words go beside the inputs they are about.
      for (const issue of error instanceof ApiError ? error.issues : []) {
        const name = NAMES.find((one) => issue.path.startsWith(`body.${one}`))
        if (name) form.setError(name, { message: issue.message })
      }
    }
  })
  if (made) {
    const open = () => {
      onClose()
      router.push(`/webhooks/${made.id}`)
    }
    return <SecretDialog secret={made.secret} onClose={open} />
  }
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="New webhook"
      description="Tells an address of what happens from now on, in signed messages."
      footer={
        <>
          <Button onClick={onClose}>Keep as is</Button>
          <Button variant="primary" type="submit" form="new-webhook" disabled={create.isPending}>
            Add webhook
          </Button>
        </>
      }
    >
      <form id="new-webhook" onSubmit={add} noValidate className="flex flex-col gap-3">
        <Field label="Address" error={errors.url?.message}>
          <Input
            type="url"
            placeholder="https://"
            autoComplete="off"
            {...form.register("url", { required: "give an http or https address" })}
          />
        </Field>
        <Field
          label="Events"
          hint="run.failed task_run.failed, groups such as run.*, or * for all."
          error={errors.events?.message}
        >
          <Input
            list="webhook-events"
            autoComplete="off"
            {...form.register("events", { required: "name at least one" })}
          />
        </Field>
        <datalist id="webhook-events">
          {["*", "run.*", "task_run.*", "backfill.*", ...WEBHOOK_EVENTS].map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Field label="Pipelines" hint="Empty: of all." error={errors.pipelines?.message}>
          <Input autoComplete="off" {...form.register("pipelines")} />
        </Field>
        <Field label="Tags" hint="Empty: whatever the tags." error={errors.tags?.message}>
          <Input autoComplete="off" {...form.register("tags")} />
        </Field>
        <Field label="What it is for" error={errors.description?.message}>
          <Input maxLength={500} {...form.register("description")} />
        </Field>
      </form>
    </Dialog>
  )
}

function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const copy = () =>
    void navigator.clipboard.writeText(secret).then(
      () => toast.success("The secret is copied."),
      () => toast.error("The browser did not allow to copy; select the text instead."),
    )
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="The webhook is on"
      description="Give the receiver this secret, which messages are signed with. It is not shown again."
      footer={
        <>
          <Button icon="copy" onClick={copy}>
            Copy
          </Button>
          <Button variant="primary" onClick={onClose}>
            I have kept it
          </Button>
        </>
      }
    >
      <code className="block select-all break-all rounded-2 border border-line bg-surface px-2 py-1.5">{secret}</code>
    </Dialog>
  )
}
