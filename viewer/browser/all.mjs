// All tests in Chromium, one after the other: some of them measure time.
import "./host.browser.mjs";
import "./page.browser.mjs";
