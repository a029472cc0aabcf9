"""Files in messages, and previews of what they link to. Messages that stand keep what they are: they have none."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat', '0003_richtext'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
            model_name='room',
            name='link_previews',
            field=models.BooleanField(db_default=True, default=True),
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
            name='Preview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('removed', models.BooleanField(default=False)),
                ('message', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.message')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='previews', to='chat.linkedpage')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('message', 'page'), name='preview_once')],
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
            name='Upload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32, unique=True)),
                ('client_id', models.CharField(max_length=64)),
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
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='uploads', to='chat.message')),
                ('uploader', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [
                    models.Index(condition=models.Q(('forget_at__isnull', False)), fields=['forget_at'], name='upload_forget'),
                    models.Index(condition=models.Q(('forget_at__isnull', True), ('message__isnull', True)), fields=['id'], name='upload_orphan'),
                ],
                'constraints': [models.UniqueConstraint(fields=('uploader', 'client_id'), name='upload_once')],
            },
        ),
    ]
