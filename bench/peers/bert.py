"""BERT, and on it document-level relation extraction, as one would write it in PyTorch: padded to the longest document.

The same parameters as ours (src/models/bert.ts). Letters: B documents, T pieces of the longest, D width, H heads,
M entities of the largest document, P pairs, R classes.
"""

import math

import torch
from torch import nn

ENTITY_WIDTH = 128
DISTANCE_WIDTH = 20
DISTANCE_ROWS = 20
DISTANCE_ZERO = 10
DROPOUT = 0.1
EPSILON = 1e-12

# Layers and width by name.
SIZES = {"tiny": (2, 128), "mini": (4, 256), "small": (4, 512), "medium": (8, 512), "base": (12, 768)}


class Layer(nn.Module):
    """One encoder layer: norms after the sums, gelu, queries, keys and values in one product."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=EPSILON)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.norm2 = nn.LayerNorm(width, eps=EPSILON)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x, mask):
        B, T, D = x.shape
        q, k, v = self.qkv(x).view(B, T, 3, self.heads, D // self.heads).permute(2, 0, 3, 1, 4)  # [B, H, T, D / H]
        scores = (q * (1 / math.sqrt(D // self.heads))) @ k.transpose(-1, -2)  # [B, H, T, T]
        if mask is not None:
            scores = scores + mask
        context = self.dropout(scores.softmax(-1)) @ v  # [B, H, T, D / H]
        context = context.transpose(1, 2).reshape(B, T, D)
        x = self.norm1(x + self.dropout(self.out(context)))
        return self.norm2(x + self.dropout(self.narrow(nn.functional.gelu(self.wide(x)))))


class PairScorer(nn.Module):
    """nn.Bilinear over [entity ; distance] of head and tail, gathered for every pair."""

    def __init__(self, classes):
        super().__init__()
        self.distance = nn.Embedding(DISTANCE_ROWS, DISTANCE_WIDTH, padding_idx=DISTANCE_ZERO)
        self.bilinear = nn.Bilinear(ENTITY_WIDTH + DISTANCE_WIDTH, ENTITY_WIDTH + DISTANCE_WIDTH, classes)

    def forward(self, entities, pairs):
        """entities [B, M, 128], pairs four times [P]; returns logits [P, R]."""
        head, tail, head_row, tail_row = pairs
        entities = entities.flatten(0, 1)
        heads = torch.cat([entities[head], self.distance(head_row)], 1)
        tails = torch.cat([entities[tail], self.distance(tail_row)], 1)
        return self.bilinear(heads, tails)


class FactoredScorer(PairScorer):
    """The same scores by our way of computing them (src/nn/pair-scorer.ts), so that a step compares the rest."""

    def forward(self, entities, pairs):
        head, tail, head_row, tail_row = pairs
        B, M, D = entities.shape
        rows, weight, distances = entities.flatten(0, 1), self.bilinear.weight, self.distance.weight
        R, S = weight.shape[0], DISTANCE_WIDTH
        tails = (rows @ weight[:, :D, :D].reshape(R * D, D).t()).view(B, M * R, D)
        near = (entities @ tails.transpose(1, 2)).view(B * M * M, R)
        far_tails = (distances @ weight[:, :D, D:].reshape(R * D, S).t()).view(DISTANCE_ROWS * R, D)
        head_distance = (rows @ far_tails.t()).view(B * M * DISTANCE_ROWS, R)
        near_tails = (rows @ weight[:, D:, :D].reshape(R * S, D).t()).view(B * M * R, S)
        distance_tail = (near_tails @ distances.t()).view(B * M, R, DISTANCE_ROWS).transpose(1, 2).reshape(-1, R)
        far_far = (distances @ weight[:, D:, D:].reshape(R * S, S).t()).view(DISTANCE_ROWS * R, S)
        distance_distance = (distances @ far_far.t()).view(DISTANCE_ROWS * DISTANCE_ROWS, R)
        return (
            near[head * M + tail % M]
            + head_distance[head * DISTANCE_ROWS + tail_row]
            + distance_tail[tail * DISTANCE_ROWS + head_row]
            + distance_distance[head_row * DISTANCE_ROWS + tail_row]
            + self.bilinear.bias
        )


class Encoder(nn.Module):
    """The states of a batch's pieces; subclasses ask them something."""

    def __init__(self, vocabulary, width, layers, positions=512):
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(positions, width)
        self.segments = nn.Embedding(2, width)
        self.norm = nn.LayerNorm(width, eps=EPSILON)
        self.dropout = nn.Dropout(DROPOUT)
        self.layers = nn.ModuleList(Layer(width, width // 64) for _ in range(layers))
        for module in [self.words, self.positions, self.segments]:
            nn.init.normal_(module.weight, std=0.02)

    def encode(self, pieces, mask=None):
        """pieces [B, T], mask [B, 1, 1, T] where anything is padded; returns states [B, T, D]."""
        x = self.words(pieces) + self.positions.weight[: pieces.shape[1]] + self.segments.weight[0]
        x = self.dropout(self.norm(x))  # [B, T, D]
        for layer in self.layers:
            x = layer(x, mask)
        return x


class Bert(Encoder):
    """Scores of pairs of entities."""

    def __init__(self, vocabulary, width, layers, classes, factored=True):
        super().__init__(vocabulary, width, layers)
        self.projection = nn.Linear(width, ENTITY_WIDTH)
        self.scorer = (FactoredScorer if factored else PairScorer)(classes)

    def forward(self, batch):
        x = self.encode(batch["pieces"], batch["mask"])  # [B, T, D]
        entities = batch["entities"] @ self.projection(x)  # [B, M, 128]
        return self.scorer(entities, batch["pairs"])  # [P, R]


def collate(documents, classes):
    """Padded tensors of a batch, and the targets [P, R]."""
    lengths = [len(doc["sequence"]) for doc in documents]
    B, T = len(documents), max(lengths)
    M = max(len(doc["entities"]) for doc in documents)
    pieces = torch.zeros(B, T, dtype=torch.long)
    entities = torch.zeros(B, M, T)
    pairs, relations = [], []
    for b, doc in enumerate(documents):
        pieces[b, : lengths[b]] = torch.tensor(doc["sequence"])
        for m, entity in enumerate(doc["entities"]):
            for piece, weight in zip(entity["pieces"], entity["weights"]):
                entities[b, m, piece] += weight
        for head, tail, head_row, tail_row, own in doc["pairs"]:
            pairs.append((b * M + head, b * M + tail, head_row, tail_row))
            relations.append(own)
    targets = torch.zeros(len(pairs), classes)
    for p, own in enumerate(relations):
        targets[p, own if own else [0]] = 1
    mask = None
    if min(lengths) < T:
        mask = torch.zeros(B, 1, 1, T)
        for b, length in enumerate(lengths):
            mask[b, :, :, length:] = -1e9
    columns = torch.tensor(pairs, dtype=torch.long).t().contiguous()
    return {"pieces": pieces, "mask": mask, "entities": entities, "pairs": list(columns)}, targets
