//! Numbers in the headers of files. What is not there is zero.

macro_rules! numbers {
    ($($big:ident $little:ident $type:ty)*) => { $(
        #[doc = concat!("Returns the `", stringify!($type), "` at `at`, the highest byte first.")]
        pub(super) fn $big(bytes: &[u8], at: usize) -> $type {
            let bytes = bytes.get(at..).and_then(<[u8]>::first_chunk);
            bytes.map_or(0, |bytes| <$type>::from_be_bytes(*bytes))
        }

        #[doc = concat!("Returns the `", stringify!($type), "` at `at`, the lowest byte first.")]
        pub(super) fn $little(bytes: &[u8], at: usize) -> $type {
            $big(bytes, at).swap_bytes()
        }
    )* };
}

numbers! {
    be16 le16 u16
    be32 le32 u32
    be64 le64 u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_never_beyond_the_end() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(be16(&bytes, 6), 0x0708);
        assert_eq!(le16(&bytes, 6), 0x0807);
        assert_eq!(be32(&bytes, 5), 0);
        assert_eq!(le32(&bytes, 0), 0x0403_0201);
        assert_eq!(be64(&bytes, 0), 0x0102_0304_0506_0708);
        assert_eq!(le64(&bytes, usize::MAX), 0);
    }
}
