import type { Account } from "../account.js"
import { accountPositionEvent, executionReportEvent, type TimeUnit, timeIn } from "../answers.js"
import type { UserReport } from "../report.js"
import { alreadySubscribed, notSubscribed } from "../venue-error.js"
import type { Connection } from "./connection.js"

interface Subscription {
  readonly connection: Connection
  readonly id: number
}

/** Who hears of an account's orders and balances: subscriptions of WebSocket API connections. */
export class UserStreams {
  readonly #byAccount = new Map<Account, Set<Subscription>>()
  readonly #nextIds = new WeakMap<Connection, number>()

  /** Returns the subscription's id, which counts from 0 on each connection. */
  subscribe(account: Account, connection: Connection): number {
    const subscriptions = this.#byAccount.get(account) ?? new Set()
    for (const each of subscriptions) if (each.connection === connection) throw alreadySubscribed()
    const id = this.#nextIds.get(connection) ?? 0
    this.#nextIds.set(connection, id + 1)
    this.#byAccount.set(account, subscriptions.add({ connection, id }))
    return id
  }

  /** Ends one subscription of a connection, or all of them. */
  unsubscribe(connection: Connection, id: number | undefined, nowUs: number): void {
    const ended = this.#remove(connection, id)
    if (ended.length === 0 && id !== undefined) throw notSubscribed()
    for (const subscription of ended) {
      const event = `{"e":"eventStreamTerminated","E":${timeIn(connection.unit, nowUs)}}`
      connection.outbox.appendText(wrap(subscription, event))
    }
  }

  forget(connection: Connection): void {
    this.#remove(connection, undefined)
  }

  idsOf(connection: Connection): number[] {
    const ids: number[] = []
    for (const subscriptions of this.#byAccount.values()) {
      for (const each of subscriptions) if (each.connection === connection) ids.push(each.id)
    }
    return ids
  }

  /** Tells what happened, in order. The caller flushes. */
  publish(reports: readonly UserReport[], nowUs: number): void {
    for (const report of reports) {
      const account = report.kind === "position" ? report.account : report.order.account
      const subscriptions = this.#byAccount.get(account)
      if (subscriptions === undefined || subscriptions.size === 0) continue
      if (report.kind === "execution" && report.order.isMuted) continue
      for (const each of subscriptions) {
        each.connection.outbox.appendText(wrap(each, eventText(report, nowUs, each.connection.unit)))
      }
    }
  }

  #remove(connection: Connection, id: number | undefined): Subscription[] {
    const removed: Subscription[] = []
    for (const subscriptions of this.#byAccount.values()) {
      for (const each of subscriptions) {
        if (each.connection !== connection || (id !== undefined && each.id !== id)) continue
        subscriptions.delete(each)
        removed.push(each)
      }
    }
    return removed
  }
}

function eventText(report: UserReport, nowUs: number, unit: TimeUnit): string {
  return report.kind === "position"
    ? accountPositionEvent(report, nowUs, unit)
    : executionReportEvent(report, nowUs, unit)
}

function wrap({ id }: Subscription, event: string): string {
  return `{"subscriptionId":${id},"event":${event}}`
}
