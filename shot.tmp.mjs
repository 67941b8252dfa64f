import { chromium } from "playwright-core"
const { findBrowser, BROWSER_ARGS } = await import("/work/wt/freshness/e2e/browser.ts")
const [,, path, out, theme="light", width="1440", height="900"] = process.argv
const browser = await chromium.launch({ executablePath: await findBrowser(), args: BROWSER_ARGS })
const page = await browser.newPage({ viewport: { width: +width, height: +height }, colorScheme: theme })
page.on("console", (m) => m.type()==="error" && console.log("console:", m.text()))
page.on("pageerror", (e) => console.log("pageerror:", e.message))
await page.goto("http://127.0.0.1:4650" + path)
await page.waitForTimeout(2500)
await page.screenshot({ path: out })
console.log((await page.evaluate(() => document.documentElement.scrollWidth)), width)
await browser.close()
