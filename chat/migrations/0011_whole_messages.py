from django.db import migrations, models
from django.db.models import F

# What the index has of polls from before they could be looked for.
_FOUND_ON_POSTGRES = """
UPDATE chat_searchentry SET words = words || '''=hpoll'''::tsvector
WHERE length(words) > 0 AND message_id IN (SELECT message_id FROM chat_poll)
"""
_FOUND_ON_SQLITE = """
UPDATE chat_searchentry SET words = words || ' =hpoll'
WHERE words <> '' AND message_id IN (SELECT message_id FROM chat_poll)
"""


def _find_polls(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    schema_editor.execute(_FOUND_ON_POSTGRES if postgres else _FOUND_ON_SQLITE)


def _keep_stored(apps, schema_editor):
    apps.get_model("chat", "Upload").objects.update(stored=F("key"))


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0010_threads'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='stored',
            field=models.CharField(default='', max_length=32),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(fields=['stored'], name='upload_stored'),
        ),
        migrations.AddField(
            model_name='scheduled',
            name='thread',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='scheduled',
            name='quote',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='scheduled',
            name='also_in_room',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='scheduled',
            name='text',
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AddField(
            model_name='upload',
            name='scheduled',
            field=models.ForeignKey(null=True, on_delete=models.deletion.SET_NULL, related_name='uploads', to='chat.scheduled'),
        ),
        migrations.AddField(
            model_name='upload',
            name='held',
            field=models.ForeignKey(null=True, on_delete=models.deletion.SET_NULL, related_name='uploads', to='chat.heldmessage'),
        ),
        migrations.AddField(
            model_name='upload',
            name='draft',
            field=models.ForeignKey(null=True, on_delete=models.deletion.SET_NULL, related_name='uploads', to='chat.draft'),
        ),
        migrations.AddField(
            model_name='upload',
            name='position',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.RemoveIndex(
            model_name='upload',
            name='upload_orphan',
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(condition=models.Q(('draft__isnull', True), ('forget_at__isnull', True), ('held__isnull', True), ('message__isnull', True), ('scheduled__isnull', True)), fields=['id'], name='upload_orphan'),
        ),
        migrations.AlterField(
            model_name='heldmessage',
            name='text',
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AddField(
            model_name='heldmessage',
            name='beside',
            field=models.TextField(default='{}'),
        ),
        migrations.RunPython(_keep_stored, migrations.RunPython.noop),
        migrations.RunPython(_find_polls, migrations.RunPython.noop),
    ]
