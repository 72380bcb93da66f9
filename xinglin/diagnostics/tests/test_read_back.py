"""Was it said back, or only heard?"""

import pytest

from tests.factories.county import County, later
from tests.factories.diagnostics import a_critical
from xinglin.diagnostics import actions
from xinglin.diagnostics.read_back import repeats
from xinglin.platform.errors import InvalidInput

TEXTS = ("急性心肌梗死心电图改变（首次出现或再发）", "ECG signs of acute myocardial infarction, first or recurrent",
         "V1–V4导联ST段抬高0.3mV，考虑急性前壁心肌梗死\n危急值，请立即启动胸痛绿色通道")  # fmt: skip


@pytest.mark.parametrize(
    "said",
    ["王小麦", "王 小麦，收到", "WANGXIAOMAI", "心梗，急性", "心肌梗塞", "V1到V4抬高", "st抬高", "0.3毫伏", "acute infarction", "走绿色通道"],
)  # fmt: skip
def test_something_of_it_is_repeated(said: str):
    assert repeats(said, name="王小麦", pinyin="wangxiaomai", texts=TEXTS)


@pytest.mark.parametrize(
    "said",
    ["知道了", "收到", "好的，马上处理", "收到危急值，立即处理", "心电图收到", "ok", "OK, on it", "first of the", "1"],
)
def test_nothing_of_it_is_repeated(said: str):
    assert not repeats(said, name="王小麦", pinyin="wangxiaomai", texts=TEXTS)


def test_i_know_is_no_read_back(county: County):
    critical = a_critical(county)

    with pytest.raises(InvalidInput, match="例如：王小麦") as refusal:
        actions.acknowledge_critical(critical=critical, read_back="知道了", by=county.alma, at=later(3))

    assert (refusal.value.code, list(refusal.value.fields)) == ("nothing-repeated", ["read_back"])
