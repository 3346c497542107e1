import type { Claims, MemoryPoolsOptions } from "veloz"

export const claims = ({ semi_space_mb }: Readonly<MemoryPoolsOptions>): Claims => ({
  semiSpaceMb: semi_space_mb > 0 ? semi_space_mb : undefined,
})
