import { NuqsAdapter } from "nuqs/adapters/next/app"
import type { ReactNode } from "react"
import { QueryProvider } from "#components/queries/query-provider.tsx"
import { Shell } from "#components/shell/shell.tsx"

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <NuqsAdapter>
      <QueryProvider>
        <Shell>{children}</Shell>
      </QueryProvider>
    </NuqsAdapter>
  )
}
