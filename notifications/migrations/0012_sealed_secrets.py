from django.db import migrations

import notifications.models.device
import notifications.sealed
from notifications.sealed import is_sealed, opened, seal

TABLE = "notifications_webhookendpoint"


def change_secrets(schema_editor, change):
    """By plain SQL: the field itself would open what it reads."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"SELECT id, secret, old_secret FROM {TABLE}")  # noqa: S608
        for pk, secret, old_secret in cursor.fetchall():
            cursor.execute(
                f"UPDATE {TABLE} SET secret = %s, old_secret = %s WHERE id = %s",  # noqa: S608
                [change(secret), change(old_secret), pk],
            )


def seal_secrets(apps, schema_editor):
    change_secrets(schema_editor, lambda text: seal(text) if text and not is_sealed(text) else text)


def open_secrets(apps, schema_editor):
    change_secrets(schema_editor, opened)


class Migration(migrations.Migration):
    dependencies = [("notifications", "0011_delivered")]

    operations = [
        migrations.AlterField(
            "webhookendpoint",
            "secret",
            notifications.sealed.SealedField(
                default=notifications.models.device.new_webhook_secret, editable=False
            ),
        ),
        migrations.AlterField(
            "webhookendpoint", "old_secret", notifications.sealed.SealedField(blank=True, editable=False)
        ),
        migrations.RunPython(seal_secrets, open_secrets),
    ]
