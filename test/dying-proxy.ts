import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts"

/** ReadyForQuery without its last byte, the state of the transaction (PostgreSQL documentation, "Message Formats"). */
const READY = Buffer.from([0x5a, 0, 0, 0, 5])

export interface DyingProxy extends TcpProxy {
  /** New sessions end with the `answers`th ReadyForQuery, the first of which says that they are open; Infinity: never. */
  endAfter(answers: number): void
}

/**
 * A server that can end its sessions in the very packet that says they are ready: what a session sees that is terminated
 * while it connects, or between two of its statements.
 */
export async function startDyingProxy({ hostname, port }: URL): Promise<DyingProxy> {
  let limit = Number.POSITIVE_INFINITY
  const proxy = await startTcpProxy({ hostname, port: Number(port) }, (client, upstream) => {
    const last = limit
    let ready = 0
    client.pipe(upstream)
    upstream.on("data", (chunk) => {
      if (!chunk.subarray(-READY.length - 1, -1).equals(READY) || ++ready < last) return client.write(chunk)
      client.end(Buffer.concat([chunk, farewell()]))
      upstream.destroy()
    })
  })
  return {
    ...proxy,
    endAfter(answers) {
      limit = answers
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
