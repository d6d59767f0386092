//! MySQL's binary formats → [`Cell`], by the type's name.
//!
//! TINYINT(1) is a number here, as it is for the server.

use crate::query::cell::{self, Cell};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySql, MySqlRow, MySqlValueRef};
use sqlx::{Decode, Row, TypeInfo, ValueRef};

pub(super) fn cells(row: &MySqlRow, zone: &TimeZone) -> Result<Vec<Cell>, sqlx::Error> {
    (0..row.len()).map(|at| cell(row.try_get_raw(at)?, zone).map_err(sqlx::Error::Decode)).collect()
}

fn cell(value: MySqlValueRef<'_>, zone: &TimeZone) -> Result<Cell, BoxDynError> {
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let info = value.type_info().into_owned();
    Ok(match info.name() {
        "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => {
            Cell::Integer(<i64 as Decode<MySql>>::decode(value)?.into())
        }
        "YEAR" => Cell::Integer(<u64 as Decode<MySql>>::decode(value)?.into()),
        name if name.ends_with(" UNSIGNED") => Cell::Integer(<u64 as Decode<MySql>>::decode(value)?.into()),
        // Through its shortest text, so that 0.1 is 0.1 and not 0.10000000149.
        "FLOAT" => Cell::Float(<f32 as Decode<MySql>>::decode(value)?.to_string().parse()?),
        "DOUBLE" => Cell::Float(<f64 as Decode<MySql>>::decode(value)?),
        "DECIMAL" => Cell::Decimal(<&str as Decode<MySql>>::decode(value)?.to_owned()),
        "DATE" => {
            local(<&[u8] as Decode<MySql>>::decode(value)?).map_or_else(out_of_range, |local| Cell::Date(local.date()))
        }
        "DATETIME" => local(<&[u8] as Decode<MySql>>::decode(value)?).map_or_else(out_of_range, Cell::Local),
        "TIMESTAMP" => local(<&[u8] as Decode<MySql>>::decode(value)?)
            .and_then(|local| zone.to_timestamp(local).ok())
            .map_or_else(out_of_range, Cell::Instant),
        // A BIT read through a subquery comes as the text of its number, and nothing tells the two apart.
        name @ ("TIME" | "GEOMETRY" | "BIT") => Cell::Other(name.to_owned()),
        // Also JSON, which MariaDB sends as BLOB.
        _ => cell::text(<&[u8] as Decode<MySql>>::decode(value)?),
    })
}

fn out_of_range() -> Cell {
    Cell::Other("a date out of range".into())
}

/// The binary format: length, year, month, day; then, unless all are 0, the time; then, unless 0, the microseconds.
fn local(bytes: &[u8]) -> Option<DateTime> {
    let [_, year_low, year_high, month, day, time @ ..] = bytes else { return None };
    let part = |part: u8| i8::try_from(part).ok();
    let year = i16::from_le_bytes([*year_low, *year_high]);
    let date = Date::new(year, part(*month)?, part(*day)?).ok()?;
    let ([hour, minute, second], fraction) =
        time.split_first_chunk().map_or(([0; 3], &[][..]), |(at, rest)| (*at, rest));
    let microseconds = fraction.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes));
    let time = Time::new(part(hour)?, part(minute)?, part(second)?, microseconds.checked_mul(1_000)?).ok()?;
    Some(date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_short_as_they_can_be_on_the_wire() {
        let check = |bytes: &[u8], expected: Option<&str>| {
            assert_eq!(local(bytes).map(|local| local.to_string()).as_deref(), expected);
        };
        check(&[4, 0xea, 7, 11, 16], Some("2026-11-16T00:00:00"));
        check(&[7, 0xea, 7, 11, 16, 9, 30, 5], Some("2026-11-16T09:30:05"));
        check(&[11, 0xea, 7, 11, 16, 9, 30, 5, 0x20, 0xa1, 7, 0], Some("2026-11-16T09:30:05.5"));
        check(&[4, 0xea, 7, 0, 16], None);
        check(&[7, 0xea, 7, 11, 16, 99, 0, 0], None);
    }
}
