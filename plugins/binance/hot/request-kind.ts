/** What a request was, told by the first letter of its id: answers carry the id back, and nothing else to know them by. */
export const RequestKind = {
  Place: 0x70, // p
  Cancel: 0x63, // c
  Query: 0x71, // q
  Snapshot: 0x73, // s
  /** Control requests of the session: time, subscription, open orders, account. */
  Session: 0x78, // x
} as const
