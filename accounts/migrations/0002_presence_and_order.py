"""Presence and what one says of oneself; bots; guests, bans and erased accounts."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='is_guest',
            field=models.BooleanField(db_default=False, default=False, help_text='Sees only rooms that somebody put them into, and the people there; makes no rooms.', verbose_name='guest'),
        ),
        migrations.AddField(
            model_name='user',
            name='banned_until',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='ban_reason',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=300),
        ),
        migrations.AddField(
            model_name='user',
            name='erased_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='is_bot',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name='user',
            name='availability',
            field=models.CharField(choices=[('auto', 'Auto'), ('dnd', 'Dnd'), ('invisible', 'Invisible')], db_default='auto', default='auto', max_length=9),
        ),
        migrations.AddField(
            model_name='user',
            name='availability_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='status_emoji',
            field=models.CharField(blank=True, db_default='', max_length=40),
        ),
        migrations.AddField(
            model_name='user',
            name='status_text',
            field=models.CharField(blank=True, db_default='', max_length=100),
        ),
        migrations.AddField(
            model_name='user',
            name='status_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='user',
            name='shows_reads',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AlterField(
            model_name='device',
            name='kind',
            field=models.CharField(choices=[('browser', 'Browser'), ('token', 'Token'), ('bot', 'Bot')], max_length=8),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('availability_until__isnull', False)), fields=['availability_until'], name='user_availability_ends'),
        ),
        migrations.AddIndex(
            model_name='user',
            index=models.Index(condition=models.Q(('status_until__isnull', False)), fields=['status_until'], name='user_status_ends'),
        ),
    ]
