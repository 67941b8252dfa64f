import type { Socket } from "node:net"
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts"

export interface SilentProxy extends TcpProxy {
  /** From now on nothing passes on the connections that are open, and neither side is told; new ones work. */
  forgetConnections(): void
}

/** A router between processes and a server, which can lose its memory of connections as real ones do. */
export async function startSilentProxy(port: number): Promise<SilentProxy> {
  const pairs = new Set<[Socket, Socket]>()
  const proxy = await startTcpProxy({ hostname: "127.0.0.1", port }, (client, target) => {
    const pair: [Socket, Socket] = [client, target]
    pairs.add(pair)
    for (const socket of pair) {
      socket.on("close", () => {
        if (pairs.delete(pair)) for (const other of pair) other.destroy()
      })
    }
    client.pipe(target)
    target.pipe(client)
  })
  return {
    ...proxy,
    forgetConnections() {
      for (const pair of pairs) {
        for (const socket of pair) socket.unpipe().pause()
      }
      pairs.clear()
    },
  }
}
