# What the columns are called in the back office.

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="orderline",
            options={"verbose_name": "order line", "verbose_name_plural": "order lines"},
        ),
        migrations.AlterField(
            model_name="consent",
            name="customer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="consents",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="merged",
                to="customers.customer",
                verbose_name="merged into",
            ),
        ),
        migrations.AlterField(
            model_name="customer",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="id"),
        ),
        migrations.AlterField(
            model_name="importfile",
            name="uploaded_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                to=settings.AUTH_USER_MODEL,
                verbose_name="uploaded by",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="orders",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="refund_of",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refunds",
                to="customers.order",
                verbose_name="refund of order",
            ),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="amount_minor",
            field=models.BigIntegerField(verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="category",
            field=models.CharField(blank=True, max_length=80, verbose_name="category"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="name",
            field=models.CharField(blank=True, max_length=200, verbose_name="item"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="position",
            field=models.PositiveIntegerField(verbose_name="position"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="quantity",
            field=models.DecimalField(decimal_places=3, max_digits=14, verbose_name="quantity"),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="sku",
            field=models.CharField(blank=True, max_length=64, verbose_name="item code"),
        ),
    ]
