//! Secrets are not copied by accident, not hashed, not shown, not written out (ATTACKS 51).

/// Each file must not compile, with just the errors that stand beside it: one for every type that holds a secret. Turns red
/// when one of them becomes `Copy`, `Hash`, `Display` or `Serialize`.
#[test]
fn a51_secrets_lack_what_would_spread_them() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
