"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsString, useQueryStates } from "nuqs"
import { useDeferredValue } from "react"
import type { ExpectationKind } from "#lib/contracts/api/quality.ts"
import { QUALITY_DIMENSIONS } from "#lib/domain/quality-dimensions.ts"
import { adviceFor } from "../queries/client.ts"
import { expectationKindsQuery } from "../queries/quality.ts"
import { Chip } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Facet } from "../ui/facet.tsx"
import { SearchInput } from "../ui/input.tsx"
import { Lead, PageHeader, Toolbar } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { expectationYaml } from "./expectation-yaml.ts"

const SCOPES = { rows: "row by row", column: "a column as a whole", table: "a table as a whole" } as const

/** Every kind of expectation, with what it means and how it is written. */
export function ExpectationsView() {
  const [filter, setFilter] = useQueryStates(
    { q: parseAsString.withDefault(""), dimension: parseAsString },
    { history: "replace" },
  )
  const { data, error, isError, refetch } = useQuery(expectationKindsQuery())
  const q = useDeferredValue(filter.q).trim().toLowerCase()
  const found = (data?.items ?? []).filter(
    (kind) =>
      (filter.dimension === null || kind.dimension === filter.dimension) &&
      `${kind.type} ${kind.aliases.join(" ")} ${kind.doc}`.toLowerCase().includes(q),
  )
  return (
    <>
      <PageHeader title="What may be expected" beside={data && <span className="text-t3">{found.length}</span>}>
        <Lead>
          Names and meanings are those of Great Expectations. Write them in <code>quality/*.yml</code>, in{" "}
          <code>checks</code> tasks, or bring suites and SodaCL files along.
        </Lead>
      </PageHeader>
      <Toolbar>
        <SearchInput
          label="Search expectations"
          placeholder="Name or meaning"
          value={filter.q}
          onValueChange={(value) => void setFilter({ q: value || null })}
        />
        <Facet
          label="Dimension"
          value={filter.dimension}
          values={QUALITY_DIMENSIONS}
          onPick={(dimension) => void setFilter({ dimension })}
        />
      </Toolbar>
      {isError && !data ? (
        <ErrorState title="The list could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows rowHeight={120} label="Reading expectations" />
      ) : found.length === 0 ? (
        <EmptyState
          title="No expectation matches"
          action={<Button onClick={() => void setFilter(null)}>Show all</Button>}
        >
          A condition in SQL (<code>satisfies</code>) or a query (<code>custom_sql</code>) can say the rest.
        </EmptyState>
      ) : (
        <section
          aria-label="Expectations"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto px-6 pb-10 focus-visible:-outline-offset-2 max-sm:px-4"
        >
          {found.map((kind) => (
            <Kind key={kind.type} kind={kind} />
          ))}
        </section>
      )}
    </>
  )
}

function Kind({ kind }: { kind: ExpectationKind }) {
  const own = kind.options.filter(({ isShared }) => !isShared)
  const shared = kind.options.filter(({ isShared }) => isShared).map(({ name }) => name)
  return (
    <article
      id={kind.type}
      className="grid scroll-mt-4 grid-cols-[minmax(0,1fr)_minmax(0,420px)] gap-x-8 gap-y-2 border-line border-b py-4 target:bg-selected max-lg:grid-cols-1"
    >
      <div className="min-w-0">
        <h2 className="break-all font-mono text-13">
          <a href={`#${kind.type}`} className="hover:text-accent-t">
            {kind.type}
          </a>
        </h2>
        <p className="mt-1 flex flex-wrap gap-1.5">
          {kind.aliases.map((alias) => (
            <Chip key={alias}>{alias}</Chip>
          ))}
          <span className="text-12 text-t3">
            {kind.dimension}, {SCOPES[kind.scope]}
          </span>
        </p>
        <p className="mt-2 max-w-[70ch] text-t1">{kind.doc}</p>
        <p className="mt-2 text-12 text-t2">
          {own.map((option, index) => (
            <span key={option.name}>
              {index > 0 && ", "}
              <code>{option.name}</code>
              {option.isRequired ? " (required)" : option.default !== null && ` = ${JSON.stringify(option.default)}`}
            </span>
          ))}
          {own.length > 0 && ". "}Also {shared.join(", ")}.
        </p>
      </div>
      <div className="min-w-0">
        <pre className="whitespace-pre-wrap break-words rounded-2 border border-line bg-band/40 p-3 text-12 leading-[18px]">
          {expectationYaml(kind)}
        </pre>
        <p className="mt-1 text-12 text-t3">“{kind.sentence}”</p>
      </div>
    </article>
  )
}
