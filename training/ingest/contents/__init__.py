"""One sort of content a file; `CONTENTS` finds it by the name that `contracts.task` gives it."""

from training.ingest.contents import boxes, features, labels, media, numbers, sequences, texts, tokens
from training.ingest.contents.content import Content

CONTENTS: dict[str, Content] = {
    **texts.CONTENTS,
    **labels.CONTENTS,
    **numbers.CONTENTS,
    **tokens.CONTENTS,
    **features.CONTENTS,
    **sequences.CONTENTS,
    **media.CONTENTS,
    **boxes.CONTENTS,
}
