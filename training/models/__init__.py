"""The nouns of training: what a tenant uploads, what is made of it, what is learnt from it."""

from training.models.alias import ModelAlias
from training.models.checkpoint import Checkpoint
from training.models.dataset import Dataset, DatasetVersion
from training.models.erasure import Erasure
from training.models.export import Export
from training.models.file import File
from training.models.fine_tune import FineTune
from training.models.model import Model
from training.models.task import Task
from training.models.upload import Upload, UploadPart

__all__ = [
    "Checkpoint",
    "Dataset",
    "DatasetVersion",
    "Erasure",
    "Export",
    "File",
    "FineTune",
    "Model",
    "ModelAlias",
    "Task",
    "Upload",
    "UploadPart",
]
