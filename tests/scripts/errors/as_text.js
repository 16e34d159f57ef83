// JavaScript has an Error: the class SpellError with name, message and stack.
const raised = await Tool.invoke("calculatr").catch((error) => error);
if (!(raised instanceof SpellError) || !(raised instanceof Error)) throw new Error("no SpellError");
if (raised.name !== "SpellError" || typeof raised.stack !== "string") throw new Error("no name or no stack");
const text = `${raised.op}: ${raised.message}`;
export default {
  text,
  joined: `failed: ${text}`,
  found: raised.message.match(/'(\w+)'/)[1],
  upper: text.toUpperCase().slice(0, 11),
};
