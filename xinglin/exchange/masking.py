"""A message as its engineer sees it: structure and codes in the clear, what stands about a person covered.

Covered is the rule, shown is the exception: a field nobody has listed here is covered.
"""

from dataclasses import dataclass

#: Segment → fields that hold codes, counters and moments only. MSH counts its separator as field 1.
_CLEAR: dict[str, frozenset[int]] = {
    "MSH": frozenset(range(1, 26)),
    "EVN": frozenset({1, 2, 3, 4, 6}),
    "PID": frozenset({1}),
    "PV1": frozenset({1, 2, 4, 10, 14, 18, 36}),
    "PV2": frozenset({22, 23}),
    "MRG": frozenset(),
    "ORC": frozenset({1, 5, 9}),
    "OBR": frozenset({1, 4, 5, 6, 7, 24, 25}),
    "OBX": frozenset({1, 2, 3, 4, 6, 11, 14}),
    "NTE": frozenset({1, 2}),
    "MSA": frozenset({1, 2}),
    "ERR": frozenset({1, 2, 3, 4, 5}),
    "SPM": frozenset({1, 4}),
    "TQ1": frozenset({1, 9}),
    "SCH": frozenset({1, 2, 6, 7}),
    "DG1": frozenset({1, 2}),
}
COVER = "•••"
#: So much of a message is drawn; the rest is counted.
MAX_SEGMENTS, MAX_FIELD = 300, 400


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its number, what is shown, and whether the fault is here."""

    number: int
    text: str
    is_covered: bool
    is_faulty: bool


@dataclass(frozen=True, slots=True)
class SegmentView:
    """One segment and its fields that hold anything, or where the fault is."""

    name: str
    fields: tuple[FieldView, ...]
    is_faulty: bool


def segments_of(
    text: str, *, fault_segment: str = "", fault_field: int | None = None, in_clear: bool = False
) -> list[SegmentView]:
    """The segments of a message for a page, the fault marked in the first segment of its name."""
    lines = [line for line in text.split("\r") if line]
    separator, marks = _separators(lines[0] if lines else "")
    found, marked = [], False
    for line in lines[:MAX_SEGMENTS]:
        name, *values = line.split(separator)
        is_faulty = bool(fault_segment) and name == fault_segment and not marked
        marked = marked or is_faulty
        offset = 2 if name == "MSH" else 1
        fields = [
            _field(name[:3], number, value, marks, at_fault=is_faulty and number == fault_field, in_clear=in_clear)
            for number, value in enumerate(values, offset)
            if value or (is_faulty and number == fault_field)
        ]
        if is_faulty and fault_field is not None and fault_field >= len(values) + offset:
            fields.append(FieldView(fault_field, "", is_covered=False, is_faulty=True))
        found.append(SegmentView(name[:3], tuple(fields), is_faulty))
    return found


def _separators(header: str) -> tuple[str, str]:
    """Of this message, or the usual ones when it has none that could be: letters would leave values uncovered."""
    separator, marks = header[3:4], header[4:8]
    if header.startswith("MSH") and len(marks) == 4 and not any(c.isalnum() or ord(c) > 126 for c in separator + marks):  # noqa: PLR2004
        return separator, marks
    return "|", "^~\\&"


def _field(segment: str, number: int, value: str, marks: str, *, at_fault: bool, in_clear: bool) -> FieldView:
    shown = in_clear or number in _CLEAR.get(segment, frozenset())
    text = value if shown else covered(value, marks)
    return FieldView(number, text[:MAX_FIELD] + ("…" if len(text) > MAX_FIELD else ""), not shown, at_fault)


def covered(value: str, marks: str) -> str:
    """A field with its values covered and its structure left: ``•••^•••~•••``."""
    out, inside = [], False
    escape = marks[2:3]
    for each in value:
        if each in marks and each != escape:
            out.append(each)
            inside = False
        elif not inside:
            out.append(COVER)
            inside = True
    return "".join(out)
