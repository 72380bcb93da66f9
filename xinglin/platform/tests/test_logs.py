"""What is struck out of a line of the log, and what is not."""

import pytest

from xinglin.platform.logs import scrub


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("tel 13912345678.", "tel ▮▮▮."),
        ("86-13912345678", "86-▮▮▮"),
        ("/api/v1/residents/37078319900307211X", "/api/v1/residents/▮▮▮"),
        ("phone=13912345678&id=370783199003072116", "phone=▮▮▮&id=▮▮▮"),
        ("order 20261122000139123", "order 20261122000139123"),
    ],
)
def test_numbers_of_persons_are_struck_out(text: str, left: str) -> None:
    assert scrub(text) == left


@pytest.mark.parametrize(
    "key", ["01a2058a-8e82-7440-a7aa-13912345678d", "01a2058a-8e82-7440-a7aa-d13912345678", "01A2058A-8E82-7440-A7AA-C15012345678"]
)  # fmt: skip
def test_a_record_key_stays_whole_whatever_its_digits(key: str) -> None:
    assert scrub(f"Not Found: /residents/{key}/edit/ 13912345678") == f"Not Found: /residents/{key}/edit/ ▮▮▮"
