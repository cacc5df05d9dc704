//! Goes over JSON text by the grammar of RFC 8259. Everything that is read was seen by this first.

use crate::DEPTH_MAX;
use crate::error::JsonError;

type Scanned = Result<(), JsonError>;

/// Takes the name of a member, in quotes, and its value.
type OnMember<'f, 'a> = &'f mut dyn FnMut(&'a str, &'a str);
/// Takes an element.
type OnElement<'f, 'a> = &'f mut dyn FnMut(&'a str);

/// A place in a text.
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How many more levels there may be.
    depth_left: u8,
    /// Whether the text was gone over before: then values are passed over quickly.
    is_json: bool,
}

impl<'a> Scanner<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth_left: DEPTH_MAX, is_json: false }
    }

    /// A place in a text that is JSON, as is known already.
    pub(crate) const fn of_json(text: &'a str) -> Self {
        Self { text, at: 0, depth_left: DEPTH_MAX, is_json: true }
    }

    /// The one value that the whole text is.
    pub(crate) fn only_value(&mut self) -> Result<&'a str, JsonError> {
        self.skip_space();
        let value = self.value()?;
        self.end()?;
        Ok(value)
    }

    /// The list that the whole text is, element by element.
    pub(crate) fn only_array(&mut self, on_element: OnElement<'_, 'a>) -> Scanned {
        self.skip_space();
        self.array(on_element)?;
        self.end()
    }

    /// Nothing but space is left.
    fn end(&mut self) -> Scanned {
        self.skip_space();
        if self.at < self.text.len() { Err(self.wrong()) } else { Ok(()) }
    }

    /// An object, member by member.
    pub(crate) fn object(&mut self, on_member: OnMember<'_, 'a>) -> Scanned {
        self.open(b'{')?;
        if !self.eat(b'}') {
            loop {
                self.skip_space();
                let start = self.at;
                self.string()?;
                let name = &self.text[start..self.at];
                self.skip_space();
                self.expect(b':')?;
                self.skip_space();
                on_member(name, self.value()?);
                if !self.goes_on(b'}')? {
                    break;
                }
            }
        }
        self.depth_left += 1;
        Ok(())
    }

    /// A list, element by element.
    pub(crate) fn array(&mut self, on_element: OnElement<'_, 'a>) -> Scanned {
        self.open(b'[')?;
        if !self.eat(b']') {
            loop {
                self.skip_space();
                on_element(self.value()?);
                if !self.goes_on(b']')? {
                    break;
                }
            }
        }
        self.depth_left += 1;
        Ok(())
    }

    fn value(&mut self) -> Result<&'a str, JsonError> {
        let start = self.at;
        if self.is_json {
            self.pass_value();
            return Ok(&self.text[start..self.at]);
        }
        match self.peek() {
            Some(b'{') => self.object(&mut |_, _| ())?,
            Some(b'[') => self.array(&mut |_| ())?,
            Some(b'"') => self.string()?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.wrong()),
        }
        Ok(&self.text[start..self.at])
    }

    /// Goes to the end of a value of which only the extent matters.
    fn pass_value(&mut self) {
        let mut depth = 0_u32;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.pass_string(),
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth > 0 => depth -= 1,
                // The end of what a number or a word is in.
                b'}' | b']' | b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return,
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            self.at += 1;
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                return;
            }
        }
    }

    /// Goes from the first quote of a text to its last.
    fn pass_string(&mut self) {
        self.at += 1;
        self.pass_plain();
        while self.peek().is_some_and(|byte| byte != b'"') {
            // What follows a backslash may be a quote.
            self.at += 2;
            self.pass_plain();
        }
    }

    /// Goes over what can be in a text as it is.
    fn pass_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += plain_bytes(rest);
    }

    fn word(&mut self) -> Scanned {
        let rest = &self.text[self.at..];
        let word = ["null", "true", "false"].into_iter().find(|word| rest.starts_with(word));
        self.at += word.ok_or_else(|| self.wrong())?.len();
        Ok(())
    }

    fn number(&mut self) -> Scanned {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _ = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Scanned {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { Err(self.wrong()) } else { Ok(()) }
    }

    fn string(&mut self) -> Scanned {
        self.expect(b'"')?;
        loop {
            self.pass_plain();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(_) | None => return Err(self.wrong()),
            }
        }
    }

    fn escape(&mut self) -> Scanned {
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return Err(self.wrong());
                    }
                    self.at += 1;
                }
            }
            Some(_) | None => return Err(self.wrong()),
        }
        Ok(())
    }

    /// Goes into a list or an object.
    fn open(&mut self, bracket: u8) -> Scanned {
        self.expect(bracket)?;
        self.depth_left = self.depth_left.checked_sub(1).ok_or_else(|| self.wrong())?;
        self.skip_space();
        Ok(())
    }

    /// Whether another element follows; if not, the closing bracket was passed.
    fn goes_on(&mut self, closing: u8) -> Result<bool, JsonError> {
        self.skip_space();
        if self.eat(b',') {
            return Ok(true);
        }
        self.expect(closing)?;
        Ok(false)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Scanned {
        if self.eat(byte) { Ok(()) } else { Err(self.wrong()) }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is_it = self.peek() == Some(byte);
        self.at += usize::from(is_it);
        is_it
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn wrong(&self) -> JsonError {
        JsonError::syntax(self.at)
    }
}

/// How many bytes there are before a quote, a backslash or a control character. Most of what is
/// read is texts, so this takes eight bytes at a time.
fn plain_bytes(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * EACH;
    /// Marks each byte that is below `bound`, and maybe others after the first of them.
    const fn below(bound: u64, eight: u64) -> u64 {
        eight.wrapping_sub(bound * EACH) & !eight & HIGH
    }
    let (chunks, rest) = bytes.as_chunks::<8>();
    for (index, chunk) in chunks.iter().enumerate() {
        let eight = u64::from_le_bytes(*chunk);
        let quote = below(1, eight ^ (0x22 * EACH));
        let backslash = below(1, eight ^ (0x5c * EACH));
        let special = below(0x20, eight) | quote | backslash;
        if special != 0 {
            return index * 8 + special.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| matches!(byte, 0..0x20 | b'"' | b'\\');
    let after = rest.iter().position(special).unwrap_or(rest.len());
    bytes.len() - rest.len() + after
}
