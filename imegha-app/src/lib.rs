//! imegha-app
