export interface TextPart {
  text: string
  isMatch: boolean
  /** Characters before it: a stable key. */
  at: number
}

/** Splits a line at each occurrence of `query`, any case, as the server's search finds it. */
export function matchParts(text: string, query: string): TextPart[] {
  if (query === "") return [{ text, isMatch: false, at: 0 }]
  const parts: TextPart[] = []
  const needle = query.toLowerCase()
  const haystack = text.toLowerCase()
  // A few letters change length in lower case ("İ"); positions would be off, so mark nothing rather than wrongly.
  if (haystack.length !== text.length) return [{ text, isMatch: false, at: 0 }]
  let at = 0
  for (let hit = haystack.indexOf(needle); hit !== -1; hit = haystack.indexOf(needle, at)) {
    if (hit > at) parts.push({ text: text.slice(at, hit), isMatch: false, at })
    parts.push({ text: text.slice(hit, hit + needle.length), isMatch: true, at: hit })
    at = hit + needle.length
  }
  if (at < text.length || parts.length === 0) parts.push({ text: text.slice(at), isMatch: false, at })
  return parts
}
