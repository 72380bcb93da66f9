"""HL7 annotated ECG (aECG, version 3, as taken by the FDA): the subset a resting 12-lead recording needs.

Read are the rhythm series with its absolute or relative time list (GLIST_TS, GLIST_PQ) and its leads (SLIST_PQ), the
subject, the device, the filters, and the annotations that measure or interpret the whole trace.
"""

import math
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

import numpy as np
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from xinglin.diagnostics.data import PatientInFile
from xinglin.diagnostics.ecg import moments
from xinglin.diagnostics.ecg.assembling import Channel, assemble, check_sampling, check_size, in_millivolt, warn
from xinglin.diagnostics.ecg.limits import MAX_CHANNELS, MAX_SAMPLES_PER_LEAD, MAX_STATEMENTS, MAX_TEXT, bad
from xinglin.diagnostics.ecg.naming import in_order, lead_name, measurement, millivolt_per
from xinglin.diagnostics.ecg.recording import (
    AECG,
    EcgRecording,
    Filters,
    Measurement,
    ReadingWarning,
)
from xinglin.platform.errors import DomainError

MAX_ELEMENTS, MAX_DEPTH = 200_000, 60
_SECONDS = {"s": 1.0, "ms": 0.001, "us": 0.000001}
_NUMBERS = re.compile(r"[\s0-9.eE+-]*", re.ASCII)
_BEGINNINGS = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\0", b"\xfe\xff\0<")


def looks_like_xml(data: bytes) -> bool:
    """Whether a file begins like XML in UTF-8 or UTF-16."""
    return data[:256].lstrip(b" \t\r\n").startswith(_BEGINNINGS)


def read_aecg(data: bytes) -> EcgRecording:
    """Read an aECG from the bytes of an XML file.

    :raises InvalidInput: see `xinglin.diagnostics.ecg.read_ecg`
    """
    root = _parsed(data)
    if _tag(root) != "AnnotatedECG":
        raise bad(
            "ecg-not-an-ecg",
            _("这份 XML 不是 HL7 aECG（根元素为 {tag}）。"),
            place=_tag(root)[:60],
            tag=_tag(root)[:60],
        )
    series = _rhythm(root)
    noticed: list[ReadingWarning] = []
    sequences = list(_sequences(series))
    sampling_hz = _sampling(sequences)
    channels = _channels(sequences, sampling_hz, noticed)
    return assemble(
        channels, sampling_hz=sampling_hz, warnings=noticed, format=AECG,
        recorded_at=_recorded_at(root, series, sequences),
        patient=_patient(root), device=_device(series), filters=_filters(series), measurements=_measurements(series),
        statements=_statements(series), sop_instance_uid=_root_id(root), series_uid=_root_id(series), study_uid="",
    )  # fmt: skip


class _BoundedBuilder(TreeBuilder):
    """Builds the tree and stops a file that would grow it beyond a bound."""

    def __init__(self) -> None:
        super().__init__()
        self.n_elements = self.depth = 0

    def start(self, tag: Any, attrs: Any) -> Element:
        self.n_elements += 1 + len(attrs)
        self.depth += 1
        if self.n_elements > MAX_ELEMENTS or self.depth > MAX_DEPTH:
            raise bad("ecg-damaged", _("XML 的元素过多或嵌套过深。"), place="XML")
        return super().start(tag, attrs)

    def end(self, tag: str) -> Element:
        self.depth -= 1
        return super().end(tag)


def _parsed(data: bytes) -> Element:
    parser = DefusedXMLParser(target=_BoundedBuilder(), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except DomainError:
        raise
    except DefusedXmlException as fault:
        raise bad("ecg-damaged", _("XML 中含有文档类型或实体定义，出于安全考虑不予读取。"), place="DOCTYPE") from fault
    except ParseError as fault:
        line, column = fault.position
        raise bad(
            "ecg-truncated" if "no element found" in str(fault) else "ecg-damaged",
            _("XML 不完整或有语法错误（第 {line} 行第 {column} 列）。"),
            place=f"{line}:{column}", line=line, column=column,
        ) from fault  # fmt: skip
    except (ValueError, LookupError) as fault:  # an encoding nobody knows
        raise bad("ecg-damaged", _("XML 的字符编码无法识别。"), place="encoding") from fault
    return root


def _rhythm(root: Element) -> Element:
    found = [child for component in _children(root, "component") for child in _children(component, "series")]
    if not found:
        raise bad("ecg-no-waveform", _("aECG 中没有波形（series）。"), place="component/series")
    coded = [series for series in found if _code(series) == "RHYTHM"]
    rest = [series for series in found if _code(series) != "REPRESENTATIVE_BEAT"]
    if not coded and not rest:
        raise bad("ecg-no-waveform", _("文件中只有平均心搏，没有原始节律波形。"), place="component/series")
    return (coded or rest)[0]


def _sequences(series: Element) -> Iterator[Element]:
    """The sequences of the first set that has a lead; further sets are other stretches of time."""
    for component in _children(series, "component"):
        for sequence_set in _children(component, "sequenceSet"):
            found = [each for part in _children(sequence_set, "component") for each in _children(part, "sequence")]
            if any(_child(each, "value/digits") is not None for each in found):
                yield from found
                return
    raise bad("ecg-no-leads", _("aECG 的波形中没有导联。"), place="sequenceSet")


def _sampling(sequences: list[Element]) -> float:
    for sequence in sequences:
        increment = _child(sequence, "value/increment")
        if _code(sequence) in {"TIME_ABSOLUTE", "TIME_RELATIVE"} and increment is not None:
            seconds = _float(increment, "increment") * _SECONDS.get(increment.get("unit", "s"), math.nan)
            return check_sampling(1 / seconds if seconds > 0 else math.nan, place="increment")
    raise bad("ecg-sampling-rate", _("aECG 没有时间间隔（increment），无法确定采样率。"), place="increment")


def _channels(sequences: list[Element], sampling_hz: float, noticed: list[ReadingWarning]) -> list[Channel]:
    channels: list[Channel] = []
    for sequence in sequences:
        channel = _channel(sequence, sampling_hz, noticed)
        if channel is not None:
            channels.append(channel)
            check_size(len(channels), len(channel.samples), sampling_hz, place=channel.name)
        if len(channels) > MAX_CHANNELS:
            raise bad("ecg-no-leads", _("通道数 {n} 无效（应为 1–{most}）。"), n=len(channels), most=MAX_CHANNELS)
    _check_lengths(channels)
    return channels


def _channel(sequence: Element, sampling_hz: float, noticed: list[ReadingWarning]) -> Channel | None:
    digits = _child(sequence, "value/digits")
    if digits is None:
        return None
    code = _code(sequence)
    name = lead_name(code) or code.removeprefix("MDC_ECG_LEAD_")[:16] or "?"
    scale, origin = _child(sequence, "value/scale"), _child(sequence, "value/origin")
    if scale is None:
        raise bad("ecg-scale", _("{place} 没有灵敏度或单位，无法按比例显示。"), place=name)
    per_unit = millivolt_per(scale.get("unit", ""))
    if per_unit is None:
        warn(noticed, "other-channels", _("文件中另有非心电通道，未显示。"))
        return None
    zero_unit = millivolt_per(origin.get("unit", "")) if origin is not None else None
    zero = _float(origin, "origin") * (zero_unit or per_unit) if origin is not None and origin.get("value") else 0.0
    samples = _digits(digits.text or "", name, sampling_hz)
    return Channel(name, in_millivolt(samples, per_unit=_float(scale, "scale") * per_unit, baseline=zero, place=name))


def _digits(text: str, place: str, sampling_hz: float) -> NDArray[np.float64]:
    if _NUMBERS.fullmatch(text) is None:
        raise bad("ecg-bad-sample", _("{place} 导联的采样值中有不是数字的内容。"), place=place)
    words = text.split(None, MAX_SAMPLES_PER_LEAD)
    check_size(1, len(words), sampling_hz, place=place)
    try:
        samples = np.array(words, dtype=np.float64)
    except ValueError:
        raise bad("ecg-bad-sample", _("{place} 导联的采样值中有不是数字的内容。"), place=place) from None
    if not bool(np.isfinite(samples).all()):
        raise bad("ecg-bad-sample", _("{place} 导联的采样值超出范围。"), place=place)
    return samples


def _check_lengths(channels: list[Channel]) -> None:
    lengths = {channel.name: len(channel.samples) for channel in channels}
    if len(set(lengths.values())) > 1 and min(lengths.values()):
        short = min(lengths, key=lambda name: lengths[name])
        raise bad(
            "ecg-sample-count", _("各导联采样数不一致：{lead} 导联 {n} 个，其他导联 {m} 个。"),
            place=short, lead=short, n=lengths[short], m=max(lengths.values()),
        )  # fmt: skip


def _recorded_at(root: Element, series: Element, sequences: list[Element]) -> Any:
    heads = [_child(sequence, "value/head") for sequence in sequences if _code(sequence) == "TIME_ABSOLUTE"]
    for element in (*heads, _child(series, "effectiveTime/low"), _child(root, "effectiveTime/low")):
        when = moments.moment(element.get("value", "")) if element is not None else None
        if when is not None:
            return when
    return None


def _patient(root: Element) -> PatientInFile:
    subject = next(_all(root, "trialSubject"), None)
    if subject is None:
        return PatientInFile()
    identity = _child(subject, "id")
    person = next(_all(subject, "subjectDemographicPerson"), None)
    if person is None:
        person = subject
    name, sex, birth = _child(person, "name"), _child(person, "administrativeGenderCode"), _child(person, "birthTime")
    said = (sex.get("code", "") if sex is not None else "").upper()
    return PatientInFile(
        name=_clean(" ".join("".join(name.itertext()).split())) if name is not None else "",
        id=_clean(identity.get("extension") or "") if identity is not None else "",
        birth_date=moments.day(birth.get("value", "")) if birth is not None else None,
        sex={"M": "M", "F": "F", "UN": "O"}.get(said, ""),
    )


def _device(series: Element) -> str:
    author = _child(series, "author")
    if author is None:
        return ""
    organization = next(_all(author, "manufacturerOrganization"), None)
    maker = _child(organization, "name") if organization is not None else None
    model = next(_all(author, "manufacturerModelName"), None)
    parts = [_clean((each.text or "").strip()) for each in (maker, model) if each is not None]
    return " ".join(part for part in parts if part)


def _filters(series: Element) -> Filters:
    found: dict[str, float | None] = {"HIGH_PASS": None, "LOW_PASS": None, "NOTCH": None}
    for variable in _all(series, "controlVariable"):
        kind = _code(variable).removeprefix("MDC_ECG_CTL_VBL_ATTR_FILTER_")
        if kind not in found:
            continue
        for value in _all(variable, "value"):
            text, unit = value.get("value", ""), value.get("unit", "Hz")
            if unit == "Hz" and found[kind] is None and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text):
                found[kind] = float(text) or None
    return Filters(high_pass_hz=found["HIGH_PASS"], low_pass_hz=found["LOW_PASS"], notch_hz=found["NOTCH"])


def _measurements(series: Element) -> tuple[Measurement, ...]:
    found = []
    for annotation in _annotations(series):
        value = _child(annotation, "value")
        text = value.get("value", "") if value is not None else ""
        if (
            value is None
            or _child(annotation, "support") is not None
            or not re.fullmatch(r"-?\d{1,6}(\.\d{1,6})?", text)
        ):
            continue  # with a support it belongs to one lead or one stretch
        measured = measurement(codes=(_code(annotation),), value=float(text), unit=value.get("unit", ""))
        if measured is not None:
            found.append(measured)
    return in_order(found)


def _statements(series: Element) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for annotation in _annotations(series):
        value = _child(annotation, "value")
        if "INTERPRETATION" in _code(annotation) and value is not None and len(found) < MAX_STATEMENTS:
            text = _clean((value.text or value.get("displayName") or value.get("code") or "").strip())
            if text:
                found.setdefault(text)
    return tuple(found)


def _annotations(series: Element) -> Iterator[Element]:
    """Those of the rhythm first, then those of series derived from it (the average beat)."""
    derived = [
        each for derivation in _children(series, "derivation") for each in _children(derivation, "derivedSeries")
    ]
    for each in (series, *derived):
        for part in _children(each, "subjectOf"):
            for annotation_set in _children(part, "annotationSet"):
                yield from _all(annotation_set, "annotation")


def _tag(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _children(element: Element, tag: str) -> Iterator[Element]:
    return (child for child in element if _tag(child) == tag)


def _all(element: Element, tag: str) -> Iterator[Element]:
    return (child for child in element.iter() if _tag(child) == tag)


def _child(element: Element, path: str) -> Element | None:
    found: Element | None = element
    for tag in path.split("/"):
        found = next(_children(found, tag), None) if found is not None else None
    return found


def _code(element: Element) -> str:
    code = _child(element, "code")
    return (code.get("code") or "").strip() if code is not None else ""


def _root_id(element: Element) -> str:
    identity = _child(element, "id")
    return _clean(identity.get("root") or "")[:64] if identity is not None else ""


def _float(element: Element, place: str) -> float:
    try:
        number = float(element.get("value", ""))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise bad("ecg-damaged", _("{place} 的数值无效。"), place=place)
    return number


def _clean(text: str) -> str:
    return "".join(character for character in text[: 10 * MAX_TEXT] if character.isprintable())[:MAX_TEXT]
