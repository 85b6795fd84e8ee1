"""Where a device's memory does not suffice, batches go in smaller parts, the customer is told, the job ends well."""

from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads

from contracts.child import Event
from tests.engine import tiny
from tests.engine.engine import run
from training.engine.tasks import texts

PLENTY = F.scaled_dot_product_attention


def scarce(most: int) -> Any:
    """A device whose memory holds so many rows of slots while gradients are kept: what torch does there."""

    def attend(query: torch.Tensor, *rest: Any, **more: Any) -> torch.Tensor:
        if torch.is_grad_enabled() and query.shape[0] > most:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return PLENTY(query, *rest, **more)

    return attend


def test_a_batch_that_does_not_fit_is_halved_until_it_does(
    base: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "TOKENS_AT_ONCE", 256)
    plenty = run(tiny.spec(base, batch_size=32, method="full"), data, tmp_path / "plenty")
    monkeypatch.setattr(F, "scaled_dot_product_attention", scarce(1))
    scarcely = run(tiny.spec(base, batch_size=32, method="full"), data, tmp_path / "scarce")
    warned = [one for one in scarcely.said(Event) if one.level == "warn"]
    assert warned
    assert all("The memory did not suffice" in one.message for one in warned)
    assert [one.data["shrink"] for one in warned] == [2**step for step in range(1, len(warned) + 1)]
    for one, other in zip(plenty.metrics["history"], scarcely.metrics["history"], strict=True):
        assert one["train_loss"] == pytest.approx(other["train_loss"], rel=1e-3)


def test_where_not_even_one_text_fits_the_job_says_so(
    base: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(F, "scaled_dot_product_attention", scarce(0))
    with pytest.raises(torch.OutOfMemoryError):
        run(tiny.spec(base, batch_size=4, method="full"), data, tmp_path)
