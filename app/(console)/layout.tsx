import type { ReactNode } from "react"
import { AddressState } from "#components/address/address-state.tsx"
import { QueryProvider } from "#components/queries/query-provider.tsx"
import { Shell } from "#components/shell/shell.tsx"

export default function ConsoleLayout({ children }: { children: ReactNode }) {
  return (
    <AddressState>
      <QueryProvider>
        <Shell>{children}</Shell>
      </QueryProvider>
    </AddressState>
  )
}
