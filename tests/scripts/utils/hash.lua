-- The digest of a text or of bytes in lower-case hex; blake3 unless another one is named.
return {
  usual = Utils.hash("abc"),
  blake3 = Utils.hash("abc", "blake3"),
  sha256 = Utils.hash("abc", "sha256"),
  sha512 = Utils.hash("abc", "sha512"),
  md5 = Utils.hash("abc", "md5"),
  empty = Utils.hash("", "md5"),
  unicode = Utils.hash("é", "md5"),
  bytes = Utils.hash("\xff\x00", "md5"),
}
