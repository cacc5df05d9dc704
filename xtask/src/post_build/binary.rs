//! Reads and writes the parts of WebAssembly's binary format that post-build changes.

const HEADER_BYTES: usize = 8;

// Numbers of sections.
pub(super) const IMPORT_SECTION: u8 = 2;
pub(super) const EXPORT_SECTION: u8 = 7;
pub(super) const CODE_SECTION: u8 = 10;

// Kinds of imports and exports.
pub(super) const FUNCTION: u8 = 0;
pub(super) const TABLE: u8 = 1;
pub(super) const MEMORY: u8 = 2;
pub(super) const GLOBAL: u8 = 3;
const TAG: u8 = 4;

/// The module with the content of one section replaced. `None` if it is not a module, or if
/// `change` cannot read the section.
pub(super) fn with_section(
    module: &[u8],
    section: u8,
    mut change: impl FnMut(&[u8]) -> Option<Vec<u8>>,
) -> Option<Vec<u8>> {
    let mut output = module.get(..HEADER_BYTES)?.to_vec();
    let mut input = Reader { bytes: module, at: HEADER_BYTES };
    while input.at < module.len() {
        let id = input.byte()?;
        let body = input.bytes()?;
        output.push(id);
        match id == section {
            true => write_bytes(&mut output, &change(body)?),
            false => write_bytes(&mut output, body),
        }
    }
    Some(output)
}

/// Reads the binary format.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// An unsigned LEB128 number.
    pub(super) fn number(&mut self) -> Option<usize> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(number).ok();
            }
        }
        None
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    /// Skips as many bytes.
    pub(super) fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(drop)
    }

    /// Bytes after their length.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length)
    }

    /// Skips what follows the names of an import, and returns its kind.
    pub(super) fn skip_type(&mut self) -> Option<u8> {
        let kind = self.byte()?;
        match kind {
            FUNCTION => drop(self.number()?),
            TABLE => {
                self.byte()?;
                self.skip_limits()?;
            }
            MEMORY => self.skip_limits()?,
            GLOBAL => drop(self.take(2)?),
            TAG => {
                self.byte()?;
                self.number()?;
            }
            _ => return None,
        }
        Some(kind)
    }

    fn skip_limits(&mut self) -> Option<()> {
        let flags = self.byte()?;
        self.number()?;
        if flags & 1 == 1 {
            self.number()?;
        }
        Some(())
    }
}

pub(super) fn write_bytes(output: &mut Vec<u8>, bytes: &[u8]) {
    write_number(output, bytes.len());
    output.extend_from_slice(bytes);
}

pub(super) fn write_number(output: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return output.push(low);
        }
        output.push(low | 0x80);
    }
}
