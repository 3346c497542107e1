import { test } from "uvu"
import { testPage } from "../support/page-tests.js"

testPage("README.md")

test.run()
