//! A URL that may hold a password, as it may be shown: its host and path, and of its parameters those that are known to be harmless.

use crate::secret::Secret;

/// Parameters whose values say how, not who.
const HARMLESS: [&str; 5] = ["sslmode", "ssl-mode", "charset", "mode", "tls"];

/// The URL without user, password and whatever else may be one. What can't be told apart is left out.
pub(super) fn shown(url: &Secret) -> String {
    let Some((scheme, rest)) = url.expose().split_once("://") else { return "***".to_owned() };
    let (place, query) = rest.split_once('?').map_or((rest, None), |(place, query)| (place, Some(query)));
    if query.is_some_and(|query| query.contains('@')) {
        // Of a password with a `?`, or of a parameter: nobody knows where the login ends.
        return format!("{scheme}://***");
    }
    let (login, place) = place.rsplit_once('@').map_or(("", place), |(_, place)| ("***@", place));
    let host = place.split('/').next().unwrap_or_default();
    let is_file = matches!(scheme, "sqlite" | "file");
    // What stands where a port should may be the password of a login that was cut short.
    let (_, port) = host.rsplit_once(':').unwrap_or_default();
    let place = if is_file || port.bytes().all(|byte| byte.is_ascii_digit()) { place } else { "***" };
    let parameter = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if HARMLESS.contains(&name) => pair.to_owned(),
        Some((name, _)) => format!("{name}=***"),
        None => "***".to_owned(),
    };
    let query = query.map(|query| query.split('&').map(parameter).collect::<Vec<_>>().join("&"));
    format!("{scheme}://{login}{place}{}", query.map(|query| format!("?{query}")).unwrap_or_default())
}

/// Whether two URLs that are not the same differ in nothing but passwords: whoever asks, and whom, is the same.
pub(super) fn differ_in_password(old: &Secret, new: &Secret) -> bool {
    without_password(old.expose()).is_some_and(|rest| Some(rest) == without_password(new.expose()))
}

/// Scheme, user, place and parameters without any password; `None` where they can't be told apart.
fn without_password(url: &str) -> Option<Vec<&str>> {
    let (scheme, rest) = url.split_once("://")?;
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if query.contains('@') {
        return None;
    }
    let (login, place) = place.rsplit_once('@').unwrap_or(("", place));
    let user = login.split(':').next().unwrap_or_default();
    let parameters = query.split('&').filter(|pair| !pair.starts_with("password="));
    Some([scheme, user, place].into_iter().chain(parameters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_host_path_and_harmless_parameters_is_shown() {
        let check = |url: &str, expected: &str| assert_eq!(shown(&Secret::new(url)), expected, "{url}");
        check("sqlite://demo/crm.db", "sqlite://demo/crm.db");
        check("postgres://ana:s3cr3t@db:5432/crm", "postgres://***@db:5432/crm");
        check("postgres://token@db/crm?sslmode=require", "postgres://***@db/crm?sslmode=require");
        check("postgres://ana:s3/c@r3t@db/crm", "postgres://***@db/crm");
        check("postgres://ana:s3?c@r3t@db/crm", "postgres://***");
        check("postgres://ana:s3cr3t", "postgres://***");
        check("smtp://[::1]:25", "smtp://[::1]:25");
        check("postgres://db/crm?user=ana&password=s3cr3t", "postgres://db/crm?user=***&password=***");
        check("postgres://db/crm?password=s3@cr3t", "postgres://***");
        check("s3cr3t", "***");
    }

    #[test]
    fn password_alone_is_told_from_whatever_else_is_hidden() {
        let alone = |old: &str, new: &str| differ_in_password(&Secret::new(old), &Secret::new(new));
        assert!(alone("postgres://ana:s3cr3t@db/crm", "postgres://ana:0th3r@db/crm"));
        assert!(alone("postgres://ana@db/crm", "postgres://ana:s3/c@r3t@db/crm"));
        assert!(alone("postgres://db/crm?user=ana&password=s3cr3t", "postgres://db/crm?user=ana&password=0th3r"));
        assert!(!alone("postgres://ana:s3cr3t@db/crm", "postgres://tom:s3cr3t@db/crm"));
        assert!(!alone("postgres://token@db/crm", "postgres://0th3r@db/crm"));
        assert!(!alone("postgres://db/crm?options=a", "postgres://db/crm?options=b"));
        // Nobody knows where such a login ends.
        assert!(!alone("postgres://ana:s3?c@r3t@db/crm", "postgres://ana:s3?c@0th3r@db/crm"));
        assert!(!alone("s3cr3t", "0th3r"));
    }
}
