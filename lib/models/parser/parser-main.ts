import { serialize } from "node:v8"
import { parentPort } from "node:worker_threads"
import { ParseMemories } from "../project/parse-memories.ts"
import { type ParsedProject, parseProject } from "../project/parse-project.ts"
import { ProjectError } from "../project/project-error.ts"
import { sliceManifest } from "../run/manifest-slice.ts"
import { poolProject } from "../run/project-setup.ts"
import type { GraphAnswer } from "../run/protocol.ts"
import type { ParserAnswers, ParserFailure, ParserQuestion, ParserReply, ParserRequest } from "./protocol.ts"

/* What the thread does that parses projects (parser-thread.ts): answers one question after the other. */

interface Kept {
  project: ParsedProject
  graph(): GraphAnswer
}

/** Versions of a project differ in little, and so do its vars. */
const memories = new ParseMemories()
const kept = new Map<number, Kept>()

parentPort!.on("message", ({ request, ...question }: ParserRequest) => {
  let reply: ParserReply
  try {
    reply = { request, answer: answer(question) }
  } catch (error) {
    reply = { request, failure: toFailure(error) }
  }
  parentPort!.postMessage(reply)
})

function answer(question: ParserQuestion): ParserAnswers[keyof ParserAnswers] {
  switch (question.kind) {
    case "open": {
      const project = parseProject({ ...question.options, memories })
      const { setup, graph } = poolProject(project, { selected: project.manifest.nodes.keys(), invocationArgs: {} })
      kept.set(question.project, { project, graph })
      return setup
    }
    case "slice":
      return sliceManifest(kept.get(question.project)!.project.manifest, question.ids)
    case "graph":
      return shared(serialize(kept.get(question.project)!.graph()))
    case "close":
      kept.delete(question.project)
      return null
  }
}

/** Passed on without a copy by threads that do not read it. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  copy.set(bytes)
  return copy
}

function toFailure(error: unknown): ParserFailure {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  if (!(error instanceof ProjectError)) return { message, stack, problems: null, macroStack: [] }
  return { message, stack, problems: error.problems, macroStack: error.macroStack }
}
