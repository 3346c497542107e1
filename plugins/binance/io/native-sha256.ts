import koffi from "koffi"
import { type Compress, copyBytes, makeCompress } from "veloz/hot"

/**
 * The compression of SHA-256 by the OpenSSL that Node carries, which uses the instructions that processors have for
 * it: 0.1 µs a block, where plain arithmetic takes 0.7. Undefined where Node has another OpenSSL, or none; the result
 * is compared with the plain one before it is trusted.
 */
export function nativeCompress(): Compress | undefined {
  try {
    const compress = bindTransform()
    return isRight(compress) ? compress : undefined
  } catch {
    return undefined
  }
}

/** A SHA256_CTX begins with the eight words of the state; SHA256_Transform leaves the rest alone. */
const CONTEXT_BYTES = 256
const STATE_WORDS = 8
const BLOCK_BYTES = 64

function bindTransform(): Compress {
  // Null means this process.
  const transform = koffi.load(null).func("SHA256_Transform", "void", ["uintptr_t", "uintptr_t"])
  // Memory of its own, which is not moved: so its addresses hold for as long as this closure does.
  const context = new Int32Array(new ArrayBuffer(CONTEXT_BYTES))
  const block = new Uint8Array(new ArrayBuffer(BLOCK_BYTES))
  const contextAddress = Number(koffi.address(context))
  const blockAddress = Number(koffi.address(block))
  return (state, bytes, offset) => {
    for (let i = 0; i < STATE_WORDS; i++) context[i] = state[i]
    copyBytes(bytes, offset, block, 0, BLOCK_BYTES)
    transform(contextAddress, blockAddress)
    for (let i = 0; i < STATE_WORDS; i++) state[i] = context[i]
  }
}

function isRight(compress: Compress): boolean {
  const bytes = Uint8Array.from({ length: 3 * BLOCK_BYTES }, (_, i) => (i * 37) & 255)
  const plain = makeCompress()
  const [mine, theirs] = [new Int32Array(STATE_WORDS), new Int32Array(STATE_WORDS)]
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) {
    plain(mine, bytes, offset)
    compress(theirs, bytes, offset)
  }
  return mine.every((word, i) => word === theirs[i])
}
