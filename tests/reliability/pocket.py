"""Alma's telephone with one change that waits, and one well-formed call of each operation of telephones."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.factories.county import County
from tests.factories.pocket import a_device, a_visit_noted, sent
from tests.factories.programmes import STABLE


class Pocket:
    """Of a resident in a programme."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        self.resident, self.at = resident, at
        self.device = a_device(county, at=at)
        noted = a_visit_noted(resident, at=at - timedelta(days=2))
        self.change = sent(self.device, noted, by=county.alma, at=at, sent_at=at - timedelta(days=2))

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body, its query."""
        device, mine = str(self.device.uuid), f"?device={self.device.uuid}"
        change = {
            "client_id": uuid4(), "kind": "visit", "resident": self.resident.uuid, "happened_at": self.at, "base_revision": 0,
            "content": {"channel": "PHONE", "answers": {**STABLE, "new_complication": False}},
        }  # fmt: skip
        return {
            "list_pocket_devices": (),
            "register_pocket_device": (None, {"name": "新手机"}),
            "wipe_pocket_device": (device, {"reason": "手机丢失"}),
            "end_pocket_device": (device,),
            "read_pocket_panel": (None, None, mine),
            "read_pocket_definitions": (None, None, mine),
            "send_pocket_changes": (
                None,
                {"device": device, "sent_at": self.at + timedelta(hours=1), "changes": [change]},
            ),
            "list_pocket_reviews": (),
            "adopt_pocket_change": (self.change.uuid, {"happened_at": self.at - timedelta(hours=2)}),
            "reject_pocket_change": (self.change.uuid, {"reason": "重复的记录"}),
        }
