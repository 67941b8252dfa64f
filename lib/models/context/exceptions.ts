import { JinjaError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import { type HostFunction, hostFunction, type Value } from "../jinja/values.ts"
import { named, type TemplateLog } from "./common-names.ts"
import { HostRecord } from "./host-record.ts"

/** `exceptions`: ways for a template to stop with a message, and one to warn. */
export function exceptionsModule(log: TemplateLog): Value {
  const raise = (name: string, parameters: string[], message: (texts: string[]) => string): HostFunction =>
    named(name, parameters, (...args) => {
      throw new JinjaError("host", message(args.map((arg) => (arg === undefined ? "" : toText(arg)))))
    })
  const first = ([text = ""]: string[]) => text
  const functions = [
    named("warn", ["msg", "node?"], (message) => {
      log.warn(toText(message!))
      return ""
    }),
    named("warn_once", ["msg", "node?"], (message) => {
      log.warn(toText(message!))
      return ""
    }),
    raise("raise_compiler_error", ["msg", "node?"], first),
    raise("raise_database_error", ["msg", "node?"], first),
    raise("raise_parsing_error", ["msg", "node?"], first),
    raise("raise_dependency_error", ["msg", "node?"], first),
    raise("raise_not_implemented", ["msg"], first),
    raise("raise_fail_fast_error", ["msg", "node?"], first),
    raise("raise_dataclass_not_dict", ["obj"], ([text]) => `The object ("${text}") was used as a dictionary.`),
    raise("missing_config", ["model", "name"], ([, name]) => `The config "${name}" is required, but not set.`),
    raise(
      "missing_materialization",
      ["model", "adapter_type"],
      ([, adapter]) => `There is no such materialization for ${adapter}.`,
    ),
    raise("missing_relation", ["relation", "model?"], ([relation]) => `Relation ${relation} is not there.`),
    raise("relation_wrong_type", ["relation", "expected_type", "model?"], ([relation, expected]) => {
      return `${relation} is no ${expected}. Drop it, or run with --full-refresh.`
    }),
    raise(
      "column_type_missing",
      ["column_names"],
      ([names]) => `A contract needs the data_type of every column; missing: ${names}.`,
    ),
    raise("raise_contract_error", ["yaml_columns", "sql_columns"], ([yaml, sql]) => {
      return `This model has an enforced contract that failed: it declares ${yaml}, and its SQL gives ${sql}.`
    }),
    raise("raise_invalid_property_yml_version", ["path", "issue"], ([path, issue]) => `${path}: ${issue}`),
    hostFunction("CompilationException", ([message]) => {
      throw new JinjaError("host", toText(message ?? ""))
    }),
  ]
  return new HostRecord("exceptions", new Map(functions.map((each): [string, Value] => [each.name, each])))
}
