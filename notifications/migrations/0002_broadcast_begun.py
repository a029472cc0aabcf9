"""Whether a worker has taken a claim up, so that a claim that waits in a queue is not taken for a sender that died."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ('notifications', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='broadcast',
            name='begun',
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
