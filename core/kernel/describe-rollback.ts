import { show } from "../config/errors.js"
import { formatPlace } from "../config/place.js"
import type { Rollback } from "./contract.js"

/** What an operator has to know of a rollback that is in force: sentences, of which there may be none. */
export function describeRollback(
  { restored, kept, file_differs, file_refused, earlier_code }: Rollback,
  base: string,
): string[] {
  const held = kept.map(({ path, value, wanted, source }) => {
    return `${path} stays ${show(value)}, as ${source} says, and is not ${show(wanted)} as in generation ${restored}`
  })
  const written = file_differs.map(({ path, file_value, file, line, column }) => {
    return `${formatPlace({ file, line, column }, base)} says ${show(file_value)} of ${path}`
  })
  const code = earlier_code.map((name) => `${name} runs the code of generation ${restored}, and another stands on disk`)
  const refused = file_refused === null ? [] : [`the files stand as they were when attempt ${file_refused} was refused`]
  const disk = [...refused, ...written, ...code]
  if (disk.length === 0) return held
  const way = `the next start reads the disk again: veloz rollback ${restored} --write puts the files back`
  return [...held, `${disk.join("; ")}; ${way}`]
}
