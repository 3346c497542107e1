import { once } from "node:events"
import { createReadStream } from "node:fs"
import { pipeline, type Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import { recordingEmptyError, recordingUnreadableError } from "../kernel/errors.js"

/** A recording of market data: a line a message, as `LOCAL_NS JSON`; gzip is seen by its first bytes. */
export interface Recording {
  /** The symbols that are named near the beginning, in the order of their appearance. */
  readonly symbols: readonly string[]
  /** All lines, a block after the other. Can be read once: a recording may come from a pipe. */
  blocks(): AsyncGenerator<Block>
}

/** Lines that have been read together. Line `i` has `lengths[i]` bytes of message from `offsets[i]` on. */
export interface Block {
  /** The same memory block after block, as a socket's buffer is: take what you need before the next one. */
  readonly bytes: Uint8Array
  /** The number of the first line, counted from 1. */
  readonly firstLine: number
  /** NOT_A_MESSAGE where the line is none, BLANK where it is empty. */
  readonly offsets: readonly number[]
  readonly lengths: readonly number[]
}

export const NOT_A_MESSAGE = -1
export const BLANK = -2

export async function openRecording(file: string): Promise<Recording> {
  const blocks = readBlocks(file)
  const first = await blocks.next()
  if (first.done) throw recordingEmptyError(file)
  const { value } = first
  return {
    symbols: symbolsIn(value),
    async *blocks() {
      yield value
      yield* blocks
    },
  }
}

const PIECE_BYTES = 1 << 18
/** The whole depth of a large book is below 2 MB. What is longer than this is no recording. */
const LONGEST_LINE_BYTES = 1 << 24
const NEWLINE = 10
const CARRIAGE_RETURN = 13
const SPACE = 32
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

async function* readBlocks(file: string): AsyncGenerator<Block> {
  let buffer: Buffer = Buffer.allocUnsafe(4 * PIECE_BYTES)
  let used = 0
  let line = 1
  try {
    for await (const piece of await openStream(file)) {
      buffer = withRoom(buffer, used, piece.length)
      piece.copy(buffer, used)
      used += piece.length
      const end = used === 0 ? 0 : buffer.lastIndexOf(NEWLINE, used - 1) + 1
      if (end === 0) continue
      const block = cutLines(buffer, end, line)
      line += block.offsets.length
      yield block
      buffer.copyWithin(0, end, used)
      used -= end
    }
  } catch (error) {
    throw recordingUnreadableError(file, line - 1, (error as Error).message)
  }
  if (used > 0) yield cutLines(buffer, used, line)
}

async function openStream(file: string): Promise<AsyncIterable<Buffer>> {
  const raw: Readable = createReadStream(file, { highWaterMark: PIECE_BYTES })
  await once(raw, "readable")
  const head = raw.read(GZIP_MAGIC.length) as Buffer | null
  if (head === null) return raw
  raw.unshift(head)
  if (!head.equals(GZIP_MAGIC)) return raw
  // Whoever reads the last stream hears of every error, and closes the file by leaving.
  return pipeline(raw, createGunzip({ chunkSize: PIECE_BYTES }), () => undefined)
}

function withRoom(buffer: Buffer, used: number, more: number): Buffer {
  if (used + more <= buffer.length) return buffer
  if (used > LONGEST_LINE_BYTES) throw new Error(`a line is longer than ${LONGEST_LINE_BYTES} bytes`)
  const larger = Buffer.allocUnsafe(2 * (used + more))
  buffer.copy(larger, 0, 0, used)
  return larger
}

function cutLines(bytes: Buffer, end: number, firstLine: number): Block {
  const offsets: number[] = []
  const lengths: number[] = []
  for (let start = 0; start < end; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    const lineEnd = newline === -1 || newline > end ? end : newline
    const textEnd = lineEnd > start && bytes[lineEnd - 1] === CARRIAGE_RETURN ? lineEnd - 1 : lineEnd
    const offset = textEnd === start ? BLANK : messageOffset(bytes, start, textEnd)
    offsets.push(offset)
    lengths.push(offset < 0 ? 0 : textEnd - offset)
    start = lineEnd + 1
  }
  return { bytes, firstLine, offsets, lengths }
}

/** Where the message begins behind the digits of its local time. */
function messageOffset(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] >= 48 && bytes[at] <= 57) at += 1
  return at > start && at + 1 < end && bytes[at] === SPACE ? at + 1 : NOT_A_MESSAGE
}

function symbolsIn({ bytes, offsets, lengths }: Block): readonly string[] {
  const names = new Set<string>()
  for (const [i, offset] of offsets.entries()) {
    if (offset < 0) continue
    const message = Buffer.from(bytes.buffer, bytes.byteOffset + offset, lengths[i]).toString("latin1")
    const [, symbol, stream] = /"s":\s*"([A-Z0-9]+)"|"stream":\s*"([a-z0-9]+)@/.exec(message) ?? []
    const name = symbol ?? stream?.toUpperCase()
    if (name !== undefined) names.add(name)
  }
  return [...names]
}
