"""Where a tenant's bytes lie in the bucket. The only place that spells a tenant's prefix.

Keys of what a job writes contain the attempt and are never overwritten: the row decides which attempt counts.
"""

from uuid import UUID


def tenant_prefix(tenant: UUID) -> str:
    return f"tenants/{tenant}/"


def upload(tenant: UUID, file: str) -> str:
    return f"{tenant_prefix(tenant)}files/{file}"


def upload_parts(tenant: UUID, upload: str) -> str:
    """Folder of the parts of a large file, until they are one."""
    return f"{tenant_prefix(tenant)}uploads/{upload}/"


def upload_part(tenant: UUID, upload: str, part: str) -> str:
    return f"{upload_parts(tenant, upload)}{part}"


def dataset(tenant: UUID, version: str, attempt: int) -> str:
    """Folder of one data set version as one attempt wrote it."""
    return f"{tenant_prefix(tenant)}datasets/{version}/{attempt}/"


def erased(tenant: UUID, version: str, job: str, attempt: int) -> str:
    """Folder of one data set version after an erasure took rows out of it."""
    return f"{tenant_prefix(tenant)}datasets/{version}/{job}-{attempt}/"


def export(tenant: UUID, export_id: str, attempt: int) -> str:
    """Folder of one version in another format."""
    return f"{tenant_prefix(tenant)}exports/{export_id}/{attempt}/"


def model(tenant: UUID, model_id: str, attempt: int) -> str:
    """Folder of one model artifact as one attempt wrote it."""
    return f"{model_folder(tenant, model_id)}{attempt}/"


def model_folder(tenant: UUID, model_id: str) -> str:
    """Folder of all that a model is made of, those on the way to it among them."""
    return f"{tenant_prefix(tenant)}models/{model_id}/"


def model_checkpoint(tenant: UUID, model_id: str, attempt: int, step: int) -> str:
    """Folder of one model on the way."""
    return f"{model_folder(tenant, model_id)}checkpoints/{attempt}/step-{step}/"


def evaluation(tenant: UUID, job: str, attempt: int) -> str:
    """Folder of what one attempt found."""
    return f"{tenant_prefix(tenant)}evaluations/{job}/{attempt}/"


def checkpoint(tenant: UUID, job: str, attempt: int, step: int) -> str:
    return f"{tenant_prefix(tenant)}jobs/{job}/checkpoints/{attempt}/step-{step}/"
