import { once } from "node:events"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ReadableStream as NodeReadableStream } from "node:stream/web"
import type { Api } from "#lib/server/api/api.ts"

/** The API on a free port of the loopback address, for clients that need a socket. */
export async function serveApi(api: Pick<Api, "fetch">): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(api, request, response))
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, "close")
    },
  }
}

async function answer(api: Pick<Api, "fetch">, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once("close", () => gone.abort())
  const hasBody = request.method !== "GET" && request.method !== "HEAD"
  const answered = await api.fetch(
    new Request(`http://${request.headers.host}${request.url}`, {
      method: request.method ?? "GET",
      headers: Object.entries(request.headers).map(([name, value]) => [name, String(value)] as [string, string]),
      signal: gone.signal,
      ...(hasBody ? { body: Readable.toWeb(request) as ReadableStream<Uint8Array>, duplex: "half" } : {}),
    } as RequestInit),
  )
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (!answered.body) response.end()
  // A client that goes away is no error of the server.
  else await pipeline(Readable.fromWeb(answered.body as NodeReadableStream), response).catch(() => {})
}
