//! Where in a canonical record a field stands: spelled out only where something is wrong with it.

use std::fmt;

/// The way from a record to one of its fields: `lines[3].qty`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldPath<'p> {
    /// The record itself.
    Record,
    /// A field of what the way leads to so far.
    Field(&'p FieldPath<'p>, &'static str),
    /// An element, counted from 0, of the list that the way leads to so far.
    Element(&'p FieldPath<'p>, usize),
}

impl<'p> FieldPath<'p> {
    pub(crate) fn field(&'p self, name: &'static str) -> FieldPath<'p> {
        FieldPath::Field(self, name)
    }

    pub(crate) fn element(&'p self, index: usize) -> FieldPath<'p> {
        FieldPath::Element(self, index)
    }
}

impl fmt::Display for FieldPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldPath::Record => Ok(()),
            FieldPath::Field(FieldPath::Record, name) => f.write_str(name),
            FieldPath::Field(outer, name) => write!(f, "{outer}.{name}"),
            FieldPath::Element(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FieldPath::Record;

    #[test]
    fn a_way_is_spelled_as_it_nests() {
        let lines = Record.field("lines");
        let line = lines.element(3);
        let product = line.field("product");
        assert_eq!(Record.to_string(), "");
        assert_eq!(product.field("name").to_string(), "lines[3].product.name");
    }
}
