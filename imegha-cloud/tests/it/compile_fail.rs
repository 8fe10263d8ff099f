//! What must not compile: free text in a cloud's storage.

#[test]
fn free_text_cannot_be_stored() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
