import { didYouMean } from "../../domain/closest.ts"
import type { DocNode } from "./node.ts"
import { ProjectError } from "./project-error.ts"

/** Finds docs blocks: those of the asking package first, then the root project's, then all others'. */
export class DocLookup {
  private readonly docs: ReadonlyMap<string, DocNode>
  private readonly packageNames: readonly string[]

  constructor(docs: ReadonlyMap<string, DocNode>, packageNames: readonly string[]) {
    this.docs = docs
    this.packageNames = packageNames
  }

  /** What `doc(name)` and `doc(package, name)` print. @throws ProjectError where there is no such block. */
  contents(args: readonly string[], from: string): string {
    const [packageName, name = ""] = args.length === 2 ? args : [null, args[0]]
    const packages = packageName ? [packageName] : [from, ...this.packageNames]
    for (const each of packages) {
      const doc = this.docs.get(`doc.${each}.${name}`)
      if (doc) return doc.block_contents
    }
    const names = [...this.docs.values()].map((doc) => doc.name)
    throw new ProjectError({ message: `there is no docs block "${name}"${didYouMean(name, names)}` })
  }
}
