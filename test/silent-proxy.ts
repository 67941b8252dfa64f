import { once } from "node:events"
import { createServer, type Socket, connect as tcpConnect } from "node:net"

export interface SilentProxy {
  /** `url` with the proxy's address. */
  through(url: string): string
  /** From now on nothing passes on the connections that are open, and neither side is told; new ones work. */
  forgetConnections(): void
  close(): Promise<void>
}

/** A router between processes and a server, which can lose its memory of connections as real ones do. */
export async function startSilentProxy(targetPort: number): Promise<SilentProxy> {
  const pairs = new Set<[Socket, Socket]>()
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const target = tcpConnect(targetPort, "127.0.0.1")
    const pair: [Socket, Socket] = [client, target]
    pairs.add(pair)
    for (const socket of pair) {
      sockets.add(socket)
      socket.on("error", () => undefined)
      socket.on("close", () => {
        sockets.delete(socket)
        if (pairs.delete(pair)) for (const other of pair) other.destroy()
      })
    }
    client.pipe(target)
    target.pipe(client)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as { port: number }
  return {
    through(url) {
      const changed = new URL(url)
      changed.host = `127.0.0.1:${port}`
      return changed.href
    },
    forgetConnections() {
      for (const pair of pairs) {
        for (const socket of pair) socket.unpipe().pause()
      }
      pairs.clear()
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, "close")
    },
  }
}
