import { isatty } from "node:tty"

export interface Terminal {
  /** Its window was closed, or the connection to it is lost. */
  isGone(): boolean
}

/** The terminal that input, output or errors of this process lead to now, if any does. */
export function currentTerminal(isTerminal: (descriptor: number) => boolean = isatty): Terminal {
  const descriptors = [0, 1, 2].filter((descriptor) => isTerminal(descriptor))
  return { isGone: () => descriptors.length > 0 && !descriptors.some((descriptor) => isTerminal(descriptor)) }
}
