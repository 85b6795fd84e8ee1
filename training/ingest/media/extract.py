"""Every file of an archive of media, under a name of ours: the archive's own names never reach the disk."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from contracts.ingestion import Limits
from contracts.problems import Problem, echo
from training.ingest.archive import Archive

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".wav", ".flac", ".ogg", ".mp3"}
)
CLUTTER = ("__MACOSX/", ".")


@dataclass(frozen=True, kw_only=True)
class Files:
    """`media`: pictures and sounds by the archive's name; `texts`: what else is in it, which may describe them."""

    media: dict[str, Path]
    texts: dict[str, Path]

    @property
    def called(self) -> dict[str, Path]:
        """The media by every end of their path that means one of them alone: "a/b.jpg", and "b.jpg" where unique."""
        ends: dict[str, list[Path]] = {}
        for name, path in self.media.items():
            parts = name.split("/")
            for at in range(len(parts)):
                ends.setdefault("/".join(parts[at:]), []).append(path)
        return {end: paths[0] for end, paths in ends.items() if len(paths) == 1}


def extract(opened: Archive, folder: Path, limits: Limits) -> Files:
    """Raises `Problem`: those of `Archive.chunks` and its meter, `media_too_large`, `empty_dataset`."""
    media, texts = dict[str, Path](), dict[str, Path]()
    for at, entry in enumerate(opened.entries):
        name = entry.filename
        path = PurePosixPath(name)
        if name.startswith(CLUTTER) or path.name.startswith(CLUTTER):
            continue
        if entry.file_size > limits.media_file_bytes:
            message = f"{echo(name)} has {entry.file_size:,} bytes; the plan allows {limits.media_file_bytes:,} a file."
            raise Problem("media_too_large", message, param="file")
        target = folder / f"file{at}"
        with target.open("wb") as stream:
            stream.writelines(opened.chunks(entry))
        (media if path.suffix.lower() in SUFFIXES else texts)[name] = target
    if not media:
        message = (
            f"{echo(opened.filename)} holds no picture and no sound. Pack them, in a folder per class or with a list."
        )
        raise Problem("empty_dataset", message, param="file")
    return Files(media=media, texts=texts)
