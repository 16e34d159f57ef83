// A context holds data that agents may be told; the id is a uuid.
import { raised } from "./lib/raised.js";
const id = await Agent.createContext({ user_id: "ada", data: { lang: "en", mood: "calm" } });
await Agent.updateContext(id, "lang", "fr");
await Agent.updateContext(id, "tags", ["a", "b"]);
const data = [];
for (const key of ["lang", "mood", "tags"]) data.push(await Agent.getContextData(id, key));
const nothing = (await Agent.getContextData(id, "nothing")) === null;
await Agent.removeContext(id);
export default {
  is_uuid: /^[0-9a-f]+(-[0-9a-f]+){4}$/.test(id),
  data,
  nothing,
  removed: (await raised(() => Agent.getContextData(id, "lang"))).kind,
  unknown: await raised(() => Agent.updateContext("nobody", "k", 1)),
  empty: typeof (await Agent.createContext()),
};
