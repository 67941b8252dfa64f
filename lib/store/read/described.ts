/**
 * What a dataset `d` is called by its document `document.document` (null where there is none), else by the task that writes
 * it; tags of both. Merged when read: whichever of the two is saved later would take away what the other said.
 */
export const DESCRIBED = `
  coalesce(nullif(document.document ->> 'description', ''), d.description) as description,
  coalesce(document.document ->> 'owner', d.owner) as owner,
  d.tags || array(
    select tag from jsonb_array_elements_text(document.document -> 'tags') tag where tag <> all (d.tags)) as tags,
  coalesce(document.document ->> 'kind', 'table') as kind, document.document ->> 'materialized' as materialized`
