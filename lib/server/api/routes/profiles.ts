import { askProfileSchema } from "#lib/contracts/api/profiles.ts"
import { requestProfile, showProfiles } from "#lib/server/quality/profile-dataset.ts"
import type { Api } from "../api.ts"
import { DatasetProfile, nameParams, ProfileReceipt } from "../schemas.ts"

const tag = "Profiles"

/** What the values of tables look like. */
export function profileRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/datasets/{id}/profile",
      permission: "rows.read",
      tag,
      summary: "What the values of a dataset look like, now and the time before",
      description:
        "By column: empty ones, different ones, extremes, mean, quantiles, most frequent values, histogram. Of columns with a tag pii or sensitive, set or inherited, counts alone.",
      params: nameParams,
      answer: DatasetProfile,
    },
    ({ store, params }) => showProfiles(store, params.id),
  )

  api.json(
    {
      method: "post",
      path: "/datasets/{id}/profile",
      permission: "quality.operate",
      tag,
      summary: "Look at the values of a dataset now",
      description:
        "A worker does it; `pending` of the answer to GET says how far it is. One that waits already is answered instead.",
      params: nameParams,
      body: askProfileSchema,
      answer: ProfileReceipt,
    },
    ({ store, params, body, actor }) =>
      requestProfile(store, { datasetId: params.id, sample: body.sample, actor: actor.name }),
  )
}
