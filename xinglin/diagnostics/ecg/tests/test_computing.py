"""Computed rates on real recordings: against the device's own, and silence where nobody could tell."""

from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pytest

from tests.factories.diagnostics import ECG_PATH
from xinglin.diagnostics.ecg import read_ecg
from xinglin.diagnostics.ecg.computing import compute
from xinglin.diagnostics.ecg.recording import Lead


@pytest.fixture(scope="module")
def real():
    with ECG_PATH.open("rb") as file:
        return read_ecg(file)


def of(recording, change):
    return replace(
        recording, measurements=(), leads=tuple(Lead(each.name, change(each.samples)) for each in recording.leads)
    )


def test_the_rate_of_a_real_recording_is_that_of_its_device(real):
    device = real.measurement("rr-interval").value

    found = compute(of(real, lambda samples: samples))

    assert device == 982
    assert found.rr_interval == pytest.approx(device, abs=5)
    assert found.heart_rate == pytest.approx(60_000 / device, abs=0.3)
    assert (found.n_beats, found.n_leads) == (10, 12)
    assert 950 <= found.rr_shortest <= found.rr_longest <= 1005
    assert found.by == f"sleepecg {version('sleepecg')}"


def test_where_the_device_measured_nothing_is_computed(real):
    assert compute(real) is None


@pytest.mark.parametrize(("step", "hertz", "rate"), [(2, 500.0, 61.1), (4, 250.0, 61.1), (1, 2000.0, 122.2)])
def test_the_rate_follows_the_clock_of_the_samples(real, step, hertz, rate):
    found = compute(replace(of(real, lambda samples: samples[::step]), sampling_hz=hertz))
    assert found.heart_rate == pytest.approx(rate, abs=0.6)


def test_noise_flat_lines_and_gaps_say_nothing(real):
    noise = np.random.default_rng(1)
    assert compute(of(real, lambda samples: np.zeros_like(samples))) is None
    assert compute(of(real, lambda samples: noise.normal(0, 0.3, len(samples)).astype(np.float32))) is None
    assert compute(of(real, lambda samples: np.where(np.arange(len(samples)) % 3 == 0, np.nan, samples))) is None


def test_a_lead_that_is_off_does_not_spoil_the_rest(real):
    bare = of(real, lambda samples: samples)
    leads = (Lead("I", np.zeros_like(bare.leads[0].samples)), *bare.leads[1:])
    found = compute(replace(bare, leads=leads))
    assert found.n_leads == 11
    assert found.heart_rate == pytest.approx(61.1, abs=0.3)
