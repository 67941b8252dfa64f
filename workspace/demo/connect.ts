import pg from "pg"

/**
 * A connected client; the caller ends it.
 * @throws Error saying what to do when no server answers. What a server refuses comes as its own `pg.DatabaseError`.
 */
export async function connect(url: string): Promise<pg.Client> {
  if (!URL.canParse(url)) throw new Error("SHOP_URL is not a URL: write postgresql://user@host:port/database.")
  const client = new pg.Client({ connectionString: url, application_name: "headrace-demo" })
  try {
    await client.connect()
    return client
  } catch (error) {
    if (error instanceof pg.DatabaseError) throw error
    const { host } = new URL(url)
    const reason = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error)
    throw new Error(`No database server answers at ${host} (${reason}): start it, or correct SHOP_URL.`, {
      cause: error,
    })
  }
}
