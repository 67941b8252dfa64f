import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { chromium } from "@playwright/test"

const SYSTEM_BROWSERS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
  "/snap/bin/chromium",
]

/** Runs as root and in containers, and talks to nobody but the pages under test. */
export const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/**
 * The Chromium for journeys and audits: the one of CHROMIUM_PATH, Playwright's own, the system's, the one that npm brings
 * along, or else one that is installed now, by Playwright or from Debian.
 *
 * @throws Error that says what to install when none can be had.
 */
export async function findBrowser(): Promise<string> {
  const given = process.env.CHROMIUM_PATH
  if (given) return given
  const own = chromium.executablePath()
  if (existsSync(own)) return own
  const ofSystem = SYSTEM_BROWSERS.find((file) => existsSync(file))
  return ofSystem ?? (await packedBrowser()) ?? installedByPlaywright(own) ?? installedFromDebian()
}

/** A headless shell packed for AWS Lambda; told that it is there, it unpacks the libraries it needs as well. */
async function packedBrowser(): Promise<string | null> {
  process.env.AWS_LAMBDA_JS_RUNTIME ??= "nodejs22.x"
  try {
    const { default: packed } = await import("@sparticuz/chromium")
    return await packed.executablePath()
  } catch {
    return null // Not for this processor.
  }
}

function installedByPlaywright(own: string): string | null {
  try {
    execFileSync(process.execPath, ["node_modules/@playwright/test/cli.js", "install", "--with-deps", "chromium"], {
      stdio: "inherit",
    })
    return own
  } catch {
    return null
  }
}

function installedFromDebian(): string {
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
    execFileSync("apt-get", ["update"], { stdio: "inherit", env })
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], { stdio: "inherit", env })
    return "/usr/bin/chromium"
  } catch (cause) {
    throw new Error("There is no Chromium: run `apt-get install chromium` as root, or set CHROMIUM_PATH.", { cause })
  }
}
