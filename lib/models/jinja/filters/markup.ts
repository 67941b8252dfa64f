import { asIntOr } from "../argument.ts"
import { entriesOf } from "../collection-methods.ts"
import { Dict } from "../dict.ts"
import { typeError, valueError } from "../errors.ts"
import type { Filter } from "../filter.ts"
import { isTrue } from "../iterate.ts"
import { toJson } from "../json.ts"
import { toText } from "../print.ts"
import { HostObject, Tuple, Undefined, type Value } from "../values.ts"
import { filter } from "./define.ts"

/**
 * Filters for HTML, addresses and JSON. They return plain text, where Jinja returns one that is marked as safe and from then on
 * escapes what is added to it: `"'" ~ (x | tojson)` is the text that was meant here, and `&#39;…` there.
 */
export const MARKUP_FILTERS: readonly [string, Filter][] = [
  filter("escape", [], (input) => escapeHtml(toText(input))),
  filter("e", [], (input) => escapeHtml(toText(input))),
  filter("forceescape", [], (input) => escapeHtml(toText(input))),
  filter("safe", [], (input) => toText(input)),
  filter("striptags", [], (input) => stripTags(toText(input))),
  filter("urlencode", [], (input) => urlEncode(input)),
  filter("xmlattr", ["autospace?"], (input, [autospace]) => xmlAttributes(input, isTrue(autospace ?? true))),
  filter("tojson", ["indent?"], (input, [indent]) => {
    const text = toJson(input, {
      indent: indent === undefined || indent === null ? null : asIntOr(indent, 0),
      sortsKeys: true,
    })
    return text.replace(/[<>&']/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)
  }),
]

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "'": "&#39;",
  '"': "&#34;",
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>'"]/g, (character) => ENTITIES[character] ?? character)
}

/** A Map, because the name comes from a text: a record would also answer to `constructor`. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["nbsp", "\u00a0"],
])

function stripTags(text: string): string {
  const bare = text.replace(/<!--[\s\S]*?-->/g, "").replace(/<[^>]*>/g, "")
  const joined = bare.split(/\s+/).filter(Boolean).join(" ")
  return joined.replace(/&(?:#(\d+)|#[xX]([\da-fA-F]+)|(\w+));/g, (all, decimal, hex, name: string | undefined) => {
    if (name !== undefined) return NAMED.get(name) ?? all
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal))
  })
}

function urlEncode(input: Value): string {
  if (typeof input === "string" || !isPairs(input)) return quote(toText(input), true)
  return Array.from(
    entriesOf(input),
    ([key, value]) => `${quote(toText(key), false)}=${quote(toText(value), false)}`,
  ).join("&")
}

function isPairs(input: Value): boolean {
  return (
    input instanceof Dict ||
    Array.isArray(input) ||
    input instanceof Tuple ||
    (input instanceof HostObject && !!input.iterate)
  )
}

/** `/` stays in a path; in a query it does not, and a space is a plus. */
function quote(text: string, isPath: boolean): string {
  const encoded = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return isPath ? encoded.replaceAll("%2F", "/") : encoded.replaceAll("%20", "+")
}

function xmlAttributes(input: Value, hasSpace: boolean): string {
  if (!(input instanceof Dict) && !(input instanceof HostObject && input.isMapping?.()))
    throw typeError("xmlattr needs a mapping")
  const attributes = Array.from(entriesOf(input))
    .filter(([, value]) => value !== null && !(value instanceof Undefined))
    .map(([key, value]) => {
      const name = toText(key)
      if (/[\s/>=]/.test(name)) throw valueError(`Invalid character in attribute name: '${name}'`)
      return `${escapeHtml(name)}="${escapeHtml(toText(value))}"`
    })
  return attributes.length > 0 && hasSpace ? ` ${attributes.join(" ")}` : attributes.join(" ")
}
