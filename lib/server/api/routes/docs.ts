import { createReadStream } from "node:fs"
import path from "node:path"
import { Readable } from "node:stream"
import { z } from "@hono/zod-openapi"
import { HEADRACE_VERSION } from "../../version.ts"
import { API_BASE, type Api } from "../api.ts"

const tag = "Documentation"
const ASSETS = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
} as const
const ASSET_NAMES = ["swagger-ui.css", "swagger-ui-bundle.js", "init.js"] as const

// Swagger UI sets style attributes and draws data: images; scripts come from here alone.
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

/** The OpenAPI document and a page to browse it; everything it needs is served from here. */
export function docsRoutes(api: Api): void {
  api.raw(
    {
      method: "get",
      path: "/openapi.json",
      permission: "public",
      tag,
      summary: "This document",
      mediaType: "application/json",
    },
    async () => text(JSON.stringify(openApiDocument(api)), "application/json"),
  )
  api.raw(
    {
      method: "get",
      path: "/docs",
      permission: "public",
      tag,
      summary: "This document to browse",
      mediaType: "text/html",
    },
    async () => text(PAGE, "text/html; charset=utf-8"),
  )
  api.raw(
    {
      method: "get",
      path: "/docs/{asset}",
      permission: "public",
      tag,
      summary: "Files of the page",
      params: z.object({ asset: z.enum(ASSET_NAMES) }),
      mediaType: "text/plain",
    },
    async ({ params }) =>
      params.asset === "init.js"
        ? text(INIT, "text/javascript; charset=utf-8")
        : file(params.asset, ASSETS[params.asset]),
  )
}

/** OpenAPI 3.1, made from the schemas that check the requests. */
export function openApiDocument(api: Api): object {
  const document = api.app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Headrace",
      version: HEADRACE_VERSION,
      description:
        "Pipelines, runs, logs, datasets and quality. Errors are problem+json (RFC 9457) with a stable `code`. Lists are paged by opaque cursors: pass `nextCursor` as `cursor` until it is null. Instants are ISO 8601 in UTC; ids are decimal strings.",
    },
    servers: [{ url: API_BASE }],
  })
  return withoutNullTwice(document) as object
}

/** The generator writes "Json or null" as oneOf, which null would match twice: Json allows null itself. */
function withoutNullTwice(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutNullTwice)
  if (typeof node !== "object" || node === null) return node
  const { oneOf } = node as { oneOf?: { $ref?: string }[] }
  const json = oneOf?.find((option) => option.$ref === "#/components/schemas/Json")
  if (json) return json
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withoutNullTwice(value)]))
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Headrace API</title>
    <link rel="stylesheet" href="${API_BASE}/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="${API_BASE}/docs/swagger-ui-bundle.js"></script>
    <script src="${API_BASE}/docs/init.js"></script>
  </body>
</html>
`

const INIT = `SwaggerUIBundle({
  url: "${API_BASE}/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
})
`

function text(body: string, contentType: string): Response {
  return new Response(body, {
    headers: {
      "content-type": contentType,
      "cache-control": "no-cache",
      "content-security-policy": CONTENT_SECURITY_POLICY,
    },
  })
}

/** Names come from the closed list above, never from the request. */
function file(name: keyof typeof ASSETS, contentType: string): Response {
  const location = path.join(process.cwd(), "node_modules", "swagger-ui-dist", name)
  const stream = Readable.toWeb(createReadStream(location)) as ReadableStream<Uint8Array>
  return new Response(stream, { headers: { "content-type": contentType, "cache-control": "public, max-age=86400" } })
}
