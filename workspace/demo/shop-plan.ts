/** How large a shop is, and which one it is: equal plans make equal rows. */
export interface ShopPlan {
  customers: number
  products: number
  /** Days of history, the last of which is `until`. */
  days: number
  ordersPerDay: number
  seed: number
  /** Last day of history, `YYYY-MM-DD` in UTC. */
  until: string
}

/** What a caller wants said; anything left out is taken from the size, or from the shop that is there. */
export type ShopRequest = Partial<ShopPlan> & { size?: ShopSize }

export const SHOP_SIZES = {
  /** About 13,500 orders: filled in a second or two, extracted in less. */
  small: { customers: 2_000, products: 200, days: 90, ordersPerDay: 150 },
  /** About 270,000 orders. */
  medium: { customers: 20_000, products: 1_000, days: 180, ordersPerDay: 1_500 },
  /** About 3.7 million orders with 8 million lines: minutes. */
  large: { customers: 200_000, products: 5_000, days: 365, ordersPerDay: 10_000 },
} as const
export type ShopSize = keyof typeof SHOP_SIZES

export const DAY_MS = 86_400_000

/** The whole plan; `today` (an instant) makes `until` yesterday where the request names no day. */
export function planShop(request: ShopRequest, today: Date): ShopPlan {
  const { size = "small", ...named } = request
  const yesterday = new Date(today.getTime() - DAY_MS).toISOString().slice(0, 10)
  const given = Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined))
  return { ...SHOP_SIZES[size], seed: 1, until: yesterday, ...given }
}

/** What a request asks for that the shop, as it was filled, is not; empty where it fits. */
export function planDifferences(request: ShopRequest, filled: ShopPlan): string[] {
  const { size, ...named } = request
  const wanted: Partial<ShopPlan> = { ...(size && SHOP_SIZES[size]), ...named }
  return (Object.keys(wanted) as (keyof ShopPlan)[])
    .filter((key) => wanted[key] !== undefined && wanted[key] !== filled[key])
    .map((key) => `${key} is ${filled[key]}, not ${wanted[key]}`)
}
