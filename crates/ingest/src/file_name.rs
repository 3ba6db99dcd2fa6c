//! File names: what is the name proper, and what says revision, page and form.

use catwing_domain::Revision;

/// Endings that wrap another one, as in `sales.csv.gz`.
const WRAPPERS: [&str; 4] = ["gz", "zst", "bz2", "xz"];

/// A file's name, taken apart as raw objects are named: `sales_orders.r2.p000001.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileName {
    /// What is left without the parts below.
    pub stem: String,
    /// The revision, where the name has one; the first where it has none.
    pub revision: Revision,
    /// The page, where the name has one.
    pub page: Option<u32>,
    /// Lower case, without the dot.
    pub extension: String,
}

impl FileName {
    /// Takes a name apart; none where it has no usable extension.
    pub fn parse(name: &str) -> Option<Self> {
        let (mut rest, last) = name.rsplit_once('.')?;
        let mut extension = last.to_ascii_lowercase();
        if WRAPPERS.contains(&extension.as_str())
            && let Some((before, inner)) = rest.rsplit_once('.')
            && is_plain(inner)
        {
            extension = format!("{}.{extension}", inner.to_ascii_lowercase());
            rest = before;
        }
        if rest.is_empty() || !extension.split('.').all(is_plain) {
            return None;
        }
        let mut page = None;
        if let Some((before, part)) = rest.rsplit_once('.')
            && part.len() == 7
            && let Some(number) = numbered(part, 'p')
        {
            page = Some(number);
            rest = before;
        }
        let mut revision = Revision::FIRST;
        if let Some((before, part)) = rest.rsplit_once('.')
            && let Some(number) = numbered(part, 'r')
            && let Ok(number) = u16::try_from(number)
            && let Ok(named) = Revision::new(number)
        {
            revision = named;
            rest = before;
        }
        Some(Self {
            stem: rest.to_owned(),
            revision,
            page,
            extension,
        })
    }
}

fn is_plain(part: &str) -> bool {
    (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn numbered(part: &str, letter: char) -> Option<u32> {
    let digits = part.strip_prefix(letter)?;
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::FileName;

    #[test]
    fn names_are_taken_apart_from_the_end() {
        let parts = |name: &str| {
            let name = FileName::parse(name)?;
            Some((name.stem, name.revision.number(), name.page, name.extension))
        };
        let expected = |stem: &str, revision, page, extension: &str| {
            Some((stem.to_owned(), revision, page, extension.to_owned()))
        };
        assert_eq!(
            parts("2010-12-01.csv"),
            expected("2010-12-01", 1, None, "csv")
        );
        assert_eq!(parts("a.b.CSV"), expected("a.b", 1, None, "csv"));
        assert_eq!(parts("sales.csv.gz"), expected("sales", 1, None, "csv.gz"));
        assert_eq!(
            parts("sales_orders.r2.p000013.json"),
            expected("sales_orders", 2, Some(13), "json")
        );
        assert_eq!(
            parts("sales.p000001.csv"),
            expected("sales", 1, Some(1), "csv")
        );
        assert_eq!(
            parts("sales.r512.csv"),
            expected("sales.r512", 1, None, "csv")
        );
        assert_eq!(parts("sales.p1.csv"), expected("sales.p1", 1, None, "csv"));
        assert_eq!(parts("README"), None);
        assert_eq!(parts("sales."), None);
        assert_eq!(parts("sales.c v"), None);
    }
}
