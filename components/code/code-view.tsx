"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import type { ReactNode } from "react"
import type { VersionSummary } from "#lib/contracts/api/pipelines.ts"
import { type FileChange, fileChanges } from "#lib/domain/file-changes.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { adviceFor } from "../queries/client.ts"
import { versionDetailQuery, versionListQuery } from "../queries/pipelines.ts"
import { Button } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { Select } from "../ui/input.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { ChangeSummary } from "./change-summary.tsx"
import { CodeLines } from "./code-lines.tsx"
import { DIFF_LAYOUTS, DiffLayout, FileDiff } from "./file-diff.tsx"

const ADDRESS = {
  version: parseAsInteger,
  against: parseAsInteger,
  file: parseAsString,
  line: parseAsInteger,
  view: parseAsStringLiteral(DIFF_LAYOUTS).withDefault("unified"),
}

/** The files of a version and what changed against another; which of both and which file is in the address. */
export default function CodeView({ pipelineId, current }: { pipelineId: string; current: number }) {
  const [address, setAddress] = useQueryStates(ADDRESS)
  const versions = useQuery(versionListQuery(pipelineId))
  const version = address.version ?? current
  const shown = useQuery(versionDetailQuery(pipelineId, version))
  const against = useQuery({
    ...versionDetailQuery(pipelineId, address.against ?? 0),
    enabled: address.against !== null,
  })
  const error = shown.error ?? (address.against === null ? null : against.error)
  if (error) {
    return (
      <ErrorState
        title="This version could not be read"
        message={adviceFor(error)}
        onRetry={() => void shown.refetch()}
      />
    )
  }
  const bar = (
    <div className="flex min-h-11 flex-none flex-wrap items-center gap-2 border-line border-b px-6 py-1.5 max-sm:px-4">
      <VersionSelect
        label="Version"
        value={version}
        versions={versions.data ?? []}
        current={current}
        onChange={(next) => void setAddress({ version: next === current ? null : next, line: null })}
      />
      <span className="text-t3">against</span>
      <VersionSelect
        label="Compare with"
        value={address.against}
        versions={(versions.data ?? []).filter((one) => one.version !== version)}
        current={current}
        none="no other version"
        onChange={(next) => void setAddress({ against: next, line: null })}
      />
      {address.against === null && version !== current && (
        <Button onClick={() => void setAddress({ version: null, against: version, line: null })}>
          What changed up to v{current}
        </Button>
      )}
      {address.against !== null && (
        <DiffLayout value={address.view} onValueChange={(view) => void setAddress({ view })} />
      )}
      {shown.data && (
        <code className="ml-auto text-t3" title={shown.data.hash}>
          {shown.data.hash.slice(0, 12)}
        </code>
      )}
    </div>
  )
  if (!shown.data || (address.against !== null && !against.data)) {
    return (
      <Frame bar={bar}>
        <SkeletonRows label="Reading the code" rowHeight={20} />
      </Frame>
    )
  }
  const before = address.against === null ? null : against.data!.files
  const after = shown.data.files
  const files = before
    ? fileChanges(before, after)
    : fileChanges(after, after).toSorted((a, b) => order(a.path, shown.data.manifest.file, b.path))
  const path = files.find((file) => file.path === address.file)?.path ?? files[0]?.path
  return (
    <Frame bar={bar}>
      {address.against !== null && against.data && <ChangeSummary before={against.data} after={shown.data} />}
      {path === undefined ? (
        <EmptyState title="This version has no files." />
      ) : (
        <div className="flex min-h-0 flex-1 max-md:flex-col">
          <FileList files={files} selected={path} onSelect={(file) => void setAddress({ file, line: null })} />
          {before ? (
            <FileDiff
              key={path}
              path={path}
              before={before[path] ?? ""}
              after={after[path] ?? ""}
              isSplit={address.view === "split"}
            />
          ) : (
            <CodeLines key={path} path={path} text={after[path] ?? ""} line={address.line} />
          )}
        </div>
      )}
    </Frame>
  )
}

function Frame({ bar, children }: { bar: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {bar}
      {children}
    </div>
  )
}

function FileList({
  files,
  selected,
  onSelect,
}: {
  files: readonly { path: string; change: FileChange }[]
  selected: string
  onSelect: (path: string) => void
}) {
  return (
    <nav
      aria-label="Files"
      className="w-[260px] flex-none overflow-auto border-line border-r py-2 max-md:max-h-40 max-md:w-full max-md:border-r-0 max-md:border-b"
    >
      {[...Map.groupBy(files, (file) => folderOf(file.path))].map(([folder, inside]) => (
        <section key={folder} className="mb-1.5" aria-label={folder || "Workspace"}>
          {folder !== "" && <h2 className="truncate px-4 py-1 font-med text-12 text-t3">{folder}</h2>}
          <ul>
            {inside.map(({ path, change }) => (
              <li key={path} className="px-2">
                <button
                  type="button"
                  aria-current={path === selected ? "true" : undefined}
                  title={path}
                  onClick={() => onSelect(path)}
                  className={cn(
                    "flex h-7 w-full items-center gap-1.5 rounded-2 px-2 text-left text-t2 hover:bg-hover",
                    path === selected && "bg-selected font-med text-t1 hover:bg-selected",
                  )}
                >
                  <Icon name="file" size={14} className="text-t3" />
                  <span className="truncate">{path.slice(path.lastIndexOf("/") + 1)}</span>
                  {change !== "same" && <span className="ml-auto flex-none text-11 text-t3">{change}</span>}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}

function VersionSelect({
  label,
  value,
  versions,
  current,
  none,
  onChange,
}: {
  label: string
  value: number | null
  versions: readonly VersionSummary[]
  current: number
  none?: string
  onChange: (version: number | null) => void
}) {
  const zone = useZone()
  return (
    <Select
      aria-label={label}
      value={value ?? ""}
      onChange={(event) => onChange(event.target.value === "" ? null : Number(event.target.value))}
      className="max-w-72"
    >
      {none !== undefined && <option value="">{none}</option>}
      {value !== null && !versions.some((one) => one.version === value) && <option value={value}>v{value}</option>}
      {versions.map((one) => (
        <option key={one.version} value={one.version}>
          v{one.version}
          {one.version === current ? " (current)" : ""}, {formatInstant(one.createdAt, zone)}, {one.runs}{" "}
          {one.runs === 1 ? "run" : "runs"}
        </option>
      ))}
    </Select>
  )
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")))
}

/** The file that declares the pipeline stands first: it is where reading starts. */
function order(a: string, main: string, b: string): number {
  return Number(a !== main) - Number(b !== main) || (a < b ? -1 : 1)
}
