import { createCssVariablesTheme, createHighlighterCore, type HighlighterCore, type LanguageInput } from "shiki/core"
import { createJavaScriptRegexEngine } from "shiki/engine/javascript"
import { type CodeToken, plainLines } from "./plain-lines.ts"

/** Longer files are shown plain: colouring them would hold the page up for seconds. */
const MOST_CHARACTERS = 300_000

const LANGUAGES: Readonly<Record<string, () => Promise<{ default: LanguageInput }>>> = {
  ts: () => import("shiki/langs/typescript.mjs"),
  js: () => import("shiki/langs/javascript.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
  md: () => import("shiki/langs/markdown.mjs"),
  sh: () => import("shiki/langs/shellscript.mjs"),
  py: () => import("shiki/langs/python.mjs"),
}
const SAME_AS: Readonly<Record<string, string>> = { mts: "ts", cts: "ts", tsx: "ts", mjs: "js", cjs: "js", yml: "yaml" }

/**
 * A file's lines in colour, by its path's ending; plain where that is unknown or the file is very long. Grammars are part
 * of the bundle and loaded when first needed; nothing comes from the network. Colours are CSS variables (code.css).
 */
export async function highlight(text: string, path: string): Promise<CodeToken[][]> {
  const language = languageOf(path)
  if (language === null || text.length > MOST_CHARACTERS) return plainLines(text)
  const highlighter = await highlighterFor(language)
  const [name] = highlighter.getLoadedLanguages().filter((loaded) => loaded === (ALIAS[language] ?? language))
  if (!name) return plainLines(text)
  return (
    highlighter
      // The default gives up on a line after half a second, which a busy machine needs for the first one alone.
      .codeToTokensBase(text, { lang: name, theme: "headrace", tokenizeTimeLimit: 5_000 })
      .map((line) => line.map((token) => ({ text: token.content, color: token.color ?? "" })))
  )
}

/** The name the highlighter knows a language by, where it differs from the ending. */
const ALIAS: Readonly<Record<string, string>> = {
  ts: "typescript",
  js: "javascript",
  md: "markdown",
  sh: "shellscript",
  py: "python",
}

function languageOf(path: string): string | null {
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase()
  const language = SAME_AS[ending] ?? ending
  return language in LANGUAGES ? language : null
}

let core: Promise<HighlighterCore> | null = null
const loaded = new Map<string, Promise<HighlighterCore>>()

function highlighterFor(language: string): Promise<HighlighterCore> {
  core ??= createHighlighterCore({
    themes: [createCssVariablesTheme({ name: "headrace", variablePrefix: "--code-" })],
    langs: [],
    // The engine without WebAssembly: the page's content security policy allows no code but its own.
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  })
  const known = loaded.get(language)
  if (known) return known
  const ready = core.then(async (highlighter) => {
    const grammar = await LANGUAGES[language]!()
    await highlighter.loadLanguage(grammar.default)
    return highlighter
  })
  loaded.set(language, ready)
  return ready
}
