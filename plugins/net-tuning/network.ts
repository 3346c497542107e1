import type { ConnectionSocket, NetTuningOptions, NetworkContext, Part } from "veloz"
import { isQuestion, type SocketsAnswer } from "./messages.js"
import { readSocket, tuneSocket } from "./socket.js"
import { SocketStates } from "./socket-state.js"

/** What sockets have when nobody tunes them. */
const UNTUNED: NetTuningOptions = {
  tcp_nodelay: true,
  recv_buffer: 0,
  send_buffer: 0,
  force_buffers: false,
  keepalive_interval: 0,
  keepalive_idle: 0,
  keepalive_count: 1,
  tcp_user_timeout: 0,
  tcp_notsent_lowat: 0,
  busy_poll: 0,
  prefer_busy_poll: false,
  ip_tos: 0,
  socket_priority: 0,
  tcp_congestion: "",
}

/** Sets the options on every socket that is open or opens, and tells control what the kernel made of them. */
export function network({ options, sockets, channel, keep, log }: NetworkContext<NetTuningOptions>): Part {
  const kept = keep("sockets", 2, () => ({ states: new SocketStates(), tuner: undefined as Part | undefined }))
  const logged = new Set<string>()
  const say = (note: string): void => {
    if (!logged.has(note)) log.warn(note)
    logged.add(note)
  }
  const tune = (socket: ConnectionSocket, wish: NetTuningOptions): void => {
    const { notes, isStale } = tuneSocket(socket, wish, kept.states.of(socket))
    for (const note of notes) say(note)
    if (isStale) socket.reconnect("Linux before 5.15 takes the size of a buffer back with a new socket only")
  }
  const part: Part = {
    retune: () => {
      logged.clear()
      for (const socket of sockets.all()) tune(socket, options)
    },
    dispose: () => {
      // When another part of this plugin has taken over, the sockets have its options already.
      if (kept.tuner !== part) return
      for (const socket of sockets.all()) tune(socket, UNTUNED)
    },
  }
  sockets.onOpen((socket) => {
    kept.tuner = part
    tune(socket, options)
  })
  channel.onMessage((message) => {
    if (!isQuestion(message)) return
    const readings = sockets.all().map((socket) => readSocket(socket, options, kept.states.of(socket)))
    channel.post({ question: message.question, sockets: readings } satisfies SocketsAnswer)
  })
  return part
}
