"""What columns of a role are usually called."""

import re

# The first is the role's own name and wins; others must be alone.
NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "message", "utterance", "sentence", "query", "question", "review", "comment", "content", "body"),
        *("description", "document", "tweet", "headline", "input", "prompt"),
    ),
    "label": (
        *("label", "intent", "category", "class", "target", "sentiment", "topic", "tag", "output", "labels"),
        *("classification", "classlabel"),
    ),
    "labels": ("labels", "classes", "categories", "topics", "tags", "intents"),
    "score": ("score", "similarity", "rating", "value", "target", "stars"),
    "text_a": ("texta", "text1", "sentence1", "sentencea", "question1", "premise", "query", "s1"),
    "text_b": ("textb", "text2", "sentence2", "sentenceb", "question2", "hypothesis", "document", "s2"),
    "query": ("query", "anchor", "question"),
    "positive": ("positive", "pos"),
    "negative": ("negative", "neg"),
    "tokens": ("tokens", "words"),
    "tags": ("tags", "nertags", "slots", "labels", "bio"),
    "source": ("source", "src", "original"),
    "target": ("target", "tgt", "translation", "value", "price", "label"),
    "summary": ("summary", "abstract", "highlights", "headline"),
    "question": ("question", "query"),
    "context": ("context", "passage", "paragraph", "text", "document"),
    "answer": ("answer", "answers", "answertext"),
    "prompt": ("prompt", "instruction", "question", "input", "query"),
    "completion": ("completion", "response", "answer", "reply", "output"),
    "image": ("image", "file", "filename", "filepath", "path", "imagepath", "imagefile"),
    "audio": ("audio", "file", "filename", "filepath", "path", "audiopath", "recording"),
    "boxes": ("boxes", "objects", "annotations", "bboxes"),
    "mask": ("mask", "maskfile", "segmentation"),
    "items": ("items", "skills", "sequence", "events", "questions", "skillids"),
    "outcomes": ("outcomes", "correct", "responses", "answers"),
}


def plain(name: str) -> str:
    """A name without case, spaces and punctuation: how names are compared."""
    return re.sub(r"[\W_]+", "", name).lower()


def usual(name: str) -> bool:
    """Whether a column is called as columns usually are; looked for in the row that may be a header."""
    return any(plain(name) in names for names in NAMES.values())
