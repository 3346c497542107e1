import type { ConnectionSocket, NetTuningOptions, NetworkContext, Part } from "veloz"
import { BufferLocks } from "./buffer.js"
import { isQuestion, type SocketsAnswer } from "./messages.js"
import { readSocket, tuneSocket } from "./socket.js"

/** What sockets have when nobody tunes them. */
const UNTUNED: NetTuningOptions = { tcp_nodelay: true, recv_buffer: 0, send_buffer: 0, keepalive_interval: 0 }

/** Sets the options on every socket that is open or opens, and tells control what the kernel made of them. */
export function network({ options, sockets, channel, keep, log }: NetworkContext<NetTuningOptions>): Part {
  const kept = keep("sockets", 1, () => ({ locks: new BufferLocks(), tuner: undefined as Part | undefined }))
  const logged = new Set<string>()
  const tune = (socket: ConnectionSocket): void => {
    for (const note of tuneSocket(socket, options, kept.locks)) {
      if (!logged.has(note)) log.warn(note)
      logged.add(note)
    }
  }
  const part: Part = {
    retune: () => {
      logged.clear()
      for (const socket of sockets.all()) tune(socket)
    },
    dispose: () => {
      // When another part of this plugin has taken over, the sockets have its options already.
      if (kept.tuner !== part) return
      for (const socket of sockets.all()) tuneSocket(socket, UNTUNED, kept.locks)
    },
  }
  sockets.onOpen((socket) => {
    kept.tuner = part
    tune(socket)
  })
  channel.onMessage((message) => {
    if (!isQuestion(message)) return
    const readings = sockets.all().map((socket) => readSocket(socket, options, kept.locks))
    channel.post({ question: message.question, sockets: readings } satisfies SocketsAnswer)
  })
  return part
}
