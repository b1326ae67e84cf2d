# What the columns are called in the back office.

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("coupons", "0004_bill"),
        ("customers", "0002_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="coupon",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="attempts",
                to="coupons.coupon",
                verbose_name="coupon",
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="request_id",
            field=models.UUIDField(blank=True, null=True, verbose_name="request id"),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="staff member"
            ),
        ),
        migrations.AlterField(
            model_name="attempt",
            name="store",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="customers.store",
                verbose_name="store",
            ),
        ),
        migrations.AlterField(
            model_name="coupon",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="coupons",
                to="coupons.couponbatch",
                verbose_name="coupon batch",
            ),
        ),
        migrations.AlterField(
            model_name="coupon",
            name="issued_to",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="coupons",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="coupon",
            name="issuer",
            field=models.CharField(
                choices=[
                    ("own", "our own"),
                    ("douyin", "Douyin"),
                    ("meituan", "Meituan"),
                    ("xiaohongshu", "Xiaohongshu"),
                    ("dianping", "Dianping"),
                    ("other", "other"),
                ],
                default="own",
                max_length=12,
                verbose_name="issuer",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="coupons.couponbatch",
                verbose_name="coupon batch",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="bill_minor",
            field=models.PositiveBigIntegerField(blank=True, null=True, verbose_name="bill before the coupon"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="coupon",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="coupons.coupon",
                verbose_name="coupon",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="customer",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="customers.customer",
                verbose_name="customer",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="discount_minor",
            field=models.PositiveBigIntegerField(verbose_name="discount"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="is_standing",
            field=models.BooleanField(default=True, verbose_name="valid"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="issuer",
            field=models.CharField(
                choices=[
                    ("own", "our own"),
                    ("douyin", "Douyin"),
                    ("meituan", "Meituan"),
                    ("xiaohongshu", "Xiaohongshu"),
                    ("dianping", "Dianping"),
                    ("other", "other"),
                ],
                max_length=12,
                verbose_name="issuer",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="order",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="redemptions",
                to="customers.order",
                verbose_name="order",
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="outside_code",
            field=models.CharField(blank=True, max_length=64, verbose_name="platform’s code"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="redeemed_at",
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name="redeemed at"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="request_id",
            field=models.UUIDField(unique=True, verbose_name="request id"),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="staff member"
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="store",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="customers.store", verbose_name="store"
            ),
        ),
        migrations.AlterField(
            model_name="redemption",
            name="use",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="which use of the code"),
        ),
        migrations.AlterField(
            model_name="void",
            name="redemption",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="void",
                to="coupons.redemption",
                verbose_name="redemption",
            ),
        ),
        migrations.AlterField(
            model_name="void",
            name="request_id",
            field=models.UUIDField(unique=True, verbose_name="request id"),
        ),
        migrations.AlterField(
            model_name="void",
            name="staff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="staff member"
            ),
        ),
    ]
