import type { Metadata } from "next"
import { IncidentView } from "#components/triage/incident-view.tsx"

interface Props {
  params: Promise<{ incidentId: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const id = decodeURIComponent((await params).incidentId)
  return { title: `Incident ${id}`, description: `What is known of incident ${id}, and what was done about it.` }
}

export default async function IncidentPage({ params }: Props) {
  const id = decodeURIComponent((await params).incidentId)
  return <IncidentView key={id} id={id} />
}
