import { createReadStream } from "node:fs"
import type { Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import { recordingLineError, recordingUnreadableError } from "../kernel/errors.js"

/** A recording of market data: a line a message, as `LOCAL_NS JSON`; gzip is seen by its first bytes. */
export interface Recording {
  /** The first symbol that is named near the beginning. */
  readonly symbol: string | undefined
  blocks(): AsyncGenerator<Block>
}

/** Messages that lie in one piece of the file: message `i` is `lengths[i]` bytes from `offsets[i]`. */
export interface Block {
  readonly bytes: Uint8Array
  readonly count: number
  readonly offsets: readonly number[]
  readonly lengths: readonly number[]
}

export async function openRecording(file: string): Promise<Recording> {
  const isGzip = await startsAsGzip(file)
  const open = (): Readable => {
    const raw = createReadStream(file, { highWaterMark: PIECE_BYTES })
    if (!isGzip) return raw
    const unpacked = createGunzip({ chunkSize: PIECE_BYTES })
    raw.on("error", (error) => unpacked.destroy(error))
    return raw.pipe(unpacked)
  }
  return { symbol: await firstSymbol(file, open()), blocks: () => readBlocks(file, open()) }
}

const PIECE_BYTES = 1 << 18
const NEWLINE = 10
const SPACE = 32
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

async function startsAsGzip(file: string): Promise<boolean> {
  try {
    for await (const piece of createReadStream(file, { end: GZIP_MAGIC.length - 1 })) return GZIP_MAGIC.equals(piece)
    return false
  } catch (error) {
    throw recordingUnreadableError(file, (error as Error).message)
  }
}

async function firstSymbol(file: string, stream: Readable): Promise<string | undefined> {
  try {
    for await (const piece of stream) return /"s":\s*"([A-Z0-9]+)"/.exec((piece as Buffer).toString())?.[1]
    return undefined
  } catch (error) {
    throw recordingUnreadableError(file, (error as Error).message)
  }
}

async function* readBlocks(file: string, stream: Readable): AsyncGenerator<Block> {
  const lines = { file, count: 0 }
  let rest: Buffer = Buffer.alloc(0)
  try {
    for await (const piece of stream) {
      const bytes = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer])
      const end = bytes.lastIndexOf(NEWLINE) + 1
      if (end > 0) yield readLines(bytes.subarray(0, end), lines)
      // The piece belongs to the stream, so what is left of it is copied.
      rest = Buffer.from(bytes.subarray(end))
    }
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith("VELOZ")) throw error
    throw recordingUnreadableError(file, (error as Error).message)
  }
  if (rest.length > 0) yield readLines(rest, lines)
}

function readLines(bytes: Buffer, lines: { file: string; count: number }): Block {
  const offsets: number[] = []
  const lengths: number[] = []
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start)
    const end = newline === -1 ? bytes.length : newline
    lines.count += 1
    if (end > start) {
      const offset = messageOffset(bytes, start, end)
      if (offset < 0) throw recordingLineError(lines.file, lines.count)
      offsets.push(offset)
      lengths.push(end - offset)
    }
    start = end + 1
  }
  return { bytes, count: offsets.length, offsets, lengths }
}

/** Where the message begins behind the digits of its local time, or -1 when the line is no such thing. */
function messageOffset(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (at < end && bytes[at] >= 48 && bytes[at] <= 57) at += 1
  return at > start && at + 1 < end && bytes[at] === SPACE ? at + 1 : -1
}
