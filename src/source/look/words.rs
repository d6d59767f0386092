//! What the words of a column's name say of it, in English and Spanish: a person, a date, a number that has no sum.

/// Words of a column's name by which a row's person could be told.
pub(super) const PERSONAL: [&str; 40] = [
    "email",
    "mail",
    "correo",
    "phone",
    "telephone",
    "telefono",
    "tel",
    "cell",
    "mobile",
    "movil",
    "celular",
    "fax",
    "name",
    "nombre",
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "username",
    "apellido",
    "apellidos",
    "address",
    "street",
    "calle",
    "domicilio",
    "direccion",
    "dni",
    "nif",
    "nie",
    "cif",
    "ssn",
    "passport",
    "iban",
    "ip",
    "birth",
    "birthday",
    "dob",
    "nacimiento",
    "password",
    "token",
];
/// Words of a text that names somebody. A date or a number of theirs tells nobody.
pub(super) const PEOPLE: [&str; 13] = [
    "customer", "client", "cliente", "user", "usuario", "contact", "contacto", "login", "author", "assigned", "agent",
    "seller", "vendedor",
];
/// Words of numbers that mean nothing when added up.
const NOT_ADDED: [&str; 52] = [
    "id",
    "key",
    "year",
    "month",
    "week",
    "age",
    "rate",
    "ratio",
    "percent",
    "percentage",
    "pct",
    "score",
    "avg",
    "mean",
    "median",
    "lat",
    "lon",
    "lng",
    "latitude",
    "longitude",
    "zip",
    "postcode",
    "code",
    "version",
    "zipcode",
    "codigo_postal",
    "postal",
    "latitud",
    "longitud",
    "anio",
    "año",
    "ano",
    "mes",
    "semana",
    "edad",
    "nps",
    "rating",
    "puntuacion",
    "puntuación",
    "nota",
    "average",
    "medio",
    "promedio",
    "mediana",
    "tasa",
    "porcentaje",
    "porciento",
    "codigo",
    "código",
    "clave",
    "quarter",
    "trimestre",
];
/// Words of numbers that mean nothing when added up, unless one of [`AMOUNT`] is with them: `price`, but not `total_price`; the Spanish
/// mean `media`, but not `media_spend`.
const RARELY_ADDED: [&str; 3] = ["price", "precio", "media"];
const AMOUNT: [&str; 11] =
    ["total", "subtotal", "sum", "suma", "spend", "cost", "coste", "gasto", "inversion", "budget", "revenue"];
/// Words of dates that are not when a row came to be.
pub(super) const LATER: [&str; 17] = [
    "updated",
    "modified",
    "changed",
    "deleted",
    "closed",
    "ended",
    "end",
    "until",
    "due",
    "expires",
    "expired",
    "cancelled",
    "canceled",
    "lost",
    "hasta",
    "fin",
    "baja",
];
pub(super) const FIRST: [&str; 7] = ["created", "inserted", "creado", "creada", "creacion", "alta", "registered"];
pub(super) const DATES: [&str; 15] = [
    "at",
    "on",
    "date",
    "day",
    "time",
    "timestamp",
    "datetime",
    "ts",
    "when",
    "since",
    "started",
    "start",
    "fecha",
    "dia",
    "hora",
];

/// Whether numbers of that name can be added up.
pub(super) fn is_amount(name: &str) -> bool {
    let is_mean = is(name, &RARELY_ADDED) && !is(name, &AMOUNT);
    !is_mean && ![&NOT_ADDED[..], &PERSONAL, &DATES].into_iter().any(|words| is(name, words))
}

/// Whether one of the words is in the name, with accents or without.
pub(super) fn is(name: &str, words: &[&str]) -> bool {
    words_of(name).iter().any(|word| words.contains(&&**word) || words.contains(&&*unaccented(word)))
}

/// `teléfono` → telefono, however the accent is written.
fn unaccented(word: &str) -> String {
    let plain = |c: char| match c {
        'á' | 'à' | 'â' => 'a',
        'é' | 'è' | 'ê' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        _ => c,
    };
    word.chars().filter(|c| !is_combining(*c)).map(plain).collect()
}

fn is_combining(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// `createdAt`, `created_at`, `Created At` → created, at. Also the name as a whole.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let begins = c.is_uppercase() && before.is_lowercase();
        let parts = !c.is_alphanumeric() && !is_combining(c);
        if (begins || parts) && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| !parts) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.push(name.to_lowercase());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_however_names_are_written() {
        let check = |name, words: &[&str], expected| assert_eq!(is(name, words), expected, "{name}");
        check("createdAt", &FIRST, true);
        check("Created At", &FIRST, true);
        check("fecha_alta", &DATES, true);
        check("customer_email", &PERSONAL, true);
        check("firstName", &PERSONAL, true);
        check("nombre", &PERSONAL, true);
        check("Teléfono", &PERSONAL, true);
        check("DIRECCIÓN_ENVÍO", &PERSONAL, true);
        check("mo\u{301}vil", &PERSONAL, true);
        check("día", &DATES, true);
        check("customer", &PEOPLE, true);
        check("assignedTo", &PEOPLE, true);
        check("users", &PEOPLE, false);
        check("channel", &PERSONAL, false);
        check("valid", &NOT_ADDED, false);
        check("customerId", &NOT_ADDED, true);
    }

    #[test]
    fn only_amounts_are_added_up() {
        for name in ["codigo_postal", "latitud", "año", "anio", "mes", "nps", "rating", "puntuacion", "precio_medio"] {
            assert!(!is_amount(name), "{name}");
        }
        for name in ["unitPrice", "avg_basket", "mean_time", "promedio", "tasa_rebote", "zip_code", "lng", "media"] {
            assert!(!is_amount(name), "{name}");
        }
        for name in ["total", "importe", "ingresos", "meses_pagados", "visits", "total_price", "media_spend"] {
            assert!(is_amount(name), "{name}");
        }
    }
}
