"""Starts a classification head where the base model already separates the classes, instead of at random.

A stock BERT head is classifier(tanh(pooler(first token))). The pooler starts as a small multiple of the identity,
centred on the mean text, where tanh is all but linear; each class's row of the classifier starts at its mean text.
The first logits are then scaled cosines to class means (a prototype network, Snell et al. 2017, arXiv:1703.05175),
and every parameter learns on from there.
"""

from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor

LINEAR = 0.1  # states are of order 1: tanh(0.1 x) stays within 0.4 % of 0.1 x
SCALE = 10.0  # logits between +-10 at the start: confident enough to learn from, far from saturated
ALIKE = 0.1  # of a state's length: of a base whose texts differ by less, the head starts less sure of itself, as the
# weights that magnify so little to +-10 would throw every logit about with the first step


def start_at_class_means(model: Any, features: Tensor, labels: Tensor) -> None:
    """`features`: (N, width), the first tokens' last states of the training texts; `labels`: (N,) class indices."""
    classes = model.classifier.weight.shape[0]
    centre = features.mean(0)
    centred = features - centre
    sums = torch.zeros(classes, features.shape[1]).index_add(0, labels, centred)
    directions = F.normalize(sums, dim=1)
    spread = torch.maximum(centred.norm(dim=1).mean(), ALIKE * features.norm(dim=1).mean()).clamp(min=1e-6)
    with torch.no_grad():
        model.bert.pooler.dense.weight.copy_(torch.eye(features.shape[1]) * LINEAR)
        model.bert.pooler.dense.bias.copy_(-centre * LINEAR)
        model.classifier.weight.copy_(directions * (SCALE / (LINEAR * spread)))
        model.classifier.bias.zero_()
