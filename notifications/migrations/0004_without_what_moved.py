"""Broadcasts without what their occurrences have taken over."""

from django.db import migrations

from realtime.at_once import AtOnce


class Migration(migrations.Migration):

    dependencies = [
        ('notifications', '0003_carry_over'),
    ]

    operations = [
        AtOnce([
            migrations.RemoveIndex(
                model_name='broadcast',
                name='broadcast_due',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='due_at',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='total',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='done',
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
                name='fence',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='attempts',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='cursor',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='started_at',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='finished_at',
            ),
            migrations.RemoveField(
                model_name='broadcast',
                name='error',
            ),
            migrations.RemoveConstraint(
                model_name='notification',
                name='notification_once_per_broadcast',
            ),
            migrations.RemoveField(
                model_name='notification',
                name='broadcast',
            ),
            migrations.RemoveField(
                model_name='audiencenotification',
                name='broadcast',
            ),
        ]),
    ]
