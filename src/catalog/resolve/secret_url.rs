//! URLs that may hold a password: kept as secrets, with a warning where the password stands in the YAML itself.

use crate::catalog::context::{Context, Problem};
use crate::catalog::node::Node;
use crate::catalog::warnings;
use crate::secret::Secret;

/// `text`, read at `node`. The URL is never repeated: its password may be from the environment.
pub(super) fn secret_url(cx: &Context, node: &Node, text: String) -> Secret {
    if plain_password(cx.source(node.place)) {
        let problem = Problem::warning(&warnings::PLAIN_PASSWORD, node.place, "a password stands in the YAML");
        let help = "take it from outside: `${NAME}`, `${file:/run/secrets/name}` or `${credential:name}`";
        cx.report(problem.help(help));
    }
    Secret::new(text)
}

/// Whether `://user:password@` or `?password=…` is written out.
fn plain_password(source: &str) -> bool {
    let rest = source.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':')).map(|(_, password)| password);
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').filter_map(|pair| pair.strip_prefix("password="));
    user.into_iter().chain(named).any(|password| !password.is_empty() && !password.contains("${"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_is_found_wherever_a_url_may_hold_one() {
        let check = |source: &str, plain: bool| assert_eq!(plain_password(source), plain, "{source}");
        for source in ["postgres://u:p@h/d", "smtp://u:p@h", "\"mysql://h/d?user=u&password=p\"", "smtps://u:a@b@h:465"]
        {
            check(source, true);
        }
        for source in [
            "postgres://u:${PASSWORD}@h/d",
            "postgres://u:${file:/run/secrets/p}@h/d",
            "postgres://u:@h/d",
            "postgres://u@h/d",
            "postgres://h/d?password=${P}",
            "sqlite://a:b/c@d",
            "${URL}",
        ] {
            check(source, false);
        }
    }
}
