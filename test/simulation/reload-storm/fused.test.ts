import { test } from "uvu"
import { reloadThousandTimes } from "./thousand-reloads.js"

// A file each, so that both topologies are tested side by side.

test("1,000 reloads lose, double and mix nothing of 100,000 records a second (fused)", () =>
  reloadThousandTimes("fused"))

test.run()
