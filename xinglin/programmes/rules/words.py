"""Texts that a definition gives in two languages, and what joins them."""

from xinglin.platform.language import Text

NOTHING = Text("", "")

#: What joins words of a list, and what parts sentences, as each language writes it.
COMMA = Text("，", ", ")
AND = Text("、", ", ")
SEMICOLON = Text("；", "; ")
COLON = Text("：", ": ")
BRACKETS = (Text("（", "("), Text("）", ")"))

__all__ = ["AND", "BRACKETS", "COLON", "COMMA", "NOTHING", "SEMICOLON", "Text"]
