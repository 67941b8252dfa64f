"use client"
import { usePathname, useRouter, useSearchParams } from "next/navigation"
import {
  type unstable_AdapterInterface as Adapter,
  unstable_createAdapterProvider as createAdapterProvider,
  renderQueryString,
} from "nuqs/adapters/custom"
import { NuqsAdapter } from "nuqs/adapters/next/app"
import { type ReactNode, Suspense, startTransition, useCallback, useEffect, useMemo, useSyncExternalStore } from "react"
import { WritesInFlight } from "./writes-in-flight.ts"

// One address, one list; the listeners are the components that read it.
const writes = new WritesInFlight()
const listeners = new Set<() => void>()

/**
 * What the address holds is state (nuqs), and quick changes of it are kept: nuqs's own adapter for Next takes an address
 * that Next has put back for what a person chose, and loses the choice. It stays around ours, for it drops waiting changes
 * when somebody navigates.
 */
export function AddressState({ children }: { children: ReactNode }) {
  return (
    <NuqsAdapter>
      <Suspense>
        <Commits />
      </Suspense>
      <Provider>{children}</Provider>
    </NuqsAdapter>
  )
}

/** Tells the list what Next commits, also on screens that keep nothing in the address, and what a step back takes away. */
function Commits() {
  const pathname = usePathname()
  const committed = useSearchParams().toString()
  // Outside React: the list of writes, and the browser's history.
  useEffect(() => writes.commit(pathname, committed), [pathname, committed])
  useEffect(() => {
    const forget = () => {
      writes.forget()
      for (const listener of listeners) listener()
    }
    window.addEventListener("popstate", forget)
    return () => window.removeEventListener("popstate", forget)
  }, [])
  return null
}

const Provider = createAdapterProvider(useAddress)

function useAddress(): Adapter {
  const router = useRouter()
  const pathname = usePathname()
  const committed = useSearchParams().toString()
  const search = useSyncExternalStore(
    subscribe,
    () => writes.newest(pathname, committed),
    () => committed,
  )
  const updateUrl = useCallback<Adapter["updateUrl"]>(
    (next, { history: method, scroll, shallow }) => {
      writes.write(location.pathname, next.toString(), new URLSearchParams(location.search).toString())
      for (const listener of listeners) listener()
      const url = `${location.pathname}${renderQueryString(next)}${location.hash}`
      startTransition(() => {
        if (method === "push") history.pushState(null, "", url)
        else history.replaceState(null, "", url)
        if (scroll) window.scrollTo(0, 0)
        if (!shallow) router.replace(url, { scroll: false })
      })
    },
    [router],
  )
  return {
    searchParams: useMemo(() => new URLSearchParams(search), [search]),
    pathname,
    updateUrl,
    getSearchParamsSnapshot: snapshot,
    // Next calls the history as well for each of our calls, and browsers limit how many there may be.
    rateLimitFactor: 3,
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

function snapshot(): URLSearchParams {
  return new URLSearchParams(writes.base(location.pathname) ?? location.search)
}
