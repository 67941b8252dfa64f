import type { Metadata } from "next"
import { WebhookView } from "#components/webhooks/webhook-view.tsx"

interface Props {
  params: Promise<{ webhookId: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { webhookId } = await params
  return { title: `Webhook ${webhookId}`, description: `What was sent to webhook ${webhookId}, with its answers.` }
}

export default async function WebhookPage({ params }: Props) {
  return <WebhookView id={(await params).webhookId} />
}
