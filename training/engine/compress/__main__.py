"""`python -m training.engine.compress --spec F --input DIR --work DIR --output DIR [--events FD]`: compresses a model.

Spec: `contracts.fine_tune.FineTuneSpec` as JSON, its base the model, its compression what is asked for. Messages and
exit codes: `contracts.child`; SIGTERM as for `python -m training.engine`.
"""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contracts.fine_tune import FineTuneSpec
from training.engine.__main__ import Stop, serve
from training.engine.voice import Voice

if TYPE_CHECKING:  # torch: seconds that a spec without sense need not wait
    from training.engine.run import Folders


def main(argv: Sequence[str] | None = None) -> int:
    return serve(argv, __doc__ or "", FineTuneSpec, _compressed)


def _compressed(spec: FineTuneSpec, folders: "Folders", voice: Voice, stop: Stop) -> None:
    from training.engine.compress.alone import compress_model

    compress_model(spec, folders, voice, stop)


if __name__ == "__main__":
    sys.exit(main())
