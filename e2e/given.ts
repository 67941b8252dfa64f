/** What e2e/setup.ts says of the product under test. @throws Error when nobody has. */
export function given(variable: "HEADRACE_E2E_HOME" | "HEADRACE_E2E_WORKSPACE"): string {
  const value = process.env[variable]
  if (!value) throw new Error(`${variable} is not set: e2e/setup.ts does it, with HEADRACE_URL you do.`)
  return value
}
