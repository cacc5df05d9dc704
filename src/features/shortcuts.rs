//! Keyboard shortcuts: which command a key is, on any keyboard layout.

/// What a key does while nothing on the page takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortcut {
    /// Start or stop the clock.
    ToggleClock,
    /// Say what is being worked on.
    Describe,
    /// Open the form for manual entries.
    AddManually,
    /// Show the help.
    Help,
    /// Undo the latest act.
    Undo,
    /// Do the act again that was undone last.
    Redo,
}

/// A key as the browser reports it.
#[derive(Clone, Copy, Debug)]
pub struct KeyPress<'a> {
    /// What the key types; a name of more than one letter for a key that types nothing.
    pub key: &'a str,
    /// The key's place, named by what a US keyboard has there.
    pub code: &'a str,
    pub has_shift: bool,
    pub modifier: Modifier,
}

/// What is held together with a key, besides Shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    None,
    /// Ctrl, or Cmd on macOS.
    Command,
    /// Alt, AltGr, or several. Such keys belong to the browser.
    Other,
}

impl Shortcut {
    /// The shortcut of a key, if it is one.
    ///
    /// What the key types counts, so that a Dvorak or AZERTY keyboard has each shortcut on the key
    /// with that letter. Only if that is of another script, as with a Cyrillic or Arabic layout,
    /// the place of the key counts instead.
    pub fn of(press: KeyPress<'_>) -> Option<Self> {
        let typed = typed_char(press.key)?;
        let meant = if is_of_latin_layout(typed) {
            typed.to_ascii_lowercase()
        } else {
            char_at(press.code, press.has_shift)?
        };
        match (press.modifier, meant) {
            (Modifier::None, 's' | 'n') => Some(Self::ToggleClock),
            (Modifier::None, '/') => Some(Self::Describe),
            (Modifier::None, 'a') => Some(Self::AddManually),
            (Modifier::None, '?') => Some(Self::Help),
            (Modifier::Command, 'z') if press.has_shift => Some(Self::Redo),
            (Modifier::Command, 'z') => Some(Self::Undo),
            (Modifier::None | Modifier::Command | Modifier::Other, _) => None,
        }
    }

    /// Whether the key is a single one, which the user can turn off.
    pub const fn is_single_key(self) -> bool {
        match self {
            Self::ToggleClock | Self::Describe | Self::AddManually | Self::Help => true,
            Self::Undo | Self::Redo => false,
        }
    }
}

/// The character that a key types; none for a key with a name, such as `Enter`.
fn typed_char(key: &str) -> Option<char> {
    let mut chars = key.chars();
    chars.next().filter(|_| chars.next().is_none())
}

/// Whether a character is typed with a layout that has the Latin letters: it is one, with or
/// without an accent, or a sign that layouts of all scripts share.
const fn is_of_latin_layout(typed: char) -> bool {
    typed.is_ascii() || matches!(typed, '\u{80}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// What a US keyboard types with the key at this place, as far as it is a shortcut.
fn char_at(code: &str, has_shift: bool) -> Option<char> {
    match code {
        "KeyA" => Some('a'),
        "KeyN" => Some('n'),
        "KeyS" => Some('s'),
        "KeyZ" => Some('z'),
        "Slash" => Some(if has_shift { '?' } else { '/' }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(key: &str, code: &str) -> Option<Shortcut> {
        Shortcut::of(KeyPress { key, code, has_shift: false, modifier: Modifier::None })
    }

    #[test]
    fn keys_of_a_us_keyboard_are_shortcuts() {
        assert_eq!(typed("s", "KeyS"), Some(Shortcut::ToggleClock));
        assert_eq!(typed("n", "KeyN"), Some(Shortcut::ToggleClock));
        assert_eq!(typed("a", "KeyA"), Some(Shortcut::AddManually));
        assert_eq!(typed("/", "Slash"), Some(Shortcut::Describe));
        let has_shift = true;
        let help = KeyPress { key: "?", code: "Slash", has_shift, modifier: Modifier::None };
        assert_eq!(Shortcut::of(help), Some(Shortcut::Help));
        assert_eq!(typed("x", "KeyX"), None);
    }

    #[test]
    fn caps_lock_and_shift_change_nothing() {
        assert_eq!(typed("S", "KeyS"), Some(Shortcut::ToggleClock));
        let shifted =
            KeyPress { key: "A", code: "KeyA", has_shift: true, modifier: Modifier::None };
        assert_eq!(Shortcut::of(shifted), Some(Shortcut::AddManually));
    }

    #[test]
    fn layouts_without_latin_letters_have_shortcuts_at_their_places() {
        for (key, code, shortcut) in [
            ("ы", "KeyS", Shortcut::ToggleClock),
            ("Ы", "KeyS", Shortcut::ToggleClock),
            ("ד", "KeyS", Shortcut::ToggleClock),
            ("ى", "KeyN", Shortcut::ToggleClock),
            ("ㅁ", "KeyA", Shortcut::AddManually),
            ("ظ", "Slash", Shortcut::Describe),
            // A Cyrillic keyboard has its slash elsewhere.
            ("/", "Backslash", Shortcut::Describe),
        ] {
            assert_eq!(typed(key, code), Some(shortcut), "{key}");
        }
        let help = KeyPress { key: "؟", code: "Slash", has_shift: true, modifier: Modifier::None };
        assert_eq!(Shortcut::of(help), Some(Shortcut::Help));
    }

    #[test]
    fn latin_layouts_have_shortcuts_on_the_keys_with_their_letters() {
        // AZERTY, Dvorak.
        assert_eq!(typed("a", "KeyQ"), Some(Shortcut::AddManually));
        assert_eq!(typed("s", "Semicolon"), Some(Shortcut::ToggleClock));
        assert_eq!(typed("/", "BracketLeft"), Some(Shortcut::Describe));
        for (key, code) in [("q", "KeyA"), ("o", "KeyS"), ("b", "KeyN"), ("z", "Slash")] {
            assert_eq!(typed(key, code), None, "{key}");
        }
        // Polish, with AltGr as some systems report it.
        assert_eq!(typed("ś", "KeyS"), None);
    }

    #[test]
    fn ctrl_z_undoes_where_the_layout_has_its_z() {
        let press = |key, code, has_shift| {
            Shortcut::of(KeyPress { key, code, has_shift, modifier: Modifier::Command })
        };
        assert_eq!(press("z", "KeyZ", false), Some(Shortcut::Undo));
        assert_eq!(press("Z", "KeyZ", true), Some(Shortcut::Redo));
        // QWERTZ, Cyrillic.
        assert_eq!(press("z", "KeyY", false), Some(Shortcut::Undo));
        assert_eq!(press("y", "KeyZ", false), None);
        assert_eq!(press("я", "KeyZ", false), Some(Shortcut::Undo));
        assert_eq!(press("s", "KeyS", false), None);
        assert_eq!(typed("z", "KeyZ"), None);
    }

    #[test]
    fn keys_with_another_modifier_or_a_name_are_no_shortcuts() {
        for (key, code) in [("s", "KeyS"), ("z", "KeyZ")] {
            let press = KeyPress { key, code, has_shift: false, modifier: Modifier::Other };
            assert_eq!(Shortcut::of(press), None);
        }
        for key in ["Enter", "Process", "Dead", "Unidentified", ""] {
            assert_eq!(typed(key, "KeyS"), None, "{key}");
        }
    }
}
