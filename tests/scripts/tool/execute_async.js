// Tool.executeAsync is Tool.invoke under an older name.
export default (await Tool.executeAsync("hash_calculator", { input: "abc", algorithm: "md5" })).output;
