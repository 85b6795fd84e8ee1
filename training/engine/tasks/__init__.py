"""One recipe a form of a kind: what its rows must be, how its head starts, its loss, how it is judged.

`texts` is the family of recipes that read texts by an encoder with a head, `embeddings` of those that turn texts into
vectors, `tables` of those that read the columns of a row, `sequences` of those that read what happened, in order,
`writing` of those that write, `images` of those that look at pictures and at the spectra of sounds, `scenes` of those
that say what is where in a picture, `language` of those that make bases for others of texts alone; `kind` is what `run`
asks of any of them.
"""

from contracts.problems import Problem, echo
from contracts.task import (
    AUDIO_CLASSIFICATION,
    CAUSAL_LANGUAGE,
    IMAGE_CLASSIFICATION,
    IMAGE_SEGMENTATION,
    KINDS,
    MASKED_LANGUAGE,
    OBJECT_DETECTION,
    OBJECTIVES,
    QUESTION_ANSWERING,
    SEQUENCE_PREDICTION,
    SUMMARIZATION,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_GENERATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    TRANSLATION,
    TaskSpec,
    form_of,
)
from training.engine.tasks import (
    audio_classification,
    causal_language,
    image_classification,
    image_multi_label_classification,
    image_segmentation,
    masked_language,
    multi_label_classification,
    next_item,
    object_detection,
    outcome_prediction,
    pair_classification,
    pair_similarity,
    question_answering,
    retrieval,
    summarization,
    tabular_classification,
    tabular_regression,
    text_classification,
    text_generation,
    text_regression,
    token_classification,
    translation,
)
from training.engine.tasks.embeddings import Embeddings
from training.engine.tasks.images import Images
from training.engine.tasks.kind import Kind
from training.engine.tasks.language import Languages
from training.engine.tasks.scenes import Scenes
from training.engine.tasks.sequences import Sequences
from training.engine.tasks.tables import Tables
from training.engine.tasks.texts import Texts
from training.engine.tasks.writing import Writings

FORMS: dict[tuple[str, str], Kind] = {
    (TEXT_CLASSIFICATION, "single-label"): Texts(text_classification),
    (TEXT_CLASSIFICATION, "multi-label"): Texts(multi_label_classification),
    (TEXT_REGRESSION, "scored"): Texts(text_regression),
    (TOKEN_CLASSIFICATION, "tagged"): Texts(token_classification),
    (TEXT_MATCHING, "labelled-pairs"): Texts(pair_classification),
    (QUESTION_ANSWERING, "extractive"): Texts(question_answering),
    (TEXT_MATCHING, "scored-pairs"): Embeddings(pair_similarity),
    (TEXT_MATCHING, "triples"): Embeddings(retrieval),
    (TABULAR_CLASSIFICATION, "rows"): Tables(tabular_classification),
    (TABULAR_REGRESSION, "rows"): Tables(tabular_regression),
    (TRANSLATION, "sentences"): Writings(translation),
    (SUMMARIZATION, "documents"): Writings(summarization),
    (TEXT_GENERATION, "instructed"): Writings(text_generation),
    (IMAGE_CLASSIFICATION, "single-label"): Images(image_classification),
    (IMAGE_CLASSIFICATION, "multi-label"): Images(image_multi_label_classification),
    (OBJECT_DETECTION, "boxed"): Scenes(object_detection, object_detection.HABITS),
    (IMAGE_SEGMENTATION, "masked"): Scenes(image_segmentation, image_segmentation.HABITS),
    (AUDIO_CLASSIFICATION, "single-label"): Images(audio_classification),
    (MASKED_LANGUAGE, "texts"): Languages(masked_language, masked_language.HABITS),
    (CAUSAL_LANGUAGE, "texts"): Languages(causal_language, causal_language.HABITS),
    (SEQUENCE_PREDICTION, "answered"): Sequences(outcome_prediction),
    (SEQUENCE_PREDICTION, "next-item"): Sequences(next_item),
}


def kind_of(task: TaskSpec) -> Kind:
    """Raises `Problem` (`unsupported_task`)."""
    form = form_of(task.kind, task.form).name if task.kind in KINDS | OBJECTIVES else ""
    if (task.kind, form) not in FORMS:
        known = ", ".join(f"{kind} ({name})" for kind, name in FORMS)
        message = f"{echo(task.kind)}{f' ({form})' if form else ''} is not trained here; {known} are."
        raise Problem("unsupported_task", message, param="task.kind")
    return FORMS[task.kind, form]
