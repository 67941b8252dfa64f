import { defineConfig } from "@playwright/test"
import { BROWSER_ARGS, findBrowser } from "./e2e/browser.ts"
import { freePort } from "./scripts/ports.ts"

const isCi = Boolean(process.env.CI)

// Read again by every worker, which inherits what the first reading found. HEADRACE_URL: test what runs there already.
process.env.CHROMIUM_PATH ??= await findBrowser()
if (!process.env.HEADRACE_URL) process.env.HEADRACE_E2E_URL ??= `http://127.0.0.1:${await freePort()}`

/** Journeys in a real browser against the whole product, which e2e/setup.ts brings up. */
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/setup.ts",
  outputDir: "test-results",
  // Journeys share one product and edit one workspace.
  workers: 1,
  fullyParallel: false,
  forbidOnly: isCi,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
  use: {
    baseURL: process.env.HEADRACE_URL ?? process.env.HEADRACE_E2E_URL,
    viewport: { width: 1440, height: 900 },
    timezoneId: "Europe/Berlin",
    launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: BROWSER_ARGS },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
  },
})
