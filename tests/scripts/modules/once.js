// A module is loaded once, whoever asks for it.
import * as first from "./lib/counter.js";
import { counter } from "./lib/slow.js";
const second = await import("./lib/counter.js");
export default { same: first === second, inside: counter === first, loads: first.loads() };
