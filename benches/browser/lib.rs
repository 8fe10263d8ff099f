//! Sealing in a browser beside the browser's own AES-256-GCM. See `webcrypto.rs`.
