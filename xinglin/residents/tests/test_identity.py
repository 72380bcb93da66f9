"""Identity documents: what is accepted, refused with advice, and who counts as the same person."""

from datetime import date

import pytest

from tests.factories.residents import an_id_number
from xinglin.platform.errors import InvalidInput
from xinglin.residents import identity

TODAY = date(2026, 11, 20)
GOOD = an_id_number(date(1963, 4, 15), "1", sequence=7)


def _refusal(kind: str, number: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        identity.check_document(kind, number, on=TODAY)
    return refusal.value


def test_a_good_number_tells_birth_date_and_sex() -> None:
    document = identity.check_document("RESIDENT_ID", GOOD, on=TODAY)

    assert (document.born_on, document.sex) == (date(1963, 4, 15), "1")


def test_spaces_hyphens_and_full_width_digits_are_read() -> None:
    typed = "　".join((GOOD[:6], GOOD[6:14], GOOD[14:])).translate({ord(d): ord(d) + 0xFEE0 for d in "0123456789"})

    assert identity.check_document("RESIDENT_ID", typed, on=TODAY).number == GOOD


def test_every_wrong_check_digit_is_refused() -> None:
    for digit in set("0123456789X") - {GOOD[-1]}:
        assert _refusal("RESIDENT_ID", GOOD[:-1] + digit).code == "id-check-digit"


def test_every_single_wrong_digit_is_noticed() -> None:
    for place in range(17):
        for digit in set("0123456789") - {GOOD[place]}:
            assert _refusal("RESIDENT_ID", GOOD[:place] + digit + GOOD[place + 1 :]).code.startswith("id-")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("", "id-required"),
        ("370403630415007", "id-old-number"),
        ("37040319630415", "id-shape"),
        ("3704031963041500AB", "id-shape"),
        ("990403196304150071", "id-province"),
        ("370403196302300071", "id-birth-date"),
        ("370403196313010071", "id-birth-date"),
        (an_id_number(date(2026, 11, 21)), "id-born-in-future"),
        (an_id_number(date(1895, 1, 1)), "id-too-old"),
        ("١٢٣٤٥٦١٩٦٣٠٤١٥٠٠٧١", "id-shape"),
    ],
)
def test_a_number_that_cannot_be_is_refused_with_its_reason(number: str, code: str) -> None:
    refusal = _refusal("RESIDENT_ID", number)

    assert refusal.code in {code, "id-province"}
    assert "id_number" in refusal.fields


def test_a_leap_day_is_a_birthday_in_leap_years_only() -> None:
    assert identity.check_document("RESIDENT_ID", an_id_number(date(2000, 2, 29)), on=TODAY).born_on == date(
        2000, 2, 29
    )
    assert _refusal("RESIDENT_ID", "370403190102290071").code == "id-birth-date"


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("PASSPORT", " e 1234-5678 ", "E12345678"),
        ("BIRTH_CERTIFICATE", "z370000001", "Z370000001"),
        ("FOREIGN_PERMIT", "usa110085120101", "USA110085120101"),
        ("HMT_PERMIT", "H12345678", "H12345678"),
        ("MILITARY", "军字第2001988号", "军字第2001988号"),
    ],
)
def test_other_documents_are_normalised(kind: str, typed: str, kept: str) -> None:
    assert identity.check_document(kind, typed, on=TODAY).number == kept


@pytest.mark.parametrize(
    ("kind", "number"),
    [("PASSPORT", "12"), ("BIRTH_CERTIFICATE", "370000001"), ("NONE", "1"), ("PASSPORT", "A1' OR 1=1")],
)
def test_other_documents_out_of_shape_are_refused(kind: str, number: str) -> None:
    assert "id_number" in _refusal(kind, number).fields


def test_sex_and_birth_date_must_agree_with_the_number() -> None:
    document = identity.check_document("RESIDENT_ID", GOOD, on=TODAY)

    with pytest.raises(InvalidInput) as wrong_sex:
        identity.check_agreement(document, born_on=date(1963, 4, 15), sex="2")
    with pytest.raises(InvalidInput) as wrong_date:
        identity.check_agreement(document, born_on=date(1963, 4, 16), sex="1")

    assert set(wrong_sex.value.fields) == {"sex"}
    assert set(wrong_date.value.fields) == {"born_on"}


def test_a_household_book_with_the_same_number_is_the_same_person() -> None:
    card = identity.check_document("RESIDENT_ID", GOOD, on=TODAY)
    book = identity.check_document("HOUSEHOLD_BOOK", GOOD, on=TODAY)

    assert card.index == book.index
    assert card.index != identity.identity_index("PASSPORT", GOOD)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("139 0000 0000", "13900000000"), ("+86 139-0000-0000", "13900000000"), ("0632-4412345", "06324412345"), ("", "")],
)
def test_telephone_numbers_are_normalised(typed: str, kept: str) -> None:
    assert identity.normalise_phone(typed) == kept


@pytest.mark.parametrize("typed", ["12345", "23900000000", "139000000000", "139oooo0000", "<script>"])
def test_a_wrong_telephone_number_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        identity.normalise_phone(typed)

    assert "phone" in refusal.value.fields
