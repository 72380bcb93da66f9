"""From channels in millivolt to a recording: what holds for every format is checked here once."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from xinglin.diagnostics.ecg.limits import (
    MAX_AMPLITUDE_MV,
    MAX_DURATION_S,
    MAX_SAMPLES,
    MAX_SAMPLING_HZ,
    MAX_VOLTAGE_MV,
    MIN_SAMPLING_HZ,
    bad,
)
from xinglin.diagnostics.ecg.naming import lead_order
from xinglin.diagnostics.ecg.recording import EcgRecording, Lead, ReadingWarning
from xinglin.web.formats import listed_text

Samples = NDArray[np.float32]

listed_lazily = lazy(listed_text, str)

#: limb leads that follow from I and II (Einthoven, Goldberger): name → factors of I and of II
_FROM_I_AND_II = {"III": (-1.0, 1.0), "aVR": (-0.5, -0.5), "aVL": (1.0, -0.5), "aVF": (-0.5, 1.0)}
_CHEST = ("V1", "V2", "V3", "V4", "V5", "V6")


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """One lead's samples in millivolt, beginning `offset` samples after the start of the recording."""

    name: str
    samples: Samples
    offset: int = 0


def check_sampling(sampling_hz: float, *, place: str) -> float:
    """The sampling rate, refused outside 100 to 2000 Hz."""
    if not math.isfinite(sampling_hz) or not MIN_SAMPLING_HZ <= sampling_hz <= MAX_SAMPLING_HZ:
        raise bad(
            "ecg-sampling-rate",
            _("采样率 {rate} Hz 超出允许范围（100–2000 Hz）。"),
            place=place,
            rate=f"{sampling_hz:g}",
        )
    return sampling_hz


def check_size(n_channels: int, n_samples: int, sampling_hz: float, *, place: str) -> None:
    """Refuse a declared size before anything of that size is made."""
    if n_channels * n_samples > MAX_SAMPLES and n_samples <= MAX_DURATION_S * sampling_hz:
        raise bad("ecg-too-long", _("采样总数超出上限（{most} 个）。"), place=place, most=MAX_SAMPLES)
    if n_samples > MAX_DURATION_S * sampling_hz:
        raise bad(
            "ecg-too-long", _("记录时长 {seconds} 秒，超出静息心电图的上限（{most} 秒）。这里只接收静息心电图。"),
            place=place, seconds=f"{n_samples / sampling_hz:.0f}", most=MAX_DURATION_S,
        )  # fmt: skip


def in_millivolt(raw: NDArray[Any], *, per_unit: float, baseline: float, place: str) -> Samples:
    """Encoded samples times millivolt per unit, plus the baseline, as float32.

    :raises InvalidInput: a factor that is no number, zero, or leads beyond any voltage of a body
    """
    reach = abs(per_unit) * float(np.abs(raw.astype(np.float64)).max(initial=0)) + abs(baseline)
    if not math.isfinite(per_unit) or per_unit == 0 or not math.isfinite(reach) or reach > MAX_VOLTAGE_MV:
        raise bad("ecg-scale", _("{place} 的灵敏度、基线或单位有误，无法换算为毫伏。"), place=place)
    return (raw * np.float64(per_unit) + baseline).astype(np.float32)


def assemble(
    channels: list[Channel], *, sampling_hz: float, warnings: list[ReadingWarning], **facts: Any
) -> EcgRecording:
    """The recording of these channels: aligned, completed, ordered and checked.

    :raises InvalidInput: no lead, an empty lead, a flat recording, or amplitudes that no heart makes
    """
    if not channels:
        raise bad("ecg-no-leads", _("文件中没有心电导联。"))
    for channel in channels:
        if not len(channel.samples) or bool(np.isnan(channel.samples).all()):
            raise bad("ecg-empty-lead", _("{lead} 导联没有数据。"), place=channel.name, lead=channel.name)
    n_samples = max(channel.offset + len(channel.samples) for channel in channels)
    check_size(len(channels), n_samples, sampling_hz, place="leads")
    leads = _aligned(channels, n_samples, warnings)
    _check_amplitude(leads)
    _complete(leads, warnings)
    _note_quality(leads, n_samples / sampling_hz, warnings)
    ordered = sorted(leads.items(), key=lambda item: lead_order(item[0]))
    for _name, samples in ordered:
        samples.flags.writeable = False
    return EcgRecording(
        leads=tuple(Lead(name, samples) for name, samples in ordered), sampling_hz=sampling_hz,
        duration_s=n_samples / sampling_hz, warnings=tuple(warnings), **facts,
    )  # fmt: skip


def warn(warnings: list[ReadingWarning], code: str, message: Any, **values: object) -> None:
    """Add a warning once."""
    if all(each.code != code for each in warnings):
        warnings.append(ReadingWarning(code, format_lazy(message, **values) if values else message))


def _aligned(channels: list[Channel], n_samples: int, warnings: list[ReadingWarning]) -> dict[str, Samples]:
    leads: dict[str, Samples] = {}
    for channel in sorted(channels, key=lambda each: -len(each.samples)):
        if channel.name in leads:  # the rhythm strip repeats a lead: the longer one is kept
            if len(leads[channel.name]) == len(channel.samples):
                warn(warnings, "repeated-lead", _("{lead} 导联在文件中重复出现，只显示第一条。"), lead=channel.name)
            continue
        if channel.offset or len(channel.samples) < n_samples:
            whole = np.full(n_samples, np.nan, dtype=np.float32)
            whole[channel.offset : channel.offset + len(channel.samples)] = channel.samples
            warn(warnings, "not-simultaneous", _("各导联并非全程同步采集，空白处没有数据。"))
        else:
            whole = np.ascontiguousarray(channel.samples, dtype=np.float32)
        leads[channel.name] = whole
    return {channel.name: leads[channel.name] for channel in channels}


def _check_amplitude(leads: dict[str, Samples]) -> None:
    flat = 0
    for name, samples in leads.items():
        swing = np.abs(samples - np.nanmedian(samples))
        if float(np.nanpercentile(swing, 99)) > MAX_AMPLITUDE_MV:
            raise bad(
                "ecg-scale", _("{lead} 导联幅度超过 {most} mV，文件中的灵敏度或单位有误。"),
                place=name, lead=name, most=f"{MAX_AMPLITUDE_MV:g}",
            )  # fmt: skip
        flat += float(np.nanmax(swing)) == 0
    if flat == len(leads):
        raise bad("ecg-flat", _("所有导联都是一条直线，没有心电信号，请检查电极后重新采集。"))


def _complete(leads: dict[str, Samples], warnings: list[ReadingWarning]) -> None:
    missing = [name for name in _FROM_I_AND_II if name not in leads]
    if not missing or not {"I", "II", *_CHEST} <= leads.keys():
        return
    one, two = leads["I"], leads["II"]
    for name in missing:
        of_one, of_two = _FROM_I_AND_II[name]
        leads[name] = (of_one * one + of_two * two).astype(np.float32)
    warn(warnings, "derived-leads", _("{leads} 由 I、II 导联按定义计算得出。"), leads=listed_lazily(missing))


def _note_quality(leads: dict[str, Samples], duration_s: float, warnings: list[ReadingWarning]) -> None:
    flat = [name for name, samples in leads.items() if float(np.nanmax(samples)) == float(np.nanmin(samples))]
    if flat:
        warn(warnings, "flat-lead", _("{leads} 导联为直线，可能电极脱落。"), leads=listed_lazily(flat))
    if duration_s < 5:
        warn(warnings, "short", _("记录只有 {seconds} 秒，不足以判断节律。"), seconds=f"{duration_s:.1f}")
    if {"I", "II", "III"} <= leads.keys():
        off = np.abs(leads["I"] + leads["III"] - leads["II"])
        known = off[~np.isnan(off)]
        if len(known) and float(np.percentile(known, 95)) > 0.15:
            warn(warnings, "einthoven", _("肢体导联不满足 II = I + III，文件中的肢体导联有误。"))
    if len(set(leads) & {"I", "II", "III", "aVR", "aVL", "aVF", *_CHEST}) < 12:
        warn(warnings, "not-twelve", _("不是完整的十二导联心电图（共 {n} 个导联）。"), n=len(leads))
