"""The nouns of training: what a tenant uploads, what is made of it, what is learnt from it."""

from training.models.alias import ModelAlias
from training.models.checkpoint import Checkpoint
from training.models.compression import CompressionJob
from training.models.dataset import Dataset, DatasetVersion
from training.models.erasure import Erasure
from training.models.evaluation import Evaluation
from training.models.export import Export
from training.models.file import File
from training.models.fine_tune import FineTune
from training.models.model import Model
from training.models.pretraining import Pretraining
from training.models.task import Task
from training.models.trial import Trial
from training.models.upload import Upload, UploadPart

__all__ = [
    "Checkpoint",
    "CompressionJob",
    "Dataset",
    "DatasetVersion",
    "Erasure",
    "Evaluation",
    "Export",
    "File",
    "FineTune",
    "Model",
    "ModelAlias",
    "Pretraining",
    "Task",
    "Trial",
    "Upload",
    "UploadPart",
]
