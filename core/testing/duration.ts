const MS_PER = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** "250us", "10ms", "1.5s", "2m", "1h", or a number of milliseconds. */
export type Duration = number | `${number}${keyof typeof MS_PER}`

export function durationMs(duration: Duration): number {
  if (typeof duration === "number") return duration
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m|h)$/.exec(duration)
  if (match === null) {
    throw new TypeError(
      `cannot read the duration ${JSON.stringify(duration)}: write "250us", "10ms", "1s", "2m" or "1h"`,
    )
  }
  return Number(match[1]) * MS_PER[match[2] as keyof typeof MS_PER]
}
