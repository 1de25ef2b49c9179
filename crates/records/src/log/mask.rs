//! What a log does not say: the values of a build's variables, in the forms in which builds print them by mistake. And the same
//! values looked for in what a build publishes.
//!
//! Nothing on the wire marks a secret, so every value counts as one unless it plainly is none: see [`Mask::of`].
//! Guarantee: a form that stands whole within a line is replaced; of two that overlap, the one that begins first, and of those the longest.
//! What it is not: a wall. A build can say what it knows in a thousand ways: reversed, letter by letter, in another code.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::{Builder, NFA};
use aho_corasick::{Anchored, MatchKind, PatternID};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, Encoding};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

/// What stands where a value was.
const INSTEAD: &str = "***";
/// Shorter values are words such as `true` and `1.2.3`, and a log without them says nothing any more. In bytes.
const SHORTEST: usize = 8;
/// Variables that their framework writes into the pages that it builds, for everybody to read.
const PUBLIC: [&str; 8] =
    ["NEXT_PUBLIC_", "VITE_", "PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_", "GATSBY_", "EXPO_PUBLIC_", "VUE_APP_"];
/// What `NODE_ENV` and its like are set to.
const PLAIN_WORDS: [&str; 2] = ["production", "development"];

/// RFC 3986, section 2.3.
const RFC_3986: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What `encodeURIComponent` does (ECMA-262): RFC 2396 left five more as they are.
const COMPONENT: AsciiSet = RFC_3986.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');
/// `application/x-www-form-urlencoded` (URL standard), before its spaces become `+`.
const FORM: AsciiSet = RFC_3986.add(b'~').remove(b'*').remove(b' ');

/// The forms that are not to be said.
pub(super) struct Mask {
    forms: NFA,
    /// The variable that has each form, in the order in which the forms are numbered.
    variables: Vec<Arc<str>>,
}

impl Mask {
    /// Of values of at least eight bytes without the white space around them, of each line of such a value too; not of
    /// variables that are public by their framework's convention, and not of plain words. `None`: nothing is masked.
    pub(super) fn of(env: &BTreeMap<String, String>) -> Option<Self> {
        let mut named: BTreeMap<String, Arc<str>> = BTreeMap::new();
        for (name, value) in env {
            if PUBLIC.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            let name: Arc<str> = name.as_str().into();
            for form in secrets(value).flat_map(forms) {
                named.entry(form).or_insert_with(|| Arc::clone(&name));
            }
        }
        (!named.is_empty())
            .then(|| Self { forms: automaton(&named), variables: named.into_values().collect() })
    }

    #[expect(clippy::expect_used, reason = "an automaton refuses only what is anchored")]
    fn start(&self) -> StateID {
        self.forms.start_state(Anchored::No).expect("a search that begins anywhere")
    }

    /// The text without them.
    #[expect(clippy::expect_used, reason = "an automaton refuses only what is anchored")]
    pub(super) fn apply(&self, text: String) -> String {
        let found = self.forms.try_find(&text.as_str().into()).expect("a search that begins anywhere");
        if found.is_none() {
            return text;
        }
        let mut masked = String::with_capacity(text.len());
        let replaced = self.forms.try_replace_all_with(&text, &mut masked, |_, _, masked| {
            masked.push_str(INSTEAD);
            true
        });
        replaced.expect("a search that begins anywhere");
        masked
    }
}

/// Looks for what a log hides in bytes that come piece by piece. Cheap to clone.
#[derive(Clone, Default)]
pub struct HiddenValues(pub(super) Option<Arc<Mask>>);

/// One search, from the first byte on. Of values that overlap, the one that begins first is found, and of those the longest.
pub struct HiddenSearch<'a> {
    mask: Option<&'a Mask>,
    state: StateID,
    /// The longest form so far that ends where it was last looked; a longer one may follow.
    open: Option<PatternID>,
    found: BTreeSet<Arc<str>>,
}

impl HiddenValues {
    /// What a log hides that is given these variables.
    #[must_use]
    pub fn of(env: &BTreeMap<String, String>) -> Self {
        Self(Mask::of(env).map(Arc::new))
    }

    /// A search from the first byte of something on.
    #[must_use]
    pub fn search(&self) -> HiddenSearch<'_> {
        let mask = self.0.as_deref();
        let state = mask.map_or(StateID::ZERO, Mask::start);
        HiddenSearch { mask, state, open: None, found: BTreeSet::new() }
    }
}

impl HiddenSearch<'_> {
    /// Goes on with the next bytes.
    pub fn read(&mut self, bytes: &[u8]) {
        let Some(mask) = self.mask else { return };
        for byte in bytes {
            self.state = mask.forms.next_state(Anchored::No, self.state, *byte);
            // Dead only behind a form than which none is longer.
            if mask.forms.is_dead(self.state) {
                self.note(mask);
                self.state = mask.forms.next_state(Anchored::No, mask.start(), *byte);
            }
            if mask.forms.is_special(self.state) && mask.forms.is_match(self.state) {
                self.open = Some(mask.forms.match_pattern(self.state, 0));
            }
        }
    }

    fn note(&mut self, mask: &Mask) {
        let form = self.open.take();
        self.found.extend(form.and_then(|form| mask.variables.get(form.as_usize()).cloned()));
    }

    /// The variables whose values were read, in any of their forms.
    #[must_use]
    pub fn found(mut self) -> BTreeSet<Arc<str>> {
        if let Some(mask) = self.mask {
            self.note(mask);
        }
        self.found
    }
}

#[expect(clippy::expect_used, reason = "it fails at 2^31 states, and all variables together have 2^17 bytes")]
fn automaton(forms: &BTreeMap<String, Arc<str>>) -> NFA {
    let mut builder = Builder::new();
    // A value that holds another goes whole. To find those that overlap as well, a gigabyte is not enough for the lines
    // of a hostile project that hold each other. What the library would rather choose for few forms takes hundreds of
    // bytes for each of theirs.
    builder.match_kind(MatchKind::LeftmostLongest);
    builder.build(forms.keys()).expect("the variables of a build are few")
}

/// What of a value is secret: the whole, and each line, as that is how logs are written.
fn secrets(value: &str) -> impl Iterator<Item = &str> {
    let all = iter::once(value).chain(value.lines()).map(str::trim);
    all.filter(|text| text.len() >= SHORTEST && !PLAIN_WORDS.contains(text) && !is_armour(text))
}

/// The first and the last line of a key in PEM (RFC 7468): every program that reads keys holds them.
fn is_armour(text: &str) -> bool {
    text.starts_with("-----") && text.ends_with("-----") && !text.contains('\n')
}

fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let mut forms = vec![secret.to_owned()];
    forms.extend([BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD].map(|base64| base64.encode(bytes)));
    forms.extend([BASE64_NOPAD, BASE64URL_NOPAD].iter().flat_map(|base64| within_base64(base64, bytes)));
    forms.extend([&RFC_3986, &COMPONENT].map(|set| utf8_percent_encode(secret, set).to_string()));
    forms.push(utf8_percent_encode(secret, &FORM).to_string().replace(' ', "+"));
    forms
}

/// What all base64 of longer texts has in common where they have these bytes: `user:<secret>` of basic authentication,
/// or the line end that `echo` adds. Three bytes are four characters, so there are three ways to begin; characters that
/// carry bits of a neighbour are left out.
fn within_base64(base64: &Encoding, bytes: &[u8]) -> Vec<String> {
    let begun = |before: usize| {
        let encoded = base64.encode(&[&vec![0; before], bytes].concat());
        let own = (before * 8).div_ceil(6)..(before + bytes.len()) * 8 / 6;
        encoded.get(own).map(str::to_owned)
    };
    (0..3).filter_map(begun).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With characters that every code writes differently: `+` and `/` in its base64, and a space in its URL.
    const SECRET: &str = "s3cr~t ü>?*(key)";

    fn mask(env: &[(&str, &str)]) -> Option<Mask> {
        Mask::of(&env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn masked(values: &[&str], text: &str) -> String {
        let env: BTreeMap<_, _> = values.iter().map(|value| (format!("V{value}"), (*value).into())).collect();
        Mask::of(&env).expect("something to mask").apply(text.to_owned())
    }

    #[test]
    fn a_value_is_masked_in_every_form_and_nothing_around_it() {
        for form in [
            SECRET,
            "czNjcn50IMO8Pj8qKGtleSk=",
            "czNjcn50IMO8Pj8qKGtleSk",
            "s3cr~t%20%C3%BC%3E%3F%2A%28key%29",
            "s3cr~t%20%C3%BC%3E%3F*(key)",
            "s3cr%7Et+%C3%BC%3E%3F*%28key%29",
        ] {
            let said = masked(&[SECRET], &format!("https://a.example/?t={form}&b=1 {form}"));
            assert_eq!(said, "https://a.example/?t=***&b=1 ***", "{form}");
        }
    }

    #[test]
    fn base64_is_masked_in_both_alphabets_with_and_without_its_padding() {
        let secret = "<<???>>~~~é";
        for base64 in ["PDw/Pz8+Pn5+fsOp", "PDw_Pz8-Pn5-fsOp"] {
            assert_eq!(masked(&[secret], &format!("({base64})")), "(***)");
        }
        for base64 in ["aHVudGVyMj8/Pw==", "aHVudGVyMj8/Pw", "aHVudGVyMj8_Pw==", "aHVudGVyMj8_Pw"] {
            assert_eq!(masked(&["hunter2???"], &format!("({base64})")), "(***)");
        }
    }

    #[test]
    fn base64_of_a_longer_text_is_masked_wherever_the_value_begins_in_it() {
        for before in ["", "u", "us", "use", "user"] {
            let base64 = BASE64.encode(format!("{before}:correct-horse\n").as_bytes());
            let said = masked(&["correct-horse"], &format!("Basic {base64}"));
            let rest = said.strip_prefix("Basic ").unwrap().replace("***", "");
            assert!(said.contains("***") && rest.len() <= before.len() * 2 + 6, "{said}");
        }
    }

    #[test]
    fn each_line_of_a_value_is_a_value() {
        let key = "-----BEGIN KEY-----\r\n  bGluZSBvbmU\nbGluZSB0d28\nend\n-----END KEY-----\n";
        for (line, said) in [
            ("-----BEGIN KEY-----", "-----BEGIN KEY-----"),
            ("bGluZSBvbmU", "***"),
            ("> bGluZSB0d28 <", "> *** <"),
            ("end", "end"),
        ] {
            assert_eq!(masked(&[key], line), said);
        }
        let whole = utf8_percent_encode(key, &RFC_3986).to_string();
        assert_eq!(
            masked(&[key], &format!("k={whole}")),
            "k=***%0A",
            "the white space around it is no secret"
        );
    }

    #[test]
    fn a_value_that_holds_another_is_masked_whole() {
        let values = ["hunter2-password", "er2-pass", "hunter2-"];
        for (text, said) in [
            ("a hunter2-password b", "a *** b"),
            ("a er2-pass b", "a *** b"),
            ("hunter2-passwor", "***passwor"),
            ("hunter2-passwordhunter2-password", "******"),
        ] {
            assert_eq!(masked(&values, text), said);
        }
        // Neither holds the other: the one that begins first.
        assert_eq!(masked(&["hunter2-password", "password-of-all"], "hunter2-password-of-all"), "***-of-all");
    }

    #[test]
    fn what_is_short_plain_or_public_by_convention_is_said() {
        assert!(mask(&[]).is_none());
        for (name, value) in [("TOKEN", "1234567"), ("TOKEN", " 1234567\n"), ("NODE_ENV", "production")] {
            assert!(mask(&[(name, value)]).is_none(), "{name}={value}");
        }
        for prefix in PUBLIC {
            assert!(mask(&[(&format!("{prefix}KEY"), "hunter2-password")]).is_none(), "{prefix}");
        }
        let both = mask(&[("VITE_KEY", "hunter2-password"), ("KEY", "hunter2-password")]);
        assert_eq!(both.unwrap().apply("hunter2-password".into()), "***", "it is a secret's value as well");
        assert!(mask(&[("MY_VITE_KEY", "hunter2-password")]).is_some());
    }

    #[test]
    fn what_is_transformed_is_out_of_reach() {
        for text in ["drowssap-2retnuh", "h unter2-password", "HUNTER2-PASSWORD", "68756e7465723200"] {
            assert_eq!(masked(&["hunter2-password"], text), text);
        }
    }

    #[test]
    fn a_value_in_bytes_is_found_wherever_they_are_cut_and_names_its_variable() {
        let mask = mask(&[("TOKEN", "hunter2-password"), ("KEY", SECRET)]).unwrap();
        let hidden = HiddenValues(Some(Arc::new(mask)));
        let found = |pieces: &[&[u8]]| {
            let mut search = hidden.search();
            for piece in pieces {
                search.read(piece);
            }
            search.found().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let page = "\u{0}<p>hunter2-hunter2-password</p>".as_bytes();
        for cut in 0..page.len() {
            assert_eq!(found(&[&page[..cut], &page[cut..]]), ["TOKEN"], "{cut}");
        }
        assert_eq!(found(&[b"key=czNjcn50IMO8Pj8qKGtleSk="]), ["KEY"], "in another form");
        let both = [SECRET.as_bytes(), b"hunter2-password", b"hunter2-password"].concat();
        assert_eq!(found(&[&both]), ["KEY", "TOKEN"]);
        assert!(found(&[b"hunter2-passwor", b"<p>", b"d"]).is_empty());
        assert!(found(&[]).is_empty());
        let nothing = HiddenValues::default();
        let mut search = nothing.search();
        search.read(page);
        assert!(search.found().is_empty(), "nothing is hidden");
    }

    #[test]
    fn the_longest_of_the_values_that_begin_together_is_the_one_that_is_named() {
        let env = [("HOST", "db.example"), ("SCHEME", "postgres"), ("URL", "postgres://u:pw@db.example/x")];
        let hidden = HiddenValues(mask(&env).map(Arc::new));
        let found = |text: &str| {
            let mut search = hidden.search();
            search.read(text.as_bytes());
            search.found().iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(found("postgres://u:pw@db.example/x"), ["URL"]);
        assert_eq!(
            found("postgres://u:pw@db.example/y"),
            ["SCHEME"],
            "what lies within the longer one is passed over"
        );
        assert_eq!(found("db.example postgres"), ["HOST", "SCHEME"]);
    }

    #[test]
    fn lines_of_a_hostile_project_that_hold_each_other_take_some_megabytes() {
        let lines = (8..360).map(|length| "a".repeat(length)).collect::<Vec<_>>().join("\n");
        let mask = mask(&[("A", &lines[..8192]), ("B", &lines[8192..])]).unwrap();
        assert!(mask.forms.memory_usage() < 8 << 20, "{} bytes", mask.forms.memory_usage());
        assert_eq!(mask.apply("a".repeat(359)), "***");
    }
}
