import { expect } from "@playwright/test"
import { furnish } from "./estate.ts"
import { test } from "./journey-test.ts"
import { type Auditor, STEADY_CATEGORIES, startAuditor } from "./lighthouse.ts"
import { screensOf } from "./screens.ts"

let auditor: Auditor

test.beforeAll(async () => {
  auditor = await startAuditor()
})

test.afterAll(() => auditor.close())

// All screens and the speed of each are in `npm run bench lighthouse`, which takes minutes.
test("Lighthouse finds the main screens accessible, well made and findable", async ({ baseURL }) => {
  test.setTimeout(180_000)
  const estate = await furnish(baseURL ?? "")
  for (const { name, path } of screensOf(estate).filter(({ isMain }) => isMain)) {
    const { scores, complaints } = await auditor.audit(new URL(path, baseURL).href, STEADY_CATEGORIES)
    for (const category of STEADY_CATEGORIES) {
      expect.soft(scores[category], `${name}: ${complaints.join("; ")}`).toBeGreaterThanOrEqual(95)
    }
  }
})
