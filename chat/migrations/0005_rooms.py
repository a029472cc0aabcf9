"""Search, archived and favourite rooms, links into rooms, keywords and groups.

The index starts empty and costs no time here: the upkeep fills it in chunks, oldest messages first (`chat.search.index`).
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import chat.models.search

# Triggers carry what is in the index's rows into FTS5, which keeps no text of its own.
_SQLITE = (
    """
    CREATE VIRTUAL TABLE chat_searchwords USING fts5(
        words, content='chat_searchentry', content_rowid='message_id', tokenize="ascii tokenchars '='"
    )
    """,
    """
    CREATE TRIGGER chat_searchentry_added AFTER INSERT ON chat_searchentry BEGIN
        INSERT INTO chat_searchwords (rowid, words) VALUES (new.message_id, new.words);
    END
    """,
    """
    CREATE TRIGGER chat_searchentry_removed AFTER DELETE ON chat_searchentry BEGIN
        INSERT INTO chat_searchwords (chat_searchwords, rowid, words)
        VALUES ('delete', old.message_id, old.words);
    END
    """,
    """
    CREATE TRIGGER chat_searchentry_changed AFTER UPDATE ON chat_searchentry BEGIN
        INSERT INTO chat_searchwords (chat_searchwords, rowid, words)
        VALUES ('delete', old.message_id, old.words);
        INSERT INTO chat_searchwords (rowid, words) VALUES (new.message_id, new.words);
    END
    """,
)
# Written by the upkeep alone: a list of pending entries, as sending would want it, makes every search slower.
_POSTGRES = (
    "CREATE INDEX chat_searchentry_words ON chat_searchentry USING gin (words) WITH (fastupdate = off)",
)


def _add_index(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in {"postgresql": _POSTGRES, "sqlite": _SQLITE}[vendor]:
        schema_editor.execute(statement)


def _remove_index(apps, schema_editor):
    # On PostgreSQL the index goes with its table.
    if schema_editor.connection.vendor == "sqlite":
        for name in ("added", "removed", "changed"):
            schema_editor.execute(f"DROP TRIGGER chat_searchentry_{name}")
        schema_editor.execute("DROP TABLE chat_searchwords")


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0004_files'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='room',
            name='description',
            field=models.TextField(blank=True, db_default='', default='', max_length=2000),
        ),
        migrations.AddField(
            model_name='room',
            name='archived_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='member',
            name='favourite_position',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='UserGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=32)),
                ('name_key', models.CharField(editable=False, max_length=96, unique=True)),
                ('description', models.CharField(blank=True, max_length=250)),
                ('mentioned_by', models.CharField(choices=[('everybody', 'Everybody'), ('members', 'Members')], default='everybody', max_length=12)),
                ('member_count', models.PositiveIntegerField(default=0, editable=False)),
            ],
            options={
                'permissions': [('manage_groups', 'Can make and change groups of people')],
            },
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='chat.usergroup')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('group', 'user'), name='group_member_once')],
            },
        ),
        migrations.AddField(
            model_name='usergroup',
            name='members',
            field=models.ManyToManyField(related_name='mention_groups', through='chat.GroupMember', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='mention',
            name='kind',
            field=models.CharField(choices=[('user', 'User'), ('room', 'Room'), ('here', 'Here'), ('group', 'Group'), ('word', 'Word')], max_length=8),
        ),
        migrations.AddField(
            model_name='mention',
            name='group',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.usergroup'),
        ),
        migrations.CreateModel(
            name='Keyword',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=60)),
                ('key', models.CharField(max_length=240)),
                ('first', models.CharField(db_index=True, max_length=64)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='keyword_once')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seed', models.CharField(editable=False, max_length=64)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField(null=True)),
                ('max_uses', models.PositiveIntegerField(null=True)),
                ('uses', models.PositiveIntegerField(default=0)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='chat.room')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('revoked_at__isnull', True)), fields=['room', 'id'], name='invitation_open')],
            },
        ),
        migrations.CreateModel(
            name='SearchedRoom',
            fields=[
                ('room', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='searched', serialize=False, to='chat.room')),
                ('number', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('message', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.message')),
                ('at', models.DateTimeField()),
                ('words', chat.models.search.WordsField()),
                ('room', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
            ],
            options={
                'verbose_name_plural': 'search entries',
                'indexes': [models.Index(fields=['at', 'message'], name='search_entry_at')],
            },
        ),
        migrations.RunPython(_add_index, _remove_index),
    ]
