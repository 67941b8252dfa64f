import { handleApi } from "../../../server.ts"

/** The whole API: its routes, checks and errors stand in lib/server/api. */
export const dynamic = "force-dynamic"

export {
  handleApi as DELETE,
  handleApi as GET,
  handleApi as HEAD,
  handleApi as OPTIONS,
  handleApi as PATCH,
  handleApi as POST,
  handleApi as PUT,
}
