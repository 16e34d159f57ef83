// Letters that an encoding lacks are an error, or written otherwise. What is no UTF-8 comes back as bytes.
const data = async (params) => {
  const { data } = await Tool.file_converter(params);
  return params.to_encoding === "ascii" ? data : { ...data, content: Array.from(data.content) };
};
export default {
  replaced: await data({ operation: "encoding", input: "é日", to_encoding: "latin1", on_unmappable: "replace" }),
  escaped: await data({ operation: "convert_encoding", input: "é", to_encoding: "ascii", on_unmappable: "escape" }),
  marks: await data({ operation: "encoding", input: "é", to_encoding: "ascii", on_unmappable: "replace" }),
  kept: await data({ operation: "encoding", input: "é", to_encoding: "utf-16" }),
};
