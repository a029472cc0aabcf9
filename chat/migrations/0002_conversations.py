"""Mentions, text with formats, files, search, hooks, order, marks and threads: everything since the first release.

Messages that stand are rendered when they are read, and by the upkeep. The index for the search starts empty and costs
no time here: the upkeep fills it in chunks, oldest messages first (`chat.search.index`).
"""

import accounts.models
import chat.models.scheduled
import chat.models.search
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from realtime.at_once import AtOnce

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
        ('accounts', '0002_presence_and_order'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('chat', '0001_initial'),
    ]

    operations = [
        AtOnce([
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
            migrations.AlterField(
                model_name='room',
                name='direct_key',
                field=models.CharField(editable=False, max_length=255, null=True, unique=True),
            ),
            migrations.AddField(
                model_name='room',
                name='mention_all',
                field=models.CharField(choices=[('small_rooms', 'Small Rooms'), ('members', 'Members'), ('owners', 'Owners')], db_default='small_rooms', default='small_rooms', max_length=12),
            ),
            migrations.AddField(
                model_name='room',
                name='link_previews',
                field=models.BooleanField(db_default=True, default=True),
            ),
            migrations.AddField(
                model_name='room',
                name='posting',
                field=models.CharField(choices=[('everybody', 'Everybody'), ('moderators', 'Moderators'), ('owners', 'Owners')], db_default='everybody', default='everybody', max_length=10),
            ),
            migrations.AddField(
                model_name='room',
                name='slow_mode_s',
                field=models.PositiveIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='room',
                name='retention_days',
                field=models.PositiveIntegerField(null=True),
            ),
            migrations.AddField(
                model_name='room',
                name='legal_hold',
                field=models.BooleanField(db_default=False, default=False),
            ),
            migrations.AddField(
                model_name='room',
                name='trim_at',
                field=models.DateTimeField(editable=False, null=True),
            ),
            migrations.AddField(
                model_name='room',
                name='trimmed_number',
                field=models.BigIntegerField(db_default=0, default=0, editable=False),
            ),
            migrations.AddField(
                model_name='room',
                name='hidden_count',
                field=models.BigIntegerField(db_default=0, default=0, editable=False),
            ),
            migrations.AddField(
                model_name='room',
                name='hidden_number',
                field=models.BigIntegerField(db_default=0, default=0, editable=False),
            ),
            migrations.AddField(
                model_name='room',
                name='shown_number',
                field=models.BigIntegerField(db_default=0, default=0, editable=False),
            ),
            migrations.AlterField(
                model_name='member',
                name='role',
                field=models.CharField(choices=[('owner', 'Owner'), ('moderator', 'Moderator'), ('member', 'Member'), ('guest', 'Guest')], default='member', max_length=9),
            ),
            migrations.AddField(
                model_name='member',
                name='unread_version',
                field=models.BigIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='member',
                name='unread_as_of',
                field=models.BigIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='member',
                name='delivered_seq',
                field=models.BigIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='member',
                name='favourite_position',
                field=models.PositiveSmallIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='member',
                name='muted_until',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='member',
                name='mute_reason',
                field=models.CharField(blank=True, db_default='', default='', max_length=300),
            ),
            migrations.AddField(
                model_name='member',
                name='barred',
                field=models.BooleanField(db_default=False, default=False),
            ),
            migrations.AddField(
                model_name='member',
                name='sent_at',
                field=models.DateTimeField(null=True),
            ),
            migrations.AddField(
                model_name='message',
                name='mentions',
                field=models.TextField(blank=True, db_default='[]', default='[]'),
            ),
            migrations.AddField(
                model_name='message',
                name='marks',
                field=models.TextField(blank=True, db_default='', default=''),
            ),
            migrations.AddField(
                model_name='message',
                name='html',
                field=models.TextField(blank=True, null=True),
            ),
            migrations.AddField(
                model_name='message',
                name='files',
                field=models.TextField(blank=True, db_default='[]', default='[]'),
            ),
            migrations.AddField(
                model_name='message',
                name='previews',
                field=models.TextField(blank=True, db_default='[]', default='[]'),
            ),
            migrations.AddField(
                model_name='message',
                name='also_in_room',
                field=models.BooleanField(db_default=False, default=False),
            ),
            migrations.AddField(
                model_name='message',
                name='hidden',
                field=models.BigIntegerField(db_default=0, default=0),
            ),
            migrations.AddField(
                model_name='message',
                name='forwarded',
                field=models.TextField(blank=True, db_default='', default=''),
            ),
            migrations.CreateModel(
                name='Ack',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.message')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('message', 'user'), name='ack_once')],
                },
            ),
            migrations.CreateModel(
                name='AckRequest',
                fields=[
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.message')),
                    ('remind_at', models.DateTimeField(null=True)),
                    ('reminders', models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('remind_at__isnull', False)), fields=['remind_at'], name='ack_remind')],
                },
            ),
            migrations.CreateModel(
                name='AuditEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('actor', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('actor_name', models.CharField(max_length=200)),
                    ('act', models.CharField(max_length=60)),
                    ('room', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='chat.room')),
                    ('room_name', models.CharField(blank=True, max_length=64)),
                    ('person', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person_name', models.CharField(blank=True, max_length=200)),
                    ('message', models.BigIntegerField(null=True)),
                    ('reason', models.CharField(blank=True, max_length=300)),
                    ('details', models.JSONField(default=dict)),
                ],
                options={
                    'verbose_name_plural': 'audit log',
                    'ordering': ['-pk'],
                    'indexes': [models.Index(fields=['room', '-id'], name='audit_of_room')],
                },
            ),
            migrations.CreateModel(
                name='Block',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('blocker', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('blocked', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('blocker', 'blocked'), name='block_once')],
                },
            ),
            migrations.CreateModel(
                name='Draft',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('member', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.member')),
                    ('thread', models.BigIntegerField(default=0)),
                    ('text', models.TextField(max_length=8000)),
                    ('version', models.BigIntegerField()),
                    ('updated_at', models.DateTimeField()),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('member', 'thread'), name='draft_once')],
                },
            ),
            migrations.CreateModel(
                name='HeldMessage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('author', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('text', models.TextField(blank=True, max_length=4000)),
                    ('client_id', models.CharField(max_length=64)),
                    ('beside', models.TextField(default='{}')),
                    ('why', models.CharField(blank=True, max_length=300)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('author', 'client_id'), name='held_once')],
                },
            ),
            migrations.CreateModel(
                name='Hook',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hooks', to='chat.room')),
                    ('direction', models.CharField(choices=[('incoming', 'Incoming'), ('outgoing', 'Outgoing')], max_length=8)),
                    ('name', models.CharField(max_length=64)),
                    ('bot', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hook', to=settings.AUTH_USER_MODEL)),
                    ('creator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('key', models.CharField(default=accounts.models.opaque_id, editable=False, max_length=32, unique=True)),
                    ('active', models.BooleanField(default=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('used_at', models.DateTimeField(editable=False, null=True)),
                    ('url', models.CharField(blank=True, max_length=2000)),
                    ('triggers', models.CharField(blank=True, max_length=300)),
                    ('told_number', models.BigIntegerField(default=0, editable=False)),
                    ('next_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ('attempts', models.PositiveSmallIntegerField(default=0, editable=False)),
                    ('failure', models.CharField(blank=True, editable=False, max_length=200)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('active', True), ('direction', 'outgoing')), fields=['next_at'], name='hook_to_call')],
                },
            ),
            migrations.CreateModel(
                name='Invitation',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='chat.room')),
                    ('created_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('seed', models.CharField(editable=False, max_length=64)),
                    ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('expires_at', models.DateTimeField(null=True)),
                    ('max_uses', models.PositiveIntegerField(null=True)),
                    ('uses', models.PositiveIntegerField(default=0)),
                    ('revoked_at', models.DateTimeField(null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('revoked_at__isnull', True)), fields=['room', 'id'], name='invitation_open')],
                },
            ),
            migrations.CreateModel(
                name='Keyword',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('text', models.CharField(max_length=60)),
                    ('key', models.CharField(max_length=240)),
                    ('first', models.CharField(db_index=True, max_length=64)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='keyword_once')],
                },
            ),
            migrations.CreateModel(
                name='LinkedPage',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('url_key', models.CharField(db_index=True, max_length=64)),
                    ('url', models.CharField(max_length=1000)),
                    ('found', models.BooleanField()),
                    ('title', models.CharField(blank=True, max_length=200)),
                    ('description', models.CharField(blank=True, max_length=400)),
                    ('site', models.CharField(blank=True, max_length=100)),
                    ('image', models.CharField(max_length=32, null=True, unique=True)),
                    ('image_width', models.PositiveIntegerField(null=True)),
                    ('image_height', models.PositiveIntegerField(null=True)),
                    ('fetched_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('forget_at', models.DateTimeField(null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('forget_at__isnull', False)), fields=['forget_at'], name='page_forget')],
                },
            ),
            migrations.CreateModel(
                name='ListedWord',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('word', models.CharField(help_text='A word or several, in any case; * at the end stands for any letters that follow.', max_length=100, unique=True)),
                    ('action', models.CharField(choices=[('refuse', 'Refuse the text'), ('replace', 'Put asterisks in its place'), ('hold', 'Hold a message for a moderator, refuse anything else')], default='refuse', max_length=8)),
                ],
                options={
                    'ordering': ['word'],
                },
            ),
            migrations.CreateModel(
                name='OwnEmoji',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=32, unique=True)),
                    ('key', models.CharField(db_index=True, max_length=64)),
                    ('content', models.BinaryField()),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'emoji',
                    'verbose_name_plural': 'emoji',
                    'ordering': ('name',),
                },
            ),
            migrations.CreateModel(
                name='Pin',
                fields=[
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.message')),
                    ('room', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('pinned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('pinned_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'indexes': [models.Index(fields=['room', '-pinned_at'], name='pin_of_room')],
                },
            ),
            migrations.CreateModel(
                name='Poll',
                fields=[
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.message')),
                    ('options', models.TextField()),
                    ('multiple', models.BooleanField(default=False)),
                    ('anonymous', models.BooleanField(default=False)),
                    ('ends_at', models.DateTimeField(null=True)),
                    ('closed_at', models.DateTimeField(null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True), ('ends_at__isnull', False)), fields=['ends_at'], name='poll_ends')],
                },
            ),
            migrations.CreateModel(
                name='Preview',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.message')),
                    ('page', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='previews', to='chat.linkedpage')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('removed', models.BooleanField(default=False)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('message', 'page'), name='preview_once')],
                },
            ),
            migrations.CreateModel(
                name='Reaction',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.message')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('emoji', models.CharField(max_length=48)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'indexes': [models.Index(fields=['message', 'emoji', 'id'], name='reaction_first')],
                    'constraints': [models.UniqueConstraint(fields=('message', 'emoji', 'user'), name='reaction_once')],
                },
            ),
            migrations.CreateModel(
                name='Report',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('room', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='chat.message')),
                    ('number', models.BigIntegerField(default=0)),
                    ('excerpt', models.TextField(blank=True, max_length=4000)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reporter', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('why', models.CharField(choices=[('spam', 'Spam'), ('harassment', 'Insults or harassment'), ('hate', 'Hate'), ('illegal', 'Illegal or dangerous'), ('privacy', 'Private data'), ('other', 'Something else')], max_length=12)),
                    ('text', models.TextField(blank=True, max_length=1000)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('claimed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('claimed_until', models.DateTimeField(null=True)),
                    ('outcome', models.CharField(blank=True, choices=[('dismissed', 'Dismissed'), ('deleted', 'Message deleted'), ('warned', 'Warned'), ('muted', 'Muted'), ('banned', 'Banned from the room'), ('banned_everywhere', 'Banned from everything')], max_length=20)),
                    ('note', models.CharField(blank=True, max_length=300)),
                    ('closed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('closed_at', models.DateTimeField(null=True)),
                ],
                options={
                    'permissions': [('moderate', 'Can moderate all rooms and people')],
                    'indexes': [models.Index(condition=models.Q(('outcome', '')), fields=['-id'], name='report_open'), models.Index(fields=['room', '-id'], name='report_of_room'), models.Index(fields=['reporter', 'created_at'], name='report_by'), models.Index(condition=models.Q(('closed_at__isnull', False)), fields=['closed_at'], name='report_closed')],
                },
            ),
            migrations.CreateModel(
                name='Revision',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='chat.message')),
                    ('text', models.TextField(max_length=4000)),
                    ('mentions', models.TextField(blank=True, default='[]')),
                    ('html', models.TextField(blank=True, null=True)),
                    ('written_at', models.DateTimeField()),
                    ('forget_at', models.DateTimeField(null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('forget_at__isnull', False)), fields=['forget_at'], name='revision_forget')],
                },
            ),
            migrations.CreateModel(
                name='RoomBan',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('room', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='bans', to='chat.room')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('reason', models.CharField(blank=True, max_length=300)),
                    ('until', models.DateTimeField()),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('room', 'user'), name='room_ban_once')],
                },
            ),
            migrations.CreateModel(
                name='Saved',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.message')),
                    ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'verbose_name_plural': 'saved',
                    'constraints': [models.UniqueConstraint(fields=('user', 'message'), name='saved_once')],
                },
            ),
            migrations.CreateModel(
                name='Scheduled',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('author', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('text', models.TextField(blank=True, max_length=4000)),
                    ('thread', models.BigIntegerField(null=True)),
                    ('quote', models.BigIntegerField(null=True)),
                    ('also_in_room', models.BooleanField(default=False)),
                    ('send_at', models.DateTimeField()),
                    ('due_at', models.DateTimeField(null=True)),
                    ('client_id', models.CharField(default=chat.models.scheduled.new_client_id, editable=False, max_length=64)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('failure', models.TextField(blank=True)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'verbose_name_plural': 'scheduled',
                    'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='scheduled_due')],
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
                    ('room', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('at', models.DateTimeField()),
                    ('words', chat.models.search.WordsField()),
                ],
                options={
                    'verbose_name_plural': 'search entries',
                    'indexes': [models.Index(fields=['at', 'message'], name='search_entry_at')],
                },
            ),
            migrations.CreateModel(
                name='Thread',
                fields=[
                    ('root', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='thread', serialize=False, to='chat.message')),
                    ('room', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('number', models.BigIntegerField()),
                    ('reply_count', models.PositiveIntegerField(default=0)),
                    ('last_reply_at', models.DateTimeField(null=True)),
                    ('last_number', models.BigIntegerField(default=0)),
                    ('participants', models.TextField(default='[]')),
                    ('version', models.PositiveIntegerField(default=0)),
                ],
            ),
            migrations.CreateModel(
                name='ThreadReader',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('thread', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readers', to='chat.thread')),
                    ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('following', models.BooleanField(db_default=True, default=True)),
                    ('read_number', models.BigIntegerField(default=0)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('user', 'thread'), name='thread_reader_once')],
                },
            ),
            migrations.CreateModel(
                name='Unpreviewed',
                fields=[
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.message')),
                    ('due_at', models.DateTimeField(db_index=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    'verbose_name_plural': 'unpreviewed',
                },
            ),
            migrations.CreateModel(
                name='Untold',
                fields=[
                    ('message', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='chat.message')),
                    ('due_at', models.DateTimeField(db_index=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                ],
                options={
                    'verbose_name_plural': 'untold',
                },
            ),
            migrations.CreateModel(
                name='Upload',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('key', models.CharField(max_length=32, unique=True)),
                    ('stored', models.CharField(max_length=32)),
                    ('uploader', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('client_id', models.CharField(max_length=64)),
                    ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploads', to='chat.message')),
                    ('scheduled', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploads', to='chat.scheduled')),
                    ('held', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploads', to='chat.heldmessage')),
                    ('draft', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploads', to='chat.draft')),
                    ('position', models.PositiveSmallIntegerField(default=0)),
                    ('name', models.CharField(max_length=200)),
                    ('kind', models.CharField(choices=[('image', 'Image'), ('audio', 'Audio'), ('video', 'Video'), ('file', 'File')], max_length=5)),
                    ('type', models.CharField(max_length=100)),
                    ('bytes', models.BigIntegerField()),
                    ('width', models.PositiveIntegerField(null=True)),
                    ('height', models.PositiveIntegerField(null=True)),
                    ('small', models.BooleanField(default=False)),
                    ('large', models.BooleanField(default=False)),
                    ('alt', models.CharField(blank=True, max_length=500)),
                    ('ready', models.BooleanField(default=False)),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                    ('forget_at', models.DateTimeField(null=True)),
                ],
                options={
                    'indexes': [models.Index(condition=models.Q(('forget_at__isnull', False)), fields=['forget_at'], name='upload_forget'), models.Index(fields=['stored'], name='upload_stored'), models.Index(condition=models.Q(('draft__isnull', True), ('forget_at__isnull', True), ('held__isnull', True), ('message__isnull', True), ('scheduled__isnull', True)), fields=['id'], name='upload_orphan')],
                    'constraints': [models.UniqueConstraint(fields=('uploader', 'client_id'), name='upload_once')],
                },
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
            migrations.CreateModel(
                name='Mention',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.message')),
                    ('room', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room')),
                    ('number', models.BigIntegerField()),
                    ('thread', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='chat.thread')),
                    ('kind', models.CharField(choices=[('user', 'User'), ('room', 'Room'), ('here', 'Here'), ('group', 'Group'), ('word', 'Word')], max_length=8)),
                    ('user', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('group', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.usergroup')),
                    ('told', models.BooleanField(db_default=False, default=False)),
                ],
                options={
                    'indexes': [models.Index(fields=['user', 'room', 'number'], name='mention_of_user'), models.Index(condition=models.Q(('user__isnull', True)), fields=['room', 'number'], name='mention_of_all'), models.Index(condition=models.Q(('thread__isnull', False)), fields=['thread', 'number'], name='mention_in_thread')],
                    'constraints': [models.UniqueConstraint(fields=('message', 'user', 'kind'), name='mention_once')],
                },
            ),
            migrations.CreateModel(
                name='Vote',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('poll', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='chat.poll')),
                    ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('option', models.PositiveSmallIntegerField()),
                ],
                options={
                    'indexes': [models.Index(fields=['poll', 'option', 'id'], name='vote_first')],
                    'constraints': [models.UniqueConstraint(fields=('poll', 'option', 'user'), name='vote_once')],
                },
            ),
            migrations.AddField(
                model_name='usergroup',
                name='members',
                field=models.ManyToManyField(related_name='mention_groups', through='chat.GroupMember', to=settings.AUTH_USER_MODEL),
            ),
            migrations.AddIndex(
                model_name='room',
                index=models.Index(condition=models.Q(('trim_at__isnull', False)), fields=['trim_at'], name='room_trim'),
            ),
            migrations.AddField(
                model_name='message',
                name='deleted_by',
                field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
            ),
            migrations.AddField(
                model_name='message',
                name='root',
                field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='replies', to='chat.thread'),
            ),
            migrations.AddField(
                model_name='message',
                name='quote',
                field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='chat.message'),
            ),
            migrations.AddIndex(
                model_name='message',
                index=models.Index(condition=models.Q(('root__isnull', False)), fields=['root', 'number'], name='message_in_thread'),
            ),
            migrations.AddIndex(
                model_name='message',
                index=models.Index(condition=models.Q(('quote__isnull', False)), fields=['quote'], name='message_quoted'),
            ),
            migrations.AddIndex(
                model_name='message',
                index=models.Index(condition=models.Q(('html__isnull', True)), fields=['id'], name='message_unrendered'),
            ),
        ]),
        migrations.RunPython(_add_index, _remove_index),
    ]
