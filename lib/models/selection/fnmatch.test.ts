import assert from "node:assert/strict"
import { test } from "node:test"
import { fnmatch, pathMatch } from "./fnmatch.ts"

test("names match as with Python's fnmatch", () => {
  const matching = [
    "a.b *",
    "abc a?c",
    "a/b a*b",
    "abc [a-c]bc",
    "abc [!x]bc",
    "a]c a[]]c",
    "a[c a[c",
    "a+b a+b",
    "^ [^]",
    "ü ?",
    "😀 ?",
  ]
  for (const example of matching) {
    const [text, pattern] = example.split(" ") as [string, string]
    assert.ok(fnmatch(text, pattern), example)
  }
  for (const example of ["abc ab", "abc AB*", "abc [!a]bc", "ab a?b", "b [^a]"]) {
    const [text, pattern] = example.split(" ") as [string, string]
    assert.ok(!fnmatch(text, pattern), example)
  }
})

test("paths match as with Python's pathlib", () => {
  for (const example of [
    "a/b.sql a/*",
    "a/b/c.sql a/**/c.sql",
    "a/c.sql a/**/c.sql",
    "a/b/c.sql **/*.sql",
    "a/b/c a/**",
  ]) {
    const [text, pattern] = example.split(" ") as [string, string]
    assert.ok(pathMatch(text, pattern), example)
  }
  for (const example of ["a/b/c.sql a/*", "a/b.sql *", "ab/c.sql a/**/c.sql"]) {
    const [text, pattern] = example.split(" ") as [string, string]
    assert.ok(!pathMatch(text, pattern), example)
  }
})
