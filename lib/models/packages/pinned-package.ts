/** A package whose content is decided. URLs may hold secrets; `writtenUrl` is what may be kept. */
export type PinnedPackage =
  | { kind: "local"; path: string; folder: string }
  | { kind: "git"; url: string; writtenUrl: string; revision: string; subdirectory: string | null }
  | { kind: "hub"; name: string; version: string }
  | { kind: "tarball"; url: string; writtenUrl: string; name: string }

/** As people know it. */
export function titleOf(pinned: PinnedPackage): string {
  switch (pinned.kind) {
    case "local":
      return pinned.path
    case "git":
      return pinned.writtenUrl
    case "hub":
    case "tarball":
      return pinned.name
  }
}

export function versionOf(pinned: PinnedPackage): string {
  switch (pinned.kind) {
    case "local":
      return `<local @ ${pinned.path}>`
    case "git":
      return `revision ${pinned.revision}`
    case "hub":
      return `version ${pinned.version}`
    case "tarball":
      return "tarball"
  }
}
