// Used as text, a result is its output if that is a text or a number, otherwise the JSON text of its data.
const text = await Tool.text_manipulator({ operation: "uppercase", input: "hi" });
const number = await Tool.calculator({ input: "6 * 7" });
const list = await Tool.text_manipulator({ operation: "split", input: "a b" });
const data = await Tool.json_processor({ input: '{"a":[true],"b":1}' });
export default [text + "!", `= ${number}`, String(number), String(data), list.success];
