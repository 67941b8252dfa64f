import { bindArguments } from "../../jinja/signature.ts"
import { HostObject, hostFunction, type Kwargs, PyFloat, toNumber, type Value } from "../../jinja/values.ts"

const DAY_MICROS = 86_400_000_000

/** Python's `timedelta`: a length of time to the microsecond. */
export class TimeDelta extends HostObject {
  readonly micros: number

  constructor(micros: number) {
    super()
    this.micros = micros
  }

  override get typeName(): string {
    return "timedelta"
  }

  get days(): number {
    return Math.floor(this.micros / DAY_MICROS)
  }

  get seconds(): number {
    return Math.floor((this.micros - this.days * DAY_MICROS) / 1_000_000)
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "days":
        return this.days
      case "seconds":
        return this.seconds
      case "microseconds":
        return ((this.micros % 1_000_000) + 1_000_000) % 1_000_000
      case "total_seconds":
        return hostFunction(name, () => new PyFloat(this.micros / 1_000_000))
      default:
        return undefined
    }
  }

  override add(other: Value): Value | undefined {
    if (other instanceof TimeDelta) return new TimeDelta(this.micros + other.micros)
    // A time plus a delta is the time's to add, from either side.
    return other instanceof HostObject ? other.add?.(this, false) : undefined
  }

  override subtract(other: Value, isRight: boolean): Value | undefined {
    return other instanceof TimeDelta ? new TimeDelta((this.micros - other.micros) * (isRight ? -1 : 1)) : undefined
  }

  override compare(other: Value): number | undefined {
    return other instanceof TimeDelta ? this.micros - other.micros : undefined
  }

  override equals(other: Value): boolean {
    return other instanceof TimeDelta && other.micros === this.micros
  }

  override isTrue(): boolean {
    return this.micros !== 0
  }

  override hashKey(): string {
    return `timedelta ${this.micros}`
  }

  override toText(): string {
    const { days, seconds } = this
    const two = (value: number) => String(value).padStart(2, "0")
    const rest = this.micros - days * DAY_MICROS - seconds * 1_000_000
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
    const fraction = rest === 0 ? "" : `.${String(rest).padStart(6, "0")}`
    return `${days === 0 ? "" : `${days} day${Math.abs(days) === 1 ? "" : "s"}, `}${clock}${fraction}`
  }
}

const UNITS: readonly (readonly [string, number])[] = [
  ["days", DAY_MICROS],
  ["seconds", 1_000_000],
  ["microseconds", 1],
  ["milliseconds", 1000],
  ["minutes", 60_000_000],
  ["hours", 3_600_000_000],
  ["weeks", 7 * DAY_MICROS],
]

export function timeDeltaType(): Value {
  return hostFunction("timedelta", (args: readonly Value[], kwargs: Kwargs) => {
    const bound = bindArguments(
      "timedelta",
      UNITS.map(([name]) => `${name}?`),
      args,
      kwargs,
    )
    const micros = UNITS.reduce(
      (sum, [, unit], index) => sum + unit * toNumber((bound[index] ?? 0) as number | PyFloat),
      0,
    )
    return new TimeDelta(Math.round(micros))
  })
}
