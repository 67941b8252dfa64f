import { availableParallelism } from "node:os"
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads"

/* Imports nothing of ours, so that a program can start its threads before it has loaded the rest of itself. */

/** A thread that loads its code by itself and waits for messages (thread-main.ts), with this side's end of its bridge. */
export interface StartedThread {
  worker: Worker
  port: MessagePort
  /** One Int32, see sync-bridge.ts. */
  signal: SharedArrayBuffer
}

/** As many threads as can load at once; more would only take turns. */
export const CORES = availableParallelism()

/** Enough until it is known how many are wanted. */
const MOST_SPARE = 4

const spare: StartedThread[] = []

/** Starts threads for whoever needs them next: loading takes each a tenth of a second, in which this one can parse a project. */
export function warmThreads(): void {
  while (spare.length < Math.min(CORES, MOST_SPARE)) spare.push(create())
}

/** One that was started beforehand, or a new one. */
export function startThread(): StartedThread {
  return spare.pop() ?? create()
}

function create(): StartedThread {
  const { port1, port2 } = new MessageChannel()
  const signal = new SharedArrayBuffer(4)
  const workerData = { bridge: { port: port2, signal } }
  const worker = new Worker(new URL("./thread.mjs", import.meta.url), { workerData, transferList: [port2] })
  // A program that has nothing else to do may end while threads wait for work.
  worker.unref()
  return { worker, port: port1, signal }
}
