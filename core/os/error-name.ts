import koffi from "koffi"

/** The name that the headers give an error number: "EPERM". */
export function errorName(number: number): string {
  return Object.entries(koffi.os.errno).find(([, known]) => known === number)?.[0] ?? `error ${number}`
}
