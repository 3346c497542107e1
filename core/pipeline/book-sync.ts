import { type Book, NO_CHANGE } from "../hot/book.js"
import { classifyDiff, DIFF_GAP, DIFF_NEXT } from "../hot/depth-sequence.js"
import { RecordQueue } from "../hot/record-queue.js"
import {
  DEPTH_ASK_COUNT,
  DEPTH_BID_COUNT,
  DEPTH_FINAL_UPDATE_ID,
  DEPTH_FIRST_UPDATE_ID,
  DEPTH_FLAGS,
  DEPTH_LEVELS,
  DepthFlag,
  LEVEL_BYTES,
  RecordType,
  type RecordViews,
  Side,
} from "../hot/records.js"

/** What a depth record did. Numbers of 0 and above are the changed level nearest to the touch, or NO_LEVEL for none. */
export const DEPTH_HELD = -1
/** The record is part of a message whose end has not come. */
export const DEPTH_PARTIAL = -2
/** Older than the book. */
export const DEPTH_STALE = -3
/** Updates are missing: the book is not live until a snapshot has come. */
export const DEPTH_LOST = -4

const NO_LEVEL = 0x7fffffff

const State = { Waiting: 0, Filling: 1, Live: 2 } as const

/**
 * Keeps one book by the venue's rule for local books: diffs are kept until a snapshot has come, continue it without a
 * gap, and a gap begins it anew. While it repairs itself, the book is not live.
 */
export class BookSync {
  #state: number = State.Waiting
  /** A snapshot was asked for and has not come. */
  #isRequested = false
  /** The rest of a message of several slices is passed over. */
  #isSkipping = false
  #bufferedFirstId = 0
  #changedLevel = NO_LEVEL
  #buffer: RecordQueue
  #spare: RecordQueue

  constructor(
    readonly book: Book,
    private readonly requestSnapshot: () => void,
    bufferBytes: number,
  ) {
    this.#buffer = new RecordQueue(bufferBytes)
    this.#spare = new RecordQueue(bufferBytes)
  }

  get isLive(): boolean {
    return this.#state === State.Live
  }

  /** The market connection is gone, or the book is not to be believed: begin anew. */
  restart(): void {
    this.#state = State.Waiting
    this.#isRequested = false
    this.#isSkipping = false
    this.#buffer.clear()
    this.book.clear()
  }

  /** Asks for a snapshot without waiting for an update: the market may be silent. */
  ask(): void {
    if (this.#state === State.Live || this.#isRequested) return
    this.#isRequested = true
    this.requestSnapshot()
  }

  /** Asks again for a snapshot that has not come. */
  askAgain(): void {
    if (this.#state === State.Live || !this.#isRequested) return
    this.requestSnapshot()
  }

  onDepth(views: RecordViews, offset: number, length: number): number {
    const flags = views.i32[(offset + DEPTH_FLAGS) >> 2]
    if ((flags & DepthFlag.Snapshot) !== 0) return this.#onSnapshot(views, offset, flags)
    if (this.#state !== State.Live) return this.#hold(views, offset, length, flags)
    return this.#onDiff(views, offset, length, flags)
  }

  #onSnapshot(views: RecordViews, offset: number, flags: number): number {
    const isStream = (flags & DepthFlag.Stream) !== 0
    if ((flags & DepthFlag.First) !== 0) {
      const snapshotId = views.f64[(offset + DEPTH_FINAL_UPDATE_ID) >> 3]
      // A late answer must not throw a live book back; one that is older than what is held cannot be continued.
      this.#isSkipping = !isStream && this.#state === State.Live
      if (!isStream && this.#state !== State.Live && this.#isOlderThanBuffer(snapshotId)) {
        this.#isSkipping = true
        this.requestSnapshot()
      }
      if (this.#isSkipping) return DEPTH_STALE
      this.book.clear()
      this.book.lastUpdateId = snapshotId
      this.#state = State.Filling
    }
    if (this.#isSkipping || this.#state === State.Waiting) return DEPTH_PARTIAL
    this.#applyLevels(views, offset)
    if ((flags & DepthFlag.Last) === 0) return DEPTH_PARTIAL
    this.#state = State.Live
    this.#isRequested = false
    this.#changedLevel = NO_LEVEL
    if (isStream) this.#buffer.clear()
    return this.#replayBuffer()
  }

  #isOlderThanBuffer(snapshotId: number): boolean {
    return this.#buffer.count > 0 && snapshotId < this.#bufferedFirstId
  }

  #hold(views: RecordViews, offset: number, length: number, flags: number): number {
    if (this.#buffer.count === 0) {
      if ((flags & DepthFlag.First) === 0) return DEPTH_PARTIAL
      this.#bufferedFirstId = views.f64[(offset + DEPTH_FIRST_UPDATE_ID) >> 3]
    }
    if (!this.#buffer.push(RecordType.Depth, views.u8, offset, length)) {
      // What is held no longer reaches back to any snapshot on its way: begin anew with the next message.
      this.#buffer.clear()
      this.#isRequested = false
      return DEPTH_LOST
    }
    if (!this.#isRequested) {
      this.#isRequested = true
      this.requestSnapshot()
    }
    return DEPTH_HELD
  }

  // What does not continue the snapshot either is held anew, in the other queue.
  #replayBuffer(): number {
    const held = this.#buffer
    if (held.count === 0) return 0
    this.#buffer = this.#spare
    this.#spare = held
    let result = 0
    held.drain((_type, offset, length, views) => {
      if (this.onDepth(views, offset, length) === DEPTH_LOST) result = DEPTH_LOST
    })
    return result
  }

  #onDiff(views: RecordViews, offset: number, length: number, flags: number): number {
    if ((flags & DepthFlag.First) !== 0) {
      const firstId = views.f64[(offset + DEPTH_FIRST_UPDATE_ID) >> 3]
      const finalId = views.f64[(offset + DEPTH_FINAL_UPDATE_ID) >> 3]
      const verdict = classifyDiff(this.book.lastUpdateId, firstId, finalId)
      this.#isSkipping = verdict !== DIFF_NEXT
      this.#changedLevel = NO_LEVEL
      if (verdict === DIFF_GAP) {
        this.restart()
        this.#hold(views, offset, length, flags)
        return DEPTH_LOST
      }
    }
    if (this.#isSkipping) return DEPTH_STALE
    this.#applyLevels(views, offset)
    if ((flags & DepthFlag.Last) === 0) return DEPTH_PARTIAL
    this.book.lastUpdateId = views.f64[(offset + DEPTH_FINAL_UPDATE_ID) >> 3]
    if (this.book.isCrossed()) {
      this.restart()
      this.#isRequested = true
      this.requestSnapshot()
      return DEPTH_LOST
    }
    return this.#changedLevel
  }

  #applyLevels(views: RecordViews, offset: number): void {
    const { f64, i32 } = views
    const bidCount = i32[(offset + DEPTH_BID_COUNT) >> 2]
    const askCount = i32[(offset + DEPTH_ASK_COUNT) >> 2]
    let at = (offset + DEPTH_LEVELS) >> 3
    for (let level = 0; level < bidCount; level += 1, at += LEVEL_BYTES >> 3) {
      this.#note(this.book.applyAt(Side.Buy, f64, at))
    }
    for (let level = 0; level < askCount; level += 1, at += LEVEL_BYTES >> 3) {
      this.#note(this.book.applyAt(Side.Sell, f64, at))
    }
  }

  #note(level: number): void {
    if (level !== NO_CHANGE && level < this.#changedLevel) this.#changedLevel = level
  }
}
