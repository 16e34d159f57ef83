-- Tool.execute_async is Tool.invoke under an older name.
return Tool.execute_async("hash_calculator", { input = "abc", algorithm = "md5" }).output
