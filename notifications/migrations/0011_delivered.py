import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def name_categories(apps, schema_editor):
    """Lines of broadcasts that are shared follow what people chose from now on."""
    shared = apps.get_model("notifications", "AudienceNotification").objects.filter(occurrence__isnull=False)
    shared.filter(occurrence__broadcast__critical=True).update(critical=True)
    shared.update(category="broadcasts")


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0010_cockpit"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("notification", "delivered_at", models.DateTimeField(null=True)),
        *(
            migrations.AddField(model, name, field)
            for model in ("notification", "audiencenotification", "occurrence")
            for name, field in (
                ("category", models.CharField(blank=True, max_length=40, default="")),
                ("critical", models.BooleanField(default=False)),
            )
        ),
        migrations.CreateModel(
            name="AudienceDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "notification",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="notifications.audiencenotification",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user"], name="audience_delivery_of_person")],
                "constraints": [
                    models.UniqueConstraint(fields=("notification", "user"), name="audience_delivery_once")
                ],
            },
        ),
        migrations.RunPython(name_categories, migrations.RunPython.noop),
    ]
