//! Lines of JSON without characters that a terminal would obey: JSON itself escapes only some of them.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use outbound::is_obeyed;
use tracing_subscriber::fmt::MakeWriter;

/// A writer of whole lines of JSON, or a maker of such writers.
pub(super) struct Escaped<W>(pub(super) W);

impl<'a, W: MakeWriter<'a>> MakeWriter<'a> for Escaped<W> {
    type Writer = Escaped<W::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        Escaped(self.0.make_writer())
    }
}

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let mut shown = String::with_capacity(text.len());
        for c in text.chars() {
            if is_obeyed(c) && c != '\n' {
                // Writing to a String cannot fail. None of these needs a pair of escapes.
                let _ = write!(shown, "\\u{:04x}", u32::from(c));
            } else {
                shown.push(c);
            }
        }
        self.0.write_all(shown.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
