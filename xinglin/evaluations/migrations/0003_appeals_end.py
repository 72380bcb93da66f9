from django.db import migrations, models


def end_what_was_left(apps, schema_editor):
    """Appeals that a round given up had left open end as they do now: with its reason, by who gave it up, at that moment."""
    appeals = apps.get_model("evaluations", "Appeal")
    changes = apps.get_model("evaluations", "AppealStatusChange")
    rounds = apps.get_model("evaluations", "RoundStatusChange")
    left = appeals.objects.filter(status="OPEN", item__sheet__round__status="CANCELLED").select_related("item__sheet")
    for appeal in left:
        given_up = rounds.objects.filter(subject=appeal.item.sheet.round_id, became="CANCELLED").latest("id")
        who = {"by": given_up.changed_by, "name": given_up.changed_by_name, "at": given_up.changed_at}
        changes.objects.create(
            subject=appeal, was="OPEN", became="ENDED", changed_at=who["at"], changed_by=who["by"],
            changed_by_name=who["name"], place=appeal.item.sheet.facility_id, reason=given_up.reason,
        )
        appeals.objects.filter(pk=appeal.pk).update(
            status="ENDED", status_changed_at=who["at"], answer=given_up.reason, decided_at=who["at"],
            decided_by=who["by"] or 0, decided_by_name=who["name"],
        )


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_only_grows")]

    operations = [
        migrations.AlterField(
            model_name="appeal",
            name="status",
            field=models.CharField(
                choices=[("OPEN", "待处理"), ("UPHELD", "申诉成立"), ("REJECTED", "申诉不成立"), ("ENDED", "随考核取消")],
                default="OPEN", max_length=12,
            ),
        ),
        migrations.RunPython(end_what_was_left, migrations.RunPython.noop),
    ]
