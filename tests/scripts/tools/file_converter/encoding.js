// Letters that an encoding lacks are an error, or written otherwise.
const data = async (params) => (await Tool.file_converter(params)).data;
export default {
  replaced: await data({ operation: "encoding", input: "é日", to_encoding: "latin1", on_unmappable: "replace" }),
  escaped: await data({ operation: "convert_encoding", input: "é", to_encoding: "ascii", on_unmappable: "escape" }),
  kept: await data({ operation: "encoding", input: "é", to_encoding: "utf-16" }),
};
