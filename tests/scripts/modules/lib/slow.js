// Calls ops while it is loaded.
import * as counter from "./counter.js";
await Utils.sleep(0.001);
export const answer = (await Tool.calculator({ input: "6 * 7" })).output;
export { counter };
