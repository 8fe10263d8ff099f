//! What can be said of an email address before it is sent.

/// What is wrong with an address; empty when it may be one. The platform judges, and the mail proves.
pub(crate) fn email_problem(email: &str) -> &'static str {
    let email = email.trim();
    let Some((name, host)) = email.rsplit_once('@') else {
        return if email.is_empty() { "Enter your email address." } else { "An email address has an @ in it." };
    };
    if name.is_empty()
        || host.is_empty()
        || host.starts_with('.')
        || host.ends_with('.')
        || email.contains(char::is_whitespace)
    {
        return "This is not yet an email address.";
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["ann@example.org", " ann@example.org ", "a+b@localhost", "müller@bücher.example"] {
            assert_eq!(email_problem(good), "", "{good}");
        }
        for bad in ["", "ann", "@example.org", "ann@", "a b@example.org", "ann@.org", "ann@example."] {
            assert_ne!(email_problem(bad), "", "{bad}");
        }
    }
}
