from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0012_sealed_secrets")]

    operations = [
        migrations.AddField(
            "broadcast", "image_url", models.CharField(blank=True, default="", max_length=1000)
        ),
        migrations.AddField(
            "broadcast", "image_error", models.CharField(blank=True, default="", editable=False, max_length=300)
        ),
        migrations.AddField("broadcast", "jobs", models.JSONField(default=list, editable=False)),
        migrations.AddField("broadcast", "rehearsed", models.JSONField(editable=False, null=True)),
    ]
