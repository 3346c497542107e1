import { test } from "uvu"
import { testPage } from "../support/page-tests.js"

testPage("docs/check.md")

test.run()
