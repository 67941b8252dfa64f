import { between, pick, pickWeighted, randomStream } from "./random.ts"
import { DAY_MS, type ShopPlan } from "./shop-plan.ts"
import { CAMPAIGN_THEMES, CATEGORIES, COUNTRIES, FIRST_NAMES, LAST_NAMES, MATERIALS } from "./shop-words.ts"

/** A value as COPY takes it; null is SQL's. */
export type Cell = string | number | boolean | null

/** A table's rows in the order of `columns`, drawn one by one so that any size fits in memory. */
export interface ShopTable {
  name: string
  columns: readonly string[]
  rows: () => Iterable<readonly Cell[]>
}

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** Customers join over two years before the history starts: three quarters were there already. */
const EARLIER_MS = 730 * DAY_MS
/** Orders by hour of the day (UTC), from a quiet night to the evening's peak. */
const HOUR_WEIGHTS = [2, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 12, 11, 10, 10, 11, 13, 16, 18, 17, 13, 8, 4].map(
  (weight, hour) => [hour, weight] as const,
)
/** Orders by day of the week, from Sunday. */
const WEEKDAY_FACTORS = [1.25, 1.05, 0.9, 0.88, 0.92, 1, 1.15]
const SEGMENTS = [
  ["new", 25],
  ["regular", 55],
  ["vip", 8],
  ["dormant", 12],
] as const
const CHANNELS = [
  ["web", 60],
  ["app", 32],
  ["marketplace", 8],
] as const
const DISCOUNTS = [
  [0, 80],
  [0.05, 8],
  [0.1, 8],
  [0.2, 4],
] as const

/**
 * All tables of the shop for a plan, in the order in which their foreign keys allow them to be filled.
 * A few rows are wrong on purpose (an e-mail without @, no country, a negative price), so that the checks have work.
 */
export function shopTables(plan: ShopPlan): ShopTable[] {
  const history = historyOf(plan)
  const customers = drawCustomers(plan, history)
  const prices = drawPrices(plan)
  const campaigns = drawCampaigns(plan, history)
  return [
    {
      name: "customers",
      columns: [
        ...["customer_id", "email", "first_name", "last_name", "country", "city", "segment"],
        ...["is_subscribed", "created_at", "updated_at"],
      ],
      rows: () => customerRows(plan, history, customers),
    },
    {
      name: "products",
      columns: ["product_id", "sku", "name", "category", "price", "cost", "is_active", "created_at", "updated_at"],
      rows: () => productRows(plan, history, prices),
    },
    {
      name: "campaigns",
      columns: ["campaign_id", "name", "channel", "starts_on", "ends_on", "budget", "created_at", "updated_at"],
      rows: () => campaignRows(campaigns),
    },
    {
      name: "campaign_touches",
      columns: ["touch_id", "campaign_id", "customer_id", "kind", "cost", "touched_at", "created_at", "updated_at"],
      rows: () => touchRows(plan, history, customers, campaigns),
    },
    {
      name: "orders",
      columns: [
        ...["order_id", "customer_id", "status", "channel", "shipping_country", "shipping_amount"],
        ...["total_amount", "placed_at", "created_at", "updated_at"],
      ],
      rows: () => orderRows(plan, history, customers, prices),
    },
    {
      name: "order_items",
      columns: [
        ...["order_item_id", "order_id", "product_id", "quantity", "unit_price", "discount"],
        ...["created_at", "updated_at"],
      ],
      rows: () => orderItemRows(plan, history, customers, prices),
    },
  ]
}

interface History {
  startMs: number
  endMs: number
}

function historyOf(plan: ShopPlan): History {
  const endMs = Date.parse(`${plan.until}T00:00:00Z`) + DAY_MS
  return { startMs: endMs - plan.days * DAY_MS, endMs }
}

/** What orders and touches need of the customers: ids stand in the order in which they joined. */
interface Customers {
  joinedMs: Float64Array
  countries: Uint8Array
}

const WEIGHTED_COUNTRIES = COUNTRIES.map((country, index) => [index, country.weight] as const)
/** Index that stands for a customer whose country is not known. */
const NO_COUNTRY = 255

function drawCustomers(plan: ShopPlan, { startMs, endMs }: History): Customers {
  const random = randomStream(plan.seed, "customers")
  const joinedMs = new Float64Array(plan.customers)
  const countries = new Uint8Array(plan.customers)
  for (let index = 0; index < plan.customers; index++) {
    const share = (index + random()) / plan.customers
    const joined =
      share < 0.75
        ? startMs - EARLIER_MS + (share / 0.75) * EARLIER_MS
        : startMs + ((share - 0.75) / 0.25) * (endMs - startMs)
    joinedMs[index] = Math.floor(joined)
    countries[index] = random() < 0.004 ? NO_COUNTRY : pickWeighted(random, WEIGHTED_COUNTRIES)
  }
  return { joinedMs, countries }
}

function* customerRows(plan: ShopPlan, { endMs }: History, customers: Customers): Iterable<Cell[]> {
  const random = randomStream(plan.seed, "customer rows")
  for (let index = 0; index < plan.customers; index++) {
    const id = index + 1
    const first = pick(random, FIRST_NAMES)
    const last = pick(random, LAST_NAMES)
    const country = COUNTRIES[customers.countries[index] as number]
    const local = `${first}.${last}.${id}`
      .toLowerCase()
      .normalize("NFD")
      .replace(/[^a-z0-9.]/g, "")
    const email = `${local}${random() < 0.003 ? " at " : "@"}example.${pick(random, ["com", "net", "org"])}`
    const joinedMs = customers.joinedMs[index] as number
    const updatedMs = random() < 0.3 ? joinedMs + random() * (endMs - joinedMs) : joinedMs
    const place: [Cell, Cell] = country ? [country.code, pick(random, country.cities)] : [null, null]
    const segment = pickWeighted(random, SEGMENTS)
    yield [id, email, first, last, ...place, segment, random() < 0.6, time(joinedMs), time(updatedMs)]
  }
}

/** Prices in cents by product: many cheap things, few dear ones. */
function drawPrices(plan: ShopPlan): Int32Array {
  const random = randomStream(plan.seed, "prices")
  return Int32Array.from({ length: plan.products }, () => {
    const share = random()
    return 399 + Math.floor(share * share * share * 290) * 100 + Math.floor(share * 20) * 100
  })
}

function* productRows(plan: ShopPlan, { startMs }: History, prices: Int32Array): Iterable<Cell[]> {
  const random = randomStream(plan.seed, "products")
  for (const [index, cents] of prices.entries()) {
    const { name: category, things } = pick(random, CATEGORIES)
    const name = `${pick(random, MATERIALS)} ${pick(random, things)}`
    const sku = `${category.slice(0, 3).toUpperCase()}-${String(index + 1).padStart(5, "0")}`
    const created = time(startMs - random() * EARLIER_MS)
    const cost = Math.floor(cents * (0.4 + random() * 0.3))
    yield [index + 1, sku, name, category, euros(cents), euros(cost), random() < 0.96, created, created]
  }
}

interface Campaign {
  name: string
  channel: string
  startMs: number
  days: number
  budget: number
}

/** A campaign starts about every eight days and runs for one to three weeks. */
function drawCampaigns(plan: ShopPlan, { startMs, endMs }: History): Campaign[] {
  const random = randomStream(plan.seed, "campaigns")
  const campaigns: Campaign[] = []
  for (let at = startMs; at < endMs; at += between(random, 5, 11) * DAY_MS) {
    const channel = pick(random, ["email", "search", "social", "display", "affiliate"])
    const month = new Date(at).toISOString().slice(0, 7)
    const days = between(random, 7, 21)
    campaigns.push({
      name: `${pick(random, CAMPAIGN_THEMES)} ${channel} ${month} #${campaigns.length + 1}`,
      channel,
      startMs: at,
      days,
      budget: Math.ceil((plan.ordersPerDay * days * 4) / 100) * 100,
    })
  }
  return campaigns
}

function* campaignRows(campaigns: Campaign[]): Iterable<Cell[]> {
  for (const [index, { name, channel, startMs, days, budget }] of campaigns.entries()) {
    const created = time(startMs - 2 * DAY_MS)
    const starts = time(startMs).slice(0, 10)
    const ends = time(startMs + (days - 1) * DAY_MS).slice(0, 10)
    yield [index + 1, name, channel, starts, ends, budget, created, created]
  }
}

/** Two touches for each order: seven in ten are only seen, three are clicked. */
function* touchRows(plan: ShopPlan, history: History, customers: Customers, campaigns: Campaign[]): Iterable<Cell[]> {
  const random = randomStream(plan.seed, "touches")
  let id = 0
  for (const dayMs of daysOf(history)) {
    const active = campaigns.flatMap(({ startMs, days }, index) =>
      startMs <= dayMs && dayMs < startMs + days * DAY_MS ? [index + 1] : [],
    )
    const known = countJoined(customers, dayMs)
    if (active.length === 0 || known === 0) continue
    for (const atMs of timesOfDay(random, dayMs, plan.ordersPerDay * 2)) {
      const isClick = random() < 0.3
      const cost = (isClick ? 2 + random() * 6 : 0.02).toFixed(4)
      const at = time(atMs)
      yield [
        ++id,
        pick(random, active),
        pickCustomer(random, known),
        isClick ? "click" : "impression",
        cost,
        at,
        at,
        at,
      ]
    }
  }
}

interface Order {
  id: number
  customer: number
  status: string
  placedMs: number
  updatedMs: number
  channel: string
  country: string | null
  shippingCents: number
  totalCents: number
  items: { product: number; quantity: number; cents: number; discount: number; isBad: boolean }[]
}

function* orderRows(plan: ShopPlan, history: History, customers: Customers, prices: Int32Array): Iterable<Cell[]> {
  for (const order of drawOrders(plan, history, customers, prices)) {
    const amounts = [euros(order.shippingCents), euros(order.totalCents)]
    const placed = time(order.placedMs)
    yield [
      ...[order.id, order.customer, order.status, order.channel, order.country],
      ...[...amounts, placed, placed, time(order.updatedMs)],
    ]
  }
}

/** The lines of all orders but the cancelled ones, whose lines the shop removes. */
function* orderItemRows(plan: ShopPlan, history: History, customers: Customers, prices: Int32Array): Iterable<Cell[]> {
  let id = 0
  for (const { id: order, status, placedMs, items } of drawOrders(plan, history, customers, prices)) {
    const at = time(placedMs)
    for (const { product, quantity, cents, discount, isBad } of items) {
      id++
      if (status === "cancelled") continue
      yield [id, order, product, quantity, euros(isBad ? -cents : cents), discount.toFixed(2), at, at]
    }
  }
}

/** Orders by the time they were placed. Drawn once for each of the two tables: cheaper than keeping millions. */
function* drawOrders(plan: ShopPlan, history: History, customers: Customers, prices: Int32Array): Iterable<Order> {
  const random = randomStream(plan.seed, "orders")
  let id = 0
  for (const dayMs of daysOf(history)) {
    const known = countJoined(customers, dayMs)
    const growth = 0.85 + (0.3 * (dayMs - history.startMs)) / (history.endMs - history.startMs)
    const weekday = WEEKDAY_FACTORS[new Date(dayMs).getUTCDay()] as number
    const count = Math.round(plan.ordersPerDay * growth * weekday * (0.9 + random() * 0.2))
    if (known === 0) continue
    for (const placedMs of timesOfDay(random, dayMs, count)) {
      const customer = pickCustomer(random, known)
      const items = drawItems(random, prices)
      const goodsCents = items.reduce((sum, item) => sum + lineCents(item), 0)
      const shippingCents = goodsCents >= 5_000 ? 0 : 490
      yield {
        id: ++id,
        customer,
        ...drawStatus(random, placedMs, history.endMs),
        placedMs,
        channel: pickWeighted(random, CHANNELS),
        country: COUNTRIES[customers.countries[customer - 1] as number]?.code ?? null,
        shippingCents,
        totalCents: goodsCents + shippingCents,
        items,
      }
    }
  }
}

function drawItems(random: () => number, prices: Int32Array): Order["items"] {
  const lines = pickWeighted(random, [
    [1, 38],
    [2, 27],
    [3, 18],
    [4, 11],
    [5, 6],
  ])
  return Array.from({ length: lines }, () => {
    const share = random()
    const product = Math.floor(share * share * prices.length)
    return {
      product: product + 1,
      quantity: random() < 0.8 ? 1 : between(random, 2, 4),
      cents: prices[product] as number,
      discount: pickWeighted(random, DISCOUNTS),
      isBad: random() < 0.0003,
    }
  })
}

function lineCents(item: Order["items"][number]): number {
  return Math.round(item.cents * item.quantity * (1 - item.discount))
}

/** An order's way: placed, paid, shipped, delivered, for some cancelled or returned; as far as it has come by `endMs`. */
function drawStatus(random: () => number, placedMs: number, endMs: number): { status: string; updatedMs: number } {
  const isCancelled = random() < 0.05
  const isReturned = random() < 0.04
  const paidMs = placedMs + between(random, 1, 120) * MINUTE_MS
  const cancelledMs = paidMs + random() * 5 * HOUR_MS
  const shippedMs = paidMs + (6 + random() * 36) * HOUR_MS
  const deliveredMs = shippedMs + (1 + random() * 3) * DAY_MS
  const returnedMs = deliveredMs + (2 + random() * 10) * DAY_MS
  const steps: [string, number][] = [
    ["placed", placedMs],
    ["paid", paidMs],
    ...((isCancelled
      ? [["cancelled", cancelledMs]]
      : [["shipped", shippedMs], ["delivered", deliveredMs], ...(isReturned ? [["returned", returnedMs]] : [])]) as [
      string,
      number,
    ][]),
  ]
  const [status, updatedMs] = steps.findLast(([, atMs]) => atMs < endMs) as [string, number]
  return { status, updatedMs }
}

function* daysOf({ startMs, endMs }: History): Iterable<number> {
  for (let dayMs = startMs; dayMs < endMs; dayMs += DAY_MS) yield dayMs
}

/** `count` instants of the day in order. */
function timesOfDay(random: () => number, dayMs: number, count: number): Float64Array {
  const times = Float64Array.from({ length: count }, () => {
    return dayMs + pickWeighted(random, HOUR_WEIGHTS) * HOUR_MS + Math.floor(random() * HOUR_MS)
  })
  return times.sort()
}

/** Customers that had joined before an instant; they are sorted by it. */
function countJoined({ joinedMs }: Customers, atMs: number): number {
  let low = 0
  let high = joinedMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((joinedMs[middle] as number) < atMs) low = middle + 1
    else high = middle
  }
  return low
}

/** Id of a customer among the first `known`: those who joined early buy more. */
function pickCustomer(random: () => number, known: number): number {
  const share = random()
  return 1 + Math.floor(share * (0.5 + share * 0.5) * known)
}

function time(ms: number): string {
  return new Date(ms).toISOString()
}

function euros(cents: number): string {
  return (cents / 100).toFixed(2)
}
