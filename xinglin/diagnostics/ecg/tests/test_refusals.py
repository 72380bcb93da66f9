"""Every bad file is refused with a stable code and a message in Chinese that says what is wrong."""

import re
import struct
import tracemalloc
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.uid import (
    JPEG2000,
    AmbulatoryECGWaveformStorage,
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from xinglin.diagnostics.ecg import MAX_BYTES, EcgRecording, read_ecg, trace_json, trace_svg
from xinglin.diagnostics.ecg.tests import building
from xinglin.platform.errors import DomainError, InvalidInput, TooLarge

REAL = Path(str(get_testdata_file("waveform_ecg.dcm", download=False))).read_bytes()
GOOD = building.file_of(building.ecg(WaveformSequence=[building.group(building.voltages(200))]))
MARKUP = building.aecg(leads={"MDC_ECG_LEAD_I": "1 2 3 4 5 6 7 8", "MDC_ECG_LEAD_II": "5 4 3 2 1 0 9 8"})


def refused(data: bytes, code: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read_ecg(BytesIO(data))
    assert caught.value.code == code
    assert re.search("[\u4e00-\u9fff]", str(caught.value)), str(caught.value)
    assert "{" not in str(caught.value)
    return caught.value


def spoilt(**elements) -> bytes:
    """A file whose one group has these elements changed (None: removed)."""
    group = building.group(building.voltages())
    for keyword, value in elements.items():
        if value is None:
            delattr(group, keyword)
        else:
            setattr(group, keyword, value)
    return building.file_of(building.ecg(WaveformSequence=[group]))


def one_channel(**facts: str) -> bytes:
    group = building.group({"II": building.heart()})
    group.ChannelDefinitionSequence = [building.channel(2, **facts)]
    return building.file_of(building.ecg(WaveformSequence=[group]))


def element(group: int, number: int, vr: bytes, value: bytes, length: int | None = None) -> bytes:
    size = len(value) if length is None else length
    if vr in {b"OB", b"OW", b"SQ", b"UN", b"UT"}:
        return struct.pack("<HH2sHI", group, number, vr, 0, size) + value
    return struct.pack("<HH2sH", group, number, vr, size) + value


def raw_dicom(*elements: bytes, syntax: str = ExplicitVRLittleEndian) -> bytes:
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    return bytes(128) + b"DICM" + element(2, 0x10, b"UI", uid) + b"".join(elements)


class TestNotAnEcg:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "ecg-empty-file"),
            (b"hello, world", "ecg-unknown-format"),
            (b"%PDF-1.7 " * 50, "ecg-unknown-format"),
            (b"\xff\xd8\xff\xe0" + bytes(500), "ecg-unknown-format"),
            (bytes(132), "ecg-unknown-format"),
            (b"\x12\x34" + struct.pack("<I", 4000) + bytes(10) + b"SCPECG" + bytes(200), "ecg-scp-not-read"),
            (b"<html><body/></html>", "ecg-not-an-ecg"),
            (bytes(128) + b"DICM", "ecg-damaged"),
        ],
    )
    def test_other_files(self, data, code):
        refused(data, code)

    def test_scp_says_what_to_export_instead(self):
        said = str(refused(bytes(16) + b"SCPECG" + bytes(99), "ecg-scp-not-read"))
        assert "DICOM" in said
        assert "aECG" in said

    def test_the_name_is_in_the_message_but_never_decides(self):
        with pytest.raises(InvalidInput, match="心电图.dcm"):
            read_ecg(BytesIO(b"no"), filename="心电图.dcm")
        assert read_ecg(BytesIO(GOOD), filename="photo.jpg").format == "dicom-12lead"

    def test_other_dicom(self):
        said = refused(building.file_of(building.ecg(SOPClassUID=CTImageStorage)), "ecg-not-an-ecg")
        assert "CT Image Storage" in str(said)
        refused(building.file_of(building.ecg(SOPClassUID=AmbulatoryECGWaveformStorage)), "ecg-ambulatory")

    def test_dicom_without_a_waveform(self):
        dataset = building.ecg()
        del dataset.WaveformSequence
        refused(building.file_of(dataset), "ecg-no-waveform")
        refused(building.file_of(building.ecg(WaveformSequence=[])), "ecg-no-waveform")
        refused(spoilt(WaveformOriginality="DERIVED"), "ecg-no-waveform")

    @pytest.mark.parametrize("syntax", [DeflatedExplicitVRLittleEndian, JPEG2000, "1.2.3.4"])
    def test_compressed(self, syntax):
        refused(raw_dicom(zlib.compress(bytes(1000)), syntax=syntax), "ecg-compressed")


class TestDicomValues:
    @pytest.mark.parametrize("hz", ["0", "-500", "1", "99", "2001", "1e9"])
    def test_sampling_rate(self, hz):
        refused(spoilt(SamplingFrequency=hz), "ecg-sampling-rate")

    def test_no_sampling_rate(self):
        refused(spoilt(SamplingFrequency=None), "ecg-damaged")

    def test_channels(self):
        refused(spoilt(NumberOfWaveformChannels=0), "ecg-no-leads")
        refused(spoilt(NumberOfWaveformChannels=5000), "ecg-no-leads")
        refused(spoilt(ChannelDefinitionSequence=[]), "ecg-sample-count")
        refused(spoilt(ChannelDefinitionSequence=[building.channel(1)]), "ecg-sample-count")

    def test_fewer_and_more_samples_than_declared(self):
        said = refused(spoilt(NumberOfWaveformSamples=5001), "ecg-truncated")
        assert "120024" in str(said)
        assert "120000" in str(said)
        refused(spoilt(NumberOfWaveformSamples=4999), "ecg-sample-count")
        refused(spoilt(WaveformData=None), "ecg-truncated")
        refused(spoilt(NumberOfWaveformSamples=0), "ecg-empty-lead")

    def test_a_declared_size_is_refused_before_anything_is_made(self):
        tracemalloc.start()
        refused(spoilt(NumberOfWaveformSamples=0xFFFFFFFF), "ecg-too-long")
        refused(spoilt(NumberOfWaveformSamples=400_000, SamplingFrequency="500"), "ecg-too-long")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 8_000_000

    @pytest.mark.parametrize(("bits", "kind"), [(16, "MB"), (8, "AB"), (24, "SS"), (0, "SS"), (16, "SB"), (16, None)])
    def test_sample_format(self, bits, kind):
        refused(spoilt(WaveformBitsAllocated=bits, WaveformSampleInterpretation=kind), "ecg-sample-format")

    @pytest.mark.parametrize(
        "facts",
        [{"sensitivity": "0"}, {"sensitivity": "1e30"}, {"baseline": "1e30"}, {"unit": "V"}, {"sensitivity": "9999"}],
    )
    def test_scale(self, facts):
        refused(one_channel(**facts), "ecg-scale")

    def test_no_sensitivity(self):
        group = building.group({"II": building.heart()})
        del group.ChannelDefinitionSequence[0].ChannelSensitivity
        said = refused(building.file_of(building.ecg(WaveformSequence=[group])), "ecg-scale")
        assert list(said.fields) == ["II"]

    @pytest.mark.parametrize("text", [b"NaN ", b"inf ", b"1\\2 ", b"abc "])
    def test_a_number_that_is_none(self, text):
        data = one_channel(sensitivity="7777")
        assert data.count(b"7777") == 1
        refused(data.replace(b"7777", text), "ecg-damaged")

    def test_only_channels_that_are_no_voltage(self):
        refused(one_channel(unit="mm[Hg]"), "ecg-no-leads")

    def test_no_signal_at_all(self):
        refused(building.file_of(building.ecg(WaveformSequence=[building.group({"I": np.zeros(5000)})])), "ecg-flat")

    def test_nothing_but_padding(self):
        group = building.group({"I": np.zeros(5000)})
        group.add_new(0x5400100A, "OW", b"\0\0")
        refused(building.file_of(building.ecg(WaveformSequence=[group])), "ecg-empty-lead")


class TestDicomStructure:
    def test_cut_anywhere(self):
        said = refused(REAL[: len(REAL) - 5000], "ecg-truncated")
        assert "字节" in str(said)
        refused(REAL[:60_000], "ecg-truncated")

    def test_a_length_that_lies(self):
        refused(raw_dicom(element(8, 0x16, b"UI", b"1.2", length=60_000)), "ecg-truncated")
        refused(raw_dicom(element(0x5400, 0x1010, b"OW", b"", length=0xFFFFFFFE)), "ecg-truncated")
        inner = element(8, 0x100, b"SH", b"ab", length=500)
        item = struct.pack("<HHI", 0xFFFE, 0xE000, len(inner)) + inner
        refused(
            raw_dicom(element(0x5400, 0x100, b"SQ", item), element(0x5400, 0x200, b"OB", bytes(4000))), "ecg-damaged"
        )

    def test_an_undefined_length_where_none_may_be(self):
        refused(raw_dicom(element(8, 0x16, b"OB", b"", length=0xFFFFFFFF)), "ecg-damaged")

    def test_a_sequence_without_items(self):
        refused(raw_dicom(element(0x5400, 0x100, b"SQ", bytes(16))), "ecg-damaged")

    @pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
    def test_a_sequence_that_never_ends(self, syntax):
        begin = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
        sequence = struct.pack("<HH2sHI", 0x5400, 0x100, b"SQ", 0, 0xFFFFFFFF)
        if syntax == ImplicitVRLittleEndian:
            sequence = struct.pack("<HHI", 0x5400, 0x100, 0xFFFFFFFF)
        refused(raw_dicom(sequence, begin, syntax=syntax), "ecg-truncated")
        refused(raw_dicom((sequence + begin) * 5000, syntax=syntax), "ecg-damaged")

    def test_millions_of_items_are_stopped_early(self):
        item = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
        data = raw_dicom(element(0x5400, 0x100, b"SQ", item * 2_000_000))
        tracemalloc.start()
        refused(data, "ecg-damaged")
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 20_000_000 + 2 * len(data)

    def test_a_number_of_many_megabytes_in_implicit_encoding(self):
        value = b"1\\" * 5_000_000
        long = struct.pack("<HHI", 0x0018, 0x1068, len(value)) + value
        refused(raw_dicom(long, syntax=ImplicitVRLittleEndian), "ecg-damaged")


class TestXml:
    def test_bombs_and_entities(self):
        bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        refused(building.aecg(prolog=bomb), "ecg-damaged")
        refused(building.aecg(prolog='<!DOCTYPE a SYSTEM "file:///etc/passwd">'), "ecg-damaged")
        refused(b"<AnnotatedECG>" + b"<a/>" * 300_000 + b"</AnnotatedECG>", "ecg-damaged")
        refused(b"<a>" * 5000, "ecg-damaged")

    def test_cut_and_broken(self):
        data = building.aecg()
        said = refused(data[: len(data) // 2], "ecg-truncated")
        assert "行" in str(said)
        refused(data.replace(b"</series>", b"</seri>"), "ecg-damaged")
        refused(data.replace(b"UTF-8", b"X-NONE"), "ecg-damaged")

    @pytest.mark.parametrize("digits", ["1 2 NaN 4", "1 2 x 4", "1 2 1e999 4", "1 - 2", "1 2 0x10", "inf 1"])
    def test_samples_that_are_no_numbers(self, digits):
        said = refused(building.aecg(leads={"MDC_ECG_LEAD_V2": digits}), "ecg-bad-sample")
        assert list(said.fields) == ["V2"]

    def test_leads(self):
        refused(building.aecg(leads={}), "ecg-no-leads")
        refused(building.aecg(leads={"MDC_ECG_LEAD_I": ""}), "ecg-empty-lead")
        refused(building.aecg(leads={"MDC_ECG_LEAD_I": "1 2 3", "MDC_ECG_LEAD_II": "1 2"}), "ecg-sample-count")
        refused(building.aecg(leads={f"MDC_ECG_LEAD_{i}": "1 2 3" for i in range(70)}), "ecg-no-leads")

    @pytest.mark.parametrize("step", ["", 'value="0" unit="s"', 'value="1"', 'value="0.002" unit="h"', 'value="1e-9"'])
    def test_sampling_rate(self, step):
        refused(building.aecg(increment=step and f"<increment {step}/>"), "ecg-sampling-rate")

    def test_scale(self):
        refused(building.aecg(scale="0"), "ecg-scale")
        refused(building.aecg(scale="many"), "ecg-damaged")
        refused(building.aecg(unit="V"), "ecg-scale")
        refused(building.aecg(unit="kg"), "ecg-no-leads")

    def test_no_rhythm(self):
        refused(building.aecg(series="REPRESENTATIVE_BEAT"), "ecg-no-waveform")
        refused(b'<AnnotatedECG xmlns="urn:hl7-org:v3"/>', "ecg-no-waveform")

    def test_a_day_of_samples(self):
        refused(building.aecg(leads={"MDC_ECG_LEAD_I": "1 2 " * 200_000}), "ecg-too-long")

    def test_too_many_samples_in_all(self):
        leads = {f"MDC_ECG_LEAD_{i}": "1 2 " * 75_000 for i in range(60)}
        assert "采样总数" in str(refused(building.aecg(leads=leads), "ecg-too-long"))


class TestSize:
    def test_more_than_the_limit(self):
        class Endless:
            read_bytes = 0

            def read(self, n: int) -> bytes:
                self.read_bytes += n
                return bytes(n)

        file = Endless()
        with pytest.raises(TooLarge) as caught:
            read_ecg(file)
        assert caught.value.code == "ecg-too-large"
        assert "64" in str(caught.value)
        assert file.read_bytes == MAX_BYTES + 1


def read_or_refusal(data: bytes) -> EcgRecording | DomainError:
    try:
        return read_ecg(BytesIO(data))
    except DomainError as refusal:
        return refusal


def survives(data: bytes) -> None:
    """Nothing but a recording or a refusal comes out, and a recording can be drawn and sent."""
    recording = read_or_refusal(data)
    if isinstance(recording, DomainError):
        assert isinstance(recording, InvalidInput | TooLarge)
        assert recording.code.startswith("ecg-")
        assert str(recording)
        return
    assert isinstance(recording, EcgRecording)
    assert trace_svg(recording).endswith("</svg>")
    assert trace_json(recording).startswith(b"{")


FLIPS = st.lists(st.tuples(st.integers(0, 2**31), st.integers(0, 255)), min_size=1, max_size=12)


class TestFuzz:
    @settings(max_examples=150, deadline=None)
    @given(cut=st.integers(0, len(GOOD)))
    def test_truncated_dicom(self, cut):
        survives(GOOD[:cut])

    @settings(max_examples=300, deadline=None)
    @given(flips=FLIPS)
    def test_flipped_dicom(self, flips):
        # The last part is samples, where a flip only moves a point: most flips go into the structure before it.
        data = bytearray(GOOD)
        for where, value in flips:
            data[132 + where % (len(data) - 132 - 4500)] = value
        survives(bytes(data))

    @settings(max_examples=60, deadline=None)
    @given(flips=FLIPS, start=st.integers(0, 30_000))
    def test_flipped_real_file(self, flips, start):
        data = bytearray(REAL)
        for where, value in flips:
            data[132 + (start + where % 400) % (len(data) - 132)] = value
        survives(bytes(data))

    @settings(max_examples=200, deadline=None)
    @given(flips=FLIPS, cut=st.integers(0, 400))
    def test_flipped_aecg(self, flips, cut):
        data = bytearray(MARKUP)
        for where, value in flips:
            data[where % len(data)] = value
        survives(bytes(data[: len(data) - cut]))

    @settings(max_examples=100, deadline=None)
    @given(noise=st.binary(max_size=2000))
    def test_noise_behind_a_good_beginning(self, noise):
        survives(GOOD[:300] + noise)
        survives(raw_dicom(noise, syntax=ImplicitVRLittleEndian))
        survives(b"<AnnotatedECG xmlns='urn:hl7-org:v3'>" + noise)
