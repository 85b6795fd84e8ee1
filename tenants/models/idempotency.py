"""The first executed answer under an Idempotency-Key, kept to be replayed."""

from django.db import models

from tenants.scoping import TenantModel


class IdempotencyRecord(TenantModel):
    """Written in the same transaction as the work it answers: either both exist or neither."""

    key = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of method, path and body
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="one_answer_per_key")]

    def __str__(self) -> str:
        return self.key
