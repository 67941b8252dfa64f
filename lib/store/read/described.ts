/**
 * What a dataset `d` is called by its policy `declared.policy`, else by its document `document.document` (both null where
 * there is none), else by the task that writes it; tags of all. Merged when read: whichever of them is saved later would
 * take away what the others said.
 */
export const DESCRIBED = `
  coalesce(nullif(declared.policy ->> 'description', ''), nullif(document.document ->> 'description', ''), d.description)
    as description,
  coalesce(declared.policy ->> 'owner', document.document ->> 'owner', d.owner) as owner,
  d.tags || array(
    select distinct tag
    from (select jsonb_array_elements_text(document.document -> 'tags')
          union all select jsonb_array_elements_text(declared.policy -> 'tags')) of_all (tag)
    where tag <> all (d.tags)
    order by tag) as tags,
  coalesce(document.document ->> 'kind', 'table') as kind, document.document ->> 'materialized' as materialized`

/** The rows that {@link DESCRIBED} reads, for a dataset `d`. */
export const DESCRIBED_JOINS = `
  left join dataset_document document on document.id = d.document_id
  left join dataset_policy declared on declared.dataset_id = d.id`
