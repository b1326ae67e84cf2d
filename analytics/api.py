"""``GET /api/v1/reports/<report>/``: the numbers of the page, raw: money in minor units, unknown is null."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analytics import actions, reports
from analytics.filters import MODEL_NAMES, ORDER_NAMES, PERIOD_NAMES
from attribution.customers.access import IsMarketer


class ReportRunSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    watermark = serializers.DateTimeField()
    code_version = serializers.CharField()


class ReportColumnSerializer(serializers.Serializer):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field named as one of Field's own attributes
    type = serializers.CharField()
    definition = serializers.CharField()
    interval = serializers.ListField(
        child=serializers.CharField(),
        allow_null=True,
        help_text="The columns with the lower and the upper end (95 %). A lower end alone: there is no upper one.",
    )


class ReportTableSerializer(serializers.Serializer):
    key = serializers.CharField()
    title = serializers.CharField()
    columns = ReportColumnSerializer(many=True)
    rows = serializers.ListField(child=serializers.DictField())
    totals = serializers.DictField(allow_null=True)
    notes = serializers.ListField(child=serializers.CharField())
    chart = serializers.DictField(allow_null=True)


class ReportSerializer(serializers.Serializer):
    report = serializers.CharField()
    run = ReportRunSerializer()
    filters = serializers.DictField(child=serializers.CharField())
    currency = serializers.CharField()
    figures = serializers.DictField(child=serializers.FloatField(allow_null=True))
    remarks = serializers.ListField(
        child=serializers.CharField(), help_text="What a reader of the figures has to know."
    )
    tables = ReportTableSerializer(many=True)


PARAMETERS = [
    OpenApiParameter("start", str, description="First day, such as 2026-03-01; with `end`."),
    OpenApiParameter("end", str, description="The first day after the period."),
    OpenApiParameter("period", str, enum=list(PERIOD_NAMES), description="Instead of days."),
    OpenApiParameter("store", str, description="A store's code; all stores without it."),
    OpenApiParameter(
        "model", str, enum=list(MODEL_NAMES), description="How credit is given; without it, as the run is shown by."
    ),
    OpenApiParameter("order", str, enum=list(ORDER_NAMES), description="Of markov: how many touches are remembered."),
    OpenApiParameter("channel", str, description="Of the report `customers`: the channel that they are credited to."),
    OpenApiParameter(
        "heard", str, description="Of `customers`: what was heard, such as `survey:metro`, `coupon`, `link:metro,only`."
    ),
    OpenApiParameter("page", int, description="Of `customers`: which 50 of them, from 1."),
]


class ReportView(APIView):
    permission_classes = [IsMarketer]

    @extend_schema(parameters=PARAMETERS, responses=ReportSerializer)
    def get(self, request: Request, key: str) -> Response:
        """Return a report of the latest run."""
        report = actions.find_report(key)
        form = report.form(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors)
        run, filters = actions.latest_run(), form.filters()
        built = reports.build(report, run, filters)
        answer: dict[str, Any] = {
            "report": report.key,
            "run": {
                "id": str(run.uuid),
                "number": run.pk,
                "watermark": run.watermark,
                "code_version": run.code_version,
            },
            "filters": filters.to_query(),
            "currency": built.workbook.currency,
            "figures": {key: value for figure in built.figures for key, value in figure.in_json().items()},
            "remarks": built.remarks,
            "tables": [table.to_json() for table in built.tables],
        }
        return Response(answer)
