import type { Target } from "../project/profile.ts"
import type { YamlMap } from "../project/read-yaml.ts"

/**
 * The target of a project that is built in Headrace's own warehouse. While a workspace is loaded nobody knows the name of its
 * database, which then stands for itself.
 */
export function warehouseTarget(schema: string, connection: { database: string; credentials: YamlMap } | null): Target {
  return {
    profileName: "headrace",
    name: "warehouse",
    type: "postgres",
    database: connection?.database ?? "warehouse",
    schema,
    threads: 4,
    credentials: connection?.credentials ?? {},
  }
}
