// A library of tools: the spell that loads it has them.
await Tool.define({
  name: "shout",
  description: "Makes a text loud",
  parameters: [{ name: "text", type: "string", required: true }],
  execute: (p) => `${p.text.toUpperCase()}!`,
});
