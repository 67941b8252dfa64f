export type Format = "text" | "openmetrics"

export const CONTENT_TYPES = {
  text: "text/plain; version=0.0.4; charset=utf-8",
  openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
} as const satisfies Record<Format, string>

export interface Family {
  /** As it is queried: counters end in `_total`, infos in `_info`. */
  name: string
  type: "counter" | "gauge" | "histogram" | "info"
  /** One sentence. */
  help: string
}

/** A series' labels as they stand between the braces: {@link labels} makes them, once for all families that share them. */
export type Labels = string

/** A count is text where it may be above 2^53: what Postgres says goes through as it is. */
export type Value = number | string

export type Sample = readonly [Value, Labels?]

export interface HistogramSample {
  /** How many are in each bucket and in no smaller one; the last is of those above the last bound. */
  counts: readonly number[]
  sum: number
}

/**
 * Writes metrics as Prometheus' text format (version 0.0.4) or as OpenMetrics 1.0.0. Own code beside the kept library,
 * prom-client, because that one counts inside a process and cannot be told a histogram that was counted in a database; and
 * because 1,000 pipelines are 40,000 lines, which are here joined and no objects. Tests let promtool and a real Prometheus
 * read it. `le` is written as a float ("60.0") in both, as OpenMetrics and Prometheus 3 have it, so that a bucket stays the
 * same series whichever of the two was asked for.
 */
export class Exposition {
  readonly format: Format
  #text = ""

  constructor(format: Format) {
    this.format = format
  }

  /** Adds a family; each name once, and all its samples at once. Nothing is written of one without samples. */
  family(family: Family, samples: Iterable<Sample>): void {
    let isNew = true
    for (const [value, inner] of samples) {
      if (isNew) this.#describe(family)
      isNew = false
      this.#text += inner ? `${family.name}{${inner}} ${valueText(value)}\n` : `${family.name} ${valueText(value)}\n`
    }
  }

  /** Adds a family of histograms. `bounds` ascend and are finite. */
  histograms(
    family: Omit<Family, "type">,
    bounds: readonly number[],
    samples: Iterable<readonly [HistogramSample, Labels?]>,
  ): void {
    const tails = [...bounds.map(boundText), "+Inf"].map((bound) => `le="${bound}"} `)
    let isNew = true
    for (const [{ counts, sum }, inner] of samples) {
      if (isNew) this.#describe({ ...family, type: "histogram" })
      isNew = false
      const head = `${family.name}_bucket{${inner ? `${inner},` : ""}`
      let total = 0
      let text = ""
      for (let place = 0; place < tails.length; place++) {
        total += counts[place] ?? 0
        text += `${head}${tails[place]}${total}\n`
      }
      const outer = inner ? `{${inner}}` : ""
      this.#text += `${text}${family.name}_sum${outer} ${valueText(sum)}\n${family.name}_count${outer} ${total}\n`
    }
  }

  /** The whole document. */
  toString(): string {
    return this.format === "openmetrics" ? `${this.#text}# EOF\n` : this.#text
  }

  /** OpenMetrics names a family without the suffix of its samples, and knows infos, which are gauges to the older format. */
  #describe({ name, type, help }: Family): void {
    const isOpen = this.format === "openmetrics"
    const base = isOpen ? name.replace(type === "counter" ? /_total$/ : type === "info" ? /_info$/ : /$^/, "") : name
    const kind = type === "info" && !isOpen ? "gauge" : type
    const text = help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")
    this.#text += `# HELP ${base} ${isOpen ? text.replace(/"/g, '\\"') : text}\n# TYPE ${base} ${kind}\n`
  }
}

/** OpenMetrics where it is asked for and not valued less than the text format (RFC 9110, "Accept"). */
export function negotiateFormat(accept: string | null): Format {
  const quality = (type: string) => {
    const range = accept?.split(",").find((part) => part.trim().toLowerCase().startsWith(type))
    if (!range) return 0
    const given = /;\s*q=([\d.]+)/.exec(range)?.[1]
    return given === undefined ? 1 : Number(given)
  }
  const open = quality("application/openmetrics-text")
  return open > 0 && open >= quality("text/plain") ? "openmetrics" : "text"
}

/** Writes labels down, with their values escaped. */
export function labels(values: Readonly<Record<string, string>>): Labels {
  let text = ""
  for (const name in values) text += `${text === "" ? "" : ","}${name}="${escapeLabel(values[name]!)}"`
  return text
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", '"': '\\"', "\n": "\\n" }

function escapeLabel(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"\n]/g, (character) => ESCAPES[character]!) : value
}

function valueText(value: Value): string {
  if (value === Infinity) return "+Inf"
  if (value === -Infinity) return "-Inf"
  return String(value)
}

function boundText(bound: number): string {
  return Number.isInteger(bound) ? `${bound}.0` : String(bound)
}
