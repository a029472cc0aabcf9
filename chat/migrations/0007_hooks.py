import accounts.models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0006_presence'),
        ('accounts', '0003_bots'),
    ]

    operations = [
        migrations.CreateModel(
            name='Hook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('incoming', 'Incoming'), ('outgoing', 'Outgoing')], max_length=8)),
                ('name', models.CharField(max_length=64)),
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
                ('bot', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hook', to=settings.AUTH_USER_MODEL)),
                ('creator', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('room', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='hooks', to='chat.room')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('active', True), ('direction', 'outgoing')), fields=['next_at'], name='hook_to_call')],
            },
        ),
    ]
