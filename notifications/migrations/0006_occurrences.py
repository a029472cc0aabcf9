"""Broadcasts have occurrences, which take over how far their sending has come; series have a rule."""

import django.core.validators
import django.db.models.deletion
import notifications.links
from django.conf import settings
from django.db import migrations, models
from zoneinfo import ZoneInfo

MOVED = (
    'due_at', 'error', 'total', 'done', 'claim', 'claimed_until', 'begun', 'fence', 'attempts', 'cursor',
    'started_at', 'finished_at',
)


def give_each_its_occurrence(apps, schema_editor):
    """What was sent once becomes a broadcast with one occurrence."""
    Broadcast = apps.get_model('notifications', 'Broadcast')
    Occurrence = apps.get_model('notifications', 'Occurrence')
    for broadcast in Broadcast.objects.order_by('pk').iterator(chunk_size=500):
        local = broadcast.due_at.astimezone(ZoneInfo(broadcast.time_zone)).replace(tzinfo=None)
        broadcast.starts_at = local.isoformat(timespec='seconds')
        broadcast.save(update_fields=['starts_at'])
        # What was not out yet takes its words as it goes out.
        out = broadcast.done or broadcast.status in {'sent', 'recalled'}
        words = ('title', 'text', 'level', 'link') if out else ()
        Occurrence.objects.create(
            broadcast=broadcast,
            local_time=broadcast.starts_at,
            zone=broadcast.time_zone,
            status=_status(broadcast),
            **{name: getattr(broadcast, name) for name in (*MOVED, *words)},
        )
    for name in ('Notification', 'AudienceNotification'):
        lines = apps.get_model('notifications', name).objects.filter(broadcast__isnull=False)
        occurrence = Occurrence.objects.filter(broadcast=models.OuterRef('broadcast')).values('pk')
        lines.update(occurrence=models.Subquery(occurrence))
    if schema_editor.connection.vendor == 'postgresql':
        # Else the tables could not be changed in the same transaction.
        schema_editor.execute('SET CONSTRAINTS ALL IMMEDIATE')


def _status(broadcast):
    """Only a whole broadcast is paused."""
    if broadcast.status == 'paused':
        return 'scheduled' if broadcast.started_at is None else 'sending'
    return broadcast.status


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('notifications', '0005_devices'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Occurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, max_length=4000, validators=[django.core.validators.MaxLengthValidator(4000)])),
                ('level', models.CharField(choices=[('info', 'Information'), ('success', 'Good news'), ('warning', 'Warning'), ('critical', 'Critical')], default='info', max_length=10)),
                ('link', models.CharField(blank=True, max_length=500, validators=[notifications.links.check_link])),
                ('title', models.CharField(blank=True, max_length=200)),
                ('local_time', models.CharField(max_length=19)),
                ('zone', models.CharField(blank=True, max_length=64)),
                ('due_at', models.DateTimeField()),
                ('stale_at', models.DateTimeField(null=True)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('paused', 'Paused'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled'), ('recalled', 'Recalled'), ('failed', 'Failed')], default='scheduled', max_length=10)),
                ('error', models.TextField(blank=True)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('claim', models.UUIDField(null=True)),
                ('claimed_until', models.DateTimeField(null=True)),
                ('begun', models.BooleanField(default=False)),
                ('fence', models.PositiveIntegerField(default=0)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('cursor', models.PositiveBigIntegerField(default=0)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['due_at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Share',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_ids', models.TextField()),
            ],
        ),
        migrations.AddField(
            model_name='broadcast',
            name='ends_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='plan_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='planned_to',
            field=models.CharField(blank=True, editable=False, max_length=19),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='repeats',
            field=models.CharField(choices=[('once', 'once'), ('cron', 'cron'), ('rrule', 'rrule')], default='once', max_length=5),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='revision',
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='rule',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='starts_at',
            field=models.CharField(blank=True, max_length=19),
        ),
        migrations.AddField(
            model_name='broadcast',
            name='times',
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='broadcast',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('paused', 'Paused'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled'), ('recalled', 'Recalled'), ('failed', 'Failed')], default='scheduled', max_length=10),
        ),
        migrations.AlterField(
            model_name='broadcast',
            name='time_zone',
            field=models.CharField(blank=True, default='UTC', max_length=64),
        ),
        migrations.AddIndex(
            model_name='broadcast',
            index=models.Index(condition=models.Q(('plan_at__isnull', False)), fields=['plan_at'], name='broadcast_plan'),
        ),
        migrations.AddField(
            model_name='occurrence',
            name='broadcast',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='notifications.broadcast'),
        ),
        migrations.AddField(
            model_name='audiencenotification',
            name='occurrence',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.occurrence'),
        ),
        migrations.AddField(
            model_name='notification',
            name='occurrence',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.occurrence'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('occurrence', 'recipient'), name='notification_once_per_occurrence'),
        ),
        migrations.AddField(
            model_name='share',
            name='occurrence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='notifications.occurrence'),
        ),
        migrations.AddIndex(
            model_name='occurrence',
            index=models.Index(condition=models.Q(('status__in', ('scheduled', 'sending'))), fields=['due_at'], name='occurrence_due'),
        ),
        migrations.AddConstraint(
            model_name='occurrence',
            constraint=models.UniqueConstraint(fields=('broadcast', 'local_time', 'zone'), name='occurrence_once'),
        ),
        migrations.RunPython(give_each_its_occurrence, migrations.RunPython.noop),
        migrations.RemoveConstraint(
            model_name='notification',
            name='notification_once_per_broadcast',
        ),
        migrations.RemoveIndex(
            model_name='broadcast',
            name='broadcast_due',
        ),
        migrations.RemoveField(
            model_name='audiencenotification',
            name='broadcast',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='attempts',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='begun',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='claim',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='claimed_until',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='cursor',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='done',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='due_at',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='error',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='fence',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='finished_at',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='started_at',
        ),
        migrations.RemoveField(
            model_name='broadcast',
            name='total',
        ),
        migrations.RemoveField(
            model_name='notification',
            name='broadcast',
        ),
    ]
