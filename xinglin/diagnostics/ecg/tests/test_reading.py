"""Good files are read to the right millivolt."""

import struct
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, GeneralECGWaveformStorage, ImplicitVRLittleEndian

from xinglin.diagnostics.ecg import STANDARD_LEADS, read_ecg
from xinglin.diagnostics.ecg.tests import building

REAL = Path(str(get_testdata_file("waveform_ecg.dcm", download=False)))


def read(data: bytes):
    return read_ecg(BytesIO(data))


@pytest.fixture(scope="module")
def recording():
    return read_ecg(REAL)


class TestTheRealFile:
    def test_leads_and_time(self, recording):
        assert recording.format == "dicom-12lead"
        assert recording.lead_names == STANDARD_LEADS
        assert (recording.sampling_hz, recording.duration_s, recording.n_samples) == (1000, 10, 10_000)
        assert recording.recorded_at == datetime(2013, 1, 25, 10, 59, 19, tzinfo=timezone(timedelta(hours=8)))
        assert recording.warnings == ()

    def test_samples_against_the_bytes_of_the_file(self, recording):
        # Found without the parser: tag (5400,1010), VR OW, then 12 interleaved int16 per millisecond, 1.25 µV each.
        data = REAL.read_bytes()
        at = data.index(b"\x00\x54\x10\x10OW\x00\x00")
        (length,) = struct.unpack_from("<I", data, at + 8)
        assert length == 240_000
        stored = struct.unpack_from("<120000h", data, at + 12)
        for position, name in enumerate(STANDARD_LEADS):
            expected = [value * 0.00125 for value in stored[position::12]]
            assert recording.lead(name).samples == pytest.approx(expected, abs=1e-6), name

    def test_known_voltages(self, recording):
        assert float(recording.lead("V5").samples.max()) == pytest.approx(1.9625)
        assert float(recording.lead("aVR").samples.min()) == pytest.approx(-0.93125)
        einthoven = recording.lead("I").samples + recording.lead("III").samples - recording.lead("II").samples
        assert float(np.abs(einthoven).max()) < 0.003

    def test_the_parsers_own_conversion_agrees(self, recording):
        ours = np.column_stack([lead.samples for lead in recording.leads])
        assert ours == pytest.approx(dcmread(REAL).waveform_array(0) / 1000, abs=1e-6)

    def test_what_the_device_measured(self, recording):
        values = {each.code: each.value for each in recording.measurements}
        assert values == {
            "heart-rate": 61.1, "rr-interval": 982, "pr-interval": 161, "qrs-duration": 75, "qt-interval": 368,
            "qtc-interval": 370, "p-axis": 74, "qrs-axis": 52, "t-axis": 57,
        }  # fmt: skip
        assert [each.code for each in recording.measurements if each.derived] == ["heart-rate"]
        assert recording.statements == ("RITMO SINUSALE", "ECG NORMALE")  # codespell:ignore

    def test_who_and_what(self, recording):
        patient = recording.patient
        assert (patient.name, patient.id, patient.birth_date, patient.sex) == (
            "Anonymous",
            "642341",
            date(1971, 1, 23),
            "F",
        )
        assert recording.device == "Mortara Instrument, Inc. el250"
        assert (recording.filters.high_pass_hz, recording.filters.low_pass_hz, recording.filters.notch_hz) == (
            0.05,
            300,
            None,
        )
        assert recording.study_uid == "1.3.76.13.65829.2.20130125082826.1072139.2"

    def test_samples_cannot_be_changed(self, recording):
        with pytest.raises(ValueError):
            recording.leads[0].samples[0] = 1


class TestDicom:
    @pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
    def test_every_uncompressed_encoding(self, syntax):
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        dataset = building.ecg(WaveformSequence=[building.group(building.voltages(), dtype=order + "i2")])
        recording = read(building.file_of(dataset, syntax))
        for name, expected in building.voltages().items():
            assert recording.lead(name).samples == pytest.approx(expected, abs=0.00126), name
        assert recording.patient.name == "王秀兰"

    @pytest.mark.parametrize(("dtype", "uv"), [("<i1", 20.0), ("<i4", 0.1)])
    def test_other_sample_sizes(self, dtype, uv):
        dataset = building.ecg(WaveformSequence=[building.group(building.voltages(), dtype=dtype, uv=uv)])
        assert read(building.file_of(dataset)).lead("V6").samples == pytest.approx(
            building.voltages()["V6"], abs=uv / 2000 + 1e-5
        )

    def test_scale_is_sensitivity_times_correction_plus_baseline(self):
        group = building.group({"I": building.heart(), "II": building.heart()}, uv=1)
        group.ChannelDefinitionSequence = [
            building.channel(1, sensitivity="0.5", unit="uV", correction="4", baseline="250"),
            building.channel(2, sensitivity="0.001", unit="mV", correction="1", baseline="-0.25"),
        ]
        recording = read(building.file_of(building.ecg(WaveformSequence=[group])))
        assert recording.lead("I").samples == pytest.approx(building.heart() * 2 + 0.25, abs=0.002)
        assert recording.lead("II").samples == pytest.approx(building.heart() - 0.25, abs=0.001)
        assert "not-twelve" in {each.code for each in recording.warnings}

    def test_limb_leads_are_completed_from_eight_stored_ones(self):
        stored = {name: mv for name, mv in building.voltages().items() if name not in {"III", "aVR", "aVL", "aVF"}}
        recording = read(building.file_of(building.ecg(WaveformSequence=[building.group(stored)])))
        assert recording.lead_names == STANDARD_LEADS
        assert recording.lead("aVL").samples == pytest.approx(building.voltages()["aVL"], abs=0.003)
        assert [each.code for each in recording.warnings] == ["derived-leads"]

    def test_groups_of_three_leads_stand_at_their_time(self):
        leads = building.voltages(1250)
        groups = []
        for index, names in enumerate(
            (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6"))
        ):
            groups.append(building.group({name: leads[name] for name in names}))
            groups[-1].MultiplexGroupTimeOffset = str(2500 * index)
        groups.append(building.group({"II": building.voltages()["II"]}))
        recording = read(building.file_of(building.ecg(WaveformSequence=groups)))
        assert recording.duration_s == 10
        v1 = recording.lead("V1").samples
        assert np.isnan(v1[:2500]).all()
        assert v1[2500:3750] == pytest.approx(leads["V1"], abs=0.002)
        assert not np.isnan(recording.lead("II").samples).any()
        assert [each.code for each in recording.warnings] == ["not-simultaneous"]

    def test_padding_is_missing_and_said_so(self):
        group = building.group(building.voltages())
        encoded = np.frombuffer(group.WaveformData, "<i2").copy()
        encoded[12 * 100 : 12 * 200] = -32768
        group.WaveformData = encoded.tobytes()
        group.add_new(0x5400100A, "OW", struct.pack("<h", -32768))
        recording = read(building.file_of(building.ecg(WaveformSequence=[group])))
        assert np.isnan(recording.lead("I").samples[100:200]).all()
        assert int(np.isnan(recording.lead("I").samples).sum()) == 100
        assert [each.code for each in recording.warnings] == ["missing-samples"]

    def test_averaged_beats_are_not_the_rhythm(self):
        beat = building.group(building.voltages(600), label="MEDIAN BEAT")
        beat.WaveformOriginality = "DERIVED"
        recording = read(building.file_of(building.ecg(WaveformSequence=[beat, building.group(building.voltages())])))
        assert recording.duration_s == 10

    def test_general_ecg_and_time_zone(self):
        dataset = building.ecg(SOPClassUID=GeneralECGWaveformStorage, TimezoneOffsetFromUTC="+0900")
        recording = read(building.file_of(dataset))
        assert recording.format == "dicom-general"
        assert recording.recorded_at == datetime(2026, 3, 12, 8, 30, 45, tzinfo=timezone(timedelta(hours=9)))

    def test_mdc_measurements_in_seconds_and_without_the_impossible(self):
        def said(name: str, value: str, unit: str) -> Dataset:
            item = Dataset()
            item.ConceptNameCodeSequence = [building.code(name)]
            item.MeasurementUnitsCodeSequence = [building.code(unit, unit, "UCUM")]
            item.NumericValue = value
            return item

        annotations = [
            said("2:16016", "72", "/min"), said("2:15872", "0.16", "s"), said("2:16156", "29999", "ms"),
            said("2:16160", "0", "ms"), said("2:16132", "-30", "deg"), said("2:9999", "5", "ms"),
        ]  # fmt: skip
        recording = read(building.file_of(building.ecg(WaveformAnnotationSequence=annotations)))
        assert {each.code: each.value for each in recording.measurements} == {
            "heart-rate": 72,
            "pr-interval": 160,
            "qrs-axis": -30,
        }

    def test_a_lead_that_came_off_is_named(self):
        leads = building.voltages() | {"V4": np.zeros(building.HZ * building.SECONDS)}
        recording = read(building.file_of(building.ecg(WaveformSequence=[building.group(leads)])))
        (warning,) = recording.warnings
        assert warning.code == "flat-lead"
        assert "V4" in str(warning.message)

    def test_limb_leads_that_contradict_each_other(self):
        leads = building.voltages()
        leads["III"] = -leads["III"] * 3
        recording = read(building.file_of(building.ecg(WaveformSequence=[building.group(leads)])))
        assert "einthoven" in {each.code for each in recording.warnings}

    def test_zeros_after_the_last_element(self):
        assert read(building.file_of(building.ecg()) + bytes(64)).duration_s == 10


class TestAecg:
    def test_everything_is_found(self):
        recording = read(building.aecg())
        assert recording.format == "aecg"
        assert recording.lead_names == STANDARD_LEADS
        assert (recording.sampling_hz, recording.duration_s) == (500, 2)
        for name, expected in building.voltages(1000).items():
            assert recording.lead(name).samples == pytest.approx(expected, abs=0.0026), name
        assert recording.recorded_at == datetime(2026, 3, 12, 8, 30, 45, tzinfo=timezone(timedelta(hours=8)))
        patient = recording.patient
        assert (patient.name, patient.id, patient.birth_date, patient.sex) == ("李建国", "S-77", date(1960, 1, 1), "M")
        assert {each.code: each.value for each in recording.measurements} == {"heart-rate": 60, "qt-interval": 400}
        assert recording.statements == ("窦性心律",)
        assert (recording.device, recording.filters.low_pass_hz) == ("Acme E12", 100)

    def test_scale_and_origin(self):
        digits = " ".join(["0", "100", "-100", "50"] * 200)
        recording = read(building.aecg(leads={"MDC_ECG_LEAD_II": digits}, scale="0.01", unit="mV", origin="0.5"))
        assert recording.lead("II").samples[:4] == pytest.approx([0.5, 1.5, -0.5, 1.0])

    def test_utf_16(self):
        text = building.aecg().decode().replace("UTF-8", "UTF-16")
        assert read(text.encode("utf-16")).patient.name == "李建国"

    def test_a_measurement_of_one_lead_is_not_global(self):
        one_lead = (
            '<component><annotation><code code="MDC_ECG_TIME_PD_QRS"/><value value="90" unit="ms"/>'
            "<support/></annotation></component>"
        )
        assert read(building.aecg(annotations=one_lead)).measurement("qrs-duration") is None
