//! Numbers as sources write them: exact decimals from text, and never a float in between.

use std::borrow::Cow;

use catwing_domain::Rule;
use rust_decimal::Decimal;

use crate::{
    step::NumberShape,
    value::{Broken, Value, shown},
};

/// Decimal digits that are held exactly.
const DIGITS_MAX: usize = 28;
/// Bytes of a number whose digits 63 bits hold for certain.
const SHORT_BYTES_MAX: usize = 18;

/// A number as JSON writes it, with an optional sign; digits may be absent before the point.
pub(crate) fn plain(text: &str) -> Result<Decimal, Broken> {
    if let Some(number) = short(text) {
        return Ok(number);
    }
    let wrong = |message: &str| Broken {
        rule: Rule::Type,
        value: text.to_owned(),
        message: message.to_owned(),
    };
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = body.split_once(['e', 'E']).unwrap_or((body, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let point = mantissa.contains('.');
    let power = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let formed = digits(whole)
        && digits(fraction)
        && digits(power)
        && !power.is_empty()
        && point != fraction.is_empty()
        && (point || !whole.is_empty());
    if !formed {
        return Err(wrong(
            "is not a number: declare how it is written, number = { decimal = \",\" }",
        ));
    }
    if let Some(number) = fast(text) {
        return Ok(number);
    }
    let negative = text.starts_with('-');
    exact(whole, fraction, exponent)
        .map(|number| if negative { -number } else { number })
        .ok_or_else(|| wrong("has more digits than the 28 that a decimal holds"))
}

/// Nearly all numbers are a few digits, with a point between some of them. Others, and a zero with a
/// sign, are for the careful way.
fn short(text: &str) -> Option<Decimal> {
    let body = text.strip_prefix('-');
    let (negative, body) = (body.is_some(), body.unwrap_or(text));
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let formed = !whole.is_empty()
        && body.len() <= SHORT_BYTES_MAX
        && (fraction.is_empty() == (whole.len() == body.len()));
    let digits = |units: i64, part: &str| {
        let digit = |units, byte: u8| {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
            Some(units * 10 + digit)
        };
        part.bytes().try_fold(units, digit)
    };
    let units = digits(formed.then_some(0)?, whole)?;
    let units = digits(units, fraction)?;
    if negative && units == 0 {
        return None;
    }
    let units = if negative { -units } else { units };
    Some(Decimal::new(units, fraction.len() as u32))
}

/// Numbers without exponent and with no more digits than a decimal holds.
fn fast(text: &str) -> Option<Decimal> {
    let short = text.len() <= DIGITS_MAX && !text.contains(['e', 'E']);
    let digits = text.strip_prefix('+').unwrap_or(text);
    short.then(|| Decimal::from_str_exact(digits).ok())?
}

/// The exact decimal of digits and a power of ten, or none where 28 digits can't hold it.
fn exact(whole: &str, fraction: &str, exponent: &str) -> Option<Decimal> {
    let fraction = fraction.trim_end_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(Decimal::ZERO);
    }
    let exponent: i64 = exponent.parse().ok()?;
    // Digits that stand behind the point, once the power of ten was counted in.
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    let zeros = usize::try_from(scale.checked_neg()?).unwrap_or_default();
    if zeros > DIGITS_MAX || digits.len() > DIGITS_MAX + 1 {
        return None;
    }
    let mantissa: i128 = format!("{digits}{}", "0".repeat(zeros)).parse().ok()?;
    let scale = u32::try_from(scale.max(0)).ok()?;
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// A number in a declared shape.
pub(crate) fn shaped(text: &str, shape: &NumberShape) -> Result<Decimal, Broken> {
    let wrong = |message: String| Broken {
        rule: Rule::Type,
        value: text.to_owned(),
        message,
    };
    let bare = text.trim();
    let bare = if shape.percent {
        bare.strip_suffix('%').map_or(bare, str::trim_end)
    } else {
        bare
    };
    let (whole, fraction) = match bare.split_once(shape.decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (bare, None),
    };
    if shape.decimal != '.' && shape.group != Some('.') && bare.contains('.') {
        let message = format!("has a point where {:?} is the decimal sign", shape.decimal);
        return Err(wrong(message));
    }
    let mut digits = ungrouped(whole, shape.group)
        .ok_or_else(|| wrong("is not grouped in thousands as the mapping declares".to_owned()))?;
    if let Some(fraction) = fraction {
        digits.push('.');
        digits.push_str(fraction);
    }
    let number = plain(&digits).map_err(|broken| wrong(broken.message))?;
    if !shape.percent {
        return Ok(number);
    }
    let value = Value::Text(Cow::Borrowed(text));
    checked(number.checked_div(Decimal::ONE_HUNDRED), &value)
}

/// The digits before the decimal sign, if their groups are groups: three digits in the last, two
/// (as in lakhs) or three in those before it. A sign that groups nothing is no group but a mistake.
fn ungrouped(whole: &str, group: Option<char>) -> Option<String> {
    // A space that groups may have been written as one that does not break.
    let groups =
        |c: char| Some(c) == group || group == Some(' ') && matches!(c, '\u{a0}' | '\u{202f}');
    let parts: Vec<_> = whole.split(groups).collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return Some(whole.to_owned());
    };
    let leading = first.trim_start_matches(['-', '+']).len();
    let formed = (1..=3).contains(&leading)
        && middle.iter().all(|part| (2..=3).contains(&part.len()))
        && last.len() == 3;
    formed.then(|| parts.concat())
}

/// The result of a computation with a value, if there is one.
pub(crate) fn checked(result: Option<Decimal>, value: &Value<'_>) -> Result<Decimal, Broken> {
    let message = || "takes the computation out of range, or divides by zero".to_owned();
    result.ok_or_else(|| Broken {
        rule: Rule::Type,
        value: shown(value),
        message: message(),
    })
}

#[cfg(test)]
mod tests {
    use super::{plain, short};
    use rust_decimal::Decimal;

    #[test]
    fn short_numbers_are_those_of_the_careful_way() {
        let mut taken = 0;
        for whole in [
            "",
            "0",
            "7",
            "007",
            "12345678901",
            "99999999999999999",
            "123456789012345678",
        ] {
            for fraction in [
                "",
                ".",
                ".0",
                ".5",
                ".50",
                ".000001",
                ".1234567890",
                ".x",
                ".1.2",
            ] {
                for sign in ["", "-", "+", "--", " "] {
                    let text = format!("{sign}{whole}{fraction}");
                    let Some(number) = short(&text) else { continue };
                    let careful = Decimal::from_str_exact(&text).unwrap();
                    assert_eq!(number.serialize(), careful.serialize(), "{text}");
                    assert!(!text.ends_with('.') && !text.starts_with('.'), "{text}");
                    taken += 1;
                }
            }
        }
        assert_eq!(taken, 48);
        for text in [
            "-0",
            "-0.00",
            "1e3",
            "1234567890123456789",
            "",
            "-",
            "1_0",
            "\u{661}",
        ] {
            assert!(short(text).is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_are_exact_or_refused() {
        for (text, expected) in [
            ("0", "0"),
            ("-1.50", "-1.50"),
            ("+007", "7"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("-1.25E+2", "-125"),
            ("125e-2", "1.25"),
            ("0e999999", "0"),
            ("1.0000000000000000000000000000000000", "1"),
            (
                "79228162514264337593543950335",
                "79228162514264337593543950335",
            ),
        ] {
            let number = plain(text).unwrap();
            assert_eq!(number, expected.parse().unwrap(), "{text}");
        }
        for text in [
            "", "-", "+", ".", "1.", "e5", "1e", "--1", "1 000", "1,5", "0x10", "NaN",
        ] {
            let message = plain(text).unwrap_err().message;
            assert!(
                message.starts_with("is not a number"),
                "{text:?}: {message}"
            );
        }
        for text in [
            "1e400",
            "1e-400",
            "79228162514264337593543950336",
            "1e99999999999999999999",
        ] {
            let message = plain(text).unwrap_err().message;
            assert!(
                message.starts_with("has more digits"),
                "{text:?}: {message}"
            );
        }
    }
}
