import { parentPort } from "node:worker_threads"
import { currentTid } from "../os/threads.js"

// The entry of a warmer: a thread that does nothing, all the time. It waits for the word that it has its policy and its
// core, and is ended from outside.

if (parentPort !== null) {
  parentPort.once("message", () => {
    for (;;);
  })
  parentPort.postMessage(currentTid())
}
