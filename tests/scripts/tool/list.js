// Every tool of the run, sorted by name. An item used as text is the name.
const list = await Tool.list();
const names = list.map((tool) => `${tool}`);
const calculator = list.find((tool) => tool.name === "calculator");
export default {
  sorted: names.join(" ") === [...names].sort().join(" "),
  calculator: [calculator.name, calculator.version, calculator.category, typeof calculator.description],
  text: calculator + "!",
};
