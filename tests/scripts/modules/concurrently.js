// A module that takes its time is loaded once, also when several ask for it at the same time.
const load = () => import("./lib/slow.js");
const results = await Promise.all([load(), load(), load()]);
export default {
  same: results[0] === results[1] && results[1] === results[2],
  loads: results[0].counter.loads(),
};
