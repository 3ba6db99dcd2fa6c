//! SQL identifiers: the only way that a name from outside gets into a statement.

use std::fmt;

/// A name that is always written quoted, so that no character in it can end it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier(String);

impl Identifier {
    /// Takes any name; PostgreSQL admits no NUL in one, so NULs are dropped.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let mut name = name.into();
        name.retain(|c| c != '\0');
        Self(name)
    }

    /// The name without quotes, as catalog tables have it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Writes the name as it is needed in SQL; quoted only where it must be, so that plans and logs read well.
impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.0.starts_with(|c: char| c.is_ascii_lowercase())
            && self.0.starts_with("cw_")
            && self
                .0
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if plain {
            return f.write_str(&self.0);
        }
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::Identifier;

    #[test]
    fn only_our_own_plain_names_go_unquoted() {
        assert_eq!(Identifier::new("cw_200").to_string(), "cw_200");
        assert_eq!(Identifier::new("select").to_string(), "\"select\"");
        assert_eq!(
            Identifier::new("cw_\"; drop").to_string(),
            "\"cw_\"\"; drop\""
        );
        assert_eq!(Identifier::new("a\0b").to_string(), "\"ab\"");
    }
}
