import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8")
const THEMES = { light: theme('[data-theme="light"] {'), dark: theme('[data-theme="dark"] {') }
const GROUNDS = ["canvas", "surface", "raised", "sunken", "hover"]
const STATES =
  "scheduled queued running success failed up_for_retry skipped upstream_failed cancelled deferred stale missing".split(
    " ",
  )

for (const [name, tokens] of Object.entries(THEMES)) {
  const check = (front: string, grounds: string[], atLeast: number) => {
    for (const ground of grounds) {
      const ratio = contrast(tokens[front] ?? "", tokens[ground] ?? "")
      assert.ok(ratio >= atLeast, `${name}: ${front} on ${ground} is ${ratio.toFixed(2)}, needs ${atLeast}`)
    }
  }

  test(`text reads on every ground of the ${name} theme (WCAG 1.4.3)`, () => {
    for (const text of ["text-1", "text-2", "text-3", "accent-t"]) check(text, [...GROUNDS, "selected"], 4.5)
    check("accent-on", ["accent", "accent-hover"], 4.5)
    for (const state of STATES) check(`st-${state}-t`, [...GROUNDS, "selected", `st-${state}-b`], 4.5)
  })

  test(`shapes and controls stand out on every ground of the ${name} theme (WCAG 1.4.11)`, () => {
    for (const shape of ["accent", "border-control", "edge", "ink", "focus"]) check(shape, GROUNDS, 3)
    for (const state of STATES) check(`st-${state}`, [...GROUNDS, `st-${state}-b`], 3)
    for (const state of ["success", "failed", "running", "up_for_retry", "deferred", "stale"]) {
      check("st-on", [`st-${state}`], 3)
    }
  })
}

function theme(selector: string): Record<string, string> {
  const block = css.split(selector)[1]?.split("\n}")[0] ?? ""
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1], match[2]]))
}

/** Contrast ratio of two sRGB colours, as WCAG 2.2 defines it. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].toSorted((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  assert.match(hex, /^#[0-9a-f]{6}$/)
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
