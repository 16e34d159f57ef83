// Every token: types are kept alone, text is made within text, unknown steps fail, plain braces stay.
const resolve = async (text, input = { n: 3, user: { mail: "A@B.C" } }) => {
  const wf = Workflow.sequential({
    name: "t",
    steps: [
      { name: "data", execute: () => ({ rows: [{ id: 7 }, { id: 8, name: "Bob" }], empty: "" }) },
      { name: "skipped", skip_condition: "always", execute: () => 1 },
      { name: "bad", execute: () => { throw { kind: "execution", message: "broken" }; }, on_error: () => "continue" },
      { name: "inner", type: "parallel", branches: [{ name: "eu", steps: [{ name: "price", execute: () => 12 }] }] },
      { name: "use", input: { v: text, list: [text] }, execute: (ctx) => ({ output: ctx.params.v, data: { same: ctx.params.list[0] === ctx.params.v } }) },
    ],
  });
  await wf.set_state("limit", 5);
  const done = await wf.execute(input);
  return done.error ? `${done.error.kind}: ${done.error.message}` : done.output;
};
const dice = await resolve("{{random:1:6}}");
export default {
  typed: await resolve("{{step:data:output}}"),
  path: await resolve("{{step:data:output.rows[1].id}}"),
  within: await resolve("id {{step:data:output.rows[0].id}}, {{step:data:output.empty}}."),
  json: await resolve("{{step:data:output.rows[0] | to_json}}"),
  dotted: await resolve("{{steps.data.output.rows[1].name}}"),
  success: await resolve("{{step:data:success}}"),
  failed: await resolve("{{step:bad:success ? 'ok' : 'failed: {{step:bad:error}}'}}"),
  kind: await resolve("{{step:bad:error.kind}}"),
  null: await resolve("[{{step:skipped:output}}{{step:bad:output}}]"),
  nested: await resolve("{{step:inner:eu:price:output}}"),
  input: [await resolve("{{input:n}}"), await resolve("{{input:user.mail | lower}}"), (await resolve("{{input:}}")).n],
  state: [await resolve("{{state:limit}}"), await resolve("{{state:none | default:10}}"), await resolve("{{state:custom:x::none | default:many}}")],
  filters: [
    await resolve("{{input:user.mail | upper | length}}"),
    await resolve("{{step:data:output.rows | first | to_json}}"),
    await resolve("{{step:data:output.rows | length}}"),
    await resolve("{{input:list | join:, }}", { list: [1, "b"] }),
    await resolve("{{input:text | trim | last}}", { text: " xyz " }),
    await resolve("{{input:json | from_json}}", { json: "[1,2]" }),
    await resolve("{{step:data:output | json_query:.rows[1].name}}"),
  ],
  choice: [await resolve("{{input:n ? 1 : 2}}"), await resolve("{{input:none ? 'a' : {{input:n}}}}")],
  random: Number.isInteger(dice) && dice >= 1 && dice <= 6,
  untouched: await resolve("Dear {{first_name}}, \\{{input:n}}"),
  unknown: await resolve("{{step:dta:output}}"),
  malformed: (await resolve("{{step:data}}")).startsWith("parse: the token '{{step:data}}' is malformed"),
  no_loop: await resolve("{{loop:current_item}}"),
};
