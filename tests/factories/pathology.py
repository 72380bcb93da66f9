"""Pathology cases walked to a status by the real actions. Tang of the township hospital sends; Pan works at the bench;
Bo and Ren read."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import tifffile
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit, generate_uid

from tests.factories.county import NOW, START, County
from tests.factories.residents import a_resident
from xinglin.diagnostics.actions import open_centre
from xinglin.diagnostics.data import Asked
from xinglin.diagnostics.models import Centre
from xinglin.pathology import actions
from xinglin.pathology.data import BlockIn, PartIn, Texts
from xinglin.pathology.models import PathologyCase
from xinglin.pathology.states import CaseStatus
from xinglin.platform.actors import Actor, system_actor
from xinglin.project import demo

#: A photograph of a stained section of the colon, from the samples of scikit-image (no known copyright restrictions).
PHOTOGRAPH = Path(demo.__file__).parent / "colon-section.jpg"
MINUTE = timedelta(minutes=1)
REPORT = Texts(
    gross="灰白色黏膜组织2块，直径0.2cm，全取。",
    microscopic="黏膜慢性炎细胞浸润，部分腺体肠上皮化生，未见异型增生。",
    diagnosis="（胃窦）黏膜慢性炎，轻度肠上皮化生",
    choices=("gastric-biopsy-gastritis/hp/positive",),
)


def a_pathology_centre(county: County, **fields: Any) -> Centre:
    """The pathology centre of the county, at the county hospital."""
    found = Centre.objects.filter(code="PATH01").first()
    return found or open_centre(
        code="PATH01", name="县域病理诊断中心", kind="PATHOLOGY", facility_id=county.hospital.pk,
        by=system_actor("setup"), at=START, **fields,
    )  # fmt: skip


def pan(county: County) -> Actor:
    """The technician of the centre."""
    return county.actor(county.user("pan", "pathology-technician", county.hospital, name="潘"))


def ren(county: County) -> Actor:
    """The second pathologist of the centre."""
    return county.actor(county.user("ren", "reading-doctor", county.hospital, name="任"))


def a_part(at: datetime = NOW, **fields: Any) -> PartIn:
    """A biopsy that lay ten minutes before it was fixed."""
    return PartIn(
        **{
            "site": "胃窦", "kind": "endoscopic-biopsy", "n_pieces": 2, "fixative": "formalin",
            "taken_at": at - 60 * MINUTE, "fixed_at": at - 50 * MINUTE, **fields,
        }
    )  # fmt: skip


def a_case(
    county: County, *, status: str = CaseStatus.SUBMITTED, item: str = "biopsy", at: datetime = NOW, **fields: Any
) -> PathologyCase:
    """A case that has come to `status`, a minute for each step."""
    fields.setdefault("centre", a_pathology_centre(county))
    if "visit" not in fields:
        fields.setdefault("from_facility_id", county.township.pk)
        fields["resident"] = fields.get("resident") or a_resident(county)
    parts, by = fields.pop("parts", [a_part(at)]), fields.pop("by", county.tang)
    fields.setdefault("question", "胃痛3月，胃窦黏膜糜烂，请排除肿瘤")
    usual = actions.Booking("3号手术间", "8301", at + 60 * MINUTE) if item == "frozen-section" else None
    booking = fields.pop("booking", usual)
    case = actions.submit_case(asked=Asked(items=[item], **fields), parts=parts, booking=booking, by=by, at=at)
    for step in _WAY[CaseStatus(status)]:
        at += MINUTE
        _STEPS[step](county, case, at)
    case.refresh_from_db()
    return case


def _gross(county: County, case: PathologyCase, at: datetime) -> None:
    blocks = [BlockIn(part.letter) for part in case.parts.order_by("letter")]
    actions.gross_case(case=case, gross=REPORT.gross, blocks=blocks, by=pan(county), at=at)


def _slides(county: County, case: PathologyCase, at: datetime) -> None:
    wanted = list(case.slides.values_list("code", flat=True))
    actions.make_slides(case=case, slides=wanted, by=pan(county), at=at)


def _embed(county: County, case: PathologyCase, at: datetime) -> None:
    codes = list(case.blocks.values_list("code", flat=True))
    actions.embed_blocks(case=case, blocks=codes, by=pan(county), at=at)


_STEPS: dict[str, Any] = {
    "receive": lambda county, case, at: actions.receive_case(case=case, by=pan(county), at=at),
    "hold": lambda county, case, at: actions.hold_case(
        case=case, question="申请单写胃窦，瓶签写胃体，请核对", reason="FORM_MISMATCH", by=pan(county), at=at
    ),
    "refuse": lambda county, case, at: actions.refuse_case(
        case=case, reason="NO_FIXATIVE", remark="干涸", by=pan(county), at=at
    ),
    "withdraw": lambda county, case, at: actions.withdraw_case(case=case, by=county.tang, at=at),
    "gross": _gross,
    "embed": _embed,
    "slides": _slides,
    "claim": lambda county, case, at: actions.claim_case(case=case, by=county.bo, at=at),
    "preliminary": lambda county, case, at: actions.sign_preliminary(case=case, texts=REPORT, by=county.bo, at=at),
    "final": lambda county, case, at: actions.sign_final(
        case=case, texts=REPORT, codes=["gastric-biopsy-gastritis"], by=county.bo, at=at
    ),
}
_WAY: dict[CaseStatus, tuple[str, ...]] = {
    CaseStatus.SUBMITTED: (),
    CaseStatus.HELD: ("hold",),
    CaseStatus.REFUSED: ("refuse",),
    CaseStatus.WITHDRAWN: ("withdraw",),
    CaseStatus.RECEIVED: ("receive",),
    CaseStatus.GROSSED: ("receive", "gross"),
    CaseStatus.EMBEDDED: ("receive", "gross", "embed"),
    CaseStatus.SLIDED: ("receive", "gross", "embed", "slides"),
    CaseStatus.READ: ("receive", "gross", "embed", "slides", "claim", "preliminary"),
    CaseStatus.REPORTED: ("receive", "gross", "embed", "slides", "claim", "final"),
}


# Pictures ------------------------------------------------------------------------------------------------------------
def a_photograph() -> BinaryIO:
    """A real photograph of a section, as JPEG."""
    return io.BytesIO(PHOTOGRAPH.read_bytes())


def a_pyramid(*, description: str | None = None, across: int = 4) -> BinaryIO:
    """The photograph laid out to a large picture in tiled levels, as a slide scanner writes it.

    `description` makes it an Aperio SVS; without one it is a TIFF pyramid of no maker.
    """
    with Image.open(PHOTOGRAPH) as image:
        one = np.asarray(image.convert("RGB"))
    whole = np.tile(one, (across, across, 1))
    out = io.BytesIO()
    with tifffile.TiffWriter(out) as writer:
        for level, step in enumerate((1, 4)):
            writer.write(
                whole[::step, ::step], photometric="rgb", tile=(256, 256), compression="zlib", metadata=None,
                description=description, subfiletype=1 if level else 0,
            )  # fmt: skip
    out.seek(0)
    return out


def a_dicom_slide(*, across: int = 2, tile: int = 256) -> BinaryIO:
    """The photograph laid out as a DICOM whole-slide image of one level, tiled, JPEG."""
    with Image.open(PHOTOGRAPH) as image:
        whole = np.tile(np.asarray(image.convert("RGB")), (across, across, 1))
    side = whole.shape[0]
    frames = []
    for row in range(0, side, tile):
        for column in range(0, side, tile):
            frame = io.BytesIO()
            Image.fromarray(whole[row : row + tile, column : column + tile]).save(frame, "JPEG", quality=90)
            frames.append(frame.getvalue())
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    meta.MediaStorageSOPInstanceUID, meta.TransferSyntaxUID = generate_uid(), JPEGBaseline8Bit
    slide = FileDataset("slide", {}, file_meta=meta, preamble=b"\0" * 128)
    facts = {
        "SOPClassUID": meta.MediaStorageSOPClassUID, "SOPInstanceUID": meta.MediaStorageSOPInstanceUID,
        "StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid(), "Modality": "SM",
        "FrameOfReferenceUID": generate_uid(), "ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        "Rows": tile, "Columns": tile, "NumberOfFrames": len(frames), "TotalPixelMatrixColumns": side,
        "TotalPixelMatrixRows": side, "SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422",
        "PlanarConfiguration": 0, "BitsAllocated": 8, "BitsStored": 8, "HighBit": 7, "PixelRepresentation": 0,
        "DimensionOrganizationType": "TILED_FULL", "TotalPixelMatrixFocalPlanes": 1, "NumberOfOpticalPaths": 1,
        "ContainerIdentifier": "S1",
    }  # fmt: skip
    for name, value in facts.items():
        setattr(slide, name, value)
    path, shared, measures = Dataset(), Dataset(), Dataset()
    path.OpticalPathIdentifier = "1"
    measures.PixelSpacing, measures.SliceThickness = [0.0005, 0.0005], 0.001
    shared.PixelMeasuresSequence = [measures]
    slide.OpticalPathSequence, slide.SharedFunctionalGroupsSequence = [path], [shared]
    slide.PixelData = encapsulate(frames)
    slide["PixelData"].is_undefined_length = True
    out = io.BytesIO()
    slide.save_as(out, enforce_file_format=True)
    out.seek(0)
    return out
