// Six ways to the same call.
const tool = await Tool.get("calculator");
const params = { input: "6 * 7" };
export default [
  (await Tool.invoke("calculator", params)).output,
  (await Tool.execute("calculator", params)).output,
  (await tool.execute(params)).output,
  (await tool.invoke(params)).output,
  (await tool(params)).output,
  (await Tool.calculator(params)).output,
];
