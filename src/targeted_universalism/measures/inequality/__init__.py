"""Inequality measures: how sure they are, and what chance alone makes of them."""
