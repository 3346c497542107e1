import { definePreset } from "veloz"

/** Most messages per second of CPU: work is done in batches, and strategies see the newest state rather than each. */
export default definePreset({
  name: "high-throughput",
  plugins: {
    "market-data": {
      // A thousand notifications a second and symbol are enough for who decides more slowly than the tape.
      update_throttle_us: 1000,
      // Strategies that trade size look deeper into the book.
      order_book_depth: 20,
      // Of the updates that wait, only the newest matters; the book itself applies them all.
      conflate_updates: true,
      // Differences are a fraction of the bytes of a snapshot.
      use_incremental_updates: true,
    },
    "order-processing": {
      // One system call writes ten orders.
      batch_size: 10,
      // Checks that are declared deferrable run after the send; limits and balances never do.
      async_risk_check: true,
      // What the typed order API built is valid by construction.
      skip_redundant_validation: true,
    },
    "net-tuning": {
      // The batch stage decides when a segment leaves, so Nagle's algorithm has nothing to add but delay.
      tcp_nodelay: true,
      // A busy path may stall for a while; half a minute is none any more.
      tcp_user_timeout: 30_000,
      // Enough for the device to be busy, without a queue that nobody sees.
      tcp_notsent_lowat: 131_072,
    },
    "kernel-tuning": {
      // What a host has that is tuned for throughput, each value with its reason; nothing is set without mode "apply".
      profile: "high-throughput",
    },
  },
})
