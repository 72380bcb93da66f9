"""REST interface of the laboratory: one operation each."""

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router

from xinglin.diagnostics import api as diagnostics
from xinglin.laboratory import actions, catalogue, documents, permissions, queries
from xinglin.laboratory import schemas as s
from xinglin.laboratory.data import Measured
from xinglin.laboratory.events import Look
from xinglin.laboratory.models import Specimen
from xinglin.laboratory.web import pages
from xinglin.network import api as network
from xinglin.platform import audit, clock
from xinglin.platform.actors import Actor
from xinglin.platform.errors import InvalidInput
from xinglin.residents import api as residents
from xinglin.visits import api as visits
from xinglin.web.api import ERRORS, write
from xinglin.web.documents import pdf_response

router = Router()


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


def _out(request: Any, by: Actor) -> s.LaboratoryOrderOut:
    return s.LaboratoryOrderOut.of(request, whole=bool(permissions.works_at(by, request.centre)))


@router.get(
    "/laboratory/panels", response={200: s.PanelsOut, **ERRORS}, operation_id="listPanels", summary="检验项目目录"
)
def list_panels(request: HttpRequest) -> s.PanelsOut:
    """What may be ordered today."""
    return s.PanelsOut(items=[s.PanelOut.of(each) for each in catalogue.panels(on=clock.today()).values()])


@router.post(
    "/laboratory/orders", response={201: s.LaboratoryOrderOut | diagnostics.SettledOut, **ERRORS}, operation_id="orderTests",
    summary="申请检验",
)  # fmt: skip
def order_tests(request: HttpRequest, payload: s.OrderTestsIn) -> HttpResponse:
    """Order panels; answers with the containers and their barcodes.

    422 ``recognisable-result``: an earlier result may stand for a panel; say in `answers` what is to become of it.
    """
    by, now = _actor(request), clock.now()

    def order() -> s.LaboratoryOrderOut | diagnostics.SettledOut:
        placed = actions.order_tests(asked=_asked(payload, by, now), by=by, at=now)
        return _out(placed, by) if placed else diagnostics.SettledOut(settled=payload.panels)

    try:
        return write(request, order, status=201)
    except diagnostics.AlreadyKnown as known:
        diagnostics.note_shown(known.order, by=by, at=now)
        raise


def _asked(payload: s.OrderTestsIn, by: Actor, now: Any) -> diagnostics.Asked:
    visit = visits.visible_visit(by, payload.visit, at=now) if payload.visit else None
    resident = residents.visible_resident(by, payload.resident, at=now) if payload.resident else None
    facility_id = network.facility_by_uuid(payload.facility).id if payload.facility else None
    if facility_id is None:
        facility_id = visit.facility_id if visit else by.place
    centres = list(diagnostics.centres_for(facility_id or 0, catalogue.KIND))
    chosen = [each for each in centres if payload.centre in {None, each.uuid}]
    if not chosen:
        raise InvalidInput(_("请选择检验中心。"), fields={"centre": _("请选择检验中心。")})
    return diagnostics.Asked(
        centre=chosen[0], items=payload.panels, question=payload.question, clinical=payload.clinical,
        priority=payload.priority, visit=visit, resident=resident, from_facility_id=facility_id,
        repeats=diagnostics.visible_request(by, payload.repeats) if payload.repeats else None,
        answers=[diagnostics.Answer(**each.model_dump()) for each in payload.answers],
    )  # fmt: skip


@router.get(
    "/laboratory/orders/{uuid:uuid}", response={200: s.LaboratoryOrderOut, **ERRORS},
    operation_id="getLaboratoryOrder", summary="检验申请与结果",
)  # fmt: skip
def get_order(request: HttpRequest, uuid: UUID) -> s.LaboratoryOrderOut:
    """One order with specimens and results. A look at the person."""
    by = _actor(request)
    found = queries.visible_order(by, uuid)
    audit.look(
        Look.ORDER, by=by, at=clock.now(), subject=found.resident.uuid, kind="diagnostics.request", key=str(uuid)
    )
    return _out(found, by)


@router.get(
    "/laboratory/orders/{uuid:uuid}/report.pdf", response={200: Any, **ERRORS}, operation_id="getLaboratoryReportPdf",
    summary="检验报告 PDF",
)  # fmt: skip
def get_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The newest report; 409 before there is one."""
    by = _actor(request)
    found = queries.visible_order(by, uuid)
    return pdf_response(documents.report_pdf(by, found, at=clock.now()), found.number)


@router.get(
    "/laboratory/orders/{uuid:uuid}/labels.pdf", response={200: Any, **ERRORS}, operation_id="getLabels",
    summary="标本条码 PDF",
)  # fmt: skip
def get_labels(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The labels, one on each page of 50 × 30 mm."""
    found, content = documents.labels_pdf(_actor(request), uuid, at=clock.now())
    return pdf_response(content, f"{found.number}-labels")


@router.get(
    "/laboratory/orders/{uuid:uuid}/trend", response={200: s.TrendOut, **ERRORS},
    operation_id="getResultTrend", summary="检验结果趋势",
)  # fmt: skip
def get_trend(request: HttpRequest, uuid: UUID, analyte: s.Slug) -> s.TrendOut:
    """The person's released results of one item, for who sees an order of his. A look at the person."""
    by = _actor(request)
    found = queries.visible_order(by, uuid)
    audit.look(
        Look.TREND, by=by, at=clock.now(), subject=found.resident.uuid, kind="diagnostics.request", key=str(uuid),
        analyte=analyte[:20],
    )  # fmt: skip
    return s.TrendOut.of(analyte[:20], queries.trend(residents.ids_of_person(found.resident), analyte[:20]))


@router.get(
    "/me/results", response={200: s.TrendOut, **ERRORS}, operation_id="getOwnResults",
    summary="我的检验结果",
)  # fmt: skip
def get_own(request: HttpRequest, analyte: s.Slug) -> s.TrendOut:
    """The caller's own released results of one item."""
    by = _actor(request)
    person = residents.own_resident(by)
    audit.look(Look.TREND, by=by, at=clock.now(), subject=person.uuid, kind="laboratory.result", key=analyte[:20])
    return s.TrendOut.of(analyte[:20], queries.trend(residents.ids_of_person(person), analyte[:20]))


@router.get(
    "/laboratory/specimens", response={200: s.SpecimensOut, **ERRORS}, operation_id="listSpecimens",
    summary="标本列表",
)  # fmt: skip
def list_specimens(
    request: HttpRequest, show: Literal["collect", "hand-over", "receive", "store", "dispose"] = "collect"
) -> s.SpecimensOut:
    """What waits to be taken or sent at the caller's unit, or to be received, kept or disposed of at his centre."""
    by, now = _actor(request), clock.now()
    found: dict[str, Callable[[], list[Specimen]]] = {
        "collect": lambda: queries.to_collect(by), "hand-over": lambda: queries.to_hand_over(by),
        "receive": lambda: queries.coming(by), "store": lambda: queries.to_store(by),
        "dispose": lambda: queries.to_dispose(by, on=clock.today(now)),
    }  # fmt: skip
    rows = found[show]()
    pages.note_list(by, show, (each.request for each in rows), at=now)
    return s.SpecimensOut(items=[s.SpecimenOut.of(each) for each in rows])


def _specimen(request: HttpRequest, barcode: str, act: Callable[[Specimen, Actor], Specimen]) -> HttpResponse:
    by = _actor(request)
    return write(request, lambda: s.SpecimenOut.of(act(queries.visible_specimen(by, barcode), by)))


@router.post(
    "/laboratory/specimens/{barcode}/collect", response={200: s.SpecimenOut, **ERRORS}, operation_id="collectSpecimen",
    summary="确认采集",
)  # fmt: skip
def collect(request: HttpRequest, barcode: str, payload: s.CollectIn) -> HttpResponse:
    """Confirm that a container was filled."""
    said = payload.model_dump()
    return _specimen(
        request, barcode,
        lambda found, by: actions.collect_specimen(specimen=found, **said, by=by, at=clock.now()),
    )  # fmt: skip


@router.post(
    "/laboratory/specimens/{barcode}/not-collected", response={200: s.SpecimenOut, **ERRORS},
    operation_id="noteNotCollected", summary="未能采集",
)  # fmt: skip
def not_collected(request: HttpRequest, barcode: str, payload: s.WhyIn) -> HttpResponse:
    """Say that a container could not be filled; the order goes on without it."""
    return _specimen(
        request, barcode,
        lambda found, by: actions.note_not_collected(specimen=found, remark=payload.reason, by=by, at=clock.now()),
    )  # fmt: skip


@router.post(
    "/laboratory/specimens/{barcode}/undo-collection", response={200: s.SpecimenOut, **ERRORS},
    operation_id="undoCollection", summary="撤回采集",
)  # fmt: skip
def undo_collection(request: HttpRequest, barcode: str, payload: s.WhyIn) -> HttpResponse:
    """Take a confirmation back while the container is not handed over: it waits to be collected again."""
    return _specimen(
        request, barcode,
        lambda found, by: actions.undo_collection(specimen=found, reason=payload.reason, by=by, at=clock.now()),
    )  # fmt: skip


@router.post(
    "/laboratory/specimens/{barcode}/receive", response={200: s.SpecimenOut, **ERRORS}, operation_id="receiveSpecimen",
    summary="核收",
)  # fmt: skip
def receive(request: HttpRequest, barcode: str) -> HttpResponse:
    """Take a specimen in; with the first one the promise begins."""
    return _specimen(
        request, barcode, lambda found, by: actions.receive_specimen(specimen=found, by=by, at=clock.now())
    )


@router.post(
    "/laboratory/specimens/{barcode}/refuse", response={200: s.SpecimenOut, **ERRORS}, operation_id="refuseSpecimen",
    summary="拒收",
)  # fmt: skip
def refuse(request: HttpRequest, barcode: str, payload: s.RefuseIn) -> HttpResponse:
    """Refuse a specimen with a coded reason."""
    said = payload.model_dump()
    return _specimen(
        request, barcode, lambda found, by: actions.refuse_specimen(specimen=found, **said, by=by, at=clock.now())
    )


@router.post(
    "/laboratory/specimens/{barcode}/store", response={200: s.SpecimenOut, **ERRORS}, operation_id="storeSpecimen",
    summary="留样",
)  # fmt: skip
def store(request: HttpRequest, barcode: str, payload: s.StoreIn) -> HttpResponse:
    """Put a specimen away; the answer says until when."""
    said = payload.model_dump()
    return _specimen(
        request, barcode, lambda found, by: actions.store_specimen(specimen=found, **said, by=by, at=clock.now())
    )


@router.post(
    "/laboratory/specimens/{barcode}/dispose", response={200: s.SpecimenOut, **ERRORS}, operation_id="disposeSpecimen",
    summary="处置标本",
)  # fmt: skip
def dispose(request: HttpRequest, barcode: str) -> HttpResponse:
    """Dispose of a specimen; 409 before its day."""
    return _specimen(
        request, barcode, lambda found, by: actions.dispose_specimen(specimen=found, by=by, at=clock.now())
    )


@router.post(
    "/laboratory/shipments", response={201: s.ShipmentOut, **ERRORS}, operation_id="handOverSpecimens",
    summary="交接标本转运箱",
)  # fmt: skip
def hand_over(request: HttpRequest, payload: s.HandOverIn) -> HttpResponse:
    """Give a box to a courier."""
    by = _actor(request)

    def send() -> s.ShipmentOut:
        said = payload.model_dump()
        specimens = [queries.visible_specimen(by, each) for each in dict.fromkeys(said.pop("barcodes"))]
        return s.ShipmentOut.of(actions.hand_over(specimens=specimens, **said, by=by, at=clock.now()))

    return write(request, send, status=201)


@router.get(
    "/laboratory/shipments/{uuid:uuid}", response={200: s.ShipmentOut, **ERRORS}, operation_id="getShipment",
    summary="标本转运箱",
)  # fmt: skip
def get_shipment(request: HttpRequest, uuid: UUID) -> s.ShipmentOut:
    """A box with its temperatures."""
    return s.ShipmentOut.of(queries.visible_shipment(_actor(request), uuid))


@router.post(
    "/laboratory/shipments/{uuid:uuid}/temperature", response={200: s.ShipmentOut, **ERRORS},
    operation_id="noteTemperature", summary="记录运送温度",
)  # fmt: skip
def note_temperature(request: HttpRequest, uuid: UUID, payload: s.TemperatureIn) -> HttpResponse:
    """Write down a reading; the same one twice is one."""
    by, said = _actor(request), payload.model_dump()

    def note() -> s.ShipmentOut:
        found = queries.visible_shipment(by, uuid)
        return s.ShipmentOut.of(actions.note_temperature(shipment=found, **said, by=by, at=clock.now()))

    return write(request, note)


@router.post(
    "/laboratory/shipments/{uuid:uuid}/arrive", response={200: s.ShipmentOut, **ERRORS},
    operation_id="arriveShipment", summary="接收转运箱",
)  # fmt: skip
def arrive(request: HttpRequest, uuid: UUID, payload: s.ArriveIn) -> HttpResponse:
    """The centre takes the box."""
    by, said = _actor(request), payload.model_dump()

    def take() -> s.ShipmentOut:
        found = queries.visible_shipment(by, uuid)
        return s.ShipmentOut.of(actions.arrive_shipment(shipment=found, **said, by=by, at=clock.now()))

    return write(request, take)


@router.get(
    "/laboratory/review", response={200: s.LaboratoryLinesOut, **ERRORS}, operation_id="listReviewQueue",
    summary="待审核结果",
)  # fmt: skip
def list_review(request: HttpRequest) -> s.LaboratoryLinesOut:
    """Orders whose results wait for a person, with the reasons."""
    by, now = _actor(request), clock.now()
    lines = [pages.order_line(each, url_name="examine", at=now, with_reasons=True) for each in queries.review_queue(by)]
    pages.note_list(by, "review", (each.request for each in lines), at=now)
    return s.LaboratoryLinesOut(
        items=[
            s.LaboratoryLineOut(
                uuid=each.request.uuid, number=each.request.number, priority=each.request.priority,
                status=each.request.status, due_at=each.request.due_at, has_critical=each.has_critical,
                reasons=list(each.reasons),
            )
            for each in lines
        ]
    )  # fmt: skip


@router.post(
    "/laboratory/orders/{uuid:uuid}/results", response={200: s.LaboratoryOrderOut, **ERRORS},
    operation_id="enterResults", summary="录入结果",
)  # fmt: skip
def enter(request: HttpRequest, uuid: UUID, payload: s.EnterIn) -> HttpResponse:
    """Enter results by hand; all of them, or none with everything that is wrong.

    409 ``results-changed``: results came or changed after the order was read whose `seen` is sent.
    """
    by = _actor(request)

    def take() -> s.LaboratoryOrderOut:
        found = queries.visible_order(by, uuid)
        measured = [Measured(each.analyte, each.value, each.unit) for each in payload.results]
        actions.enter_results(
            request=found, measured=measured, reason=payload.reason, seen=payload.seen, by=by, at=clock.now()
        )
        return _out(queries.visible_order(by, uuid), by)

    return write(request, take)


@router.post(
    "/laboratory/orders/{uuid:uuid}/release", response={200: s.ReleaseOut, **ERRORS}, operation_id="releaseResults",
    summary="发布结果",
)  # fmt: skip
def release(request: HttpRequest, uuid: UUID, payload: s.ReleaseIn) -> HttpResponse:
    """Let results out. 422 ``critical-not-confirmed``: name every critical value; its clock starts then.

    409 ``results-changed``: results came or changed after the order was read whose `seen` is sent.
    """
    by, said = _actor(request), payload.model_dump()

    def let_out() -> s.ReleaseOut:
        found = queries.visible_order(by, uuid)
        return s.ReleaseOut.of(actions.release_results(request=found, **said, by=by, at=clock.now()))

    return write(request, let_out)
