import django.db.models.deletion
import xinglin.platform.ids
import xinglin.residents.data
from django.conf import settings
from django.db import migrations, models

#: Tables of somebody's own; a connection that does not say which county it serves sees and writes none of them.
TABLES = ("indicators_screen", "indicators_subscription", "indicators_monthlyreport")


class Migration(migrations.Migration):

    dependencies = [
        ('indicators', '0003_row_security'),
        ('platform', '0003_auditrecord_audit_subjects'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Screen',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=xinglin.platform.ids.new_uuid, unique=True)),
                ('tenant', models.CharField(db_default=xinglin.residents.data.TenantDefault(), max_length=20)),
                ('label', models.CharField(max_length=60)),
                ('slugs', models.JSONField(default=list)),
                ('language', models.CharField(max_length=10)),
                ('key_digest', models.BinaryField()),
                ('registered_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Subscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=xinglin.platform.ids.new_uuid, unique=True)),
                ('tenant', models.CharField(db_default=xinglin.residents.data.TenantDefault(), max_length=20)),
                ('slugs', models.JSONField(default=list)),
                ('level', models.CharField(max_length=12)),
                ('language', models.CharField(max_length=10)),
                ('day', models.PositiveSmallIntegerField()),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, max_length=20)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='MonthlyReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=xinglin.platform.ids.new_uuid, unique=True)),
                ('tenant', models.CharField(db_default=xinglin.residents.data.TenantDefault(), max_length=20)),
                ('month', models.CharField(max_length=7)),
                ('made_at', models.DateTimeField()),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platform.storedfile')),
                ('snapshot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='indicators.snapshot')),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='indicators.subscription')),
            ],
        ),
        migrations.CreateModel(
            name='Flow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('period', models.CharField(max_length=12)),
                ('kind', models.CharField(max_length=12)),
                ('cells', models.JSONField(default=dict)),
                ('missing', models.JSONField(default=list)),
                ('computed_at', models.DateTimeField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='flows', to='indicators.factversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'period', 'kind'), name='one_flow_a_version')],
            },
        ),
        migrations.AddIndex(
            model_name='subscription',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['user'], name='subscription_running'),
        ),
        migrations.AddConstraint(
            model_name='subscription',
            constraint=models.CheckConstraint(condition=models.Q(('day__range', (1, 28))), name='subscription_day_of_any_month'),
        ),
        migrations.AddConstraint(
            model_name='monthlyreport',
            constraint=models.UniqueConstraint(fields=('subscription', 'month'), name='one_monthly_report'),
        ),
        migrations.RunSQL(
            "".join(
                f"""
                ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
                CREATE POLICY county ON {table}
                USING (tenant = current_setting('xinglin.tenant', true))
                WITH CHECK (tenant = current_setting('xinglin.tenant', true));
                """
                for table in TABLES
            ),
            "".join(f"DROP POLICY county ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;" for table in TABLES),
        ),
    ]
