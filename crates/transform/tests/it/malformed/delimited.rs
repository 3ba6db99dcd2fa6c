//! Delimited text: rows that are none, headers that fit nothing, and encodings.

use super::{Malformed, Source, malformed};

const HEADER: &str = "doc,day,sku,pieces,price\n";

pub fn rows() -> Vec<Malformed> {
    let mut all = files();
    all.extend(bad_rows());
    let text: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let odd = [text.as_slice(), b"a"].concat();
    all.push(malformed(
        "UTF-16 with a byte too many",
        Source::WideRows,
        odd,
    ));
    let narrow = format!("{HEADER}a,2026-02-24,X,1,2\n");
    all.push(malformed(
        "UTF-8 where UTF-16 is declared",
        Source::WideRows,
        narrow,
    ));
    let times = |name: &str, at: &str| malformed(name, Source::Times, format!("id,at\nC,{at}\n"));
    all.push(times(
        "a time that a change of clocks skips",
        "2025-03-30 03:30:00",
    ));
    all.push(times(
        "a time that a change of clocks repeats",
        "2025-10-26 03:30:00",
    ));
    all.push(times("a time that no clock shows", "2025-02-24 25:61:00"));
    all.push(times("a day that no calendar has", "2025-02-29 12:00:00"));
    all
}

fn files() -> Vec<Malformed> {
    let case =
        |name: &str, text: &str| malformed(name, Source::Rows, text.replace("HEADER", HEADER));
    let wide = vec!["c"; 5_000].join(",");
    vec![
        case("an empty file of rows", ""),
        case("nothing but the mark of UTF-8", "\u{feff}"),
        case(
            "a header of other columns",
            "number,date,article\n1,2026-02-24,X\n",
        ),
        case(
            "a header with another delimiter",
            "doc;day;sku;pieces;price\na;2026-02-24;X;1;2\n",
        ),
        case(
            "a column that was renamed",
            "doc,day,sku,Piece,price\na,2026-02-24,X,1,2\n",
        ),
        case(
            "a column twice",
            "doc,day,sku,price,pieces,price\na,2026-02-24,X,1,2,3\n",
        ),
        case(
            "a column that nobody knows",
            "doc,day,sku,pieces,price,note\na,2026-02-24,X,1,2,new\n",
        ),
        case("a header of 5,000 columns", &format!("{wide}\nx\n")),
        case("no header row", "a,2026-02-24,X,1,2\n"),
        case("JSON where rows were expected", "[{\"doc\": \"a\"}]\n"),
        case(
            "only carriage returns end the rows",
            "doc,day,sku,pieces,price\ra,2026-02-24,X,1,2\rb,2026-02-24,X,1,2\r",
        ),
        case(
            "a quote that is never closed",
            "HEADERa,2026-02-24,X,1,2\nb,2026-02-24,\"X,1,2\nc,2026-02-24,X,1,2\n",
        ),
        case(
            "the last row cut off",
            "HEADERa,2026-02-24,X,1,2\nb,2026-02",
        ),
        malformed(
            "a header that is not UTF-8",
            Source::Rows,
            b"doc,day,sku,pi\xe8ces\na,2026-02-24,X,1\n",
        ),
    ]
}

/// Rows between two good ones.
fn bad_rows() -> Vec<Malformed> {
    let case = |name: &str, row: &str| {
        let rows = format!("{HEADER}a,2026-02-24,X,1,2\n{row}\nz,2026-02-24,X,1,2\n");
        malformed(name, Source::Rows, rows)
    };
    let long = "x".repeat(257);
    vec![
        case("too few columns", "b,2026-02-24,X,1"),
        case("too many columns", "b,2026-02-24,X,1,2,3"),
        case(
            "a bad row takes its document along",
            "b,2026-02-24,X,1,2\nb,2026-02-24,X,1",
        ),
        case("text behind a closing quote", "b,2026-02-24,\"X\"Y,1,2"),
        case("a row without its document's key", ",2026-02-24,X,1,2"),
        case("a quantity in words", "b,2026-02-24,X,one,2"),
        case(
            "a decimal comma that nobody declared",
            "b,2026-02-24,X,1,\"2,50\"",
        ),
        case("a date in another form", "b,24.02.2026,X,1,2"),
        case("a date that does not exist", "b,2026-02-30,X,1,2"),
        case("a date of the year 10", "b,0010-02-24,X,1,2"),
        case("a negative quantity in a sale", "b,2026-02-24,X,-1,2"),
        case("a quantity that nothing holds", "b,2026-02-24,X,1e400,2"),
        case("a quantity of 13 digits", "b,2026-02-24,X,1234567890123,2"),
        case("a quantity of four decimals", "b,2026-02-24,X,0.0001,2"),
        case(
            "quantity by price that money does not hold",
            "b,2026-02-24,X,999999999999,99999999999999",
        ),
        case("a key of 257 bytes", &format!("b,2026-02-24,{long},1,2")),
        case(
            "a document key of 257 bytes",
            &format!("{long},2026-02-24,X,1,2"),
        ),
        case("a NUL in a key", "b,2026-02-24,X\0Y,1,2"),
        case(
            "the replacement character in a key",
            "b,2026-02-24,caf\u{fffd},1,2",
        ),
        malformed(
            "a row that is not UTF-8",
            Source::Rows,
            [
                HEADER.as_bytes(),
                b"a,2026-02-24,X,1,2\nb,2026-02-24,caf\xe9,1,2\n",
            ]
            .concat(),
        ),
    ]
}
