import { once } from "node:events"
import { createServer, type Socket, connect as tcpConnect } from "node:net"

/** ReadyForQuery without its last byte, the state of the transaction (PostgreSQL documentation, "Message Formats"). */
const READY = Buffer.from([0x5a, 0, 0, 0, 5])

export interface DyingProxy {
  /** `url` with the proxy's address. */
  through(url: string): string
  /** New sessions end with the `answers`th ReadyForQuery, the first of which says that they are open; Infinity: never. */
  endAfter(answers: number): void
  close(): Promise<void>
}

/**
 * A server that can end its sessions in the very packet that says they are ready: what a session sees that is terminated
 * while it connects, or between two of its statements.
 */
export async function startDyingProxy(target: URL): Promise<DyingProxy> {
  let limit = Number.POSITIVE_INFINITY
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = tcpConnect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on("error", () => undefined)
      socket.on("close", () => sockets.delete(socket))
    }
    const last = limit
    let ready = 0
    client.pipe(upstream)
    upstream.on("data", (chunk) => {
      if (!chunk.subarray(-READY.length - 1, -1).equals(READY) || ++ready < last) return client.write(chunk)
      client.end(Buffer.concat([chunk, farewell()]))
      upstream.destroy()
    })
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
    endAfter(answers) {
      limit = answers
    },
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, "close")
    },
  }
}

/** ErrorResponse of an administrator's pg_terminate_backend. */
function farewell(): Buffer {
  const fields = ["SFATAL", "VFATAL", "C57P01", "Mterminating connection due to administrator command"]
  const body = Buffer.from(`${fields.map((field) => `${field}\0`).join("")}\0`)
  const head = Buffer.alloc(5)
  head.write("E")
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
