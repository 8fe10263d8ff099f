//! imegha-platform
