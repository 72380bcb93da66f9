import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """An enrolment remembers what a merge of registrations did with it, so that it can be taken back."""

    dependencies = [
        ("programmes", "0014_findings_of_results"),
        ("residents", "0004_former_residence_row_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="enrolment",
            name="came_from",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="residents.resident"
            ),
        ),
        migrations.AddField(
            model_name="enrolment",
            name="joined_into",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="programmes.enrolment"
            ),
        ),
        migrations.AlterField(
            model_name="resultchange",
            name="because",
            field=models.CharField(
                choices=[
                    ("VISIT", "补录了更早的随访"),
                    ("AMENDMENT", "更正了更早的随访"),
                    ("VALUE", "补到了更早的检验、诊断或测量"),
                    ("NIGHT", "夜间核对"),
                    ("MERGE", "合并了重复档案，或撤销了合并"),
                ],
                max_length=10,
            ),
        ),
    ]
