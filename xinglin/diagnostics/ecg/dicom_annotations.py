"""What the device wrote about the trace: measurements and statements in the Waveform Annotation Sequence."""

from collections.abc import Iterator
from itertools import islice

from pydicom.dataset import Dataset

from xinglin.diagnostics.ecg.limits import MAX_STATEMENTS, MAX_TEXT
from xinglin.diagnostics.ecg.naming import in_order, measurement
from xinglin.diagnostics.ecg.recording import Measurement

MAX_ANNOTATIONS = 20_000


def text_of(dataset: Dataset, keyword: str) -> str:
    """The element as clean text, "" when absent; control characters fall out."""
    value = dataset.get(keyword)
    if value is None:
        return ""
    return "".join(character for character in str(value)[: 10 * MAX_TEXT] if character.isprintable()).strip()[:MAX_TEXT]


def measurements_in(dataset: Dataset) -> tuple[Measurement, ...]:
    """The global measurements of the file, in our units."""
    found = []
    for annotation in _annotations(dataset):
        concept = annotation.get("ConceptNameCodeSequence")
        value = text_of(annotation, "NumericValue")
        if not concept or not value:
            continue
        units = annotation.get("MeasurementUnitsCodeSequence")
        try:
            number = float(value)
        except ValueError:  # several values: not a global measurement
            continue
        measured = measurement(
            codes=(text_of(concept[0], "CodeValue"), text_of(concept[0], "CodeMeaning")),
            value=number,
            unit=text_of(units[0], "CodeValue") if units else "",
        )
        if measured is not None:
            found.append(measured)
    return in_order(found)


def statements_in(dataset: Dataset) -> tuple[str, ...]:
    """The automatic interpretation: free text, and coded statements that stand for the whole trace."""
    found: dict[str, None] = {}
    for annotation in _annotations(dataset):
        text = text_of(annotation, "UnformattedTextValue")
        coded = annotation.get("ConceptCodeSequence")
        if not text and coded and "TemporalRangeType" not in annotation:
            text = text_of(coded[0], "CodeMeaning")
        if text:
            found.setdefault(text)
        if len(found) >= MAX_STATEMENTS:
            break
    return tuple(found)


def _annotations(dataset: Dataset) -> Iterator[Dataset]:
    return islice(iter(dataset.get("WaveformAnnotationSequence") or ()), MAX_ANNOTATIONS)
