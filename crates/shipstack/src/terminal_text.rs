//! Text of strangers on a person's terminal.
//!
//! A build prints what it likes. Escape sequences in it could set the terminal's title, answer its questions or overwrite
//! what stands above, so a line is stripped of them and of every control character but the tab.

/// The line as it may be shown.
pub(crate) fn shown(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{1b}' => skip_sequence(&mut letters),
            '\t' => shown.push(letter),
            _ if letter.is_control() => {}
            _ => shown.push(letter),
        }
    }
    shown
}

/// `1 file`, `2 files`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `47.1 KiB`: as the dashboard has it.
pub(crate) fn size(bytes: u64) -> String {
    let units = [(1_u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match units.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) => format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
        None => format!("{bytes} B"),
    }
}

/// What happened and what to do about it, as two sentences: the classic texts end without a full stop.
pub(crate) fn sentences(message: &str, remedy: &str) -> String {
    let (message, remedy) = (shown(message), shown(remedy));
    let stop = if message.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{message}{stop} {remedy}")
}

/// Past an escape sequence whose first character was just read (ECMA-48 §5.3, §5.4, §5.6).
fn skip_sequence(letters: &mut std::str::Chars<'_>) {
    match letters.next() {
        Some('[') => while letters.next().is_some_and(|letter| !('\u{40}'..='\u{7e}').contains(&letter)) {},
        // Strings: until bell, string terminator or the end of the line.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while letters.next().is_some_and(|l| !matches!(l, '\u{7}' | '\u{9c}' | '\u{1b}')) {}
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_full_stop_gets_one() {
        assert_eq!(sentences("Only http is allowed", "Use it."), "Only http is allowed. Use it.");
        assert_eq!(sentences("It failed.", "Try again."), "It failed. Try again.");
        assert_eq!([counted(1, "file"), counted(0, "file")], ["1 file", "0 files"]);
    }

    #[test]
    fn a_size_has_one_digit_behind_the_point() {
        assert_eq!([size(0), size(1023), size(48_213)], ["0 B", "1023 B", "47.0 KiB"]);
        assert_eq!([size(u64::MAX), size(3 << 30)], ["16777215.9 TiB", "3.0 GiB"]);
    }

    #[test]
    fn colours_go_and_text_stays() {
        assert_eq!(shown("\u{1b}[32m✓\u{1b}[39m built\tin 1s"), "✓ built\tin 1s");
    }

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        for hostile in [
            "\u{1b}]0;title\u{7}x",
            "\u{1b}[2J\u{1b}[Hx",
            "\u{1b}Pq\u{1b}\\x",
            "\rx\u{8}",
            "\u{9b}2Jx",
            "x\u{1b}",
        ] {
            let shown = shown(hostile);
            assert!(!shown.contains(char::is_control) && shown.contains('x'), "{hostile:?} → {shown:?}");
        }
    }
}
