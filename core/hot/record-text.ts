import { readAscii } from "./bytes.js"
import { ID_MAX_LENGTH, type RecordViews } from "./records.js"

// Ids and texts in a record: | 0 length i32 | 4 bytes |

/** Writes an id or a text, cut where its field ends; the caller has checked that it is ASCII. */
export function writeRecordText(views: RecordViews, offset: number, text: string, maxLength = ID_MAX_LENGTH): void {
  const length = Math.min(text.length, maxLength)
  views.i32[offset >> 2] = length
  for (let index = 0; index < length; index += 1) views.u8[offset + 4 + index] = text.charCodeAt(index)
}

/** Reads an id or a text of a record. Allocates: for the control side. */
export function readRecordText(views: RecordViews, offset: number): string {
  return readAscii(views.u8, offset + 4, views.i32[offset >> 2])
}
