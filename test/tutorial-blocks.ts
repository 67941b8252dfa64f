/** A shell block of docs/tutorial.md and what the page says about it. */
export interface TutorialBlock {
  /** `start` goes on in the background; `run` ends with 0; `run fails` with something else. */
  mode: "start" | "run" | "run fails"
  /** 1-based line of the page where the block opens. */
  line: number
  script: string
  /** Lines of the block marked `shows` that follows. */
  shows: string[]
}

/** The executable blocks of a Markdown page in order: fences with an info string such as `sh run` and `text shows`. */
export function readTutorial(markdown: string): TutorialBlock[] {
  const blocks: TutorialBlock[] = []
  for (const match of markdown.matchAll(/^```(\S+) (start|run fails|run|shows)\n([\s\S]*?)^```$/gm)) {
    const [, language, mode, body] = match as unknown as [string, string, TutorialBlock["mode"] | "shows", string]
    const line = markdown.slice(0, match.index).split("\n").length
    if (mode !== "shows") blocks.push({ mode, line, script: body.trim(), shows: [] })
    else if (blocks.length === 0) throw new Error(`Line ${line}: a ${language} block shows what nothing has printed.`)
    else (blocks.at(-1) as TutorialBlock).shows.push(...body.split("\n").filter((text) => text.trim() !== ""))
  }
  return blocks
}

/** The lines that a page promises and that an output lacks; `…` stands for anything, and spaces count as one. */
export function missingLines(shows: readonly string[], output: string): string[] {
  const lines = output.split("\n").map((line) => line.replace(/\s+/g, " ").trim())
  return shows.filter((promise) => {
    const parts = promise
      .trim()
      .split(/\s*…\s*/)
      .map((part) => escapeRegExp(part.replace(/\s+/g, " ")))
    const pattern = new RegExp(`^${parts.join(".*")}$`)
    return !lines.some((line) => pattern.test(line))
  })
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
}
