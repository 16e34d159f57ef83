// A module is a file that exports values.
export const hello = (name) => `hello ${name}`;
export const language = "any";
export default { hello, language };
