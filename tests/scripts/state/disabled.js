// Switched off, every function says which setting would switch it on.
async function failure(act) {
  try { await act(); } catch (e) { return [e.kind, e.hints[0]]; }
}
export default {
  save: await failure(() => State.save("k", 1)), load: await failure(() => State.load("k")), delete: await failure(() => State.delete("k")),
  list: await failure(() => State.list()), all: await failure(() => State.all()), set: await failure(() => State.compareAndSet("global", "k", 1, 2)),
  scope: State.scope.Agent("a"),
};
