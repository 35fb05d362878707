"""The document that takes an officer beyond the area or field of his certificate (R38)."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0002_protect"),
    ]

    operations = [
        migrations.AddField(
            model_name="act",
            name="assignment_number",
            field=models.TextField(blank=True, default=""),
        ),
    ]
