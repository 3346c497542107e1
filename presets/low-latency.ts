import { definePreset } from "veloz"

/** Every update and every order goes on at once, at the price of more work per second. */
export default definePreset({
  name: "low-latency",
  plugins: {
    "market-data": {
      // Strategies hear of every update; spacing them only adds age.
      update_throttle_us: 0,
      // Quoting near the touch looks at few levels, and each published level is copied.
      order_book_depth: 5,
      // Conflation helps who falls behind. Who does not would only pay for the stage.
      conflate_updates: false,
      // Differences are a fraction of the bytes of a snapshot, and arrive for every change.
      use_incremental_updates: true,
    },
    "order-processing": {
      // A batch of one: no order waits for the next.
      batch_size: 1,
      // A late deny costs a cancel and a moment of exposure, a check before the send less than a microsecond.
      async_risk_check: false,
      // What the typed order API built is valid by construction.
      skip_redundant_validation: true,
    },
    "cpu-affinity": {
      // A thread that sleeps with a time limit wakes when it is over, not up to 50 us later.
      timer_slack_ns: 1,
    },
    "net-tuning": {
      // Nagle's algorithm holds a small frame back until the one before is acknowledged.
      tcp_nodelay: true,
      // A venue that has not acknowledged for five seconds is gone; the kernel by itself would try for a quarter of an hour.
      tcp_user_timeout: 5_000,
      // What cannot be sent waits in the engine, where a cancel still goes first.
      tcp_notsent_lowat: 16_384,
    },
    "kernel-tuning": {
      // What a host has that is tuned for latency, each value with its reason; nothing is set without mode "apply".
      profile: "low-latency",
    },
  },
})
