import { typeError, valueError } from "../../jinja/errors.ts"
import { toText } from "../../jinja/print.ts"
import { bindArguments } from "../../jinja/signature.ts"
import {
  HostObject,
  hostFunction,
  type Kwargs,
  PyFloat,
  Tuple,
  toNumber,
  typeName,
  type Value,
} from "../../jinja/values.ts"
import { HostRecord } from "../host-record.ts"
import { TimeDelta, timeDeltaType } from "./time-delta.ts"
import { formatOffset, formatTime, isoWeek, parseTime, readOffset, wallTime } from "./time-format.ts"
import { TimeZone, UTC } from "./time-zone.ts"

const DAY_MS = 86_400_000

/**
 * Python's `datetime` and `date`: a time as a clock on the wall shows it, with a zone or without. Differences and comparisons
 * go by the instant where both have a zone, by the wall where neither has.
 */
export class DateTime extends HostObject {
  readonly wallMs: number
  readonly micros: number
  readonly zone: TimeZone | null
  readonly isDate: boolean

  constructor(wallMs: number, options: { micros?: number; zone?: TimeZone | null; isDate?: boolean } = {}) {
    super()
    this.isDate = options.isDate ?? false
    this.wallMs = this.isDate ? Math.floor(wallMs / DAY_MS) * DAY_MS : wallMs
    this.micros = this.isDate ? 0 : (options.micros ?? 0)
    this.zone = options.zone ?? null
  }

  override get typeName(): string {
    return this.isDate ? "date" : "datetime"
  }

  get offsetMinutes(): number | null {
    return this.zone ? this.zone.offsetAtWall(this.wallMs) : null
  }

  get instantMs(): number {
    return this.wallMs - (this.offsetMinutes ?? 0) * 60_000
  }

  withZone(zone: TimeZone | null): DateTime {
    return new DateTime(this.wallMs, { micros: this.micros, zone })
  }

  /** The same instant on the clocks of another zone; without one of its own it is taken for UTC. */
  inZone(zone: TimeZone): DateTime {
    return new DateTime(this.instantMs + zone.offsetAt(this.instantMs) * 60_000, { micros: this.micros, zone })
  }

  plus(delta: TimeDelta, sign: 1 | -1): DateTime {
    const micros = this.wallMs * 1000 + this.micros + sign * delta.micros
    const wallMs = Math.floor(micros / 1000)
    return new DateTime(wallMs, { micros: micros - wallMs * 1000, zone: this.zone, isDate: this.isDate })
  }

  format(format: string): string {
    const { wallMs, micros, offsetMinutes, zone } = this
    return formatTime({ wallMs, micros, offsetMinutes, zoneName: zone?.name ?? "" }, format)
  }

  isoFormat(separator: string): string {
    if (this.isDate) return this.format("%Y-%m-%d")
    const hasFraction = this.micros !== 0 || this.wallMs % 1000 !== 0
    const offset = this.offsetMinutes === null ? "" : formatOffset(this.offsetMinutes, ":")
    return `${this.format(`%Y-%m-%d${separator}%H:%M:%S${hasFraction ? ".%f" : ""}`)}${offset}`
  }

  override getAttribute(name: string): Value | undefined {
    const date = new Date(this.wallMs)
    switch (name) {
      case "year":
        return date.getUTCFullYear()
      case "month":
        return date.getUTCMonth() + 1
      case "day":
        return date.getUTCDate()
    }
    const method = METHODS[name]
    if (method) return hostFunction(name, (args, kwargs) => method(this, args, kwargs))
    if (this.isDate) return undefined
    switch (name) {
      case "hour":
        return date.getUTCHours()
      case "minute":
        return date.getUTCMinutes()
      case "second":
        return date.getUTCSeconds()
      case "microsecond":
        return date.getUTCMilliseconds() * 1000 + this.micros
      case "tzinfo":
        return this.zone
      default:
        return undefined
    }
  }

  override add(other: Value): Value | undefined {
    return other instanceof TimeDelta ? this.plus(other, 1) : undefined
  }

  override subtract(other: Value, isRight: boolean): Value | undefined {
    if (isRight) return undefined
    if (other instanceof TimeDelta) return this.plus(other, -1)
    if (!(other instanceof DateTime)) return undefined
    const micros = (this.comparable(other) - other.comparable(this)) * 1000 + this.micros - other.micros
    return new TimeDelta(micros)
  }

  override compare(other: Value): number | undefined {
    if (!(other instanceof DateTime)) return undefined
    return this.comparable(other) - other.comparable(this) || this.micros - other.micros
  }

  override equals(other: Value): boolean {
    return other instanceof DateTime && this.isDate === other.isDate && this.compare(other) === 0
  }

  override hashKey(): string {
    return `${this.typeName} ${this.instantMs} ${this.micros}`
  }

  override toText(): string {
    return this.isoFormat(" ")
  }

  override toRepr(): string {
    const parts = this.format(this.isDate ? "%-Y, %-m, %-d" : "%-Y, %-m, %-d, %-H, %-M, %-S")
    return `datetime.${this.typeName}(${parts})`
  }

  override toPlain(): string {
    return this.isoFormat("T")
  }

  private comparable(other: DateTime): number {
    if ((this.zone === null) !== (other.zone === null) && !this.isDate) {
      throw typeError("can't compare offset-naive and offset-aware datetimes")
    }
    return this.instantMs
  }
}

type DateTimeMethod = (self: DateTime, args: readonly Value[], kwargs: Kwargs) => Value

const PARTS = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"]

const METHODS: Readonly<Record<string, DateTimeMethod>> = {
  strftime: (self, [format]) => self.format(toText(format!)),
  isoformat: (self, args, kwargs) => self.isoFormat(toText(args[0] ?? kwargs.get("sep") ?? "T")),
  date: (self) => new DateTime(self.wallMs, { isDate: true }),
  weekday: (self) => (new Date(self.wallMs).getUTCDay() + 6) % 7,
  isoweekday: (self) => new Date(self.wallMs).getUTCDay() || 7,
  isocalendar: (self) => {
    const { year, week, weekday } = isoWeek(self.wallMs)
    return new Tuple([year, week, weekday], ["year", "week", "weekday"])
  },
  timestamp: (self) => new PyFloat((self.instantMs + self.micros / 1000) / 1000),
  toordinal: (self) => Math.floor(self.wallMs / DAY_MS) + 719_163,
  ctime: (self) => self.format("%a %b %e %H:%M:%S %Y"),
  utcoffset: (self) => (self.offsetMinutes === null ? null : new TimeDelta(self.offsetMinutes * 60_000_000)),
  tzname: (self) => self.zone?.name ?? null,
  astimezone: (self, args, kwargs) => self.inZone(zoneOf(args[0] ?? kwargs.get("tz") ?? UTC) ?? UTC),
  replace: (self, args, kwargs) => {
    const bound = bindArguments(
      "replace",
      self.isDate ? PARTS.slice(0, 3).map((part) => `${part}?`) : PARTS.map((part) => `${part}?`),
      args,
      kwargs,
    )
    const of = (part: string) => Number(bound[PARTS.indexOf(part)] ?? self.getAttribute(part) ?? 0)
    const micros = of("microsecond")
    const wallMs =
      wallTime(of("year"), of("month"), of("day"), of("hour"), of("minute"), of("second")) + Math.floor(micros / 1000)
    const zone = bound[7] === undefined ? self.zone : zoneOf(bound[7])
    return new DateTime(wallMs, { micros: micros % 1000, zone, isDate: self.isDate })
  },
}

function zoneOf(value: Value): TimeZone | null {
  if (value === null || value instanceof TimeZone) return value
  throw typeError(`tzinfo argument must be None or of a tzinfo subclass, not type '${typeName(value)}'`)
}

/** The instant as a value, in UTC. */
export function dateTimeValue(instant: Date): DateTime {
  return new DateTime(instant.getTime(), { zone: UTC })
}

/** `modules.datetime` */
export function datetimeModule(): Value {
  return new HostRecord(
    "datetime",
    new Map<string, Value>([
      ["datetime", new DateTimeType(false)],
      ["date", new DateTimeType(true)],
      ["timedelta", timeDeltaType()],
      ["timezone", new HostRecord("timezone", new Map<string, Value>([["utc", UTC]]))],
      ["UTC", UTC],
    ]),
  )
}

/** The type itself: called, it makes one of parts; its class methods make one of a text or of now. */
class DateTimeType extends HostObject {
  private readonly isDate: boolean

  constructor(isDate: boolean) {
    super()
    this.isDate = isDate
  }

  override get typeName(): string {
    return "type"
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    const names = PARTS.map((name, index) => (index < 3 ? name : `${name}?`)).slice(0, this.isDate ? 3 : 8)
    const bound = bindArguments(this.isDate ? "date" : "datetime", names, args, kwargs)
    const [year = 1, month = 1, day = 1, hour = 0, minute = 0, second = 0, micros = 0] = bound
      .slice(0, 7)
      .map((each) => Number(each ?? 0))
    const wallMs = wallTime(year, month, day, hour, minute, second)
    const date = new Date(wallMs)
    if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) throw valueError("day is out of range for month")
    return new DateTime(wallMs + Math.floor(micros / 1000), {
      micros: micros % 1000,
      zone: zoneOf(bound[7] ?? null),
      isDate: this.isDate,
    })
  }

  override getAttribute(name: string): Value | undefined {
    const { isDate } = this
    const function_ = (run: (args: readonly Value[], kwargs: Kwargs) => Value) => hostFunction(name, run)
    switch (name) {
      case "now":
        return function_((args, kwargs) => {
          const zone = zoneOf(args[0] ?? kwargs.get("tz") ?? null)
          const now = new DateTime(Date.now(), { zone: UTC })
          return zone ? now.inZone(zone) : now.withZone(null)
        })
      case "utcnow":
      case "today":
        return function_(() => new DateTime(Date.now(), { isDate }))
      case "strptime":
        return function_(([text, format]) => {
          const { wallMs, micros, offsetMinutes } = parseTime(toText(text!), toText(format!))
          return new DateTime(wallMs, { micros, zone: fixedZone(offsetMinutes), isDate })
        })
      case "fromisoformat":
        return function_(([text]) => fromIso(toText(text!), isDate))
      case "fromtimestamp":
      case "utcfromtimestamp":
        return function_((args, kwargs) => {
          const seconds = toNumber(args[0] as number | PyFloat)
          const zone = zoneOf(args[1] ?? kwargs.get("tz") ?? null)
          const time = new DateTime(Math.floor(seconds * 1000), { zone: UTC })
          return isDate ? new DateTime(time.wallMs, { isDate }) : zone ? time.inZone(zone) : time.withZone(null)
        })
      case "combine":
        return function_(([date, time]) => {
          const wall = (date as DateTime).wallMs
          return new DateTime(
            Math.floor(wall / DAY_MS) * DAY_MS + (time instanceof DateTime ? time.wallMs % DAY_MS : 0),
          )
        })
      case "fromordinal":
        return function_(([ordinal]) => new DateTime((Number(ordinal) - 719_163) * DAY_MS, { isDate }))
      case "min":
        return new DateTime(wallTime(1, 1, 1), { isDate })
      case "max":
        return new DateTime(wallTime(9999, 12, 31, 23, 59, 59), { isDate })
      default:
        return undefined
    }
  }

  override toText(): string {
    return `<class 'datetime.${this.isDate ? "date" : "datetime"}'>`
  }
}

function fixedZone(minutes: number | null): TimeZone | null {
  if (minutes === null) return null
  return minutes === 0 ? UTC : new TimeZone(`UTC${formatOffset(minutes, ":")}`, minutes)
}

function fromIso(text: string, isDate: boolean): DateTime {
  const match =
    /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2})(?::?(\d{2}))?(?::?(\d{2})(?:[.,](\d{1,6}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
      text,
    )
  if (!match) throw valueError(`Invalid isoformat string: '${text}'`)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const micros = Number((match[7] ?? "0").padEnd(6, "0"))
  const wallMs = wallTime(year, month, day, hour, minute, second) + Math.floor(micros / 1000)
  return new DateTime(wallMs, { micros: micros % 1000, zone: fixedZone(readOffset(match[8])), isDate })
}
