import fs from "node:fs"
import os from "node:os"
import { readFileIfAny } from "../os/read-file.js"
import type { Machine, Privilege } from "./tunable.js"

/** The machine that this process runs on. `root` stands for "/", so that a test can bring its own files. */
export function openMachine(root = "/"): Machine {
  const base = root.replace(/\/+$/, "")
  const capabilities = effectiveCapabilities()
  return {
    platform: process.platform,
    kernel: process.platform === "linux" ? (/^\d+(\.\d+)+/.exec(os.release())?.[0] ?? "") : "",
    has: (privilege) => (privilege === "root" ? process.geteuid?.() === 0 : capabilities.has(privilege)),
    read: (path) => fs.readFileSync(base + path, "utf8").trim(),
    write: (path, text) => writeWhole(base + path, text),
    isWritable: (path) => isWritable(base + path),
    find: (pattern) => findFiles(base, pattern),
  }
}

/** "6.18.1" is at least "5.4". An unknown version is as good as any. */
export function isKernelAtLeast({ kernel }: Pick<Machine, "kernel">, wanted: string): boolean {
  if (kernel === "") return true
  const [has, needs] = [kernel, wanted].map((text) => text.split(".").map(Number))
  for (const [i, part] of needs.entries()) if (has[i] !== part) return (has[i] ?? 0) > part
  return true
}

// Bits of CapEff, as linux/capability.h counts them.
const CAPABILITY_BITS: Readonly<Record<string, bigint>> = {
  CAP_DAC_OVERRIDE: 1n,
  CAP_NET_BIND_SERVICE: 10n,
  CAP_NET_ADMIN: 12n,
  CAP_NET_RAW: 13n,
  CAP_IPC_LOCK: 14n,
  CAP_SYS_ADMIN: 21n,
  CAP_SYS_NICE: 23n,
  CAP_SYS_RESOURCE: 24n,
}

/** What this process may do now. The user says little: root may have lost capabilities, and another may have been given some. */
function effectiveCapabilities(): ReadonlySet<Privilege> {
  const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileIfAny("/proc/self/status") ?? "")?.[1] ?? "0"}`)
  const held = Object.entries(CAPABILITY_BITS).filter(([, bit]) => (bits >> bit) & 1n)
  return new Set(held.map(([name]) => name as Privilege))
}

/** The kernel takes a value from one write, and is not asked to make a file. */
function writeWhole(file: string, text: string): void {
  const fd = fs.openSync(file, fs.constants.O_WRONLY | fs.constants.O_TRUNC)
  try {
    fs.writeSync(fd, text)
  } finally {
    fs.closeSync(fd)
  }
}

function isWritable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}

function findFiles(base: string, pattern: string): string[] {
  const walk = (folder: string, [name, ...rest]: readonly string[]): string[] => {
    const names = name.includes("*") ? namesLike(base + folder, name) : [name]
    return names.flatMap((entry) => {
      const path = `${folder}/${entry}`
      if (rest.length > 0) return walk(path, rest)
      return fs.existsSync(base + path) ? [path] : []
    })
  }
  return walk("", pattern.split("/").slice(1))
}

function namesLike(folder: string, pattern: string): string[] {
  const words = pattern.split("*").map((word) => word.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
  const like = new RegExp(`^${words.join(".*")}$`)
  try {
    const names = fs.readdirSync(folder).filter((name) => like.test(name))
    return names.sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
  } catch {
    return []
  }
}
