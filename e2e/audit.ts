import { AxeBuilder } from "@axe-core/playwright"
import { expect, type Page } from "@playwright/test"

/** All of WCAG 2.2 AA that a program can judge. */
const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

/**
 * Fails with what is wrong and where, unless axe finds nothing against WCAG 2.2 AA on the page as it is now. `only` narrows
 * it to some rules, where all others were judged just before.
 */
export async function expectAccessible(page: Page, only?: readonly string[]): Promise<void> {
  // No frames to look into, and nobody reads what passed: both would cost more than the rules themselves.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).setLegacyMode()
  const { violations } = await (only ? axe.withRules([...only]) : axe.withTags(WCAG)).analyze()
  const words = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(
      (node) => `${id}: ${help}\n  ${node.target.join(" ")}\n  ${node.any.map(({ message }) => message).join("; ")}`,
    ),
  )
  expect(words, "violations of WCAG 2.2 AA").toEqual([])
}
