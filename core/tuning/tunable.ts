// The model of everything that can be tuned, whoever offers it: a sysctl, a file of sysfs, the option of a socket, the
// policy of a thread. What a plugin offers is data; who reads and writes it says `Tunable.state`.

/** Whom a value concerns. "boot" is a host as it was started: such values are reported and never set. */
export type TunableScope = "socket" | "thread" | "process" | "network namespace" | "host" | "boot"

/** How a value comes back: by the undo journal, by itself with what holds it, or not at all. */
export type TunableUndo = "journal" | "with the process" | "with the thread" | "at close" | "none"

/** What must be permitted to set it: a capability of Linux, or the user root where the kernel asks for that user. */
export type Privilege = `CAP_${string}` | "root"

export type PresetName = "low-latency" | "high-throughput"

export interface PresetValue {
  readonly value: Wish
  readonly reason: string
}

/**
 * What is wanted: a value, ">=" before values that are only to be raised ("4096 131072 >=16777216" field by field, or
 * ">=4096 131072 16777216" for all), or "keep" for as it is.
 */
export type Wish = string | number

export interface Tunable {
  /** As people know it: "net.ipv4.tcp_rmem", "TCP_NODELAY", "cpu.scaling_governor". */
  readonly id: string
  readonly scope: TunableScope
  readonly undo: TunableUndo
  /** Undefined: nothing is needed. */
  readonly needs?: Privilege | undefined
  /** The oldest kernel that knows it, as "4.14". */
  readonly kernel?: string
  readonly unit?: string
  /** What it truly does, in a sentence. */
  readonly meaning: string
  /** No such member: that preset asks for no value. */
  readonly presets?: Readonly<Partial<Record<PresetName, PresetValue>>>
  /** It can be set, and what that does is nothing, or harm. */
  readonly note?: { readonly kind: "placebo" | "downgrade"; readonly text: string } | undefined
  /** Where the value lives outside of this process. Without it, the plugin that offers the tunable sets and reads it. */
  readonly state?: KernelState
}

/** A value in files of the kernel, which stays when the process ends: core reads, plans, writes, verifies and undoes it. */
export interface KernelState {
  /** The files as they stand. Throws an error of the system (ENOENT, EACCES) when there is none. */
  read(machine: Machine): readonly FileState[]
  /** What the files are to hold for a wish that has passed `check`. */
  goals(wish: Wish, found: readonly FileState[], machine: Machine): readonly FileState[]
  /** Why the wish can't be, in words that name what would do. */
  check?(wish: Wish, machine: Machine): string | undefined
  /** Files that the kernel changes along with these: kept and put back together. */
  readonly companions?: readonly string[]
  /** Files that say the same are one value for people: "performance", "powersave (CPU 2-3)". */
  show?(files: readonly FileState[], machine: Machine): string | number
  /** Why the goal, although it reads back, is not what the machine does (yet). */
  verify?(goals: readonly FileState[], machine: Machine): string | undefined
}

/** How a file holds its value; two texts of the same meaning are the same value. "choice": the word in brackets. */
export type FileForm = "plain" | "choice" | "cpu list" | "cpu mask"

export interface FileState {
  /** From the root, as "/proc/sys/vm/swappiness". */
  readonly path: string
  readonly form: FileForm
  readonly text: string
}

/** The machine as tunables see it. A test brings its own. */
export interface Machine {
  readonly platform: string
  /** As "6.18.1"; empty when it is not told. */
  readonly kernel: string
  /** Whether this process has the privilege, as its effective capabilities and its user say. */
  has(privilege: Privilege): boolean
  /** Throws an error of the system. */
  read(path: string): string
  /** Throws an error of the system. */
  write(path: string, text: string): void
  isWritable(path: string): boolean
  /** Paths that are there; an asterisk stands for any part of a name. In the order of their numbers. */
  find(pattern: string): string[]
}

/** A tunable with what the options of a plugin want of it. */
export interface TunableWish {
  readonly tunable: Tunable
  /** Undefined: it is only shown. */
  readonly wish?: Wish | undefined
  /** One of many, such as those of a profile: where it cannot be set it is left out, instead of keeping the others from it. */
  readonly optional?: boolean
  /** Where the wish comes from, for people: "plugins.kernel-tuning.sysctl", 'profile "low-latency"'. */
  readonly origin?: string
  /** How a request switches it while the engine runs. Without it, its effect cannot be measured there. */
  readonly toggle?: TuningToggle | undefined
}

/** Bodies of POST requests that leave a tunable alone, and that set it. */
export interface TuningToggle {
  /** Such as "/api/config/network". */
  readonly request: string
  /** Of the option that these set. */
  readonly path: string
  readonly off: object
  readonly on: object
}

/** What becomes of a value of the kernel that somebody else changes after it was set. */
export type DriftPolicy = "yield" | "reassert" | "fail"

/** What a plugin wants of the machine, made from its options. */
export interface TuningOffer {
  readonly wishes: readonly TunableWish[]
  /** Whether wishes of values in the kernel are written. Those of the process's own are the plugin's matter. */
  readonly apply?: boolean
  /** What cannot be done refuses the start too, and what the machine lacks counts as that. */
  readonly strict?: boolean
  readonly drift?: DriftPolicy
  /** How often the values are read again. */
  readonly recheckSeconds?: number
}

/** How a tunable that a plugin holds itself stands; of several sockets or threads, each. */
export interface HeldReading {
  readonly found: string | number | null
  /** Whether what is in force means what was wished for; null when it is not known, or nothing was wished for. */
  readonly verified: boolean | null
  readonly state?: TunableState
  readonly note?: string
  readonly parts?: readonly {
    readonly name: string
    readonly found: string | number | null
    readonly verified: boolean
  }[]
}

/**
 * found: nobody wants anything of it. wanted: wished for and not in force. verified: in force, as read back.
 * unavailable: this machine, kernel or namespace has none. foreign: somebody else changed it since, and it was left.
 * owned: another engine that runs has set it to something else. downgrade: the wish would make it worse, and was not done.
 * placebo: it does nothing. needs_privilege: this process may not set it. refused: the kernel does not take the value.
 */
export type TunableState =
  | "found"
  | "wanted"
  | "verified"
  | "unavailable"
  | "foreign"
  | "owned"
  | "downgrade"
  | "placebo"
  | "needs_privilege"
  | "refused"

/** How a tunable stands, as GET /api/tuning and `veloz tune` tell it. */
export interface TunableReading {
  readonly id: string
  readonly plugin: string
  readonly scope: TunableScope
  readonly undo: TunableUndo
  readonly needs: Privilege | null
  readonly unit: string | null
  readonly meaning: string
  readonly state: TunableState
  readonly wanted: Wish | null
  readonly found: string | number | null
  readonly verified: boolean | null
  /** What it was before it was changed, as it will be put back; null when it was not changed. */
  readonly original: string | number | null
  readonly origin: string | null
  readonly toggle: TuningToggle | null
  readonly note: string | null
  readonly presets: Readonly<Partial<Record<PresetName, PresetValue>>>
  readonly parts?: HeldReading["parts"]
}
