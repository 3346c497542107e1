import { type Doorbell, WORK_BETWEEN_EVENTS, type Work } from "./doorbell.js"

/**
 * What a thread does when a turn found nothing to do. `park` sleeps until it is woken (some 30 us). `spin` looks again
 * and again, and needs a processor for itself. `backoff` spins for a while and then parks.
 */
export type IdleStrategy = "spin" | "backoff" | "park"

/** Looks for work between two turns of the event loop, of which each costs about 2 us. */
const LOOKS_A_TURN = 64
/** Turns of the event loop without any work before `backoff` parks: some 200 us. */
const IDLE_TURNS = 50

/**
 * Runs the work of a thread on its event loop, so that messages, timers and sockets never starve, whatever the idle
 * strategy. Returns what ends it.
 */
export function run(work: Work, bell: Doorbell, strategy: IdleStrategy): () => void {
  let isOver = false
  let idleTurns = 0
  const turn = (): void => {
    if (isOver) return
    let done = 0
    for (let look = 0; look < LOOKS_A_TURN && done < WORK_BETWEEN_EVENTS; look += 1) done += work()
    idleTurns = done > 0 ? 0 : idleTurns + 1
    if (strategy === "backoff" && idleTurns > IDLE_TURNS) bell.sleep(work, turn)
    else setImmediate(turn)
  }
  if (strategy === "park") bell.listen(work)
  else turn()
  return () => {
    isOver = true
    bell.close()
  }
}
