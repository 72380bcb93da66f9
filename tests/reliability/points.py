"""Points and goods of the matrix, and one well-formed call of each operation on them."""

from datetime import datetime
from typing import Any

from tests.factories.county import County
from tests.factories.points import SPOON, an_exchange, some_goods, some_points
from xinglin.platform import clock


class Points:
    """A resident of Alma's clinic with points, goods there, and an exchange that waits."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        self.county, self.resident = county, resident
        self.stock = some_goods(county, at=at)
        self.exchange = an_exchange(county, resident=resident, stock=self.stock, at=at)
        (self.earned,) = some_points(county, resident, at=at)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body."""
        person, exchange, clinic = self.resident.uuid, self.exchange.uuid, self.county.clinic.uuid
        today = clock.today().isoformat()
        return {
            "list_points_behaviours": (),
            "get_own_points": (),
            "get_points": (person,),
            "note_points_behaviour": (
                person, {"behaviour": "health-lecture", "on": today, "words": "高血压讲座", "facility": clinic},
            ),
            "take_back_points": (self.earned.uuid, {"reason": "录错人"}),
            "list_points_stock": (),
            "receive_points_goods": (None, {"good": SPOON, "n": 3, "words": "采购单", "facility": clinic}),
            "count_points_stock": (self.stock.uuid, {"on_hand": 4, "words": "破损"}),
            "list_points_exchanges": (),
            "reserve_points_exchange": (None, {"resident": person, "stock": self.stock.uuid}),
            "hand_over_points_exchange": (exchange, {"receiver": "王小麦", "on_paper": True}),
            "cancel_points_exchange": (exchange, {"reason": "不要了"}),
        }  # fmt: skip
