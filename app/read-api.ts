import "server-only"
import { headers } from "next/headers"
import { handleApi } from "./server.ts"

/**
 * Reads the API in this process for a page's first view, as the visitor whose Host and cookies came with the page, through
 * the same door as from outside. Null where that is refused or fails: the page then asks itself, and says why.
 */
export async function readApi<T>(path: string): Promise<T | null> {
  const visitor = await headers()
  try {
    const response = await handleApi(
      new Request(`http://${visitor.get("host") ?? "127.0.0.1"}/api/v1${path}`, {
        headers: { accept: "application/json", cookie: visitor.get("cookie") ?? "" },
      }),
    )
    return response.ok ? ((await response.json()) as T) : null
  } catch {
    return null
  }
}
