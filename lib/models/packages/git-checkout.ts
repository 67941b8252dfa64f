import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { ProjectError } from "../project/project-error.ts"

const run = promisify(execFile)

/** Nobody is there to answer, and a package must not choose a program by its URL. */
const ENVIRONMENT = { GIT_TERMINAL_PROMPT: "0", GIT_ALLOW_PROTOCOL: "file:git:http:https:ssh" }

export interface Checkout {
  url: string
  /** For messages: the URL without the values of secrets. */
  shownUrl: string
  /** A branch, a tag, a commit, or `HEAD`. */
  revision: string
  /** An empty folder. */
  into: string
  env: Readonly<Record<string, string | undefined>>
}

/** Puts one revision of a repository into a folder, with as little of its history as its server allows. Gives the commit. */
export async function checkout({ url, shownUrl, revision, into, env }: Checkout): Promise<string> {
  if (url.startsWith("-") || revision.startsWith("-")) {
    throw new ProjectError({ file: "packages.yml", message: `"${shownUrl}" at "${revision}" is no repository.` })
  }
  const git = async (...args: string[]): Promise<string> => {
    const options = { cwd: into, env: { ...env, ...ENVIRONMENT } as unknown as NodeJS.ProcessEnv, maxBuffer: 1 << 26 }
    return (await run("git", args, options)).stdout.trim()
  }
  try {
    await git("init", "--quiet")
    await git("remote", "add", "origin", url)
    try {
      await git("fetch", "--quiet", "--depth", "1", "origin", revision)
      await git("checkout", "--quiet", "FETCH_HEAD")
    } catch {
      // Short commits, and servers that give no single commit: all of it, then.
      await git("fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*")
      await git("checkout", "--quiet", "--detach", revision).catch(() => {
        return git("checkout", "--quiet", "--detach", `origin/${revision}`)
      })
    }
    return await git("rev-parse", "HEAD")
  } catch (error) {
    throw checkoutError(error, shownUrl, revision, url)
  }
}

function checkoutError(error: unknown, shownUrl: string, revision: string, url: string): ProjectError {
  const { code, stderr } = error as { code?: unknown; stderr?: string }
  if (code === "ENOENT") {
    return new ProjectError({ message: "Packages from git need the program git, which is not installed." })
  }
  const said = (stderr ?? "").trim().split("\n").at(-1)?.replaceAll(url, shownUrl) ?? ""
  const message = `${shownUrl} has not given "${revision}": ${said || String(code)}`
  return new ProjectError({ file: "packages.yml", message }, { cause: error })
}
