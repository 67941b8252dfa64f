import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"

/** The files of a workspace, changed as an author would and put back at the end. Paths are relative to the folder. */
export class WorkspaceFiles {
  readonly #folder: string
  /** Text as it was found, null where there was no file. */
  readonly #before = new Map<string, string | null>()

  constructor(folder: string) {
    this.#folder = folder
  }

  read(file: string): string {
    return readFileSync(path.join(this.#folder, file), "utf8")
  }

  write(file: string, text: string): void {
    const full = this.#touch(file)
    mkdirSync(path.dirname(full), { recursive: true })
    writeFileSync(full, text)
  }

  /** @throws Error when the file does not hold `from`. */
  replace(file: string, from: string, to: string): void {
    const text = this.read(file)
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`)
    this.write(file, text.replace(from, to))
  }

  remove(file: string): void {
    rmSync(this.#touch(file))
  }

  /** Puts every file back as it was found; whether there were any. */
  restore(): boolean {
    for (const [file, text] of this.#before) {
      const full = path.join(this.#folder, file)
      if (text === null) rmSync(full, { force: true })
      else writeFileSync(full, text)
    }
    return this.#before.size > 0
  }

  #touch(file: string): string {
    const full = path.join(this.#folder, file)
    if (!this.#before.has(file)) this.#before.set(file, existsSync(full) ? readFileSync(full, "utf8") : null)
    return full
  }
}
