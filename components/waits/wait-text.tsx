"use client"
import type { Wait } from "#lib/contracts/api/waits.ts"
import { useNow } from "../format/now.ts"
import { useZone } from "../format/zone.ts"
import { Link } from "../ui/link.tsx"
import { approverWords, expiryWords, wakeWords } from "./wait-words.ts"

/** What a deferred task waits for, in words that count along, with links to the run or dataset it waits for. */
export function WaitText({ wait }: { wait: Wait }) {
  const zone = useZone()
  const now = useNow(1_000)
  // Rendered on the server, there is no clock yet.
  if (now === 0) return <>{wait.text}</>
  const expiry = expiryWords(wait, now)
  return (
    <>
      <Subject wait={wait} wake={wakeWords(wait, zone, now)} />
      {expiry && `; ${expiry}`}
    </>
  )
}

function Subject({ wait, wake }: { wait: Wait; wake: string | null }) {
  switch (wait.kind) {
    case "time":
      return <>Waits {wake ?? "for its time"}</>
    case "poll":
      return (
        <>
          {wait.text.replace(/\.$/, "")}: {wake}
        </>
      )
    case "callback":
      return <>Waits for a callback</>
    case "approval": {
      const names = approverWords(wait.approval?.approvers ?? [])
      return <>Waits for approval{names && ` by ${names}`}</>
    }
    case "dataset":
      return (
        <>
          Waits for{" "}
          <Link className="link" href={`/datasets/${encodeURIComponent(wait.dataset ?? "")}`}>
            {wait.dataset?.replace(/^warehouse\./, "")}
          </Link>
          {wait.partitionKey && `, partition ${wait.partitionKey}`}
        </>
      )
    case "run":
      return wait.run ? (
        <>
          Waits for{" "}
          <Link className="link" href={`/runs/${wait.run.id}`}>
            run {wait.run.id}
          </Link>{" "}
          of pipeline {wait.run.pipelineId}, which is {wait.run.state}
        </>
      ) : (
        wait.text
      )
  }
}
