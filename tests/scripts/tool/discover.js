// Tools of a category, or those whose description contains a word, whatever its case.
const execute = () => {};
await Tool.define({ name: "roast", description: "Roasts nuts and Seeds", category: "kitchen", execute });
await Tool.define({ name: "peel", description: "Peels fruit", category: "kitchen", execute });
const names = async (query) => (await Tool.discover(query)).map((tool) => tool.name);
export default {
  category: await names({ category: "kitchen" }),
  tag: await names({ tag: "seeds" }),
  both: await names({ category: "kitchen", tag: "FRUIT" }),
  nothing: await names({ category: "no such category" }),
  all: (await names({})).length === (await Tool.list()).length,
};
