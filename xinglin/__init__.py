"""Xinglin (杏林): the working platform of a county medical community."""

__version__ = "0.1.0"
