import { once } from "node:events"
import { createServer, type Socket, connect as tcpConnect } from "node:net"

export interface TcpProxy {
  /** `url` with the proxy's address. */
  through(url: string): string
  close(): Promise<void>
}

/** Listens on loopback and connects whoever comes to `target`; what passes between the two, and when not, `join` says. */
export async function startTcpProxy(
  target: { hostname: string; port: number },
  join: (client: Socket, upstream: Socket) => void,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = tcpConnect(target.port, target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on("error", () => undefined)
      socket.on("close", () => sockets.delete(socket))
    }
    join(client, upstream)
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
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, "close")
    },
  }
}
