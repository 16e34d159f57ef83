// All providers, sorted by name; `Providers` is another name of `Provider`.
const names = (await Provider.list()).map((provider) => provider.name);
const is_sorted = names.every((name, index) => index === 0 || names[index - 1] < name);
export default { names, is_sorted, synonym: (await Providers.list()).length === names.length };
