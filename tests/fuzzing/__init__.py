"""Parsers under bytes that nobody would send on purpose (S4)."""
