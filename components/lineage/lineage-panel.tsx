"use client"
import { type UseQueryResult, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import type { DatasetColumn } from "#lib/contracts/api/datasets.ts"
import type { ColumnRef, ColumnTrail, LineageNode } from "#lib/contracts/api/lineage.ts"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { datasetDetailQuery, datasetVersionQuery } from "../queries/datasets.ts"
import { Chip } from "../ui/badge.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { ErrorState } from "../ui/error-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { SearchInput } from "../ui/input.tsx"
import { Link } from "../ui/link.tsx"
import { SidePanel, SidePanelSection } from "../ui/side-panel.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { momentSearch } from "../versions/moment-address.ts"
import { ColumnWay } from "./column-way.tsx"
import { ImpactSection } from "./impact-section.tsx"
import { shortName } from "./lineage-flow.ts"
import { counted, kindWords } from "./lineage-words.ts"

/** From so many columns on a search is of use. */
const SEARCH_FROM = 12

/** The selected dataset: what it is, its columns to pick from, and the way of the one that was picked. */
export function LineagePanel({
  id,
  node,
  column,
  trail,
  moment,
  around,
  onAround,
  onPick,
  onGo,
  onClose,
}: {
  id: string
  node: LineageNode | null
  column: string | null
  trail: UseQueryResult<ColumnTrail>
  moment: Moment | null
  around: string | null
  onAround?: ((dataset: string | null) => void) | undefined
  onPick: (column: string | null) => void
  onGo: (column: ColumnRef) => void
  onClose: () => void
}) {
  const isExposure = node?.kind === "exposure"
  const isOutside = node?.kind === "outside" || isExposure
  const now = useQuery({ ...datasetDetailQuery(id), enabled: !isOutside && moment === null })
  const then = useQuery({
    ...datasetVersionQuery(id, moment ?? { pipelineId: "", version: 0 }),
    enabled: !isOutside && moment !== null,
  })
  const { data, error, refetch } = moment === null ? now : then
  return (
    <SidePanel label={shortName(id)} onClose={onClose}>
      <SidePanelSection>
        <h2 className="break-words pr-8 text-14">{shortName(id)}</h2>
        <p className="break-words text-12 text-t3">{id}</p>
        {node && (
          <p className="mt-1 flex flex-wrap items-center gap-1.5">
            <Chip>{kindWords(node.kind, node.materialized)}</Chip>
            {node.tags.map((tag) => (
              <Chip key={tag}>{tag}</Chip>
            ))}
          </p>
        )}
        {data?.description && (
          <p className="mt-2 line-clamp-4 whitespace-pre-line text-t2">{data.description.trim()}</p>
        )}
        {isExposure && <ExposureFacts node={node} />}
        {isOutside && !isExposure && (
          <p className="mt-2 text-t2">
            A task says that it reads this table; nothing in this workspace writes or describes it.
          </p>
        )}
        <div className="mt-3 flex flex-wrap gap-2">
          {!isOutside && (
            <ButtonLink variant="primary">
              <Link href={`/datasets/${encodeURIComponent(id)}${moment && data ? `?${momentSearch(moment)}` : ""}`}>
                Open the dataset
              </Link>
            </ButtonLink>
          )}
          {onAround &&
            (around === id ? (
              <Button onClick={() => onAround(null)}>Show everything</Button>
            ) : (
              <Button onClick={() => onAround(id)}>Only what is around it</Button>
            ))}
        </div>
      </SidePanelSection>
      {error && !data && !isNotFound(error) && (
        <ErrorState title="The columns could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      )}
      {column !== null && (
        <ColumnWay column={{ dataset: id, column }} trail={trail} onGo={onGo} onClear={() => onPick(null)} />
      )}
      {/* What breaks is a question about now. */}
      {column !== null && moment === null && <ImpactSection column={{ dataset: id, column }} onGo={onGo} />}
      {!isOutside && !data && !error && <SkeletonRows label="Reading the columns" rowHeight={28} />}
      {data && <ColumnList columns={data.columns} picked={column} onPick={onPick} />}
    </SidePanel>
  )
}

/** What reads datasets outside of the warehouse: whose it is, and where it is to be seen. */
function ExposureFacts({ node }: { node: LineageNode }) {
  return (
    <>
      {node.description && <p className="mt-2 line-clamp-4 whitespace-pre-line text-t2">{node.description.trim()}</p>}
      {node.owner && <p className="mt-2 text-t2">Owner: {node.owner}</p>}
      {node.url && (
        <p className="mt-2 break-all">
          {/^https?:/.test(node.url) ? (
            <a href={node.url} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1">
              {node.url}
              <Icon name="external" size={12} />
            </a>
          ) : (
            node.url
          )}
        </p>
      )}
    </>
  )
}

function ColumnList({
  columns,
  picked,
  onPick,
}: {
  columns: readonly DatasetColumn[]
  picked: string | null
  onPick: (column: string | null) => void
}) {
  const [text, setText] = useState("")
  const shown = columns.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase()))
  if (columns.length === 0) {
    return (
      <SidePanelSection title="Columns">
        <p className="text-t2">Not known yet: they are read when the table is written the next time.</p>
      </SidePanelSection>
    )
  }
  return (
    <SidePanelSection title="Columns" aside={<span className="text-t3">{counted(columns.length, "column")}</span>}>
      {columns.length >= SEARCH_FROM && (
        <SearchInput label="Find a column" value={text} onValueChange={setText} className="mb-2 w-full" />
      )}
      <ul className="-mx-2">
        {shown.map(({ name, type, tags, inheritedTags }) => {
          const sensitive = [...new Set([...tags, ...inheritedTags.map(({ tag }) => tag)])]
          return (
            <li key={name}>
              <button
                type="button"
                aria-pressed={name === picked}
                onClick={() => onPick(name === picked ? null : name)}
                className={cn(
                  "flex h-7 w-full items-center gap-2 rounded-2 px-2 text-left hover:bg-hover",
                  name === picked && "bg-selected font-med hover:bg-selected",
                )}
              >
                <span className="truncate">{name}</span>
                {sensitive.length > 0 && (
                  <span className="inline-flex flex-none items-center gap-1 text-11 text-t2">
                    <Icon name="lock" size={12} />
                    {sensitive.join(", ")}
                  </span>
                )}
                <code className="ml-auto flex-none truncate text-11 text-t3">{type}</code>
              </button>
            </li>
          )
        })}
        {shown.length === 0 && <li className="px-2 text-t2">No column has this in its name.</li>}
      </ul>
    </SidePanelSection>
  )
}
