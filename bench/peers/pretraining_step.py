"""A training step of BERT as a masked language model in PyTorch. The tensors of a batch are made beforehand.

The same parameters as ours (src/nn/masked-lm-head.ts): the decoder is tied to the word embeddings, and only the masked
pieces go through the head. Letters as in bert.py, and K masked pieces, V pieces of the vocabulary.
"""

import ctypes

import torch
from torch import nn

from bert import EPSILON, SIZES, Encoder
from serve import serve
from training_turns import training_turns


class MaskedBert(Encoder):
    def __init__(self, vocabulary, width, layers):
        super().__init__(vocabulary, width, layers)
        self.transform = nn.Linear(width, width)
        self.transform_norm = nn.LayerNorm(width, eps=EPSILON)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def forward(self, pieces, masked):
        """pieces [B, T]; masked [K], rows of the batch's pieces in one line; returns scores [K, V]."""
        states = self.encode(pieces).flatten(0, 1).index_select(0, masked)  # [K, D]
        states = self.transform_norm(nn.functional.gelu(self.transform(states)))
        return nn.functional.linear(states, self.words.weight, self.bias)


def collate(windows):
    """Tensors of windows of one length: pieces [B, T], masked [K], targets [K]."""
    pieces = torch.tensor([window["ids"] for window in windows])
    T = pieces.shape[1]
    masked = [b * T + place for b, window in enumerate(windows) for place in window["masked"]]
    targets = [piece for window in windows for piece in window["targets"]]
    return pieces, torch.tensor(masked), torch.tensor(targets)


def keep_memory():
    """Has the C library keep what is freed. By default it gives large blocks back, and a step pays for their pages anew: a
    sixth to a quarter of the time of mini's."""
    c = ctypes.CDLL(None)
    c.mallopt(-4, 0)  # M_MMAP_MAX: no block is a mapping of its own
    c.mallopt(-1, -1)  # M_TRIM_THRESHOLD: never


def set_up(setup):
    keep_memory()
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(1)
    layers, width = SIZES[setup["encoder"]]
    model = MaskedBert(setup["vocabulary"], width, layers).train()
    batches = [collate(windows) for windows in setup["batches"]]

    def loss_of(request):
        pieces, masked, targets = batches[request.get("batch", 0)]
        return nn.functional.cross_entropy(model(pieces, masked), targets)

    return training_turns(model, loss_of)


serve(set_up)
