//! Patterns that find a business day, and maybe a dataset, in the names of files.

use std::{fmt, str::FromStr};

use catwing_domain::BusinessDay;
use jiff::civil::Date;
use regex::Regex;

use crate::{IngestError, file_name::FileName};

/// A pattern such as `{dataset}_%Y-%m-%d`: `%Y`, `%y`, `%m`, `%d` and `{date}` (for `%Y-%m-%d`)
/// find the day, `{dataset}` the dataset, `*` stands for anything, and all else for itself.
///
/// It is compared with a file's name without extension, revision and page, or with the whole
/// name. With a `/` in it, the directories above the file are compared as well:
/// `%Y-%m-%d/{dataset}`.
#[derive(Clone, Debug)]
pub struct NamePattern {
    text: String,
    regex: Regex,
    components: usize,
}

/// What a pattern found in a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub day: Result<BusinessDay, String>,
    pub dataset: Option<String>,
}

impl NamePattern {
    /// Compares a file's path; none where the pattern does not fit.
    pub(crate) fn find(&self, path: &str, name: &FileName) -> Option<Match> {
        let mut parts: Vec<&str> = path.rsplitn(self.components + 1, '/').collect();
        parts.truncate(self.components);
        if parts.len() < self.components {
            return None;
        }
        parts.reverse();
        let whole = parts.join("/");
        if let Some(last) = parts.last_mut() {
            *last = &name.stem;
        }
        let bare = parts.join("/");
        let found = self
            .regex
            .captures(&bare)
            .or_else(|| self.regex.captures(&whole))?;
        let group = |name: &str| found.name(name).map(|part| part.as_str());
        Some(Match {
            day: day(group("year"), group("short"), group("month"), group("day")),
            dataset: group("dataset").map(str::to_owned),
        })
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for NamePattern {
    type Err = IngestError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = |problem: String| IngestError::Pattern {
            pattern: text.to_owned(),
            problem,
        };
        let (source, groups) = translate(text).map_err(refuse)?;
        for (at, group) in groups.iter().enumerate() {
            if groups.iter().skip(at + 1).any(|other| other == group) {
                return Err(refuse(format!("it has the {group} twice")));
            }
        }
        let has = |group| groups.contains(&group);
        if has("year") && has("short") {
            return Err(refuse("it has the year twice, as %Y and %y".to_owned()));
        }
        if !((has("year") || has("short")) && has("month") && has("day")) {
            return Err(refuse(
                "it does not say where year, month and day are (%Y, %m, %d, or {date})".to_owned(),
            ));
        }
        let regex = Regex::new(&source).map_err(|error| refuse(error.to_string()))?;
        Ok(Self {
            components: text.split('/').count(),
            text: text.to_owned(),
            regex,
        })
    }
}

const YEAR: &str = "(?<year>[0-9]{4})";
const MONTH: &str = "(?<month>[0-9]{2})";
const DAY: &str = "(?<day>[0-9]{2})";

/// The regular expression of a pattern, and the names of its groups.
fn translate(text: &str) -> Result<(String, Vec<&'static str>), String> {
    let mut regex = String::from("^");
    let mut groups = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
        match first {
            '%' => {
                let letter = rest.chars().next().unwrap_or(' ');
                rest = rest.get(letter.len_utf8()..).unwrap_or_default();
                let (group, part) = match letter {
                    'Y' => ("year", YEAR),
                    'y' => ("short", "(?<short>[0-9]{2})"),
                    'm' => ("month", MONTH),
                    'd' => ("day", DAY),
                    '%' => ("", "%"),
                    _ => return Err(format!("%{letter} is unknown; there are %Y %y %m %d %%")),
                };
                regex.push_str(part);
                groups.extend(Some(group).filter(|group| !group.is_empty()));
            }
            '{' => {
                let (name, after) = rest
                    .split_once('}')
                    .ok_or_else(|| "a { is not closed".to_owned())?;
                rest = after;
                match name {
                    "date" => {
                        regex.push_str(&format!("{YEAR}-{MONTH}-{DAY}"));
                        groups.extend(["year", "month", "day"]);
                    }
                    "dataset" => {
                        regex.push_str("(?<dataset>[^/]+)");
                        groups.push("dataset");
                    }
                    _ => {
                        return Err(format!(
                            "{{{name}}} is unknown; there are {{date}} {{dataset}}"
                        ));
                    }
                }
            }
            '*' => regex.push_str("[^/]*"),
            literal => regex.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4]))),
        }
    }
    regex.push('$');
    Ok((regex, groups))
}

fn day(
    year: Option<&str>,
    short: Option<&str>,
    month: Option<&str>,
    day: Option<&str>,
) -> Result<BusinessDay, String> {
    let number = |text: Option<&str>| text.and_then(|text| text.parse::<i16>().ok());
    let year = number(year).or_else(|| number(short).map(|short| 2000 + short));
    let small = |text| number(text).and_then(|number| i8::try_from(number).ok());
    let date = match (year, small(month), small(day)) {
        (Some(year), Some(month), Some(day)) => Date::new(year, month, day).ok(),
        _ => None,
    };
    let date = date.ok_or_else(|| "the date in its name does not exist".to_owned())?;
    BusinessDay::try_from(date).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{FileName, NamePattern};

    fn find(pattern: &str, path: &str) -> Option<(Result<String, String>, Option<String>)> {
        let name = FileName::parse(path.rsplit('/').next().unwrap()).unwrap();
        let found = pattern.parse::<NamePattern>().unwrap().find(path, &name)?;
        Some((found.day.map(|day| day.to_string()), found.dataset))
    }

    #[test]
    fn a_pattern_finds_day_and_dataset() {
        let day = |day: &str, dataset: Option<&str>| {
            Some((Ok(day.to_owned()), dataset.map(str::to_owned)))
        };
        assert_eq!(find("%Y-%m-%d", "2010-12-01.csv"), day("2010-12-01", None));
        assert_eq!(find("{date}", "x/2010-12-01.csv"), day("2010-12-01", None));
        assert_eq!(
            find("{dataset}_%Y%m%d", "sales_orders_20101201.r2.csv"),
            day("2010-12-01", Some("sales_orders"))
        );
        assert_eq!(
            find("{dataset}-{date}", "online-retail-2010-12-01.csv"),
            day("2010-12-01", Some("online-retail"))
        );
        assert_eq!(
            find("*%d.%m.%y*", "Report (1) 01.12.10 final.xlsx"),
            day("2010-12-01", None)
        );
        assert_eq!(
            find("%Y-%m-%d/{dataset}", "raw/2010-12-01/products.p000001.json"),
            day("2010-12-01", Some("products"))
        );
        assert_eq!(
            find("s[%Y]%m%d.csv", "s[2010]1201.csv"),
            day("2010-12-01", None)
        );
        assert_eq!(
            find("100%%_%Y%m%d", "100%_20101201.csv"),
            day("2010-12-01", None)
        );
    }

    #[test]
    fn a_name_that_does_not_fit_is_not_stretched() {
        assert_eq!(find("%Y-%m-%d", "sales_2010-12-01.csv"), None);
        assert_eq!(find("%Y-%m-%d", "12010-12-01.csv"), None);
        assert_eq!(find("%Y/{dataset}%m%d", "sales1201.csv"), None);
        let (day, _) = find("%Y-%m-%d", "2010-02-30.csv").unwrap();
        assert!(day.unwrap_err().contains("does not exist"));
        let (day, _) = find("%Y-%m-%d", "1969-02-03.csv").unwrap();
        assert!(day.unwrap_err().contains("1970"));
    }

    #[test]
    fn a_wrong_pattern_is_told_what_is_wrong_with_it() {
        let refused = |pattern: &str, part: &str| {
            let error = pattern.parse::<NamePattern>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
            assert!(
                error.contains("sales_%Y-%m-%d or {dataset}_%Y%m%d"),
                "{error}"
            );
        };
        refused("sales", "where year, month and day are");
        refused("%Y-%m", "where year, month and day are");
        refused("%Y-%m-%d_{date}", "twice");
        refused("%Y%y-%m-%d", "twice");
        refused("%H", "%H is unknown");
        refused("{day}", "{day} is unknown");
        refused("{date", "not closed");
        refused("%", "unknown");
    }
}
