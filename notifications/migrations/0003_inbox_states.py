"""Lines remember what was done with them and the inbox how many are unread; notices, and their batches and parts."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def count_what_is_unread(apps, schema_editor):
    """What was read was seen too; who has unread lines gets their number."""
    Notification = apps.get_model("notifications", "Notification")
    AudienceState = apps.get_model("notifications", "AudienceState")
    InboxState = apps.get_model("notifications", "InboxState")
    for model in (Notification, AudienceState):
        model.objects.filter(read_at__isnull=False).update(seen_at=models.F("read_at"))
    counted = Notification.objects.filter(read_at=None).values_list("recipient").annotate(models.Count("pk"))
    states = [InboxState(user_id=user_id, unread=unread) for user_id, unread in counted.order_by().iterator()]
    for start in range(0, len(states), 1000):
        InboxState.objects.bulk_create(
            states[start : start + 1000],
            update_conflicts=True,
            unique_fields=["user"],
            update_fields=["unread"],
        )


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0002_broadcast_begun'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
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
        migrations.AlterField(
            model_name='audiencestate',
            name='read_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='audiencestate',
            name='seen_at',
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
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user_ids', models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(max_length=80)),
                ('key', models.CharField(max_length=200)),
                ('data', models.TextField()),
                ('actor_name', models.CharField(blank=True, max_length=200)),
                ('group', models.CharField(blank=True, max_length=100)),
                ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(null=True)),
                ('recalled_at', models.DateTimeField(editable=False, null=True)),
                ('recalling', models.BooleanField(default=False, editable=False)),
                ('seen_before_recall', models.PositiveIntegerField(default=0, editable=False)),
                ('recipients', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Part',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
        ),
        migrations.RemoveIndex(
            model_name='notification',
            name='notification_unread',
        ),
        migrations.AddField(
            model_name='audiencenotification',
            name='expires_at',
            field=models.DateTimeField(null=True),
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
        migrations.AlterField(
            model_name='broadcast',
            name='status',
            field=models.CharField(choices=[('draft', 'Draft'), ('scheduled', 'Scheduled'), ('sending', 'Sending'), ('paused', 'Paused'), ('sent', 'Sent'), ('cancelled', 'Cancelled'), ('recalled', 'Recalled'), ('failed', 'Failed')], default='scheduled', max_length=10),
        ),
        migrations.AddIndex(
            model_name='broadcast',
            index=models.Index(condition=models.Q(('recalling', True)), fields=['recalling'], name='broadcast_recalling'),
        ),
        migrations.AddField(
            model_name='inboxstate',
            name='unread',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='notification',
            name='archived_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='notification',
            name='clicked_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='notification',
            name='count',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='notification',
            name='expires_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='notification',
            name='group',
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name='notification',
            name='seen_at',
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
        migrations.AlterField(
            model_name='inboxstate',
            name='read_all_up_to',
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name='audiencestate',
            name='notification',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='states', to='notifications.audiencenotification'),
        ),
        migrations.AddField(
            model_name='notice',
            name='actor',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='batch',
            name='notice',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='notifications.notice'),
        ),
        migrations.AddField(
            model_name='audiencenotification',
            name='notice',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.notice'),
        ),
        migrations.AddField(
            model_name='notification',
            name='notice',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='notifications.notice'),
        ),
        migrations.AddIndex(
            model_name='audiencenotification',
            index=models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['expires_at'], name='audience_expires'),
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
        migrations.AddField(
            model_name='part',
            name='notice',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='notifications.notice'),
        ),
        migrations.AddField(
            model_name='part',
            name='notification',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='notifications.notification'),
        ),
        migrations.AddIndex(
            model_name='audiencestate',
            index=models.Index(condition=models.Q(('snoozed_until__isnull', False)), fields=['snoozed_until'], name='audience_snoozed'),
        ),
        migrations.AddConstraint(
            model_name='audiencestate',
            constraint=models.UniqueConstraint(fields=('user', 'notification'), name='audience_state_once'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('recalling', True)), fields=['recalling'], name='notice_recalling'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(fields=('type', 'key'), name='notice_once'),
        ),
        migrations.AddConstraint(
            model_name='part',
            constraint=models.UniqueConstraint(fields=('notice', 'notification'), name='part_once'),
        ),
        migrations.RunPython(count_what_is_unread, migrations.RunPython.noop),
    ]
