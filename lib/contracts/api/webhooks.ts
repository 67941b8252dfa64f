import { z } from "zod"
import { DELIVERY_STATES } from "../../domain/delivery.ts"
import { eventPatternSchema } from "../webhook-message.ts"
import { idSchema, instantSchema, listOf, pageQuerySchema } from "./common.ts"

const urlSchema = z
  .string()
  .max(2_000)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "expected an http or https URL")
  // Addresses are shown in lists; a password would be too.
  .refine(
    (text) => !URL.canParse(text) || (new URL(text).username === "" && new URL(text).password === ""),
    "leave user and password out of the URL; messages are signed instead",
  )
const namesSchema = z.array(z.string().min(1).max(200)).max(100)

/** 24 to 64 bytes of base64 after `whsec_`, as the Standard Webhooks specification has it. */
const secretSchema = z
  .string()
  .max(120)
  .refine((text) => {
    const [, bytes] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? []
    const length = Buffer.from(bytes ?? "", "base64").length
    return length >= 24 && length <= 64
  }, "expected whsec_ and 24 to 64 bytes as base64; leave it out and one is made")

export const createWebhookSchema = z.object({
  url: urlSchema,
  events: z.array(eventPatternSchema).min(1).max(50),
  /** Only events of these pipelines; empty: of all. */
  pipelines: namesSchema.default([]),
  /** Only events of pipelines with one of these tags; empty: whatever the tags. */
  tags: namesSchema.default([]),
  description: z.string().max(500).default(""),
  /** Default: a new random one. */
  secret: secretSchema.optional(),
})
export type CreateWebhook = z.input<typeof createWebhookSchema>

export const updateWebhookSchema = z
  .object({
    url: urlSchema,
    events: z.array(eventPatternSchema).min(1).max(50),
    pipelines: namesSchema,
    tags: namesSchema,
    description: z.string().max(500),
    isActive: z.boolean(),
  })
  .partial()
export type UpdateWebhook = z.infer<typeof updateWebhookSchema>

export const webhookSchema = z.object({
  id: idSchema,
  /** `openlineage`: the backend that the environment names; it cannot be changed here. */
  kind: z.enum(["webhook", "openlineage"]),
  url: z.string(),
  description: z.string(),
  events: z.array(z.string()),
  pipelines: z.array(z.string()),
  tags: z.array(z.string()),
  isActive: z.boolean(),
  disabledReason: z.string().nullable(),
  failingSince: instantSchema.nullable(),
  lastDeliveredAt: instantSchema.nullable(),
  createdBy: z.string(),
  createdAt: instantSchema,
  counts: z.object({ pending: z.int(), dead: z.int() }),
})
export type WebhookView = z.infer<typeof webhookSchema>

/** The answer that creates an endpoint is the only one that carries its secret. */
export const createdWebhookSchema = webhookSchema.extend({ secret: z.string() })

export const webhookDeliverySchema = z.object({
  id: idSchema,
  webhookId: idSchema,
  messageId: z.string(),
  type: z.string(),
  at: instantSchema,
  pipelineId: z.string().nullable(),
  runId: idSchema.nullable(),
  state: z.enum(DELIVERY_STATES),
  tries: z.int(),
  /** While it is pending. */
  nextTryAt: instantSchema.nullable(),
  /** Of the last answer; null when there was none. */
  status: z.int().nullable(),
  error: z.string().nullable(),
  durationMs: z.int().nullable(),
  lastTryAt: instantSchema.nullable(),
  deliveredAt: instantSchema.nullable(),
})
export type WebhookDeliveryView = z.infer<typeof webhookDeliverySchema>

export const deliveryListQuerySchema = pageQuerySchema.extend({ state: listOf(DELIVERY_STATES).optional() })
export const removedSchema = z.object({ id: idSchema })
