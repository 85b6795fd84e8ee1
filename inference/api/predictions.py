"""POST /v1/endpoints/{id}/predict as the OpenAPI document tells it.

The address belongs to the runtime: the front (`config.onebox`, or an ingress by the same rule) hands it on by path, so
that the web process stays without torch and out of the hot path. Customers still read one document for one base URL,
and that document is made from views; hence a view that describes the call and answers nobody. A request that reaches
it met a front that does not route: a fault of ours, 503, never a 404 that would say the endpoint is gone.
"""

from typing import NoReturn

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from api.errors import ApiError
from api.fields import StrictSerializer, Text, Whole
from contracts.task import MAX_LABELS
from tenants.views import TenantView

MOST_INPUTS = 256  # the runtime's limit a request


class Parameters(StrictSerializer):
    top_k = Whole(required=False, min_value=1, max_value=MAX_LABELS, help_text="Labels an input; all when left out.")


class Ask(StrictSerializer):
    inputs = serializers.ListField(child=Text(), min_length=1, max_length=MOST_INPUTS, help_text="Texts, or one text.")
    parameters = Parameters(required=False)


class LabelScore(serializers.Serializer[None]):
    label = serializers.CharField()  # type: ignore[assignment]  # hides a field's own label, which is not used
    score = serializers.FloatField()


class Prediction(serializers.Serializer[None]):
    id = serializers.CharField()
    labels = LabelScore(many=True)


class Answer(serializers.Serializer[None]):
    predictions = Prediction(many=True)
    model = serializers.CharField()


class PredictView(TenantView):
    scopes = {"POST": "predict"}
    own_context = True

    @extend_schema(operation_id="predict", request=Ask, responses=Answer)
    def post(self, request: Request, endpoint_id: str) -> NoReturn:
        """One prediction an input, in order, each with its labels by falling score."""
        message = "Predictions are answered by the inference runtime, which this address does not lead to now."
        raise ApiError(503, "runtime_elsewhere", message, headers={"Retry-After": "5"})
