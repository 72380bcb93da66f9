"""Tests with a figure: what a county's trust rests on. The figures stand in ``docs/reference/reliability.md``."""
