// How a child sees its parent's data: through it, as a copy, as its own, or not at all.
import { raised } from "./lib/raised.js";
const scope = { type: "agent", id: "a" };
const root = await Agent.createContext({ data: { lang: "en" } });
const children = {};
for (const inheritance of ["inherit", "copy", "share", "isolate"]) {
  children[inheritance] = await Agent.createChildContext(root, scope, inheritance);
}
async function seen() {
  const langs = { root: await Agent.getContextData(root, "lang") };
  for (const [inheritance, id] of Object.entries(children)) {
    langs[inheritance] = (await Agent.getContextData(id, "lang")) ?? "nothing";
  }
  return langs;
}
await Agent.updateContext(root, "lang", "fr");
const parent_wrote = await seen();
await Agent.updateContext(children.inherit, "lang", "it");
const child_wrote = await seen();
await Agent.updateContext(children.share, "lang", "de");
const sharer_wrote = await seen();
await Agent.removeContext(root);
export default {
  parent_wrote, child_wrote, sharer_wrote,
  orphan_keeps_its_own: await Agent.getContextData(children.inherit, "lang"),
  bad_inheritance: await raised(() => Agent.createChildContext(children.copy, scope, "steal")),
  no_parent: (await raised(() => Agent.createChildContext(root, scope, "inherit"))).kind,
};
