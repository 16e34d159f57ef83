// How lines begin.
const output = async (params) => (await Tool.file_converter(params)).output;
export default {
  spaces: await output({ operation: "indentation", input: "\ta\tb\n", tab_size: 2 }),
  tabs: await output({ operation: "convert_indentation", input: "    a\n      b\n", to_tabs: true }),
};
