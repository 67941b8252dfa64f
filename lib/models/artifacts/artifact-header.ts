import { DBT_VERSION, type Invocation } from "../context/base-names.ts"

/** The artifacts by the address of their published schema (dbt's documentation, "About dbt artifacts"). */
const SCHEMAS = {
  manifest: "https://schemas.getdbt.com/dbt/manifest/v12.json",
  runResults: "https://schemas.getdbt.com/dbt/run-results/v6.json",
  catalog: "https://schemas.getdbt.com/dbt/catalog/v1.json",
  sources: "https://schemas.getdbt.com/dbt/sources/v3.json",
} as const

const CUSTOM_ENV = "DBT_ENV_CUSTOM_ENV_"

export interface ArtifactHeader {
  dbt_schema_version: string
  dbt_version: string
  generated_at: string
  invocation_id: string
  env: Record<string, string>
}

/** `metadata` of an artifact. */
export function artifactHeader(
  kind: keyof typeof SCHEMAS,
  { id, env }: Pick<Invocation, "id" | "env">,
): ArtifactHeader {
  const custom = Object.entries(env).flatMap(([name, value]) =>
    name.startsWith(CUSTOM_ENV) && value !== undefined ? [[name.slice(CUSTOM_ENV.length), value]] : [],
  )
  return {
    dbt_schema_version: SCHEMAS[kind],
    dbt_version: DBT_VERSION,
    generated_at: new Date().toISOString(),
    invocation_id: id,
    env: Object.fromEntries(custom),
  }
}
