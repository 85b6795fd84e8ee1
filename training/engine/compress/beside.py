"""What a fine-tune asks for: a compressed form beside the model, where it holds its contract."""

import shutil
from dataclasses import replace

from contracts.compression import EXPORTS, Compression
from training.engine.checkpoint import Standing
from training.engine.compress.contract import Compressed
from training.engine.compress.lighter import Original
from training.engine.compress.texts import FILE, compress
from training.engine.loop import Course, Lesson, optimise, unheard
from training.engine.settings import Settings

__all__ = ["Original", "compressed"]

FOLDER = "compressed"


def compressed(asked: Compression, original: Original, course: Course) -> Compressed:
    """Adds to the model's folder `FILE`, or, of a model that was cut, `FOLDER`. `course`: of the model's own training:
    where the one after it is interrupted, the job goes on from the last checkpoint of the first."""

    def train(settings: Settings, lesson: Lesson) -> Standing:
        return optimise(
            replace(course, settings=settings, lesson=lesson, work=None, phase="recovering", offer=unheard), None
        )

    place = original.folder if asked.method in EXPORTS else original.folder / FOLDER
    found, _ = compress(asked, original, place, train, course.voice)
    if not found.kept:
        shutil.rmtree((place / FILE).parent if asked.method in EXPORTS else place)
    return found
