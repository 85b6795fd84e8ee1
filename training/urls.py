"""Routes of training, below /v1/."""

from django.urls import path

from training.api.aliases import AliasesView, AliasView
from training.api.checkpoints import CheckpointsView
from training.api.compressions import (
    CompressionCancelView,
    CompressionEventsView,
    CompressionMetricsView,
    CompressionsView,
    CompressionView,
)
from training.api.datasets import (
    DatasetDeriveView,
    DatasetDownloadView,
    DatasetIssuesView,
    DatasetReportView,
    DatasetRowsView,
    DatasetsView,
    DatasetVersionsView,
    DatasetView,
)
from training.api.erasures import ErasuresView, ErasureView
from training.api.evaluations import (
    CancelEvaluationView,
    EvaluationEventsView,
    EvaluationReportView,
    EvaluationsView,
    EvaluationView,
    ModelEvaluationsView,
)
from training.api.exports import DatasetExportsView, ExportDownloadView, ExportsView, ExportView
from training.api.files import FileContentView, FilesView, FileView
from training.api.fine_tunes import (
    CancelView,
    EventsView,
    FineTunesView,
    FineTuneView,
    MetricsView,
    PauseView,
    ResumeView,
    StopSearchView,
)
from training.api.models import ModelDownloadView, ModelReportView, ModelsView, ModelVersionsView, ModelView
from training.api.pretrainings import (
    CancelPretrainingView,
    PretrainingEventsView,
    PretrainingMetricsView,
    PretrainingsView,
    PretrainingView,
)
from training.api.searches import TrialsView
from training.api.tasks import TasksView, TaskView
from training.api.uploads import (
    CancelUploadView,
    CompleteView,
    PresignView,
    UploadPartsView,
    UploadsView,
    UploadView,
)

urlpatterns = [
    path("files", FilesView.as_view()),
    path("files/<str:file_id>", FileView.as_view()),
    path("files/<str:file_id>/content", FileContentView.as_view()),
    path("uploads", UploadsView.as_view()),
    path("uploads/<str:upload_id>", UploadView.as_view()),
    path("uploads/<str:upload_id>/parts", UploadPartsView.as_view()),
    path("uploads/<str:upload_id>/presign", PresignView.as_view()),
    path("uploads/<str:upload_id>/complete", CompleteView.as_view()),
    path("uploads/<str:upload_id>/cancel", CancelUploadView.as_view()),
    path("datasets", DatasetsView.as_view()),
    path("datasets/<str:dataset_id>", DatasetView.as_view()),
    path("datasets/<str:dataset_id>/report", DatasetReportView.as_view()),
    path("datasets/<str:dataset_id>/issues", DatasetIssuesView.as_view()),
    path("datasets/<str:dataset_id>/rows", DatasetRowsView.as_view()),
    path("datasets/<str:dataset_id>/download", DatasetDownloadView.as_view()),
    path("datasets/<str:dataset_id>/exports", DatasetExportsView.as_view()),
    path("datasets/<str:dataset_id>/derive", DatasetDeriveView.as_view()),
    path("datasets/<str:dataset_id>/versions", DatasetVersionsView.as_view()),
    path("exports", ExportsView.as_view()),
    path("exports/<str:export_id>", ExportView.as_view()),
    path("exports/<str:export_id>/download", ExportDownloadView.as_view()),
    path("erasures", ErasuresView.as_view()),
    path("erasures/<str:erasure_id>", ErasureView.as_view()),
    path("tasks", TasksView.as_view()),
    path("tasks/<str:task_id>", TaskView.as_view()),
    path("fine_tuning/jobs", FineTunesView.as_view()),
    path("fine_tuning/jobs/<str:job_id>", FineTuneView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/cancel", CancelView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/pause", PauseView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/resume", ResumeView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/checkpoints", CheckpointsView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/events", EventsView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/metrics", MetricsView.as_view()),
    path("compression/jobs", CompressionsView.as_view()),
    path("compression/jobs/<str:job_id>", CompressionView.as_view()),
    path("compression/jobs/<str:job_id>/cancel", CompressionCancelView.as_view()),
    path("compression/jobs/<str:job_id>/events", CompressionEventsView.as_view()),
    path("compression/jobs/<str:job_id>/metrics", CompressionMetricsView.as_view()),
    path("pretraining/jobs", PretrainingsView.as_view()),
    path("pretraining/jobs/<str:job_id>", PretrainingView.as_view()),
    path("pretraining/jobs/<str:job_id>/cancel", CancelPretrainingView.as_view()),
    path("pretraining/jobs/<str:job_id>/events", PretrainingEventsView.as_view()),
    path("pretraining/jobs/<str:job_id>/metrics", PretrainingMetricsView.as_view()),
    path("evaluation/jobs", EvaluationsView.as_view()),
    path("evaluation/jobs/<str:job_id>", EvaluationView.as_view()),
    path("evaluation/jobs/<str:job_id>/cancel", CancelEvaluationView.as_view()),
    path("evaluation/jobs/<str:job_id>/events", EvaluationEventsView.as_view()),
    path("evaluation/jobs/<str:job_id>/report", EvaluationReportView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/search/stop", StopSearchView.as_view()),
    path("fine_tuning/jobs/<str:job_id>/trials", TrialsView.as_view()),
    path("models", ModelsView.as_view()),
    path("models/<str:model_id>", ModelView.as_view()),
    path("models/<str:model_id>/report", ModelReportView.as_view()),
    path("models/<str:model_id>/versions", ModelVersionsView.as_view()),
    path("models/<str:model_id>/aliases", AliasesView.as_view()),
    path("models/<str:model_id>/aliases/<str:name>", AliasView.as_view()),
    path("models/<str:model_id>/download", ModelDownloadView.as_view()),
    path("models/<str:model_id>/evaluations", ModelEvaluationsView.as_view()),
]
