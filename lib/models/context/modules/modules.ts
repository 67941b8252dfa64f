import type { Value } from "../../jinja/values.ts"
import { HostRecord } from "../host-record.ts"
import { datetimeModule } from "./datetime.ts"
import { itertoolsModule } from "./itertools.ts"
import { pytzModule } from "./pytz.ts"
import { reModule } from "./re.ts"

/** `modules`: the parts of Python's library that templates may use. */
export function modulesValue(): Value {
  return new HostRecord(
    "modules",
    new Map<string, Value>([
      ["datetime", datetimeModule()],
      ["itertools", itertoolsModule()],
      ["pytz", pytzModule()],
      ["re", reModule()],
    ]),
  )
}
