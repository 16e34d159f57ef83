// The tree of a composite and its delegates.
import { raised } from "./lib/raised.js";
import "./lib/team.js";
await Agent.createComposite("line", ["poet", "loud"]);
await Agent.createComposite("nested", ["line", "cook"]);
const shape = ({ name, type, id, children }) => ({ name, type, id: typeof id, children: children.map(shape) });
export default {
  tree: shape((await Agent.getHierarchy("nested")).root),
  unknown: await raised(() => Agent.getHierarchy("nobody")),
};
