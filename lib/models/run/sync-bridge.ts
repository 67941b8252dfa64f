import { type MessagePort, receiveMessageOnPort } from "node:worker_threads"

/** What a thread needs to ask the thread that made it, and to wait for the answer. */
export interface BridgeEnd {
  port: MessagePort
  /** One Int32: 1 once an answer lies on the port. */
  signal: SharedArrayBuffer
}

type Reply<Answer> = { answer: Answer } | { failure: unknown }

/**
 * Asks and blocks this thread until the answer is there: Atomics.wait instead of an event loop, as templates cannot await.
 * @throws whatever was thrown at the other end, made by `revive`.
 */
export class BridgeClient<Request, Answer> {
  private readonly port: MessagePort
  private readonly signal: Int32Array
  private readonly revive: (failure: unknown, request: Request) => Error

  constructor({ port, signal }: BridgeEnd, revive: (failure: unknown, request: Request) => Error) {
    this.port = port
    this.signal = new Int32Array(signal)
    this.revive = revive
  }

  ask(request: Request): Answer {
    Atomics.store(this.signal, 0, 0)
    this.port.postMessage(request)
    Atomics.wait(this.signal, 0, 0)
    const reply = receiveMessageOnPort(this.port)?.message as Reply<Answer>
    if ("failure" in reply) throw this.revive(reply.failure, request)
    return reply.answer
  }
}

/** Answers a bridge's other end, one request at a time. Errors cross as what `toFailure` makes of them. */
export function serveBridge<Request, Answer>(
  { port, signal }: BridgeEnd,
  handle: (request: Request) => Promise<Answer>,
  toFailure: (error: unknown) => unknown,
): void {
  const flag = new Int32Array(signal)
  port.on("message", (request: Request) => {
    const reply = (message: Reply<Answer>) => {
      port.postMessage(message)
      Atomics.store(flag, 0, 1)
      Atomics.notify(flag, 0)
    }
    handle(request).then(
      (answer) => reply({ answer }),
      (error: unknown) => reply({ failure: toFailure(error) }),
    )
  })
  // Waiting for requests keeps no process alive; who waits for a thread's work does.
  port.unref()
}
