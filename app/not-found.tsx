import type { Metadata } from "next"
import { ButtonLink } from "#components/ui/button.tsx"
import { EmptyState } from "#components/ui/empty-state.tsx"
import { Link } from "#components/ui/link.tsx"
import { PageHeader } from "#components/ui/page-header.tsx"
import ConsoleLayout from "./(console)/layout.tsx"

export const metadata: Metadata = { title: "Not found" }

/**
 * Any other address. It stands at the top, so that it is sent as a page with status 404: thrown by a page of the console,
 * it would be drawn by the browser alone, without the theme.
 */
export default function NotFound() {
  return (
    <ConsoleLayout>
      <PageHeader title="There is no such page" />
      <EmptyState
        title="Nothing stands at this address"
        action={
          <ButtonLink variant="primary">
            <Link href="/">Go to the overview</Link>
          </ButtonLink>
        }
      >
        It may have been mistyped, or what it showed is gone. Ctrl K finds pipelines, runs and datasets by name.
      </EmptyState>
    </ConsoleLayout>
  )
}
