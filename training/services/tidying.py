"""What is removed for every tenant: files and data sets past their time, parts of ended uploads, what ended jobs
leave, erased bytes.

For the clock. All raise `StoreUnavailable`; what was due then is still due at the next look.
"""

from contextlib import suppress
from datetime import timedelta

from django.db.models.functions import Now

from api.errors import NotFound
from jobs.models import Job
from storage import blobs, keys
from tenants.scoping import tenant_context
from training.models import Checkpoint, Dataset, Erasure, File, Upload, UploadPart
from training.services import checkpoints, datasets, erasures, files, fine_tunes

ALIAS = "system"
AT_ONCE = 100  # of each in one look
LONGEST_PAUSE = timedelta(days=30)


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


def ended_checkpoints() -> int:
    """What nobody goes on from: the last checkpoint of jobs that have ended; a week later, models on the way to one
    that was never made. Returns how many were due."""
    jobs = Job.objects.unscoped(using=ALIAS).filter(finished_at__isnull=False).exclude(checkpoint="")
    ended = list(jobs.values_list("id", "checkpoint")[:AT_ONCE])
    for key, folder in ended:
        blobs.delete_folder(folder)
        Job.objects.unscoped(using=ALIAS).filter(id=key).update(checkpoint="", checkpoint_step=None)
    every = Checkpoint.objects.unscoped(using=ALIAS)
    due = every.filter(job__state__in=("failed", "cancelled"), job__finished_at__lt=Now() - checkpoints.KEPT)
    left = list(due.values_list("id", "prefix")[:AT_ONCE])
    for key, folder in left:
        blobs.delete_folder(folder)
        every.filter(id=key).delete()
    return len(ended) + len(left)


def long_pauses() -> int:
    """Fine-tunes that rest for longer than anybody means to are cancelled. Returns how many were due."""
    due = Job.objects.unscoped(using=ALIAS).filter(state=Job.State.PAUSED, paused_at__lt=Now() - LONGEST_PAUSE)
    found = list(due.filter(kind=fine_tunes.KIND).values_list("id", "tenant_id")[:AT_ONCE])
    for key, tenant in found:
        with tenant_context(tenant):
            fine_tunes.cancel(by="system:clock", key=key)
    return len(found)


def erased_bytes() -> int:
    """What erasures took out of the rows and could not remove from the store at once. Returns how many were due."""
    due = Erasure.objects.unscoped(using=ALIAS).exclude(to_destroy=[])
    found = list(due.values_list("id", "tenant_id")[:AT_ONCE])
    for key, tenant in found:
        erasures.destroy(tenant=tenant, key=key)
    return len(found)
