"""Whose images these are."""

import pytest

from tests.factories.county import NOW, County, later
from tests.factories.imaging import a_study, an_imaging_centre, an_imaging_request, images_of, named
from tests.factories.residents import a_resident
from xinglin.diagnostics.models import Request
from xinglin.imaging import actions, queries
from xinglin.imaging.models import Study
from xinglin.platform.errors import Conflict, InvalidInput, NotPermitted, NotVisible


def test_images_taken_from_the_work_list_find_their_request(county: County):
    request = an_imaging_request(county)

    study = images_of(county, request, at=later(30))

    request.refresh_from_db()
    assert (study.status, study.request, study.resident) == ("MATCHED", request, request.resident)
    assert (request.status, request.performed_at) == ("PERFORMED", later(30))
    assert request.due_at == later(30 + 120)


def test_without_an_accession_number_identity_name_and_birth_find_the_resident(county: County):
    resident = a_resident(county)
    request = an_imaging_request(county, resident=resident)

    study = a_study(county, **named(resident))

    assert (study.status, study.resident, study.request) == ("MATCHED", resident, request)


def test_images_that_name_another_person_wait_and_say_why(county: County):
    request = an_imaging_request(county)

    study = a_study(county, AccessionNumber=request.number, PatientName="李四", PatientBirthDate="19900101")

    request.refresh_from_db()
    assert (study.status, study.request) == ("UNMATCHED", None)
    assert {"other-name", "other-birth-date"} <= set(study.signs)
    assert request.status == "REQUESTED"


def test_an_unknown_accession_number_waits(county: County):
    assert a_study(county, AccessionNumber="Y000").signs == ["no-request"]


def test_linking_by_hand_warns_of_another_person_and_takes_a_reason(county: County):
    request = an_imaging_request(county)
    study = a_study(county, PatientName="李四")

    with pytest.raises(InvalidInput) as caught:
        actions.link_study(study=study, request=request, by=county.bo, at=NOW)
    with pytest.raises(InvalidInput):
        actions.link_study(study=study, request=request, confirmed=True, by=county.bo, at=NOW)
    linked = actions.link_study(
        study=study, request=request, confirmed=True, reason="设备上姓名输错，已电话核实", by=county.bo, at=later(1)
    )

    assert caught.value.code == "other-person"
    assert (linked.status, linked.resident) == ("MATCHED", request.resident)
    assert linked.status_changes.last().reason == "设备上姓名输错，已电话核实"


def test_taking_the_match_back_lets_the_request_wait_again_and_leaves_a_trail(county: County):
    request = an_imaging_request(county)
    study = images_of(county, request)

    back = actions.unlink_study(study=study, reason="拍错人", by=county.bo, at=later(5))

    request.refresh_from_db()
    assert (back.status, back.resident, back.request) == ("UNMATCHED", None, None)
    assert (request.status, request.performed_at) == ("REQUESTED", None)
    assert [(each.became, each.reason) for each in back.status_changes.all()][-1] == ("UNMATCHED", "拍错人")


def test_a_match_is_not_taken_back_while_a_reader_has_the_request(county: County):
    from xinglin.diagnostics.actions import claim_request

    request = an_imaging_request(county)
    study = images_of(county, request)
    claim_request(request=request, by=county.bo, at=later(1))

    with pytest.raises(Conflict):
        actions.unlink_study(study=study, reason="拍错人", by=county.bo, at=later(5))

    assert Study.objects.get().request == request
    assert Request.objects.get().status == "CLAIMED"


def test_only_who_matches_there_matches(county: County):
    request = an_imaging_request(county)
    study = a_study(county)

    for actor in (county.alma, county.cai, county.tang):
        with pytest.raises(NotPermitted):
            actions.link_study(study=study, request=request, by=actor, at=NOW)


def test_a_rejected_study_takes_no_more_images(county: County):
    study = a_study(county)
    actions.reject_study(study=study, reason="模体测试", by=an_imaging_centre(county) and county.bo, at=NOW)

    with pytest.raises(InvalidInput) as caught:
        a_study(county, fresh=True, StudyInstanceUID=study.study_uid)

    assert caught.value.code == "dicom-study-rejected"


def test_images_are_seen_by_who_treats_reads_or_matches_and_by_nobody_else(county: County):
    request = an_imaging_request(county)
    matched = images_of(county, request)
    nobodys = a_study(county)
    technician = county.actor(county.user("ji", "technician", county.township))
    stranger = county.actor(county.user("ji2", "technician", county.other_township))

    seen = {
        who: {study.pk for study in queries.studies_visible_to(actor)}
        for who, actor in {
            "alma": county.alma, "tang": county.tang, "bo": county.bo, "cai": county.cai, "sun": county.sun,
            "technician": technician, "stranger": stranger, "manager": county.mei,
        }.items()
    }  # fmt: skip

    both, own, none = {matched.pk, nobodys.pk}, {matched.pk}, set()
    assert seen == {
        "alma": own, "tang": own, "bo": both, "cai": none, "sun": own, "technician": both, "stranger": none, "manager": none,
    }  # fmt: skip
    with pytest.raises(NotVisible):
        queries.visible_study(county.cai, matched.uuid)
