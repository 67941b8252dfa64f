import { HostObject, type Value } from "../jinja/values.ts"
import type { StatementAnswer } from "./database.ts"

/** What dbt's adapters say of a statement: `SELECT 100`, its first word, its rows. */
export class AdapterResponse extends HostObject {
  readonly message: string
  readonly code: string
  readonly rowsAffected: number | null

  constructor(message: string, code: string, rowsAffected: number | null) {
    super()
    this.message = message
    this.code = code
    this.rowsAffected = rowsAffected
  }

  get typeName(): string {
    return "AdapterResponse"
  }

  override toText(): string {
    return this.message
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "_message":
      case "message":
        return this.message
      case "code":
        return this.code
      case "rows_affected":
        return this.rowsAffected
      default:
        return undefined
    }
  }

  override toPlain(): unknown {
    return { _message: this.message, code: this.code, rows_affected: this.rowsAffected }
  }
}

/** The message is the server's own; the code leaves out its numbers. */
export function adapterResponse({ tag, rowCount }: StatementAnswer): AdapterResponse {
  const code = tag.replace(/( \d+)+$/, "")
  return new AdapterResponse(tag || "OK", code || "OK", rowCount)
}
