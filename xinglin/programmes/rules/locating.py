"""In which line of a text something stands that a fault names by its place, such as ``alerts[kidney].level``."""

import re
from dataclasses import dataclass

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-\"']+)\s*\]?\]")
_KEY = re.compile(r"\s*\{?\s*([A-Za-z0-9_\-\"'.]+)\s*=")
_NAMED = re.compile(r"\b(?:slug|code|point|reason|grade)\s*=\s*[\"']([^\"']*)[\"']")
_STEP = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?")
#: Places whose tables stand under another name in the file.
_ALSO = {"eligibility": ("eligibility", "exclusions")}


@dataclass(slots=True)
class _Block:
    """One table of the text with the lines from `first` to `last` (counted from 1); `name` as its header writes it."""

    name: str
    first: int
    last: int


def line_of(text: str, place: str) -> int | None:
    """The line of a place, as near as can be told; None for the file as a whole."""
    steps = [(name, index) for name, index in _STEP.findall(place)]
    if not steps:
        return None
    lines = text.splitlines()
    blocks = _blocks(lines)
    block, rest = _block(blocks, lines, steps)
    if block is None:
        return None
    line = block.first
    for name, index in rest:
        line = _within(lines, block, name, index, line) or line
    return line


def _blocks(lines: list[str]) -> list[_Block]:
    found = [_Block("", 1, len(lines))]
    for n, line in enumerate(lines, 1):
        if (header := _HEADER.match(line)) and "=" not in line.split("#")[0]:
            found[-1].last = n - 1
            found.append(_Block(header[1].replace('"', "").replace("'", ""), n, len(lines)))
    return found


def _block(
    blocks: list[_Block], lines: list[str], steps: list[tuple[str, str]]
) -> tuple[_Block | None, list[tuple[str, str]]]:
    """The table in which a place lies, the longest name that fits first, and the steps left to go inside it."""
    for n in range(len(steps), 0, -1):
        name, index = ".".join(each for each, _index in steps[:n]), steps[n - 1][1]
        found = [each for each in blocks if each.name in _ALSO.get(name, (name,))]
        if not found:
            continue
        chosen = _chosen(found, lines, index) if index else found[0]
        if chosen is not None:
            return chosen, steps[n:]
    return blocks[0], steps


def _chosen(found: list[_Block], lines: list[str], index: str) -> _Block | None:
    if index.isdecimal() and 0 < int(index) <= len(found):
        return found[int(index) - 1]
    for each in found:
        if any(index in _NAMED.findall(line) for line in lines[each.first - 1 : each.last]):
            return each
    return None


def _within(lines: list[str], block: _Block, name: str, index: str, since: int) -> int | None:
    """The line of a key in a table from a line on; of a list the row with that name, or the n-th."""
    for n in range(since, block.last + 1):
        key = _KEY.match(lines[n - 1])
        inline = re.search(rf"[{{,]\s*{re.escape(name)}\s*=", lines[n - 1])
        if (key and key[1].strip("\"'").split(".")[0] == name) or inline:
            return _row(lines, n, block.last, index) if index else n
    return None


def _row(lines: list[str], first: int, last: int, index: str) -> int:
    opened = 0
    for n in range(first, last + 1):
        rows = lines[n - 1].count("{")
        if index in _NAMED.findall(lines[n - 1]):
            return n
        if index.isdecimal() and opened < int(index) <= opened + rows:
            return n
        opened += rows
    return first
