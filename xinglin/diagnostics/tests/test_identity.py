"""Does a file name the person it was sent for?"""

from datetime import date

import pytest

from xinglin.diagnostics.ecg import PatientInFile
from xinglin.diagnostics.identity import mismatches, same_name

WANG = {
    "name": "王小麦",
    "pinyin": "wangxiaomai",
    "born_on": date(1963, 4, 15),
    "sex": "1",
    "id_number": "370403196304150011",
}


@pytest.mark.parametrize(
    "written",
    [
        "王小麦",
        "王^小麦",
        "WANG^XIAOMAI",
        "Wang^Xiao Mai",
        "xiaomai wang",
        "Wang Xiaomai=王^小麦",
        "WÁNG^XIǍOMÀI",
        "",
        "Anonymous",
        "匿名",
        "^^^^",
    ],
)
def test_the_same_person(written: str):
    assert same_name(written, "王小麦", "wangxiaomai")


@pytest.mark.parametrize("written", ["李秀英", "LI^XIUYING", "王小", "wangxiao", "Wang=李^秀英"])
def test_another_person(written: str):
    assert not same_name(written, "王小麦", "wangxiaomai")


@pytest.mark.parametrize(
    ("patient", "signs"),
    [
        (PatientInFile(), []),
        (PatientInFile(name="王小麦", birth_date=date(1963, 4, 15), sex="M"), []),
        (PatientInFile(id="642341"), []),
        (PatientInFile(id="370403196304150011"), []),
        (PatientInFile(id="370403197101230022"), ["other-identity"]),
        (PatientInFile(birth_date=date(1963, 4, 16)), ["other-birth-date"]),
        (PatientInFile(sex="F"), ["other-sex"]),
        (PatientInFile(sex="O"), []),
        (
            PatientInFile(name="李秀英", birth_date=date(1971, 1, 23), sex="F"),
            ["other-name", "other-birth-date", "other-sex"],
        ),
    ],
)
def test_signs_of_another(patient: PatientInFile, signs: list[str]):
    assert mismatches(patient, **WANG) == signs


def test_an_identity_document_that_is_not_known_is_no_mismatch():
    assert mismatches(PatientInFile(id="370403197101230022"), **{**WANG, "id_number": None}) == []
