"""What each person wants to be told of, and what was decided about each notice, recipient and channel."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('notifications', '0003_inbox_states'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        migrations.AddField(
            model_name='notice',
            name='scope',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.CreateModel(
            name='ChannelChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(max_length=40)),
                ('channel', models.CharField(max_length=20)),
                ('frequency', models.CharField(choices=[('instant', 'instant'), ('hourly', 'hourly'), ('daily', 'daily'), ('end_of_day', 'end of day'), ('off', 'off')], max_length=12)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'category', 'channel'), name='channel_choice_once')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
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
                ('notice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='notifications.notice')),
                ('recipient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'deliveries',
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['channel', 'due_at'], name='delivery_due'), models.Index(condition=models.Q(('claim__isnull', False), ('state', 'waiting')), fields=['channel'], name='delivery_in_hand'), models.Index(condition=models.Q(('state', 'digest')), fields=['due_at', 'recipient'], name='delivery_digest'), models.Index(fields=['recipient', '-decided_at'], name='delivery_of_person'), models.Index(condition=models.Q(('state', 'sent'), models.Q(('channel', 'in_app'), _negated=True)), fields=['recipient', 'sent_at'], name='delivery_throttle')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'recipient', 'channel'), name='delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='ScopeChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=60)),
                ('follow', models.CharField(choices=[('all', 'all'), ('mentions', 'mentions'), ('nothing', 'nothing')], default='all', max_length=12)),
                ('muted_until', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'scope'), name='scope_choice_once')],
            },
        ),
    ]
