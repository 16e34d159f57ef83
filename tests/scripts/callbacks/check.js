// data_validation asks a function of the script about a value.
const rule = { type: "custom", check: (value) => value % 2 === 0 };
const even = await Tool.data_validation({ input: 4, rules: rule });
const odd = await Tool.data_validation({ input: { n: 3 }, rules: { n: rule } });
export default { even: even.output, odd: odd.output, field: odd.errors[0].field, rule: odd.errors[0].rule };
