"""Numbers that must be valid, unique and invented: identity cards, telephones, birth certificates.

A resident identity number is formally right (division, birth date, sequence, check digit) and drawn by chance: it may
coincide with that of a living person and says nothing about that person. Telephone numbers use the prefix 164, which
no operator has been given.
"""

from datetime import date, timedelta

PHONE_PREFIX = "164"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_EPOCH = date(1970, 1, 1)
_HALF = 500  # sequence numbers of one sex on one day
_PRIME = 61_803_399  # without a common factor with 10**8: neighbours get telephone numbers far apart


def check_digit(seventeen: str) -> str:
    """The last character of a resident identity number (GB 11643, MOD 11-2)."""
    return _CHECKS[sum(w * int(d) for w, d in zip(_WEIGHTS, seventeen, strict=True)) % 11]


class IdentityNumbers:
    """Resident identity numbers of one catchment. Catchments of a county share out days and sequence numbers by their
    `slot`, so that none of them ever meets another and each can be generated alone.
    """

    def __init__(self, county_code: str, slot: int, n_slots: int) -> None:
        self._county = county_code
        self._lanes = (n_slots + _HALF - 1) // _HALF
        self._lane, self._first = slot % self._lanes, slot // self._lanes
        self._step = (n_slots + self._lanes - 1) // self._lanes
        self._used: dict[tuple[int, bool], int] = {}

    def number(self, born: int, *, male: bool) -> tuple[int, str]:
        """A birth day (days since 1970, `born` or a few days earlier) and the number that goes with it."""
        while True:
            n = self._used.get((born, male), 0)
            sequence = self._first + n * self._step
            if born % self._lanes == self._lane and sequence < _HALF:
                break
            born -= 1
        self._used[born, male] = n + 1
        day = _EPOCH + timedelta(days=born)
        body = f"{self._county}{day:%Y%m%d}{2 * sequence + male:03d}"
        return born, body + check_digit(body)


def phone_number(index: int, seed: int) -> str:
    """The telephone number of the resident with this index: unique up to a hundred million."""
    return f"{PHONE_PREFIX}{(index * _PRIME + seed * 7919 + 12_345_678) % 10**8:08d}"


def birth_certificate(province_code: str, index: int) -> str:
    """Letter, province and seven digits, as on a birth certificate."""
    return f"Z{province_code}{index % 10**7:07d}"


def passport(index: int) -> str:
    """A passport number."""
    return f"X{index % 10**8:08d}"
