import { test } from "uvu"

type Body = () => void | Promise<void>

/**
 * Declares tests that need something of the machine. With an obstacle they are skipped, and the reason is printed on
 * a line of its own, which the test runner shows: a skipped test must not look like a passed one.
 */
export function testUnless(obstacle: string | undefined): (name: string, body: Body) => void {
  if (obstacle === undefined) return (name, body) => test(name, body)
  return (name) => {
    console.log(`skipped: ${name}: ${obstacle}`)
    test.skip(name)
  }
}
