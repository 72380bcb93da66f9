from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImagingConfig(AppConfig):
    name = "xinglin.imaging"
    label = "imaging"
    verbose_name = "imaging"

    def ready(self) -> None:
        from xinglin.accounts.api import describe_events
        from xinglin.accounts.data import Permission
        from xinglin.diagnostics.images import provide
        from xinglin.imaging import evidence, outside, timeline  # noqa: F401 - outside registers its check
        from xinglin.imaging.events import TITLES
        from xinglin.imaging.queries import unmatched
        from xinglin.residents.api import Topic, register_timeline
        from xinglin.web.context import Entry, add_entry

        describe_events(TITLES)
        provide(evidence.of_request, evidence.key_images)
        register_timeline(timeline.studies_of_resident, topic=Topic.RESULTS)
        add_entry(
            Entry(
                "exam", _("影像待匹配"), "imaging:queue", "image", Permission.IMAGE_MATCH, order=42, badge=unmatched
            )
        )  # fmt: skip
        add_entry(Entry("exam", _("上传影像"), "imaging:upload", "upload", Permission.RECORDING_UPLOAD, order=43))
        add_entry(Entry("system", _("影像设备"), "imaging:devices", "settings", Permission.DEVICE_MANAGE, order=60))
