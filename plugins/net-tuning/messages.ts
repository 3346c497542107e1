import type { SocketReading } from "./socket.js"

// What the control part and the network part, which may live on different threads, say to each other.

export interface SocketsQuestion {
  /** Names the question in its answer. */
  readonly question: number
}

export interface SocketsAnswer extends SocketsQuestion {
  readonly sockets: readonly SocketReading[]
}

export function isQuestion(message: unknown): message is SocketsQuestion {
  return typeof (message as Partial<SocketsQuestion> | null)?.question === "number"
}

export function isAnswer(message: unknown): message is SocketsAnswer {
  return isQuestion(message) && Array.isArray((message as Partial<SocketsAnswer>).sockets)
}
