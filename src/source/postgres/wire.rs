//! PostgreSQL's binary formats → [`Cell`], by the type's name.
//!
//! Decoded here and not by sqlx: its NUMERIC stops at 28 digits, and its dates panic at `infinity`.

use crate::query::cell::{self, Cell};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgRow, PgTypeKind, PgValueRef};
use sqlx::{Row, TypeInfo, ValueRef};

pub(super) fn cells(row: &PgRow) -> Result<Vec<Cell>, sqlx::Error> {
    (0..row.len()).map(|at| cell(&row.try_get_raw(at)?).map_err(sqlx::Error::Decode)).collect()
}

/// By the binary formats of the server's `*send` functions.
fn cell(value: &PgValueRef<'_>) -> Result<Cell, BoxDynError> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let (bytes, info) = (value.as_bytes()?, value.type_info());
    Ok(match info.name() {
        "BOOL" => Cell::Bool(bytes != [0]),
        "INT2" => Cell::Integer(i16::from_be_bytes(bytes.try_into()?).into()),
        "INT4" => Cell::Integer(i32::from_be_bytes(bytes.try_into()?).into()),
        "INT8" => Cell::Integer(i64::from_be_bytes(bytes.try_into()?).into()),
        "OID" => Cell::Integer(u32::from_be_bytes(bytes.try_into()?).into()),
        // Through its shortest text, so that 0.1::real is 0.1 and not 0.10000000149.
        "FLOAT4" => Cell::Float(f32::from_be_bytes(bytes.try_into()?).to_string().parse()?),
        "FLOAT8" => Cell::Float(f64::from_be_bytes(bytes.try_into()?)),
        "NUMERIC" => Cell::Decimal(numeric(bytes)?),
        "TEXT" | "VARCHAR" | "NAME" | "\"CHAR\"" | "UNKNOWN" | "citext" => cell::text(bytes),
        // CHAR(n) is padded to n.
        "CHAR" => cell::text(bytes.trim_ascii_end()),
        "DATE" => date(i32::from_be_bytes(bytes.try_into()?)),
        "TIMESTAMP" => timestamp(i64::from_be_bytes(bytes.try_into()?), Cell::Local),
        "TIMESTAMPTZ" => timestamp(i64::from_be_bytes(bytes.try_into()?), |utc| {
            TimeZone::UTC.to_timestamp(utc).map_or_else(|_| Cell::Other("an infinite timestamp".into()), Cell::Instant)
        }),
        "UUID" => Cell::Text(uuid(bytes)),
        _ if matches!(info.kind(), PgTypeKind::Enum(_)) => cell::text(bytes),
        name => Cell::Other(name.to_owned()),
    })
}

const EPOCH: DateTime = jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0);

/// Days since 2000-01-01; `infinity` is the largest and the smallest.
fn date(days: i32) -> Cell {
    let day = Span::new().try_days(days).and_then(|days| EPOCH.date().checked_add(days));
    day.map_or_else(|_| Cell::Other("an infinite date".into()), Cell::Date)
}

/// Microseconds since 2000-01-01.
fn timestamp(microseconds: i64, cell: impl FnOnce(DateTime) -> Cell) -> Cell {
    let instant = EPOCH.checked_add(SignedDuration::from_micros(microseconds));
    instant.map_or_else(|_| Cell::Other("an infinite timestamp".into()), cell)
}

/// The digits of a NUMERIC: groups of four, the first of them weighing 10000^weight.
fn numeric(bytes: &[u8]) -> Result<String, BoxDynError> {
    let words: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    let [_, weight, sign, _, groups @ ..] = words.as_slice() else { return Err("a truncated NUMERIC".into()) };
    let sign = match sign {
        0x0000 => "",
        0x4000 => "-",
        0xd000 => return Ok("inf".to_owned()),
        0xf000 => return Ok("-inf".to_owned()),
        _ => return Ok("NaN".to_owned()),
    };
    let digits: String = groups.iter().map(|group| format!("{group:04}")).collect();
    let exponent = (i32::from(weight.cast_signed()) + 1) * 4;
    Ok(format!("{sign}{}", plain(&digits, exponent)))
}

/// `0.digits × 10^exponent` without an exponent, as a reader writes it.
fn plain(digits: &str, exponent: i32) -> String {
    let whole_digits = usize::try_from(exponent).unwrap_or(0);
    let zeros = usize::try_from(-exponent).unwrap_or(0);
    let padded = format!("{}{digits:0<whole_digits$}", "0".repeat(zeros));
    let (whole, fraction) = padded.split_at(whole_digits);
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

fn uuid(bytes: &[u8]) -> String {
    let hex = |part: &[u8]| part.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let groups = [0..4, 4..6, 6..8, 8..10, 10..16].map(|range| hex(bytes.get(range).unwrap_or_default()));
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_keeps_its_digits() {
        let check = |words: &[u16], expected: &str| {
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
            assert_eq!(numeric(&bytes).unwrap(), expected);
        };
        check(&[0, 0, 0, 0], "0");
        check(&[1, 0, 0, 0, 7], "7");
        check(&[2, 0, 0x4000, 2, 12, 3000], "-12.3");
        check(&[1, 1, 0, 0, 5], "50000");
        check(&[1, 0xffff, 0, 4, 25], "0.0025");
        check(&[1, 0xfffe, 0, 8, 1], "0.00000001");
        check(&[0, 0, 0xc000, 0], "NaN");
        check(&[0, 0, 0xd000, 0], "inf");
    }

    #[test]
    fn infinite_times_are_named_and_never_a_panic() {
        assert_eq!(date(i32::MAX), Cell::Other("an infinite date".into()));
        assert_eq!(timestamp(i64::MIN, Cell::Local), Cell::Other("an infinite timestamp".into()));
        assert_eq!(date(9_816), Cell::Date("2026-11-16".parse().unwrap()));
    }
}
