import assert from "node:assert/strict"
import { test } from "node:test"
import { highestVersion } from "./version-range.ts"

const VERSIONS = ["0.9.0", "1.0.0", "1.2.0", "1.10.0", "2.0.0-rc1", "2.0.0-rc.2"]

test("takes the highest version, by number, that meets every requirement", () => {
  assert.equal(highestVersion(VERSIONS, [], false), "1.10.0")
  assert.equal(highestVersion(VERSIONS, [">=1.0.0", "<1.10.0"], false), "1.2.0")
  assert.equal(highestVersion(VERSIONS, ["1.0.0"], false), "1.0.0")
  assert.equal(highestVersion(VERSIONS, ["=1.0.0", ">1.0.0"], false), null)
  assert.equal(highestVersion(VERSIONS, ["<=0.9.0"], false), "0.9.0")
})

test("prereleases count when they are allowed or named, and come before their release", () => {
  assert.equal(highestVersion(["1.0.0", "2.0.0-a"], [], true), "2.0.0-a")
  assert.equal(highestVersion(["2.0.0-a", "2.0.0"], [], true), "2.0.0")
  assert.equal(highestVersion(VERSIONS, [">=2.0.0-alpha"], false), "2.0.0-rc1")
  assert.equal(highestVersion(["1.0.0-a.2", "1.0.0-a.10"], [], true), "1.0.0-a.10")
})

test("says how a version is written", () => {
  assert.throws(() => highestVersion(VERSIONS, ["~1.2"], false), /"~1\.2" is no version/)
})
