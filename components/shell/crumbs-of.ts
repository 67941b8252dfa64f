import { placeOf } from "./places.ts"

/** Things that are known by a number. */
const NUMBERED: Record<string, string> = {
  "/runs": "Run",
  "/backfills": "Backfill",
  "/triage": "Incident",
  "/webhooks": "Webhook",
}

/** The steps of an address with their words. */
export function crumbsOf(path: string): { href: string; label: string }[] {
  const place = placeOf(path)
  const rest = path.split("/").filter(Boolean).slice(1)
  const start = place ?? { href: "/", label: "Overview" }
  if (!place && path !== "/") return [start, { href: path, label: "Not found" }]
  return [
    { href: start.href, label: start.label },
    ...rest.map((part, index) => {
      const text = decodeURIComponent(part)
      const href = `${start.href}/${rest.slice(0, index + 1).join("/")}`
      if (text === "new") return { href, label: "New" }
      return {
        href,
        label: NUMBERED[start.href] ? `${NUMBERED[start.href]} ${text}` : text,
      }
    }),
  ]
}
