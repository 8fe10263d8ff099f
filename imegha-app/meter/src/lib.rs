//! imegha-app/meter
