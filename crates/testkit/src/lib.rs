//! Real servers and helpers for tests; never linked into a product.
