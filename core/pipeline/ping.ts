import type { Link } from "../hot/link.js"
import {
  PING_BYTES,
  PING_TOKEN,
  PONG_BYTES,
  PONG_FROM,
  PONG_IS_UP,
  PONG_RECEIVED_NS,
  PONG_SENT_NS,
  PONG_TOKEN,
  PongFrom,
  RecordType,
  type RecordViews,
} from "../hot/records.js"
import { NO_CAPACITY } from "../hot/ring.js"

export interface PongFields {
  readonly token: number
  readonly from: number
  readonly isUp: boolean
  /** Of the round trip to the venue; left out when there was none. */
  readonly sentNs?: number
  readonly receivedNs?: number
}

/** False when there is no room. */
export function writePong(link: Link, { token, from, isUp, sentNs = 0, receivedNs = 0 }: PongFields): boolean {
  const at = link.claim(RecordType.Pong, PONG_BYTES, true)
  if (at === NO_CAPACITY) return false
  link.f64[(at + PONG_TOKEN) >> 3] = token
  link.f64[(at + PONG_SENT_NS) >> 3] = sentNs
  link.f64[(at + PONG_RECEIVED_NS) >> 3] = receivedNs
  link.i32[(at + PONG_FROM) >> 2] = from
  link.i32[(at + PONG_IS_UP) >> 2] = isUp ? 1 : 0
  link.publish()
  return true
}

/** The engine's part in a ping: it answers for itself at once, and passes the question on to the venue. */
export class PingRelay {
  constructor(
    private readonly toControl: Link,
    private readonly toNetwork: Link,
    private readonly ringControl: () => void,
  ) {}

  onPing({ f64 }: RecordViews, offset: number, isVenueUp: boolean): void {
    const { toControl, toNetwork } = this
    const token = f64[(offset + PING_TOKEN) >> 3]
    // Without room for an answer the question ends here: control waits no longer than its deadline.
    if (!writePong(toControl, { token, from: PongFrom.Engine, isUp: isVenueUp })) return
    this.ringControl()
    const at = toNetwork.claim(RecordType.Ping, PING_BYTES)
    if (at === NO_CAPACITY) return
    toNetwork.f64[(at + PING_TOKEN) >> 3] = token
    toNetwork.publish()
  }

  /** The venue's answer, for control. */
  onPong(views: RecordViews, offset: number): void {
    const { toControl } = this
    const at = toControl.claim(RecordType.Pong, PONG_BYTES, true)
    if (at === NO_CAPACITY) return
    for (let word = 0; word < PONG_BYTES >> 2; word += 1) {
      toControl.i32[(at >> 2) + word] = views.i32[(offset >> 2) + word]
    }
    toControl.publish()
    this.ringControl()
  }
}
