"""Laboratory orders in every state, and one well-formed call of each operation of the laboratory."""

from datetime import datetime, timedelta
from typing import Any

from tests.factories import laboratory as made
from tests.factories.county import County
from xinglin.laboratory import actions
from xinglin.laboratory.models import Shipment


class Laboratory:
    """An order for each step, of Alma's clinic; some of them long ago, so that their specimens may go."""

    def __init__(self, county: County, resident: Any, *, at: datetime) -> None:
        whose, then = {"resident": resident}, at - timedelta(hours=4)
        self.resident, self.clinic = resident, county.clinic
        made.a_laboratory(county)
        self.ordered = made.an_order(county, at=then, **whose)
        self.collected = made.collected(county, at=then, **whose)
        self.sent = made.sent(county, at=then, **whose)
        self.received = made.received(county, at=then, **whose)
        self.entered = made.entered(county, made.CRITICAL, at=then, **whose)
        self.released = made.released(county, at=then, **whose)
        self.old = made.released(county, at=at - timedelta(days=20), **whose)
        (kept,) = made.specimens_of(self.old)
        actions.store_specimen(specimen=kept, position="A1", by=made.li(county), at=at - timedelta(days=19))
        self.shipment = Shipment.objects.get(specimens__request=self.sent)

    def calls(self) -> dict[str, tuple[Any, ...]]:
        """Operation → what stands in its path, its body, its query."""

        def code(order: Any) -> str:
            return made.specimens_of(order)[0].barcode

        order = {
            "resident": self.resident.uuid, "facility": self.clinic.uuid, "panels": ["cbc"], "question": "乏力3天",
        }  # fmt: skip
        results = [{"analyte": name, "value": value} for name, value in made.ELECTROLYTES.items()]
        return {
            "listPanels": (),
            "orderTests": (None, order),
            "getLaboratoryOrder": (self.released.uuid,),
            "getLaboratoryReportPdf": (self.released.uuid,),
            "getLabels": (self.ordered.uuid,),
            "getResultTrend": (self.released.uuid, None, "?analyte=K"),
            "getOwnResults": (None, None, "?analyte=K"),
            "listSpecimens": (None, None, "?show=collect"),
            "collectSpecimen": (code(self.ordered), {}),
            "noteNotCollected": (code(self.ordered), {"reason": "静脉塌陷"}),
            "undoCollection": (code(self.collected), {"reason": "扫错"}),
            "receiveSpecimen": (code(self.sent),),
            "refuseSpecimen": (code(self.sent), {"reason": "CLOTTED"}),
            "storeSpecimen": (code(self.released), {"position": "A3"}),
            "disposeSpecimen": (code(self.old),),
            "handOverSpecimens": (
                None, {"barcodes": [code(self.collected)], "courier_name": "赵", "celsius": "6.5"},
            ),
            "getShipment": (self.shipment.uuid,),
            "noteTemperature": (self.shipment.uuid, {"celsius": "7"}),
            "arriveShipment": (self.shipment.uuid, {"celsius": "7"}),
            "listReviewQueue": (),
            "enterResults": (self.received.uuid, {"results": results}),
            "releaseResults": (self.entered.uuid, {"confirmed": ["lab-k-high"]}),
        }  # fmt: skip
