local function fail()
  Tool.invoke("no_such_tool")
end
fail()
