-- Calls ops while it is loaded.
Utils.sleep(0.001)
return { answer = Tool.calculator({ input = "6 * 7" }).output, counter = require("counter") }
