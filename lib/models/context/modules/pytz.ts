import { toText } from "../../jinja/print.ts"
import { hostFunction, type Value } from "../../jinja/values.ts"
import { HostRecord } from "../host-record.ts"
import { TimeZone, UTC } from "./time-zone.ts"

/** `pytz`: time zones by name. */
export function pytzModule(): Value {
  return new HostRecord(
    "pytz",
    new Map<string, Value>([
      ["utc", UTC],
      ["UTC", UTC],
      [
        "timezone",
        hostFunction("timezone", ([name]) => (/^utc$/i.test(toText(name!)) ? UTC : new TimeZone(toText(name!), null))),
      ],
      [
        "FixedOffset",
        hostFunction(
          "FixedOffset",
          ([minutes]) => new TimeZone(`pytz.FixedOffset(${Number(minutes)})`, Number(minutes)),
        ),
      ],
    ]),
  )
}
