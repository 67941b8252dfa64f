import { once } from "node:events"
import { createServer, type IncomingHttpHeaders } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as delay } from "node:timers/promises"

const ARRIVE_WITHIN_MS = 60_000

export interface Received {
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface HttpReceiver {
  url: string
  received: Received[]
  /** Answers with these statuses, one a request, then with 204. 0 never answers. */
  answerWith(...statuses: number[]): void
  /** What a path answers, always. */
  statusOf: Record<string, number>
  headers: Record<string, string>
  /** Resolves when `count` requests have arrived. @throws Error when they do not within a minute. */
  arrived(count: number): Promise<Received[]>
  close(): Promise<void>
}

/** A real server that keeps what it is sent. */
export async function startReceiver(): Promise<HttpReceiver> {
  const received: Received[] = []
  const statuses: number[] = []
  const headers: Record<string, string> = {}
  const statusOf: Record<string, number> = {}
  let changed = Promise.withResolvers<void>()
  const server = createServer(async (request, response) => {
    let body = ""
    for await (const chunk of request) body += chunk
    received.push({ path: request.url ?? "", headers: request.headers, body })
    const status = statusOf[request.url ?? ""] ?? statuses.shift() ?? 204
    if (status > 0) response.writeHead(status, headers).end()
    changed.resolve()
    changed = Promise.withResolvers()
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    headers,
    statusOf,
    answerWith: (...next) => void statuses.push(...next),
    async arrived(count) {
      const deadline = Date.now() + ARRIVE_WITHIN_MS
      while (received.length < count) {
        if (Date.now() > deadline) throw new Error(`${received.length} of ${count} requests have arrived`)
        await Promise.race([changed.promise, delay(1_000)])
      }
      return received
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}
