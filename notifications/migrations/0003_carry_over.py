"""Lines know what was seen of them, inboxes what is unread, and what was sent once is a broadcast with one occurrence."""

from zoneinfo import ZoneInfo

from django.db import migrations, models

MOVED = (
    'due_at', 'error', 'total', 'done', 'claim', 'claimed_until', 'fence', 'attempts', 'cursor', 'started_at',
    'finished_at',
)


def count_what_is_unread(apps, schema_editor):
    """What was read was seen too; who has unread lines gets their number."""
    Notification = apps.get_model('notifications', 'Notification')
    AudienceState = apps.get_model('notifications', 'AudienceState')
    InboxState = apps.get_model('notifications', 'InboxState')
    for model in (Notification, AudienceState):
        model.objects.filter(read_at__isnull=False).update(seen_at=models.F('read_at'))
    counted = Notification.objects.filter(read_at=None).values_list('recipient').annotate(models.Count('pk'))
    states = [InboxState(user_id=user_id, unread=unread) for user_id, unread in counted.order_by().iterator()]
    for start in range(0, len(states), 1000):
        InboxState.objects.bulk_create(
            states[start : start + 1000],
            update_conflicts=True,
            unique_fields=['user'],
            update_fields=['unread'],
        )


def give_each_its_occurrence(apps, schema_editor):
    """Shared lines of broadcasts also follow what people chose for them from now on."""
    Broadcast = apps.get_model('notifications', 'Broadcast')
    Occurrence = apps.get_model('notifications', 'Occurrence')
    for broadcast in Broadcast.objects.order_by('pk').iterator(chunk_size=500):
        local = broadcast.due_at.astimezone(ZoneInfo(broadcast.time_zone)).replace(tzinfo=None)
        broadcast.starts_at = local.isoformat(timespec='seconds')
        broadcast.save(update_fields=['starts_at'])
        # What was not out yet takes its words as it goes out.
        out = broadcast.done or broadcast.status == 'sent'
        words = ('title', 'text', 'level', 'link') if out else ()
        Occurrence.objects.create(
            broadcast=broadcast,
            local_time=broadcast.starts_at,
            zone=broadcast.time_zone,
            status=broadcast.status,
            **{name: getattr(broadcast, name) for name in (*MOVED, *words)},
        )
    occurrence = Occurrence.objects.filter(broadcast=models.OuterRef('broadcast')).values('pk')
    for name, known in (('Notification', {}), ('AudienceNotification', {'category': 'broadcasts'})):
        lines = apps.get_model('notifications', name).objects.filter(broadcast__isnull=False)
        lines.update(occurrence=models.Subquery(occurrence), **known)


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0002_notices_and_occurrences'),
    ]

    operations = [
        migrations.RunPython(count_what_is_unread, migrations.RunPython.noop),
        migrations.RunPython(give_each_its_occurrence, migrations.RunPython.noop),
    ]
