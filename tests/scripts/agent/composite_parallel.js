// All delegates get the input; their texts are joined in the delegates' order.
import { ask, composite } from "./lib/team.js";
export default await ask(await composite("parallel", ["poet", "loud", "cook"]), "hi");
