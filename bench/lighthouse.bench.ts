import { furnish } from "../e2e/estate.ts"
import { type Audit, type Category, startAuditor } from "../e2e/lighthouse.ts"
import { screensOf } from "../e2e/screens.ts"
import setup from "../e2e/setup.ts"
import { freePort } from "../scripts/ports.ts"
import { median, type Row } from "./harness.ts"

const CATEGORIES: Category[] = ["performance", "accessibility", "best-practices", "seo"]
/** Lighthouse's own variance asks for a median: https://github.com/GoogleChrome/lighthouse/blob/main/docs/variability.md */
const ROUNDS = Number(process.env.HEADRACE_BENCH_ROUNDS ?? 3)
/** Part of the names of the screens to measure; all of them take a quarter of an hour. */
const ONLY = process.env.HEADRACE_BENCH_SCREENS ?? ""

/**
 * Lighthouse's four scores of every screen of the console over the demo, desktop preset; aim: 95 or more each. Says on
 * stderr what it found of each screen at once, with what takes points off.
 */
export default {
  name: "lighthouse",
  async run(): Promise<Row[]> {
    const url = `http://127.0.0.1:${await freePort()}`
    process.env.HEADRACE_E2E_URL = url
    const takeDown = await setup()
    const auditor = await startAuditor()
    try {
      const rows: Row[] = []
      const screens = screensOf(await furnish(url)).filter(({ isMissing, name }) => !isMissing && name.includes(ONLY))
      for (const screen of screens) {
        const audits: Audit[] = []
        for (let round = 0; round < ROUNDS; round++) {
          audits.push(await auditor.audit(new URL(screen.path, url).href, CATEGORIES))
        }
        const scores = CATEGORIES.map((category) => median(audits.map((audit) => audit.scores[category] ?? 0)))
        process.stderr.write(`${scores.join(" ")}  ${screen.name}  ${audits.at(-1)?.complaints.join("; ")}\n`)
        for (const [index, category] of CATEGORIES.entries()) {
          rows.push({ name: `${screen.name}: ${category}`, value: scores[index] ?? Number.NaN, unit: "of 100" })
        }
      }
      return rows
    } finally {
      await auditor.close()
      await takeDown?.()
    }
  },
}
