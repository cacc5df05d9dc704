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
        self.skip_space();
        if self.at < self.text.len() { Err(self.wrong()) } else { Ok(value) }
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
        while let Some(byte) = self.peek().filter(|byte| *byte != b'"') {
            // What follows a backslash may be a quote.
            self.at += if byte == b'\\' { 2 } else { 1 };
        }
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
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(0..0x20) | None => return Err(self.wrong()),
                Some(_) => self.at += 1,
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
