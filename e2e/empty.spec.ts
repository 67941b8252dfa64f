import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { expect } from "@playwright/test"
import { type StartedProduct, startProduct } from "../test/start-product.ts"
import { expectAccessible } from "./audit.ts"
import { test } from "./journey-test.ts"

let folder: string
let product: StartedProduct

test.beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "headrace-empty-"))
  mkdirSync(path.join(folder, "workspace/pipelines"), { recursive: true })
  product = await startProduct({
    homeDir: path.join(folder, "home"),
    HEADRACE_WORKSPACE: path.join(folder, "workspace"),
  })
  await product.prints(/Headrace is up/)
})

test.afterAll(async () => {
  await product.end("SIGTERM")
  rmSync(folder, { recursive: true, force: true })
})

test("an empty workspace says how to begin, and what is written then appears", async ({ page }) => {
  for (const [route, words] of [
    ["/runs", "Nothing has run yet"],
    ["/datasets", "No dataset yet"],
    ["/backfills", "No backfill yet"],
    ["/pipelines", "Write the first pipeline"],
    ["/", "Welcome to Headrace"],
  ] as const) {
    await page.goto(`${product.url}${route}`)
    await expect(page.getByRole("main").getByText(words)).toBeVisible()
    await expectAccessible(page)
  }
  const example = (await page.getByRole("main").locator("pre").textContent()) ?? ""
  writeFileSync(path.join(folder, "workspace/pipelines/hello.ts"), example)
  await expect(page.getByRole("link", { name: "hello", exact: true }).first()).toBeVisible()
})
