import { chromium } from "@playwright/test"
import lighthouse, { desktopConfig } from "lighthouse"
import { freePort } from "../scripts/ports.ts"
import { BROWSER_ARGS, findBrowser } from "./browser.ts"

/** Categories of Lighthouse that say the same on every machine, however busy it is. */
export const STEADY_CATEGORIES = ["accessibility", "best-practices", "seo"] as const
export type Category = "performance" | (typeof STEADY_CATEGORIES)[number]

/** What Lighthouse says of one address. */
export interface Audit {
  /** 0 to 100. */
  scores: Record<string, number>
  /** What took points off, in words. */
  complaints: string[]
}

/** A browser that Lighthouse drives; close it when done. */
export interface Auditor {
  audit(url: string, categories: readonly Category[]): Promise<Audit>
  close(): Promise<void>
}

/** Starts a browser for Lighthouse with its desktop preset: 1350 × 940, 40 ms round trips, 10 Mbit/s. */
export async function startAuditor(): Promise<Auditor> {
  const port = await freePort()
  const executablePath = process.env.CHROMIUM_PATH ?? (await findBrowser())
  const browser = await chromium.launch({ executablePath, args: [...BROWSER_ARGS, `--remote-debugging-port=${port}`] })
  return {
    async audit(url, categories) {
      const flags = { port, logLevel: "error" as const, onlyCategories: [...categories] }
      let result = await lighthouse(url, flags, desktopConfig)
      // Now and then a trace has no beginning; "please run Lighthouse again" is its own advice.
      for (let again = 0; again < 2 && result?.lhr.runtimeError; again++) {
        result = await lighthouse(url, flags, desktopConfig)
      }
      if (!result || result.lhr.runtimeError) {
        throw new Error(`Lighthouse could not read ${url}: ${result?.lhr.runtimeError?.message ?? "no result"}`)
      }
      const { lhr } = result
      const scores = Object.fromEntries(
        Object.entries(lhr.categories).map(([name, { score }]) => [name, Math.round((score ?? 0) * 100)]),
      )
      const weighty = Object.values(lhr.categories).flatMap(({ auditRefs }) =>
        auditRefs.filter(({ weight }) => weight > 0),
      )
      const complaints = weighty.flatMap(({ id }) => {
        const audit = lhr.audits[id]
        if (!audit || audit.score === null || audit.score >= 1) return []
        return [`${audit.title}${audit.displayValue ? `: ${audit.displayValue}` : ""}`]
      })
      return { scores, complaints }
    },
    close: () => browser.close(),
  }
}
