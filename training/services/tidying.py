"""What is removed for every tenant: files and data sets past their time, parts of ended uploads, erased bytes.

For the clock. All raise `StoreUnavailable`; what was due then is still due at the next look.
"""

from contextlib import suppress

from django.db.models.functions import Now

from api.errors import NotFound
from storage import blobs, keys
from tenants.scoping import tenant_context
from training.models import Dataset, Erasure, File, Upload, UploadPart
from training.services import datasets, erasures, files

ALIAS = "system"
AT_ONCE = 100  # of each in one look


def expired_files() -> int:
    """Returns how many were due."""
    due = File.objects.unscoped(using=ALIAS).filter(expires_at__lt=Now()).order_by("expires_at")
    found = list(due.values_list("id", "tenant_id")[:AT_ONCE])
    for key, tenant in found:
        with suppress(NotFound):  # deleted by its owner meanwhile
            files.delete(by="system:clock", tenant=tenant, key=key)
    return len(found)


def expired_datasets() -> int:
    """Returns how many were due."""
    due = Dataset.objects.unscoped(using=ALIAS).filter(expires_at__lt=Now()).order_by("expires_at")
    found = list(due.values_list("id", "tenant_id")[:AT_ONCE])
    for key, tenant in found:
        with suppress(NotFound), tenant_context(tenant):  # deleted by its owner meanwhile
            datasets.expire(key=key)
    return len(found)


def ended_uploads() -> int:
    """Returns how many were due. One that nobody ended is marked first: nothing is added while its bytes go."""
    every = Upload.objects.unscoped(using=ALIAS)
    found = list(every.filter(tidy_at__lt=Now()).order_by("tidy_at").values_list("id", "tenant_id")[:AT_ONCE])
    for key, tenant in found:
        this = every.filter(tenant_id=tenant, id=key)
        this.filter(status=Upload.Status.PENDING).update(status=Upload.Status.EXPIRED)
        blobs.delete_folder(keys.upload_parts(tenant, key))
        UploadPart.objects.unscoped(using=ALIAS).filter(tenant_id=tenant, upload_id=key).delete()
        this.update(tidy_at=None)
    return len(found)


def erased_bytes() -> int:
    """What erasures took out of the rows and could not remove from the store at once. Returns how many were due."""
    due = Erasure.objects.unscoped(using=ALIAS).exclude(to_destroy=[])
    found = list(due.values_list("id", "tenant_id")[:AT_ONCE])
    for key, tenant in found:
        erasures.destroy(tenant=tenant, key=key)
    return len(found)
