//! Benches: each stands beside what it is measured against. See `README.md`.
