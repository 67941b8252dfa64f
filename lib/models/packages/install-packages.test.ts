import assert from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import path from "node:path"
import { after, before, test } from "node:test"
import { TARGET, writeProject } from "#test/dbt-project.ts"
import { readProjectFile } from "../project/project-file.ts"
import { projectRenderer } from "../project/project-renderers.ts"
import { type InstallOptions, installPackages } from "./install-packages.ts"

/** A hub with two packages, of which `top` asks for `base`. */
let hub: Server
let hubUrl: string
before(async () => {
  hub = createServer((request, response) => {
    const [, name, version] = /^\/tarballs\/(\w+)-(.+)\.tar\.gz$/.exec(request.url!) ?? []
    if (name && version) {
      response.end(archive(name, version))
      return
    }
    const found = /^\/api\/v1\/acme\/(top|base)\.json$/.exec(request.url!)?.[1]
    response.statusCode = found ? 200 : 404
    response.end(JSON.stringify(found ? index(found) : {}))
  })
  await new Promise<void>((resolve) => hub.listen(0, "127.0.0.1", resolve))
  hubUrl = `http://127.0.0.1:${(hub.address() as AddressInfo).port}/`
})
after(() => hub.close())

const NEEDS = [{ package: "acme/base", version: [">=1.0.0", "<1.2.0"] }]

function index(name: string) {
  const version = (number: string, dbt: string[] = []) => ({
    name,
    version: number,
    require_dbt_version: dbt,
    packages: name === "top" ? NEEDS : [],
    downloads: { tarball: `${hubUrl}tarballs/${name}-${number}.tar.gz` },
  })
  const numbers = name === "top" ? ["1.0.0"] : ["1.0.0", "1.1.0", "1.2.0", "2.0.0-rc1"]
  const versions = Object.fromEntries(numbers.map((number) => [number, version(number)]))
  if (name === "base") versions["1.3.0"] = version("1.3.0", [">=1.99.0"])
  return { versions }
}

function archive(name: string, version: string): Buffer {
  const files: Record<string, string> = {
    [`${name}-${version}/dbt_project.yml`]: `name: ${name}\nversion: '${version}'\n`,
  }
  if (name === "top") files[`${name}-${version}/packages.yml`] = `packages: ${JSON.stringify(NEEDS)}\n`
  return execFileSync("tar", ["-czf", "-", "-C", writeProject(files), `${name}-${version}`])
}

function project(packages: string, more: Record<string, string> = {}) {
  const folder = writeProject({ "packages.yml": packages, ...more })
  const install = async (options: Partial<InstallOptions> = {}) => {
    const said: string[] = []
    const env = { ...process.env, DBT_PACKAGE_HUB_URL: hubUrl, ...options.env }
    const render = projectRenderer(env, {}, TARGET)
    const config = readProjectFile(folder, render)
    const say = (message: string) => void said.push(message)
    await installPackages({ folder, config, render, isUpgrade: false, isLockOnly: false, say, ...options, env })
    return said
  }
  const read = (file: string) => readFileSync(path.join(folder, file), "utf8")
  return { folder, install, read }
}

test("installs the highest versions that meet all who ask, and pins them", async () => {
  const { install, read } = project(
    "packages:\n  - {package: acme/top, version: '1.0.0'}\n  - {package: acme/base, version: '>=1.0.0'}\n",
  )
  await install()
  assert.match(read("dbt_packages/base/dbt_project.yml"), /1\.1\.0/)
  assert.match(read("dbt_packages/top/dbt_project.yml"), /1\.0\.0/)
  assert.match(read("package-lock.yml"), /- package: acme\/base\n {4}version: 1\.1\.0\n/)
})

test("what the lock pins stays while the same is asked for, until --upgrade", async () => {
  const { folder, install, read } = project("packages: [{package: acme/base, version: ['>=1.0.0', '<1.2.0']}]\n")
  await install()
  const lock = read("package-lock.yml")
  writeFileSync(path.join(folder, "package-lock.yml"), lock.replace("1.1.0", "1.0.0"))
  await install()
  assert.match(read("dbt_packages/base/dbt_project.yml"), /1\.0\.0/)
  await install({ isUpgrade: true, isLockOnly: true })
  assert.equal(read("package-lock.yml"), lock)
  assert.match(read("dbt_packages/base/dbt_project.yml"), /1\.0\.0/, "only the lock was written")
  await install()
  assert.match(read("dbt_packages/base/dbt_project.yml"), /1\.1\.0/)
  writeFileSync(path.join(folder, "packages.yml"), "packages: [{package: acme/base, version: '1.2.0'}]\n")
  await install()
  assert.match(read("package-lock.yml"), /version: 1\.2\.0/)
})

test("a version that asks for another dbt is passed over", async () => {
  const { install, read } = project("packages: [{package: acme/base, version: '>=1.0.0'}]\n")
  await install()
  assert.match(read("package-lock.yml"), /version: 1\.2\.0/)
  const { install: fails } = project("packages: [{package: acme/base, version: '1.3.0'}]\n")
  await assert.rejects(fails(), /acme\/base: 1\.3\.0 would do, but asks for dbt >=1\.99\.0/)
})

test("says what nobody can meet, and what the hub does not have", async () => {
  const none = project("packages: [{package: acme/base, version: ['>=1.2.0', '<1.2.0']}]\n")
  await assert.rejects(none.install(), /acme\/base: no version meets >=1\.2\.0, <1\.2\.0; there are 1\.0\.0/)
  await assert.rejects(project("packages: [{package: acme/nothing, version: '1.0.0'}]\n").install(), /has no package/)
})

test("without a network, says who does not answer, and leaves what is installed", async () => {
  const { folder, install } = project("packages: [{package: acme/base, version: '1.0.0'}]\n")
  await install()
  const away = { env: { DBT_PACKAGE_HUB_URL: "http://127.0.0.1:1/" }, isUpgrade: true }
  await assert.rejects(install(away), /127\.0\.0\.1:1 does not answer .*Is the network there\?/)
  assert.ok(existsSync(path.join(folder, "dbt_packages/base/dbt_project.yml")))
})

test("removes packages alone from where it installs, and refuses a folder that holds the project", async () => {
  const packages = "packages: [{package: acme/base, version: '1.0.0'}]\n"
  const shared = project(packages, {
    "dbt_project.yml": "name: shop\npackages-install-path: shared\n",
    "shared/old/dbt_project.yml": "name: old\n",
    "shared/notes/read.me": "kept",
  })
  await shared.install()
  assert.ok(existsSync(path.join(shared.folder, "shared/base/dbt_project.yml")))
  assert.ok(!existsSync(path.join(shared.folder, "shared/old")))
  assert.equal(shared.read("shared/notes/read.me"), "kept")
  for (const place of [".", "..", "models", "./macros/.."]) {
    const own = project(packages, {
      "dbt_project.yml": `name: shop\npackages-install-path: ${place}\n`,
      "models/a.sql": "select 1",
    })
    await assert.rejects(own.install(), /packages-install-path is .* holds files of the project itself/)
    assert.equal(own.read("models/a.sql"), "select 1")
  }
})

test("git packages come from a branch, a tag, a commit or a folder of the repository, and are pinned to the commit", async () => {
  const repository = writeProject({
    "dbt_project.yml": "name: tool\nversion: '1'\n",
    "sub/dbt_project.yml": "name: inner\n",
  })
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: repository,
      encoding: "utf8",
    })
  git("init", "--quiet", "--initial-branch", "main")
  git("add", "-A")
  git("commit", "--quiet", "-m", "one")
  git("tag", "v1")
  const first = git("rev-parse", "HEAD").trim()
  writeFileSync(path.join(repository, "dbt_project.yml"), "name: tool\nversion: '2'\n")
  git("commit", "--quiet", "-am", "two")
  const url = `file://${repository}`
  for (const [revision, version] of [
    ["v1", "1"],
    [first, "1"],
    [first.slice(0, 9), "1"],
    ["main", "2"],
  ]) {
    const { install, read } = project(`packages: [{git: "${url}", revision: "${revision}"}]\n`)
    await install()
    assert.match(read("dbt_packages/tool/dbt_project.yml"), new RegExp(`'${version}'`), revision)
    assert.match(read("package-lock.yml"), /revision: "?[0-9a-f]{40}"?/)
  }
  const secret = project(`packages: [{git: "{{ env_var('DBT_ENV_SECRET_URL') }}", subdirectory: sub, revision: v1}]\n`)
  await secret.install({ env: { DBT_ENV_SECRET_URL: url } })
  assert.ok(existsSync(path.join(secret.folder, "dbt_packages/inner/dbt_project.yml")))
  assert.ok(!secret.read("package-lock.yml").includes(repository), "secrets stay templates")
  await secret.install({ env: { DBT_ENV_SECRET_URL: url } })
  const twice = project(`packages: [{git: "${url}", revision: v1}, {git: "${url}", revision: main}]\n`)
  await assert.rejects(twice.install(), /asked for at several revisions: v1, main/)
  await assert.rejects(project(`packages: [{git: "${url}", revision: v9}]\n`).install(), /has not given "v9"/)
})

test("local packages are linked, with those that they ask for", async () => {
  const { folder, install, read } = project("packages: [{local: near}]\n", {
    "near/dbt_project.yml": "name: near\n",
    "near/packages.yml": "packages: [{local: ../other}]\n",
    "other/dbt_project.yml": "name: other\n",
  })
  await install()
  assert.ok(lstatSync(path.join(folder, "dbt_packages/near")).isSymbolicLink())
  assert.match(read("dbt_packages/other/dbt_project.yml"), /other/)
  assert.match(read("package-lock.yml"), /- local: near\n {2}- local: other\n/)
  await install()
})

test("tarballs are packages by their URL", async () => {
  const { install, read } = project(`packages: [{tarball: "${hubUrl}tarballs/base-1.0.0.tar.gz", name: base}]\n`)
  await install()
  assert.match(read("dbt_packages/base/dbt_project.yml"), /1\.0\.0/)
})

test("a lock that dbt wrote is good here, as its hash is of the same text", async () => {
  const { folder, install } = project("packages:\n    - local: ../\n")
  rmSync(path.join(folder, "packages.yml"))
  mkdirSync(path.join(folder, "inner"))
  // dbt 1.9 wrote this hash for this file.
  const lock = "packages:\n- local: ../\nsha1_hash: de2deba3d66ce03d8c02949013650cc9b94f6030\n"
  const inner = {
    "dbt_project.yml": "name: inner\n",
    "packages.yml": "packages:\n    - local: ../\n",
    "package-lock.yml": lock,
  }
  for (const [name, text] of Object.entries(inner)) writeFileSync(path.join(folder, "inner", name), text)
  const render = projectRenderer({}, {}, TARGET)
  const said = await install({
    folder: path.join(folder, "inner"),
    config: readProjectFile(path.join(folder, "inner"), render),
  })
  assert.deepEqual(said, ["Installing ../", "Installed from <local @ ../>"])
})
