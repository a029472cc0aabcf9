from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0005_rooms'),
        ('accounts', '0002_presence'),
    ]

    operations = [
        migrations.AddField(
            model_name='member',
            name='delivered_seq',
            field=models.BigIntegerField(db_default=0, default=0),
        ),
    ]
