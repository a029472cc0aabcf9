"""Notices and their deliveries, preferences, devices, and broadcasts with occurrences and approvals.

What the tables of the first release hold is carried over by the next migration, and what moved is removed by the one
after: PostgreSQL changes no table in the transaction that has written its rows.
"""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import notifications.links
import notifications.models.broadcast
import notifications.models.device
import notifications.sealed
from django.conf import settings
from django.db import migrations, models

from realtime.at_once import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('notifications', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='audienceread',
            name='audience_read_once',
        ),
        migrations.RenameModel(
            old_name='AudienceRead',
            new_name='AudienceState',
        ),
        AtOnce([
            migrations.AlterModelOptions(
                name='broadcast',
                options={'ordering': ['-id'], 'permissions': [('approve_broadcast', 'Can approve a broadcast of somebody else'), ('stop_broadcasts', 'Can stop all sending, and let it go on')], 'verbose_name': 'broadcast', 'verbose_name_plural': 'broadcasts'},
            ),
            migrations.AlterField(
                model_name='broadcast',
                name='audience_kind',
                field=models.CharField(choices=[('everybody', 'Everybody'), ('group', 'A group'), ('room', 'The members of a room'), ('users', 'Named people'), ('segment', 'A saved segment'), ('joined', 'Who joined since a date'), ('online', 'Who is online now'), ('file', 'A list from a file')], max_length=10, verbose_name='audience'),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='segment',
                field=models.CharField(blank=True, max_length=80),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='joined_since',
                field=models.DateTimeField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='people_file',
                field=models.JSONField(blank=True, editable=False, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='image',
                field=models.CharField(blank=True, max_length=500),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='recalled_at',
                field=models.DateTimeField(editable=False, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='recalling',
                field=models.BooleanField(default=False, editable=False),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='seen_before_recall',
                field=models.PositiveIntegerField(default=0, editable=False),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='translations',
                field=models.JSONField(blank=True, default=dict),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='critical',
                field=models.BooleanField(default=False, help_text='Reaches people in their quiet hours, and who has muted notifications.'),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='expires_after',
                field=models.DurationField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='image_url',
                field=models.CharField(blank=True, default='', max_length=1000),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='image_error',
                field=models.CharField(blank=True, default='', editable=False, max_length=300),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='channels',
                field=models.JSONField(default=notifications.models.broadcast.in_app_only),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='people_per_s',
                field=models.PositiveIntegerField(default=0),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='paced_until',
                field=models.DateTimeField(editable=False, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='repeats',
                field=models.CharField(choices=[('once', 'once'), ('cron', 'cron'), ('rrule', 'rrule')], default='once', max_length=5),
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
            migrations.AlterField(
                model_name='broadcast',
                name='time_zone',
                field=models.CharField(blank=True, default='UTC', max_length=64),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='ends_on',
                field=models.DateField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='times',
                field=models.PositiveIntegerField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='planned_to',
                field=models.CharField(blank=True, editable=False, max_length=19),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='plan_at',
                field=models.DateTimeField(editable=False, null=True),
            ),
            migrations.AlterField(
                model_name='broadcast',
                name='status',
                field=models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('paused', 'Paused'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled'), ('recalled', 'Recalled'), ('failed', 'Failed')], default='scheduled', max_length=10),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='revision',
                field=models.PositiveIntegerField(default=0, editable=False),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='jobs',
                field=models.JSONField(default=list, editable=False),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='rehearsed',
                field=models.JSONField(editable=False, null=True),
            ),
            migrations.RemoveIndex(
                model_name='notification',
                name='notification_unread',
            ),
            migrations.AddField(
                model_name='notification',
                name='image',
                field=models.CharField(blank=True, max_length=500),
            ),
            migrations.AddField(
                model_name='notification',
                name='html',
                field=models.TextField(blank=True),
            ),
            migrations.AddField(
                model_name='notification',
                name='translations',
                field=models.JSONField(blank=True, default=dict),
            ),
            migrations.AddField(
                model_name='notification',
                name='category',
                field=models.CharField(blank=True, default='', max_length=40),
            ),
            migrations.AddField(
                model_name='notification',
                name='critical',
                field=models.BooleanField(default=False),
            ),
            migrations.AddField(
                model_name='notification',
                name='seen_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='notification',
                name='clicked_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='notification',
                name='archived_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='notification',
                name='snoozed_until',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='notification',
                name='type',
                field=models.CharField(blank=True, max_length=80),
            ),
            migrations.AddField(
                model_name='notification',
                name='group',
                field=models.CharField(blank=True, max_length=100),
            ),
            migrations.AddField(
                model_name='notification',
                name='count',
                field=models.PositiveIntegerField(default=1),
            ),
            migrations.AddField(
                model_name='notification',
                name='delivered_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='notification',
                name='expires_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='image',
                field=models.CharField(blank=True, max_length=500),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='html',
                field=models.TextField(blank=True),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='translations',
                field=models.JSONField(blank=True, default=dict),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='category',
                field=models.CharField(blank=True, default='', max_length=40),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='critical',
                field=models.BooleanField(default=False),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='expires_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='audiencestate',
                name='seen_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AlterField(
                model_name='audiencestate',
                name='read_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='audiencestate',
                name='clicked_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='audiencestate',
                name='archived_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='audiencestate',
                name='snoozed_until',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='audiencestate',
                name='unread_again',
                field=models.BooleanField(default=False),
            ),
            migrations.AddField(
                model_name='inboxstate',
                name='unread',
                field=models.PositiveIntegerField(default=0),
            ),
            migrations.AlterField(
                model_name='inboxstate',
                name='read_all_up_to',
                field=models.DateTimeField(null=True),
            ),
            migrations.CreateModel(
                name='Approval',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('broadcast', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approvals', to='notifications.broadcast')),
                    ('fingerprint', models.CharField(max_length=64)),
                    ('asked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('granted', models.BooleanField(null=True)),
                    ('note', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'ordering': ['-pk'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('granted__isnull', True)), fields=('broadcast',), name='approval_one_open')],
                },
            ),
            migrations.CreateModel(
                name='AudienceDelivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('notification', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.audiencenotification')),
                    ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'indexes': [models.Index(fields=['user'], name='audience_delivery_of_person')],
                    'constraints': [models.UniqueConstraint(fields=('notification', 'user'), name='audience_delivery_once')],
                },
            ),
            migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('broadcast', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='audit', to='notifications.broadcast')),
                    ('at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('actor_name', models.CharField(max_length=200)),
                    ('act', models.CharField(max_length=40)),
                    ('before', models.JSONField(default=dict)),
                    ('after', models.JSONField(default=dict)),
                    ('note', models.CharField(blank=True, max_length=500)),
                ],
                options={
                    'ordering': ['pk'],
                },
            ),
            migrations.CreateModel(
                name='ChannelChoice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('category', models.CharField(max_length=40)),
                    ('channel', models.CharField(max_length=20)),
                    ('frequency', models.CharField(choices=[('instant', 'instant'), ('hourly', 'hourly'), ('daily', 'daily'), ('end_of_day', 'end of day'), ('off', 'off')], max_length=12)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'category', 'channel'), name='channel_choice_once')],
                },
            ),
            migrations.CreateModel(
                name='Digest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('channel', models.CharField(max_length=20)),
                    ('window_ends_at', models.DateTimeField()),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('empty', 'Nothing left to tell'), ('failed', 'Failed')], default='waiting', max_length=8)),
                    ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('claim', models.UUIDField(null=True)),
                    ('attempts', models.PositiveIntegerField(default=0)),
                    ('count', models.PositiveIntegerField(default=0)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('reference', models.CharField(blank=True, max_length=200)),
                    ('error', models.CharField(blank=True, max_length=300)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='digest_due'), models.Index(fields=['window_ends_at'], name='digest_old')],
                    'constraints': [models.UniqueConstraint(fields=('recipient', 'channel', 'window_ends_at'), name='digest_once')],
                },
            ),
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('recalled_at', models.DateTimeField(editable=False, null=True)),
                    ('recalling', models.BooleanField(default=False, editable=False)),
                    ('seen_before_recall', models.PositiveIntegerField(default=0, editable=False)),
                    ('type', models.CharField(max_length=80)),
                    ('key', models.CharField(max_length=200)),
                    ('data', models.TextField()),
                    ('actor', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('actor_name', models.CharField(blank=True, max_length=200)),
                    ('group', models.CharField(blank=True, max_length=100)),
                    ('scope', models.CharField(blank=True, max_length=60)),
                    ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('expires_at', models.DateTimeField(null=True)),
                    ('recipients', models.PositiveIntegerField(default=0)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('recalling', True)), fields=['recalling'], name='notice_recalling')],
                    'constraints': [models.UniqueConstraint(fields=('type', 'key'), name='notice_once')],
                },
            ),
            migrations.CreateModel(
                name='Batch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('notice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='notifications.notice')),
                    ('user_ids', models.TextField()),
                ],
            ),
            migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('notice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.notice')),
                    ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('channel', models.CharField(max_length=20)),
                    ('state', models.CharField(choices=[('waiting', 'waiting'), ('digest', 'digest'), ('sent', 'sent'), ('suppressed', 'suppressed'), ('failed', 'failed')], max_length=12)),
                    ('why', models.CharField(choices=[('due', 'due'), ('quiet_hours', 'quiet hours'), ('working_days', 'working days'), ('escalation', 'escalation'), ('storm', 'storm'), ('retry', 'retry'), ('digest', 'digest'), ('sent', 'sent'), ('preference', 'preference'), ('scope', 'scope'), ('muted', 'muted'), ('scope_muted', 'scope muted'), ('read_already', 'read already'), ('no_device', 'no device'), ('throttled', 'throttled'), ('collapsed', 'collapsed'), ('expired', 'expired'), ('recalled', 'recalled'), ('deactivated', 'deactivated'), ('refused', 'refused'), ('failed', 'failed')], max_length=16)),
                    ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('due_at', models.DateTimeField(null=True)),
                    ('sent_at', models.DateTimeField(null=True)),
                    ('attempts', models.PositiveIntegerField(default=0)),
                    ('claim', models.UUIDField(null=True)),
                    ('settled', models.TextField(default='[]')),
                    ('reference', models.CharField(blank=True, max_length=200)),
                    ('error', models.CharField(blank=True, max_length=300)),
                ],
                options={
                    'verbose_name_plural': 'deliveries',
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['channel', 'due_at'], name='delivery_due'), models.Index(condition=models.Q(('claim__isnull', False), ('state', 'waiting')), fields=['channel'], name='delivery_in_hand'), models.Index(condition=models.Q(('state', 'digest')), fields=['due_at', 'recipient'], name='delivery_digest'), models.Index(fields=['recipient', '-decided_at'], name='delivery_of_person'), models.Index(condition=models.Q(('state', 'sent'), models.Q(('channel', 'in_app'), _negated=True)), fields=['recipient', 'sent_at'], name='delivery_throttle')],
                    'constraints': [models.UniqueConstraint(fields=('notice', 'recipient', 'channel'), name='delivery_once')],
                },
            ),
            migrations.CreateModel(
                name='FeedCall',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('feed', models.CharField(max_length=40)),
                    ('window', models.DateTimeField()),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('told', 'Told'), ('nothing', 'Nothing new'), ('failed', 'Failed')], default='waiting', max_length=10)),
                    ('due_at', models.DateTimeField()),
                    ('attempts', models.PositiveIntegerField(default=0)),
                    ('claim', models.UUIDField(editable=False, null=True)),
                    ('error', models.CharField(blank=True, max_length=300)),
                    ('finished_at', models.DateTimeField(null=True)),
                    ('notice', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.notice')),
                ],
                options={
                    'ordering': ['-window', 'feed'],
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='feed_call_due')],
                    'constraints': [models.UniqueConstraint(fields=('feed', 'window'), name='feed_call_once')],
                },
            ),
            migrations.CreateModel(
                name='Occurrence',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('text', models.TextField(blank=True, max_length=4000, validators=[django.core.validators.MaxLengthValidator(4000)])),
                    ('level', models.CharField(choices=[('info', 'Information'), ('success', 'Good news'), ('warning', 'Warning'), ('critical', 'Critical')], default='info', max_length=10)),
                    ('link', models.CharField(blank=True, max_length=500, validators=[notifications.links.check_link])),
                    ('image', models.CharField(blank=True, max_length=500)),
                    ('html', models.TextField(blank=True)),
                    ('translations', models.JSONField(blank=True, default=dict)),
                    ('category', models.CharField(blank=True, default='', max_length=40)),
                    ('critical', models.BooleanField(default=False)),
                    ('title', models.CharField(blank=True, max_length=200)),
                    ('broadcast', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='occurrences', to='notifications.broadcast')),
                    ('notice', models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='occurrence', to='notifications.notice')),
                    ('local_time', models.CharField(max_length=19)),
                    ('zone', models.CharField(blank=True, max_length=64)),
                    ('due_at', models.DateTimeField()),
                    ('stale_at', models.DateTimeField(null=True)),
                    ('status', models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('paused', 'Paused'), ('sent', 'Sent'), ('skipped', 'Skipped'), ('cancelled', 'Cancelled'), ('recalled', 'Recalled'), ('failed', 'Failed')], default='scheduled', max_length=10)),
                    ('error', models.TextField(blank=True)),
                    ('total', models.PositiveIntegerField(default=0)),
                    ('counted_at', models.DateTimeField(null=True)),
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
                    'indexes': [models.Index(condition=models.Q(('status__in', ('scheduled', 'sending'))), fields=['due_at'], name='occurrence_due')],
                    'constraints': [models.UniqueConstraint(fields=('broadcast', 'local_time', 'zone'), name='occurrence_once')],
                },
            ),
            migrations.CreateModel(
                name='Part',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('notice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='notifications.notice')),
                    ('notification', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='notifications.notification')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('notice', 'notification'), name='part_once')],
                },
            ),
            migrations.CreateModel(
                name='Picture',
                fields=[
                    ('key', models.CharField(max_length=64, primary_key=True, serialize=False)),
                    ('content', models.BinaryField()),
                    ('width', models.PositiveIntegerField()),
                    ('height', models.PositiveIntegerField()),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name='PreferenceState',
                fields=[
                    ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                    ('version', models.PositiveIntegerField(default=0)),
                    ('time_zone', models.CharField(blank=True, max_length=64)),
                    ('language', models.CharField(blank=True, max_length=16)),
                    ('quiet_from', models.TimeField(null=True)),
                    ('quiet_until', models.TimeField(null=True)),
                    ('working_days', models.CharField(default='1234567', max_length=7)),
                    ('muted_until', models.DateTimeField(null=True)),
                ],
            ),
            migrations.CreateModel(
                name='PushDevice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='push_devices', to=settings.AUTH_USER_MODEL)),
                    ('login', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.device')),
                    ('channel', models.CharField(max_length=20)),
                    ('endpoint', models.CharField(max_length=1000)),
                    ('keys', models.TextField(blank=True)),
                    ('name', models.CharField(max_length=100)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('last_used_at', models.DateTimeField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('channel', 'endpoint'), name='push_device_once')],
                },
            ),
            migrations.CreateModel(
                name='Reminder',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('owner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('subject', models.CharField(max_length=40)),
                    ('note', models.CharField(blank=True, max_length=200)),
                    ('due_at', models.DateTimeField(db_index=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'indexes': [models.Index(fields=['owner', 'due_at'], name='reminder_of_owner')],
                },
            ),
            migrations.CreateModel(
                name='ScopeChoice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('scope', models.CharField(max_length=60)),
                    ('follow', models.CharField(choices=[('all', 'all'), ('mentions', 'mentions'), ('nothing', 'nothing')], default='all', max_length=12)),
                    ('muted_until', models.DateTimeField(null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'scope'), name='scope_choice_once')],
                },
            ),
            migrations.CreateModel(
                name='SendingStop',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stopped_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('stopped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reason', models.CharField(max_length=200)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(models.Value(1), condition=models.Q(('ended_at__isnull', True)), name='sending_stop_one')],
                },
            ),
            migrations.CreateModel(
                name='Share',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shares', to='notifications.occurrence')),
                    ('user_ids', models.TextField()),
                ],
            ),
            migrations.CreateModel(
                name='Watch',
                fields=[
                    ('broadcast', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='watch', serialize=False, to='notifications.broadcast')),
                    ('until', models.DateTimeField(db_index=True)),
                    ('told', models.TextField(blank=True)),
                ],
            ),
            migrations.CreateModel(
                name='WebhookEndpoint',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=100)),
                    ('url', models.CharField(max_length=1000, verbose_name='address')),
                    ('user', models.ForeignKey(blank=True, help_text="Whose notifications it gets; empty: everybody's.", null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('active', models.BooleanField(default=True, help_text='Switched off by itself when it answers 410 Gone.')),
                    ('secret', notifications.sealed.SealedField(default=notifications.models.device.new_webhook_secret, editable=False)),
                    ('old_secret', notifications.sealed.SealedField(blank=True, editable=False)),
                    ('old_secret_until', models.DateTimeField(editable=False, null=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ],
                options={
                    'ordering': ['name', 'pk'],
                },
            ),
            migrations.AddField(
                model_name='broadcast',
                name='without_group',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='auth.group'),
            ),
            migrations.AddField(
                model_name='broadcast',
                name='without_users',
                field=models.ManyToManyField(blank=True, related_name='+', to=settings.AUTH_USER_MODEL),
            ),
            migrations.AddIndex(
                model_name='broadcast',
                index=models.Index(condition=models.Q(('plan_at__isnull', False)), fields=['plan_at'], name='broadcast_plan'),
            ),
            migrations.AddIndex(
                model_name='broadcast',
                index=models.Index(condition=models.Q(('recalling', True)), fields=['recalling'], name='broadcast_recalling'),
            ),
            migrations.AddField(
                model_name='notification',
                name='occurrence',
                field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.occurrence'),
            ),
            migrations.AddField(
                model_name='notification',
                name='notice',
                field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.notice'),
            ),
            migrations.AddIndex(
                model_name='notification',
                index=models.Index(condition=models.Q(('read_at', None)), fields=['recipient', 'type', 'group'], name='notification_unread'),
            ),
            migrations.AddIndex(
                model_name='notification',
                index=models.Index(condition=models.Q(('snoozed_until__isnull', False)), fields=['snoozed_until'], name='notification_snoozed'),
            ),
            migrations.AddIndex(
                model_name='notification',
                index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='notification_expires'),
            ),
            migrations.AddConstraint(
                model_name='notification',
                constraint=models.UniqueConstraint(fields=('occurrence', 'recipient'), name='notification_once_per_occurrence'),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='occurrence',
                field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.occurrence'),
            ),
            migrations.AddField(
                model_name='audiencenotification',
                name='notice',
                field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.notice'),
            ),
            migrations.AddIndex(
                model_name='audiencenotification',
                index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='audience_expires'),
            ),
            migrations.AlterField(
                model_name='audiencestate',
                name='notification',
                field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='states', to='notifications.audiencenotification'),
            ),
            migrations.AddIndex(
                model_name='audiencestate',
                index=models.Index(condition=models.Q(('snoozed_until__isnull', False)), fields=['snoozed_until'], name='audience_snoozed'),
            ),
            migrations.AddConstraint(
                model_name='audiencestate',
                constraint=models.UniqueConstraint(fields=('user', 'notification'), name='audience_state_once'),
            ),
        ]),
    ]
