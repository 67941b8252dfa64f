import { createHash } from "node:crypto"
import { mkdirSync, realpathSync } from "node:fs"
import net from "node:net"
import { errorCode } from "./user-error.ts"

export interface FolderLock {
  /** What a second process that asks for the lock is told from now on. Every user of the machine can read it. */
  say(text: string): void
  release(): void
}

export type LockResult = { kind: "acquired"; lock: FolderLock } | { kind: "held"; says: string }

/**
 * Takes the one lock of a folder, or tells what its holder says. It is an abstract Unix socket: the kernel gives it to one
 * process alone and takes it back when that process dies in whatever way, so that no stale lock file is left to judge.
 */
export async function lockFolder(folder: string, purpose: string): Promise<LockResult> {
  mkdirSync(folder, { recursive: true })
  const digest = createHash("sha256")
    .update(`${purpose}:${realpathSync(folder)}`)
    .digest("hex")
    .slice(0, 32)
  const address = `\0headrace-${digest}`
  let text = ""
  const server = net.createServer((socket) => {
    socket.on("error", () => socket.destroy())
    socket.end(text)
  })
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(address, resolve))
  } catch (error) {
    if (errorCode(error) !== "EADDRINUSE") throw error
    return { kind: "held", says: await ask(address) }
  }
  server.unref()
  const lock: FolderLock = {
    say(words) {
      text = words
    },
    release() {
      server.close()
    },
  }
  return { kind: "acquired", lock }
}

function ask(address: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ""
    const socket = net.connect(address)
    socket.setEncoding("utf8").setTimeout(2_000, () => socket.destroy())
    socket.on("data", (chunk) => {
      text += chunk
    })
    socket.on("error", () => resolve(text))
    socket.on("close", () => resolve(text))
  })
}
