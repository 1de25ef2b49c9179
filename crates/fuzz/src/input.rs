//! An input taken apart. What is taken from an empty one is zero or empty, so every input means something.

/// The rest of an input.
pub(crate) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// At most so many bytes.
    #[cfg_attr(not(feature = "services"), expect(dead_code, reason = "only inputs of services have lengths"))]
    pub(crate) fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Up to the next line feed, without it.
    pub(crate) fn line(&mut self) -> &'a [u8] {
        let mut parts = self.0.splitn(2, |byte| *byte == b'\n');
        let line = parts.next().unwrap_or_default();
        self.0 = parts.next().unwrap_or_default();
        line
    }

    /// Up to the next line feed, as text; what is no UTF-8 is replaced.
    pub(crate) fn text(&mut self) -> String {
        String::from_utf8_lossy(self.line()).into_owned()
    }

    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// The same bytes in pieces whose lengths follow from `cuts`, used in a circle; none of them is empty.
pub(crate) fn in_pieces<'a>(data: &'a [u8], cuts: &[u8]) -> Vec<&'a [u8]> {
    let mut lengths = cuts.iter().map(|cut| usize::from(*cut) + 1).cycle();
    let (mut rest, mut pieces) = (data, Vec::new());
    while !rest.is_empty() {
        let length = lengths.next().unwrap_or(usize::MAX).min(rest.len());
        let (piece, after) = rest.split_at(length);
        pieces.push(piece);
        rest = after;
    }
    pieces
}
