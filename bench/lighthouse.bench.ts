import { furnish } from "../e2e/estate.ts"
import { type Category, startAuditor } from "../e2e/lighthouse.ts"
import { screensOf } from "../e2e/screens.ts"
import setup from "../e2e/setup.ts"
import { freePort } from "../scripts/ports.ts"
import { median, type Row } from "./harness.ts"

const CATEGORIES: Category[] = ["performance", "accessibility", "best-practices", "seo"]
/** Lighthouse's own variance asks for a median: https://github.com/GoogleChrome/lighthouse/blob/main/docs/variability.md */
const ROUNDS = 3

/** Lighthouse's four scores of every screen of the console over the demo, desktop preset; aim: 95 or more each. */
export default {
  name: "lighthouse",
  async run(): Promise<Row[]> {
    const url = `http://127.0.0.1:${await freePort()}`
    process.env.HEADRACE_E2E_URL = url
    const takeDown = await setup()
    const auditor = await startAuditor()
    try {
      const rows: Row[] = []
      for (const screen of screensOf(await furnish(url)).filter(({ isMissing }) => !isMissing)) {
        const audits = []
        for (let round = 0; round < ROUNDS; round++) {
          audits.push((await auditor.audit(new URL(screen.path, url).href, CATEGORIES)).scores)
        }
        for (const category of CATEGORIES) {
          const value = median(audits.map((scores) => scores[category] ?? 0))
          rows.push({ name: `${screen.name}: ${category}`, value, unit: "of 100" })
        }
      }
      return rows
    } finally {
      await auditor.close()
      await takeDown?.()
    }
  },
}
