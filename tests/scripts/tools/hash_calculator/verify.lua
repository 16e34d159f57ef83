-- Compares with a digest in constant time; a mismatch is no failure.
local function verify(expected)
  return Tool.hash_calculator { operation = "verify", input = "abc", algorithm = "md5", expected_hash = expected }
end
local good, bad = verify("900150983CD24FB0D6963F7D28E17F72"), verify("00000000000000000000000000000000")
return {
  good = { good.success, good.output, good.data },
  bad = { bad.success, bad.output, bad.valid },
  base64 = verify("kAFQmDzST7DWlj99KOF/cg==").output,
}
