from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('pocket', '0004_message_en'),
    ]

    operations = [
        migrations.AddField(
            model_name='change',
            name='noted_skew_seconds',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='device',
            name='fed_with',
            field=models.CharField(blank=True, default='', max_length=20),
            preserve_default=False,
        ),
    ]
