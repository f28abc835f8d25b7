//! Output for people and for programs.

use std::io::{self, IsTerminal as _, Write as _};

use anyhow::Context;
use comfy_table::{Attribute, Cell, ColumnConstraint, ContentArrangement, Table, Width, presets};
use textwrap::{Options, WordSeparator, WordSplitter};

/// Width of the tables, in columns: that of a plain terminal.
const WIDTH: u16 = 80;

/// Writes to standard output. A reader that stops reading, as `head` does, is no error.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match write(text) {
        Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("the output cannot be written"),
    }
}

/// Writes to standard output, for whoever ends with its reader. Colors are left out where there is
/// no terminal, or none are wanted.
pub(crate) fn write(text: &str) -> io::Result<()> {
    let mut output = anstream::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Writes a line for people to standard error, if anyone reads it.
pub(crate) fn say(text: &str) {
    writeln!(anstream::stderr(), "{text}").ok();
}

/// True if standard output is a terminal that shows colors, and `NO_COLOR` is not set.
fn has_colors() -> bool {
    let choice = anstream::AutoStream::choice(&io::stdout());
    io::stdout().is_terminal() && choice != anstream::ColorChoice::Never
}

/// Table with these columns, each with its width. Longer texts are wrapped at spaces.
pub(crate) fn table<const N: usize>(columns: [(&str, u16); N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if !has_colors() {
        table.force_no_tty();
    }
    table.set_width(WIDTH).set_header(columns.map(|(title, _)| bold(title)));
    for (column, (_, width)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 1));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + 1)));
    }
    table
}

/// A cell in bold.
pub(crate) fn bold(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// A paragraph in lines of 80 columns. A word that is too long, such as an address, stays whole.
pub(crate) fn wrapped(text: &str) -> String {
    let options = Options::new(WIDTH.into())
        .subsequent_indent("  ")
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    textwrap::fill(text, options)
}

/// A page of Markdown without its marks, in lines of 80 columns: paragraphs, and tables of two columns
/// whose first row is left out.
pub(crate) fn page(markdown: &str) -> String {
    let blocks = markdown.split("\n\n").map(|block| {
        if !block.starts_with('|') {
            return wrapped(&block.replace('\n', " "));
        }
        let rows = block.lines().skip(2).map(entry);
        rows.collect::<Vec<_>>().join("\n")
    });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// A row of a table: the first cell, and beside it the second one.
fn entry(row: &str) -> String {
    const SECOND: usize = 38;
    let mut cells = row.trim_matches('|').split('|').map(str::trim);
    let first = cells.next().unwrap_or_default().replace('`', "");
    let indent = " ".repeat(SECOND);
    let options = Options::new(WIDTH.into()).initial_indent(&indent).subsequent_indent(&indent);
    let second = textwrap::fill(cells.next().unwrap_or_default(), options);
    format!("  {first:<width$}{}", second.trim_start(), width = SECOND - 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fits_a_plain_terminal_and_keeps_its_words() {
        let page = page(sandbox::faults::HELP);
        assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
        let words = |text: &str| {
            let kept = |word: &&str| word.chars().any(char::is_alphanumeric);
            let text =
                text.replace(['|', '`'], " ").replace(" text ", " ").replace(" meaning ", " ");
            text.split_whitespace().filter(kept).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(words(&page), words(sandbox::faults::HELP));
        assert!(
            page.contains("\n  html                                CXone does its work"),
            "{page}"
        );
    }
}
