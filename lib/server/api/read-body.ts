import type { Json } from "#lib/contracts/json.ts"
import { AppError } from "#lib/domain/errors.ts"
import { RequestError } from "../http.ts"

const MAX_BYTES = 1024 * 1024
/** Params and options are a few levels deep; recursive checks must not run out of stack on a million brackets. */
const MAX_DEPTH = 64

/**
 * A request's JSON, at most 1 MB and 64 levels deep; an absent body counts as `{}`. The size is checked while reading, so a
 * wrong or missing Content-Length lets nothing larger in.
 * @throws AppError `request.too_large`, `request.invalid`.
 */
export async function readBody(request: Request): Promise<Json> {
  const text = await readText(request)
  if (text.trim() === "") return {}
  const type = request.headers.get("content-type") ?? ""
  // Forms of other web pages can send any text, but not this type without asking first (CORS).
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
    throw new RequestError("The body must be JSON; send it with the header content-type: application/json.")
  }
  if (depthOf(text) > MAX_DEPTH) throw new RequestError(`The JSON is nested more than ${MAX_DEPTH} levels deep.`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RequestError(`The body is not valid JSON: ${error instanceof Error ? error.message : error}.`)
  }
}

async function readText(request: Request): Promise<string> {
  const tooLarge = new AppError("request.too_large", "The body is larger than 1 MB; send less at a time.")
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) throw tooLarge
  if (!request.body) return ""
  const decoder = new TextDecoder("utf-8", { fatal: true })
  let text = ""
  let bytes = 0
  try {
    for await (const chunk of request.body as ReadableStream<Uint8Array> & AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength
      if (bytes > MAX_BYTES) throw tooLarge
      text += decoder.decode(chunk, { stream: true })
    }
    return text + decoder.decode()
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new RequestError("The body is not valid UTF-8, or it broke off.")
  }
}

/** The deepest nesting of brackets outside strings; one pass, no recursion. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isInString = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (isInString) {
      if (character === "\\") index++
      else if (character === '"') isInString = false
    } else if (character === '"') isInString = true
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth)
    else if (character === "}" || character === "]") depth--
  }
  return deepest
}
