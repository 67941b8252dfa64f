/** Shorter secrets are not looked for: "test" as a password would blank half of every log. */
const SHORTEST_SECRET = 6

/**
 * A function that replaces every occurrence of the given secrets by `***`, also where they are URL-encoded. Passwords of
 * URLs are taken out of any text, whether known or not.
 */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const wanted = new Set<string>()
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret)]) if (form.length >= SHORTEST_SECRET) wanted.add(form)
  }
  // Longest first, so that a secret that contains another is replaced whole.
  const alternatives = [...wanted].sort((a, b) => b.length - a.length).map(escapeRegExp)
  const known = alternatives.length > 0 ? new RegExp(alternatives.join("|"), "g") : null
  return (text) => {
    const masked = known ? text.replace(known, "***") : text
    return masked.includes("://") ? masked.replace(/(\w+:\/\/[^\s:/@]+):[^\s@/]+@/g, "$1:***@") : masked
  }
}

/** The secret parts of a URL: its password, and the path and query of a webhook, which are its key. */
export function secretsOfUrl(url: string): string[] {
  if (!URL.canParse(url)) return []
  const { username, password, host, pathname, search, protocol } = new URL(url)
  const secrets = password ? [decodeURIComponent(password)] : []
  if (/(^|\+)https?:$/.test(protocol) && pathname.length > 1) secrets.push(pathname + search)
  // Keys of paging services stand where others have a user, or alone.
  if (/^(pagerduty|opsgenie)/.test(protocol)) secrets.push(decodeURIComponent(username) || host)
  return secrets
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}
