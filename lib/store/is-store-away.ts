/** Connection exceptions, shutdowns, too many connections, and what the operating system says of an absent server. */
const AWAY_CODE = /^(08...|57P0[1-4]|53300|ECONNREFUSED|ECONNRESET|ENOTFOUND|ETIMEDOUT|EPIPE|ENOENT|EAI_AGAIN)$/
const AWAY_MESSAGE = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/

/** Whether a driver's error means that the database cannot be reached just now, whatever was asked of it. */
export function isStoreAway(error: unknown): boolean {
  // Node reports a refused connection to a name with several addresses as one error around several.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const { code, message } = (first ?? {}) as { code?: unknown; message?: unknown }
  return AWAY_CODE.test(String(code)) || AWAY_MESSAGE.test(String(message))
}
