import type { Machine, TuningOffer, Wish } from "../../../core/tuning/tunable.js"
import { CATALOGUE } from "../../../plugins/kernel-tuning/catalogue.js"
import type { Random } from "../random.js"

/** Values that each network namespace has of its own, with what an engine may want of them. */
const CHOICES: Readonly<Record<string, readonly Wish[]>> = {
  "net.ipv4.tcp_fin_timeout": [15, 20, 25],
  "net.ipv4.tcp_rmem": [">=4096 131072 67108864", "4096 65536 1048576", ">=8192 131072 1048576"],
  "net.ipv4.tcp_wmem": [">=4096 65536 67108864", "4096 32768 1048576"],
  "net.ipv4.tcp_notsent_lowat": [16384, 131072],
  "net.ipv4.tcp_slow_start_after_idle": [0],
  "net.ipv4.tcp_autocorking": [0],
  "net.ipv4.tcp_mtu_probing": [1, 2],
  "net.ipv4.tcp_keepalive_time": [60, 120],
  "net.core.somaxconn": [1024, ">=8192"],
  "net.ipv4.tcp_congestion_control": ["reno"],
}

/** Numbers that nobody but a third party writes. */
const FOREIGN: Readonly<Record<string, (number: number) => string>> = {
  "net.ipv4.tcp_fin_timeout": (number) => `${1000 + number}`,
  "net.ipv4.tcp_rmem": (number) => `4097 131073 ${7_000_000 + number}`,
  "net.ipv4.tcp_notsent_lowat": (number) => `${50_000 + number}`,
  "net.ipv4.tcp_keepalive_time": (number) => `${2000 + number}`,
  "net.core.somaxconn": (number) => `${2000 + number}`,
}

const IDS = Object.keys(CHOICES)

/** The catalogue's own tunables, some of them wished for. */
export function randomOffer(random: Random, all = false): TuningOffer {
  const wishes = CATALOGUE.filter(({ id }) => CHOICES[id] !== undefined).map((tunable) => {
    const choices = CHOICES[tunable.id]
    return { tunable, wish: all || random() < 0.6 ? choices[Math.floor(random() * choices.length)] : undefined }
  })
  return { wishes, apply: true, drift: "yield" }
}

/** Every value as it is. */
export function snapshot(machine: Machine): Record<string, string> {
  return Object.fromEntries(IDS.map((id) => [id, machine.read(fileOf(id)).replaceAll(/\s+/g, " ")]))
}

/** A third party sets a value of its own. Returns which, and to what. */
export function writeForeign(random: Random, number: number, machine: Machine): [id: string, text: string] {
  const ids = Object.keys(FOREIGN)
  const id = ids[Math.floor(random() * ids.length)]
  const text = FOREIGN[id](number)
  machine.write(fileOf(id), text)
  return [id, text]
}

const fileOf = (id: string): string => `/proc/sys/${id.replaceAll(".", "/")}`
