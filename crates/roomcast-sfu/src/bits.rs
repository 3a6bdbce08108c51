//! Reads numbers of some bits, the highest first, until the end.

/// What is left of some bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits<'a> {
    rest: &'a [u8],
    /// How many bits of the first byte have been read, below 8.
    read: u32,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, read: 0 }
    }

    /// A number of so many bits, 32 at most; `None` when they are not there.
    pub(crate) fn read(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    /// One bit.
    pub(crate) fn flag(&mut self) -> Option<bool> {
        let first = *self.rest.first()?;
        let bit = first & (0x80 >> self.read) != 0;
        self.skip(1)?;
        Some(bit)
    }

    /// Passes so many bits.
    pub(crate) fn skip(&mut self, count: u32) -> Option<()> {
        let read = self.read + count;
        self.rest = self.rest.get(usize::try_from(read / 8).ok()?..)?;
        self.read = read % 8;
        Some(())
    }

    /// An unsigned number in Exp-Golomb code (ITU-T H.264 §9.1), as `uvlc` of AV1 §4.10.3.
    pub(crate) fn exp_golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > MAX_ZEROS {
                return None;
            }
        }
        (1u32 << zeros).checked_add(self.read(zeros)?)?.checked_sub(1)
    }
}

/// Of the longest number that fits into 32 bits.
const MAX_ZEROS: u32 = 31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_until_the_end() {
        let mut bits = Bits::new(&[0b1010_0110, 0b1100_0000]);
        assert_eq!((bits.flag(), bits.read(4), bits.skip(2)), (Some(true), Some(0b0100), Some(())));
        assert_eq!((bits.read(3), bits.read(6), bits.read(1)), (Some(0b011), Some(0), None));
        assert_eq!(Bits::new(&[]).flag(), None);
    }

    #[test]
    fn exp_golomb_numbers_are_read() {
        // 1, 010, 011, 00100, 0001000
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0001, 0b0001_0000]);
        let read: Vec<_> = std::iter::from_fn(|| bits.exp_golomb()).take(4).collect();
        assert_eq!(read, [0, 1, 2, 3]);
        assert_eq!(Bits::new(&[0; 40]).exp_golomb(), None);
        assert_eq!(
            Bits::new(&[0, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF]).exp_golomb(),
            Some(0xFFFF_FFFE)
        );
    }
}
