"use client"
import { useQuery, useQueryClient } from "@tanstack/react-query"
import { useQueryStates } from "nuqs"
import { adviceFor } from "../queries/client.ts"
import { datasetListQuery } from "../queries/datasets.ts"
import { tableDiffQuery } from "../queries/diff.ts"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { Comparing } from "./comparing.tsx"
import { DiffFormView } from "./diff-form.tsx"
import { DIFF_PARSERS, toDiffRequest } from "./diff-request.ts"
import { DiffResult } from "./diff-result.tsx"

/** Compares two tables, two parts of one, or two times of one. What is asked stands in the address. */
export function DiffView() {
  const [form, setForm] = useQueryStates(DIFF_PARSERS, { history: "push" })
  const tables = useQuery(datasetListQuery()).data ?? []
  const request = toDiffRequest(form)
  const query = tableDiffQuery(request)
  const { data, error, isFetching, refetch } = useQuery(query)
  const client = useQueryClient()
  const compare = (next: typeof form) => {
    const isSame = JSON.stringify(next) === JSON.stringify(form)
    void (isSame ? refetch() : setForm(next))
  }
  return (
    <>
      <PageHeader title="Compare" />
      <DiffFormView
        key={JSON.stringify(form)}
        form={form}
        tables={tables.map(({ id }) => id.replace(/^warehouse\./, ""))}
        isBusy={isFetching}
        onCompare={compare}
      />
      <section
        aria-label="Result"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
        tabIndex={0}
        // Below the form, which fills a small screen, the page scrolls.
        className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2 max-lg:flex-none max-lg:overflow-visible"
      >
        {request === null ? (
          <EmptyState title="Compare two tables row by row">
            Two environments, two months of one table, or a dimension then and now: rows only one side has, rows that
            changed, and in which columns. Nothing is changed by it.
          </EmptyState>
        ) : error && !isFetching ? (
          <ErrorState title="They could not be compared" message={adviceFor(error)} onRetry={() => void refetch()} />
        ) : isFetching ? (
          <Comparing onCancel={() => void client.cancelQueries({ queryKey: query.queryKey, exact: true })} />
        ) : !data ? (
          <EmptyState title="Cancelled" action={<Button onClick={() => void refetch()}>Compare again</Button>}>
            Nothing was compared; the statement on the server was stopped.
          </EmptyState>
        ) : (
          <DiffResult diff={data} />
        )}
      </section>
    </>
  )
}
