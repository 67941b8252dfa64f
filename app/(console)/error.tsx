"use client"
import { ErrorState } from "#components/ui/error-state.tsx"
import { PageHeader } from "#components/ui/page-header.tsx"

/** What a screen shows when its own code fails; the shell around it stays. */
export default function ScreenError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <>
      <PageHeader title="This screen failed" />
      <ErrorState
        title="Something in the console itself went wrong"
        message={`Try again; if it stays, reload the page, and report it with this: ${error.digest ?? error.message}`}
        onRetry={reset}
      />
    </>
  )
}
