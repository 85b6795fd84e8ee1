"""Starts a head where the base model already tells the answers apart, instead of at random.

A stock BERT head is classifier(tanh(pooler(first token))). The pooler starts as a small multiple of the identity,
centred on the mean text, where tanh is all but linear. A head that reads every token is the classifier alone.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

LINEAR = 0.1  # states are of order 1: tanh(0.1 x) stays within 0.4 % of 0.1 x
SCALE = 10.0  # logits between +-10 at the start: confident enough to learn from, far from saturated
ALIKE = 0.1  # of a state's length: of a base whose texts differ by less, the head starts less sure of itself, as the
# weights that magnify so little to +-10 would throw every logit about with the first step
ALL_BUT_LINEAR = 4.0  # gelu(4 + x) is 4 + x within 0.01 for any x above -1.2
RIDGE = 0.1  # of the features' mean variance: holds a straight line back where there are fewer texts than features


def start_at_class_means(model: Any, features: Tensor, labels: Tensor) -> None:
    """Each class's row of the classifier starts at its mean text: the first logits are scaled cosines to class means (a
    prototype network, Snell et al. 2017, arXiv:1703.05175), and every parameter learns on from there.

    `features`: (N, width), states as the head reads them; `labels`: (N,) class indices.
    """
    classes = model.classifier.weight.shape[0]
    centre, centred = _centred(features)
    sums = torch.zeros(classes, features.shape[1]).index_add(0, labels, centred)
    directions = F.normalize(sums, dim=1)
    spread = torch.maximum(centred.norm(dim=1).mean(), ALIKE * features.norm(dim=1).mean()).clamp(min=1e-6)
    _set(model, centre, directions * (SCALE / spread), torch.zeros(classes))


def start_at_line(model: Any, features: Tensor, values: Tensor) -> None:
    """The straight line that fits best (ridge regression, Hoerl and Kennard 1970). `values`: (N, outputs)."""
    centre, centred = _centred(features)
    square = centred.T @ centred
    least = len(features) * (ALIKE * features.norm(dim=1).mean()) ** 2 / len(square)
    held = RIDGE * torch.maximum(square.diagonal().mean(), least).clamp(min=1e-6)
    square += held * torch.eye(len(square))
    slope = torch.linalg.solve(square, centred.T @ (values - values.mean(0)))
    _set(model, centre, slope.T, values.mean(0))


def start_at_words(model: Any, ids: Tensor) -> None:
    """A head for hidden words starts at how often each token is among `ids`. A stock BERT head besides, which is
    decoder(LayerNorm(gelu(dense(state)))) with the decoder tied to the embeddings, at the likeness of state and
    embedding: far above zero gelu is the identity, and what `ALL_BUT_LINEAR` adds to a state, the norm takes off again.
    """
    bias = model.get_output_embeddings().bias
    counts = torch.bincount(ids, minlength=len(bias)).float() + 1
    with torch.no_grad():
        bias.copy_((counts / counts.sum()).log())
        if hasattr(model, "cls"):
            dense = model.cls.predictions.transform.dense
            dense.weight.copy_(torch.eye(len(dense.weight)))
            dense.bias.fill_(ALL_BUT_LINEAR)


def _centred(features: Tensor) -> tuple[Tensor, Tensor]:
    centre = features.mean(0)
    return centre, features - centre


def _set(model: Any, centre: Tensor, weight: Tensor, bias: Tensor) -> None:
    """A head that answers weight (state - centre) + bias."""
    with torch.no_grad():
        if model.bert.pooler is None:
            model.classifier.weight.copy_(weight)
            model.classifier.bias.copy_(bias - weight @ centre)
            return
        model.bert.pooler.dense.weight.copy_(torch.eye(len(centre)) * LINEAR)
        model.bert.pooler.dense.bias.copy_(-centre * LINEAR)
        model.classifier.weight.copy_(weight / LINEAR)
        model.classifier.bias.copy_(bias)
