//! Reads a dump as psql would, statement by statement, so that rows are never taken for statements
//! nor statements for rows, and nothing of it is held but one statement.

use std::collections::BTreeMap;

/// Bytes of one statement at the most, rows aside.
const STATEMENT_BYTES_MAX: usize = 16 << 20;
/// The comment with which pg_dump ends a dump that is whole.
const COMPLETE: &[u8] = b"-- PostgreSQL database dump complete";
/// The line that ends the rows of a COPY.
const END_OF_ROWS: &[u8] = b"\\.";

/// A piece of a dump; all pieces together are the dump, byte for byte.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'p> {
    /// A whole statement, or a command of psql, with the comments before it.
    Statement(Statement<'p>),
    /// Some bytes of the rows of a COPY, or of the line that ends them.
    Rows(&'p [u8]),
}

/// A statement of a dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Statement<'p> {
    /// All of it, to be passed on.
    pub whole: &'p [u8],
    /// It without what stands before its first word.
    pub code: &'p [u8],
}

/// What a dump held, known at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    /// Rows by table, `schema.table`, of every COPY.
    pub rows: BTreeMap<String, u64>,
    /// Whether pg_dump said that it came to its end.
    pub is_complete: bool,
}

/// Why bytes are no dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotSql {
    #[error("a statement of it is longer than any that a dump has")]
    Long,
    #[error("it ends in the middle of a statement or of rows")]
    Unfinished,
}

/// Where in the text the reader is.
#[derive(Debug, Default)]
enum At {
    #[default]
    Code,
    /// In a text; with backslashes that take away the meaning of the next byte, or without.
    Text {
        has_escapes: bool,
    },
    /// After such a backslash.
    Escaped,
    Name,
    Comment {
        from: usize,
    },
    Block {
        depth: usize,
    },
    /// After a dollar that may begin a dollar-quoted text.
    Dollar {
        from: usize,
    },
    /// In a dollar-quoted text, which ends with the same tag.
    Quoted {
        tag: Vec<u8>,
        from: usize,
    },
    /// A command of psql, up to the end of the line.
    Command,
    /// After the semicolon: a line's end belongs to the statement still.
    Ended,
    /// Rows of a COPY.
    Rows(Rows),
}

/// The rows of a COPY under way.
#[derive(Debug, Default)]
struct Rows {
    table: String,
    count: u64,
    line_bytes: usize,
    line_begins: [u8; END_OF_ROWS.len()],
}

/// Reads a dump as it comes.
#[derive(Debug, Default)]
pub(super) struct SqlReader {
    at: At,
    statement: Vec<u8>,
    /// Where in the statement its first word begins.
    code_from: Option<usize>,
    contents: Contents,
}

impl SqlReader {
    /// Reads on, and gives out what is whole.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        give: &mut dyn FnMut(Piece<'_>),
    ) -> Result<(), NotSql> {
        while let Some(first) = bytes.first() {
            if let At::Rows(rows) = &mut self.at {
                let (read, ended) = rows.read(bytes);
                let (now, later) = bytes.split_at(read);
                give(Piece::Rows(now));
                if ended {
                    *self.contents.rows.entry(rows.table.clone()).or_default() += rows.count;
                    self.at = At::Code;
                }
                bytes = later;
                continue;
            }
            if self.statement.len() >= STATEMENT_BYTES_MAX {
                return Err(NotSql::Long);
            }
            self.read_byte(*first, give);
            bytes = &bytes[1..];
        }
        Ok(())
    }

    /// What was read, once all of it is.
    pub(super) fn finish(mut self, give: &mut dyn FnMut(Piece<'_>)) -> Result<Contents, NotSql> {
        let is_between = match self.at {
            At::Code | At::Comment { .. } => self.code_from.is_none(),
            At::Ended | At::Command => true,
            _ => false,
        };
        if !is_between {
            return Err(NotSql::Unfinished);
        }
        if !self.statement.is_empty() {
            self.give_statement(give);
        }
        Ok(self.contents)
    }

    fn read_byte(&mut self, byte: u8, give: &mut dyn FnMut(Piece<'_>)) {
        if matches!(self.at, At::Ended) {
            self.at = At::Code;
            let table = copied_table(self.code());
            if byte == b'\n' {
                self.statement.push(byte);
            }
            self.give_statement(give);
            if let Some(table) = table {
                self.at = At::Rows(Rows {
                    table,
                    ..Rows::default()
                });
            }
            if byte == b'\n' {
                return;
            }
        }
        let position = self.statement.len();
        self.statement.push(byte);
        let at = std::mem::take(&mut self.at);
        self.at = self.next(at, byte, position);
        if byte == b'\n' && matches!(self.at, At::Command) {
            self.at = At::Code;
            self.give_statement(give);
        }
    }

    /// The next state after a byte that stands at a position of the statement.
    fn next(&mut self, at: At, byte: u8, position: usize) -> At {
        match (at, byte) {
            (At::Code, _) => self.next_in_code(byte, position),
            (At::Text { .. }, b'\'') | (At::Name, b'"') => At::Code,
            (At::Text { has_escapes: true }, b'\\') => At::Escaped,
            (At::Escaped, _) => At::Text { has_escapes: true },
            (At::Comment { from }, b'\n') => {
                let line = self.statement.get(from..position).unwrap_or_default();
                self.contents.is_complete |= line == COMPLETE;
                At::Code
            }
            (At::Block { depth }, _) => match (self.before(position), byte, depth) {
                (b'*', b'/', 1) => At::Code,
                (b'*', b'/', _) => At::Block { depth: depth - 1 },
                (b'/', b'*', _) => At::Block { depth: depth + 1 },
                _ => At::Block { depth },
            },
            (At::Dollar { from }, b'$') => At::Quoted {
                tag: self.statement.get(from..).unwrap_or_default().to_vec(),
                from: position + 1,
            },
            (At::Dollar { from }, _) if is_of_name(byte) => At::Dollar { from },
            (At::Dollar { .. }, _) => self.next_in_code(byte, position),
            (At::Quoted { tag, from }, b'$')
                if position + 1 >= from + tag.len() && self.statement.ends_with(&tag) =>
            {
                At::Code
            }
            (at, _) => at,
        }
    }

    fn next_in_code(&mut self, byte: u8, position: usize) -> At {
        let before = self.before(position);
        let begins = self.code_from.is_none();
        if byte == b'-' && before == b'-' {
            // The first of the two may have been taken for the beginning of the statement.
            if self.code_from == Some(position - 1) {
                self.code_from = None;
            }
            return At::Comment { from: position - 1 };
        }
        if byte == b'*' && before == b'/' {
            if self.code_from == Some(position - 1) {
                self.code_from = None;
            }
            return At::Block { depth: 1 };
        }
        if byte.is_ascii_whitespace() {
            return At::Code;
        }
        if begins {
            self.code_from = Some(position);
        }
        match byte {
            b'\\' if begins => At::Command,
            b'\'' => At::Text {
                has_escapes: before.eq_ignore_ascii_case(&b'e')
                    && !is_of_name(self.before(position.saturating_sub(1))),
            },
            b'"' => At::Name,
            b'$' if !is_of_name(before) => At::Dollar { from: position },
            b';' => At::Ended,
            _ => At::Code,
        }
    }

    /// The byte before a position of the statement; a space at its beginning.
    fn before(&self, position: usize) -> u8 {
        let index = position.checked_sub(1);
        let byte = index.and_then(|index| self.statement.get(index));
        byte.copied().unwrap_or(b' ')
    }

    fn code(&self) -> &[u8] {
        let from = self.code_from.unwrap_or(self.statement.len());
        self.statement.get(from..).unwrap_or_default()
    }

    fn give_statement(&mut self, give: &mut dyn FnMut(Piece<'_>)) {
        give(Piece::Statement(Statement {
            whole: &self.statement,
            code: self.code(),
        }));
        self.statement.clear();
        self.code_from = None;
    }
}

impl Rows {
    /// Reads on: how many bytes belong to the rows, and whether they ended.
    fn read(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            self.read_line(&bytes[from..end]);
            from = end + 1;
            if self.line_bytes == END_OF_ROWS.len() && self.line_begins == END_OF_ROWS {
                return (from, true);
            }
            self.count += 1;
            self.line_bytes = 0;
        }
        self.read_line(&bytes[from..]);
        (bytes.len(), false)
    }

    /// Part of a line.
    fn read_line(&mut self, bytes: &[u8]) {
        let room = self.line_begins.iter_mut().skip(self.line_bytes);
        for (kept, byte) in room.zip(bytes) {
            *kept = *byte;
        }
        self.line_bytes += bytes.len();
    }
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || !byte.is_ascii()
}

/// The table of a statement after which rows come: `COPY schema.table (...) FROM stdin;`.
fn copied_table(code: &[u8]) -> Option<String> {
    let code = std::str::from_utf8(code).ok()?;
    let rest = code.strip_prefix("COPY ")?;
    if !rest.ends_with(" FROM stdin;") {
        return None;
    }
    let name = rest.split(" (").next()?;
    Some(name.replace('"', ""))
}

#[cfg(test)]
mod tests {
    use super::{Contents, NotSql, Piece, SqlReader};

    /// Reads a text in pieces of so many bytes: the statements' code, all bytes that were given, and the
    /// contents.
    fn read(text: &str, step: usize) -> (Vec<String>, Vec<u8>, Result<Contents, NotSql>) {
        let (mut statements, mut all) = (Vec::new(), Vec::new());
        let mut reader = SqlReader::default();
        let mut give = |piece: Piece<'_>| match piece {
            Piece::Statement(statement) => {
                all.extend_from_slice(statement.whole);
                statements.push(String::from_utf8(statement.code.to_vec()).unwrap());
            }
            Piece::Rows(bytes) => all.extend_from_slice(bytes),
        };
        for bytes in text.as_bytes().chunks(step) {
            reader.feed(bytes, &mut give).unwrap();
        }
        let contents = reader.finish(&mut give);
        (statements, all, contents)
    }

    const DUMP: &str = r#"--
-- PostgreSQL database dump
--

\restrict abc

SET x = 0;
/* a /* nested; */ comment; */ COMMENT ON TABLE a.b IS 'it''s; -- no
COPY a.c (id) FROM stdin;
';
SELECT E'a\'; b', "odd;name", $$$ ; $$, $tag$ ; $$ ; $tag$, a$b, $1;
COPY a.b (id, "order") FROM stdin;
1	ALTER TABLE x;
COPY a.d (id) FROM stdin;
\\.

\.
COPY a."user" (id) FROM stdin;
\.


--
-- PostgreSQL database dump complete
--

\unrestrict abc

"#;

    #[test]
    fn rows_and_statements_are_told_apart_wherever_the_bytes_are_cut() {
        for step in [1, 2, 3, 7, 64, 10_000] {
            let (statements, all, contents) = read(DUMP, step);
            assert_eq!(String::from_utf8(all).unwrap(), DUMP, "{step}");
            let contents = contents.unwrap();
            assert!(contents.is_complete);
            let rows: Vec<_> = contents.rows.into_iter().collect();
            assert_eq!(rows, [("a.b".to_owned(), 4), ("a.user".to_owned(), 0)]);
            let begins: Vec<_> = statements
                .iter()
                .map(|statement| statement.split_whitespace().next().unwrap_or_default())
                .collect();
            assert_eq!(
                begins,
                [
                    "\\restrict",
                    "SET",
                    "COMMENT",
                    "SELECT",
                    "COPY",
                    "COPY",
                    "\\unrestrict",
                    ""
                ]
            );
        }
    }

    #[test]
    fn what_is_cut_off_is_no_dump() {
        let cut = |until: &str| read(&DUMP[..DUMP.find(until).unwrap()], 100).2;
        assert_eq!(cut("\tALTER"), Err(NotSql::Unfinished));
        assert_eq!(cut("x = 0"), Err(NotSql::Unfinished));
        assert_eq!(cut("; -- no"), Err(NotSql::Unfinished));
        assert_eq!(cut("nested"), Err(NotSql::Unfinished));
        // Between two statements only the missing last line tells.
        assert!(
            !cut("-- PostgreSQL database dump complete")
                .unwrap()
                .is_complete
        );
    }
}
