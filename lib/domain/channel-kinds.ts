/** What a channel speaks; `console` keeps messages in Headrace alone. */
export const CHANNEL_KINDS = ["console", "slack", "email", "pagerduty", "opsgenie", "teams", "webhook"] as const
export type ChannelKind = (typeof CHANNEL_KINDS)[number]
