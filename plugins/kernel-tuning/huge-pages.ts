import { checkChoice, kernelFiles, type Tunable } from "veloz"

const FOLDER = "/sys/kernel/mm/transparent_hugepage"

/** Pages of 2 MiB that the kernel makes of small ones by itself. */
export const HUGE_PAGES: Tunable = {
  id: "transparent_hugepage.enabled",
  scope: "host",
  undo: "journal",
  needs: "root",
  meaning:
    "Whose memory may become pages of 2 MiB: that of all programs (always), of those that ask (madvise), of none (never).",
  presets: {
    "low-latency": {
      value: "madvise",
      reason: "No program pays that has not asked. Node does not, so never does no more.",
    },
  },
  state: choice("enabled"),
}

export const HUGE_PAGE_DEFRAG: Tunable = {
  id: "transparent_hugepage.defrag",
  scope: "host",
  undo: "journal",
  needs: "root",
  meaning: "Which programs wait while the kernel moves memory together to make such a page.",
  presets: { "low-latency": { value: "madvise", reason: "As transparent_hugepage.enabled." } },
  state: choice("defrag"),
}

function choice(file: string) {
  return kernelFiles(`${FOLDER}/${file}`, "choice", { check: checkChoice(`${FOLDER}/${file}`) })
}
