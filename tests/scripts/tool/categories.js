// The eight categories, and those of the run's own tools.
await Tool.define({ name: "roast", description: "Roasts", category: "kitchen", execute: () => {} });
export default await Tool.categories();
