// What a hook is told can be walked, changed, copied, written and kept as any other object.
let kept;
async function told(look) {
  let seen;
  const h = await Hook.register("custom:table", (ctx) => { seen = look(ctx); });
  await Hook.fire("custom:table", { a: [1, 2], session_id: "s" });
  await h.unregister();
  return seen;
}
const keys = (o) => Object.keys(o).sort().join(" ");
await told((ctx) => { kept = ctx; });
export default {
  keys: await told(keys),
  keys_after_a_look: await told((ctx) => ctx.point + ": " + keys(ctx)),
  any: await told((ctx) => Object.keys(ctx).length > 0),
  own: await told((ctx) => [Object.getOwnPropertyDescriptor(ctx, "point").value, !Object.hasOwn(ctx, "nothing")]),
  unknown: await told((ctx) => [ctx.nothing === undefined, ctx[1] === undefined, ctx.error === undefined, 0]),
  same: await told((ctx) => ctx.data === ctx.data && ctx.data.a[1]),
  set: await told((ctx) => {
    [ctx.point, ctx.extra, ctx[1]] = ["mine", 1, "first"];
    return [ctx.point, ctx.hook_point, ctx.extra, ctx[1]];
  }),
  removed: await told((ctx) => {
    const attempt = ctx.attempt;
    delete ctx.attempt;
    delete ctx.data;
    return [attempt, ctx.attempt === undefined, ctx.data === undefined, keys(ctx)];
  }),
  written: await told((ctx) => {
    ctx.language = "none";
    const read = JSON.parse(JSON.stringify(ctx));
    return [read.point, read.language, read.data.a[1], read.session_id];
  }),
  derived: await told((ctx) => {
    const plain = Object.getPrototypeOf(ctx) === Object.prototype;
    Object.setPrototypeOf(ctx, { nothing: "inherited" });
    return [plain, ctx.nothing, ctx.point, ctx.attempt];
  }),
  given: (await told((ctx) => ctx)).data,
  kept: [kept.point, kept.data.session_id, kept.session_id, keys(kept.component_id)],
};
