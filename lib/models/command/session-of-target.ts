import type { Target } from "../project/profile.ts"
import { ProjectError } from "../project/project-error.ts"
import type { SessionOptions } from "../run/open-connection.ts"

/**
 * How to reach the warehouse of a target: the fields of dbt-postgres' profiles, or a `url`.
 * @throws ProjectError for another kind of warehouse.
 */
export function sessionOfTarget(
  { type, credentials, database, name }: Target,
  applicationName: string,
): SessionOptions {
  if (type !== "postgres") {
    throw new ProjectError({ message: `Target "${name}" is of type "${type}"; projects are built on postgres.` })
  }
  const text = (key: string) =>
    credentials[key] === undefined || credentials[key] === null ? undefined : String(credentials[key])
  const url = text("url")
  const role = text("role")
  const searchPath = text("search_path")
  const settings = {
    ...(searchPath !== undefined && { search_path: searchPath }),
    ...(role !== undefined && { role }),
  }
  if (url !== undefined) return { connection: { connectionString: url }, applicationName, settings }
  const sslMode = text("sslmode")
  return {
    connection: {
      host: text("host") ?? "localhost",
      port: Number(text("port") ?? 5432),
      user: text("user") ?? text("username"),
      password: text("password") ?? text("pass"),
      database,
      connectionTimeoutMillis: Number(text("connect_timeout") ?? 10) * 1000,
      ...(sslMode !== undefined &&
        sslMode !== "disable" && { ssl: { rejectUnauthorized: sslMode.startsWith("verify") } }),
    },
    applicationName: text("application_name") ?? applicationName,
    settings,
  }
}
