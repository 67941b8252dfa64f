import os from "node:os"
import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http"
import { resourceFromAttributes } from "@opentelemetry/resources"
import type { ReadableSpan } from "@opentelemetry/sdk-trace"
import type { TracingConfig } from "../config.ts"
import { HEADRACE_VERSION } from "../version.ts"
import type { Span } from "./span.ts"

/** A batch is given up after this, tries included; the next waits meanwhile, in a queue that is bounded. */
const TIMEOUT_MS = 10_000

/**
 * Sends spans as OTLP/HTTP (JSON) with OpenTelemetry's own exporter. Spans are made here and not by its tracers,
 * because ours are known by ids that all workers share, and are made when they are over. Load this file only where tracing is
 * on: it takes what a worker without it should not have to carry.
 */
export function createOtlpSender(config: TracingConfig): (spans: readonly Span[]) => Promise<void> {
  const exporter = new OTLPTraceExporter({
    url: config.url,
    headers: config.headers,
    timeoutMillis: TIMEOUT_MS,
    concurrencyLimit: 2,
  })
  const resource = resourceFromAttributes({
    "service.name": config.serviceName,
    "service.version": HEADRACE_VERSION,
    "host.name": os.hostname(),
    "process.pid": process.pid,
  })
  const toReadable = (span: Span): ReadableSpan => ({
    name: span.name,
    kind: span.kind === "client" ? SpanKind.CLIENT : SpanKind.INTERNAL,
    spanContext: () => ({ traceId: span.traceId, spanId: span.spanId, traceFlags: TraceFlags.SAMPLED }),
    ...(span.parentSpanId !== null && {
      parentSpanContext: { traceId: span.traceId, spanId: span.parentSpanId, traceFlags: TraceFlags.SAMPLED },
    }),
    startTime: hrTime(span.startMs),
    endTime: hrTime(span.endMs),
    duration: hrTime(span.endMs - span.startMs),
    status: span.error === null ? { code: SpanStatusCode.OK } : { code: SpanStatusCode.ERROR, message: span.error },
    attributes: span.error === null ? span.attributes : { ...span.attributes, "error.type": span.error },
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: "headrace", version: HEADRACE_VERSION },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  })
  return (spans) =>
    new Promise((resolve, reject) => {
      exporter.export(spans.map(toReadable), ({ code, error }) => {
        if (code === 0) resolve()
        else reject(error ?? new Error("the collector did not take them"))
      })
    })
}

function hrTime(ms: number): [number, number] {
  const whole = Math.floor(ms / 1_000)
  return [whole, Math.round((ms - whole * 1_000) * 1e6)]
}
