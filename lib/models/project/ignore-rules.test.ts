import assert from "node:assert/strict"
import { test } from "node:test"
import { ignoreRules } from "./ignore-rules.ts"

test("follows the patterns of gitignore", () => {
  const isIgnored = ignoreRules("# note\n*.bak\nold/\n/models/top.sql\n**/drafts/*.sql\n!keep.bak\n")
  const cases: [string, boolean][] = [
    ["models/a.bak", true],
    ["keep.bak", false],
    ["models/old/", true],
    ["models/old/a.sql", true],
    ["models/old", false],
    ["models/top.sql", true],
    ["x/models/top.sql", false],
    ["models/drafts/a.sql", true],
    ["models/drafts/b/a.sql", false],
  ]
  for (const [path, expected] of cases) assert.equal(isIgnored(path), expected, path)
})
