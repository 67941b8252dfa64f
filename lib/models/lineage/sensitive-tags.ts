/** `pii`, `sensitive`, and finer ones such as `pii.contact`, `pii:email`, `sensitive_health`; not `pipeline`. */
const SENSITIVE = /^(pii|sensitive)($|[^a-z0-9])/i

/** Whether a column's tag says that its values are to be kept from most people: it is followed, and values are masked. */
export function isSensitiveTag(tag: string): boolean {
  return SENSITIVE.test(tag)
}
