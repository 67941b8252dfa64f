import net from "node:net"
import { errorCode, UserError } from "./user-error.ts"

/** A TCP port on loopback that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = net.createServer()
  await listen(server, 0, "127.0.0.1")
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === "string") throw new Error("The system gave no TCP port.")
  return address.port
}

/** Whether that port of loopback can be listened on. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await checkPort(port, "127.0.0.1")
    return true
  } catch {
    return false
  }
}

/** @throws UserError when the web server could not listen there, with what to do about it. */
export async function checkPort(port: number, host: string): Promise<void> {
  const server = net.createServer()
  try {
    await listen(server, port, host)
  } catch (error) {
    throw explainListenError(error, port, host)
  }
  await new Promise((resolve) => server.close(resolve))
}

/** What to do when listening failed. */
export function explainListenError(error: unknown, port: number, host: string): unknown {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return new UserError(
        `Port ${port} is taken by another program: stop that, or choose another port, such as HEADRACE_PORT=${port + 1}.`,
      )
    case "EACCES":
      return new UserError(`You may not listen on port ${port}: choose one above 1023 with HEADRACE_PORT.`)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return new UserError(
        `This machine has no address ${host}: set HEADRACE_HOST to one of its own, such as 127.0.0.1.`,
      )
    default:
      return error
  }
}

function listen(server: net.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject)
    server.listen(port, host, resolve)
  })
}
