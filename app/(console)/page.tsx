import type { Metadata } from "next"
import { OverviewView } from "#components/overview/overview-view.tsx"
import type { Overview } from "#lib/contracts/api/system.ts"
import { readApi } from "../read-api.ts"

export const metadata: Metadata = {
  title: { absolute: "Overview · Headrace" },
  description: "Whether everything is all right: failures, late data, quality, and the last day of runs.",
}

export default async function OverviewPage() {
  return <OverviewView initial={await readApi<Overview>("/overview")} />
}
