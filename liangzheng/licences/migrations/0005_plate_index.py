"""Vehicles are found by plate and colour. Rows entered before stay without an index until their source sends them again."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("licences", "0004_status_changes")]

    operations = [
        migrations.AddField(model_name="licence", name="plate_index", field=models.BinaryField(db_index=True, null=True)),
    ]
