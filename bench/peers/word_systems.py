"""The word-level systems of the paper as one would write them in PyTorch: cnn, lstm, bilstm, context-aware, sentence.

Features, batches and models. Word vectors are learnt from N(0, 1); there are no pretrained ones. Letters: B documents,
T words of the longest, N entities of the batch, M of its largest document, P ordered pairs, R classes, D width.

Source: the official DocRED baselines (CNN3, LSTM, BiLSTM, ContextAware) and the paper's SentModel. Differs: entity
vectors are made once an entity, not once a pair; SentModel has none of the quirks of its original, and sentences past
its limits leave zero outputs.
"""

import itertools
import math

import numpy as np
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, embedding
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SYSTEMS = ("cnn", "lstm", "bilstm", "context-aware", "sentence")

BLANK, UNKNOWN = 0, 1
TYPES = {"BLANK": 0, "ORG": 1, "LOC": 2, "TIME": 3, "PER": 4, "MISC": 5, "NUM": 6}
WORD_WIDTH = 100
FEATURE_WIDTH = 20
INPUT_WIDTH = WORD_WIDTH + 2 * FEATURE_WIDTH
MAX_WORDS = 512
MAX_SENTENCES, MAX_SENTENCE_WORDS = 25, 100
DISTANCE_ROWS = 20
DISTANCE_ZERO = 10
LARGEST_BUCKET = 9
HIDDEN = 128
FILTERS = 200
LOCKED_DROPOUT = 0.2
CNN_DROPOUT = 0.5


# --- features ---------------------------------------------------------------------------------------------------------


def vocabulary_of(docs):
    """Ids of all lower-cased words, in order of appearance, after BLANK and UNKNOWN."""
    words = dict.fromkeys(word.lower() for doc in docs for sentence in doc["sents"] for word in sentence)
    return {word: 2 + i for i, word in enumerate(words)}


def distance_bucket(distance):
    """Signed bucket of a distance in words: 0, 1, 2-3, 4-7, ... 256 and more."""
    if distance == 0:
        return 0
    return int(math.copysign(min(LARGEST_BUCKET, int(abs(distance)).bit_length()), distance))


def features_of(doc, vocabulary, relation_ids):
    """What the models see of a document, as arrays; n entities, all n (n - 1) ordered pairs, head outside, tail inside."""
    starts = [0, *itertools.accumulate(map(len, doc["sents"]))]
    words = [vocabulary.get(word.lower(), UNKNOWN) for sentence in doc["sents"] for word in sentence][:MAX_WORDS]
    T, n = len(words), len(doc["vertexSet"])
    coreference, types = np.zeros(T, np.int64), np.zeros(T, np.int64)
    mapping = np.zeros((n, T), np.float32)
    for e, entity in enumerate(doc["vertexSet"]):
        for mention in entity:
            start, end = (starts[int(mention["sent_id"])] + p for p in mention["pos"])
            coreference[start:end] = e + 1
            types[start:end] = TYPES[mention["type"]]
            # Assigned, not added: a row sums to less than 1 where mentions overlap.
            mapping[e, start:end] = 1 / len(entity) / (end - start)
    first = [starts[int(entity[0]["sent_id"])] + entity[0]["pos"][0] for entity in doc["vertexSet"]]
    pairs = list(itertools.permutations(range(n), 2))
    buckets = [distance_bucket(first[h] - first[t]) for h, t in pairs]
    row_of = {pair: p for p, pair in enumerate(pairs)}
    targets = np.zeros((len(pairs), 1 + max(relation_ids.values())), np.float32)
    for label in doc.get("labels", []):
        targets[row_of[label["h"], label["t"]], relation_ids[label["r"]]] = 1
    targets[targets.sum(1) == 0, 0] = 1
    sentences = [
        (start, min(end, start + MAX_SENTENCE_WORDS, T) - start)
        for start, end in zip(starts[:MAX_SENTENCES], starts[1:])
        if start < min(end, T)
    ]
    return {
        "words": np.array(words, np.int64),
        "coreference": coreference,
        "types": types,
        "mapping": mapping,
        "pairs": np.array(pairs, np.int64).reshape(-1, 2),
        "distances": np.array(buckets, np.int64),
        "targets": targets,
        "sentences": sentences,
    }


def collate(documents):
    """Tensors of a batch, longest document first, padded to it; returns (batch, targets [P, R]).

    The batch: words, coreference, types [B, T]; lengths [B]; mapping [B, M, T]; entities [N], the real ones among
    B x M; sizes, the number of entities of each document; pairs, five times [P]: head and tail among the N, the rows of
    their distances, and the pair's cell among the n x n of all documents; places, see BySentence.
    """
    documents = sorted(documents, key=lambda doc: -len(doc["words"]))
    sizes = [len(doc["mapping"]) for doc in documents]
    B, T, M = len(documents), len(documents[0]["words"]), max(sizes)
    batch = {name: np.full((B, T), BLANK, np.int64) for name in ("words", "coreference", "types")}
    mapping = np.zeros((B, M, T), np.float32)
    entities, pairs = [], []
    entity, cell = 0, 0
    for b, (doc, n) in enumerate(zip(documents, sizes)):
        length = len(doc["words"])
        for name in ("words", "coreference", "types"):
            batch[name][b, :length] = doc[name]
        mapping[b, :n, :length] = doc["mapping"]
        entities.append(b * M + np.arange(n))
        (head, tail), distance = doc["pairs"].T, doc["distances"]
        rows = DISTANCE_ZERO + distance, DISTANCE_ZERO - distance
        pairs.append(np.stack([entity + head, entity + tail, *rows, cell + head * n + tail]))
        entity, cell = entity + n, cell + n * n
    tensors = {name: torch.from_numpy(array) for name, array in batch.items()}
    tensors |= {
        "lengths": torch.tensor([len(doc["words"]) for doc in documents]),
        "mapping": torch.from_numpy(mapping),
        "entities": torch.from_numpy(np.concatenate(entities)),
        "sizes": sizes,
        "pairs": list(torch.from_numpy(np.concatenate(pairs, 1)).contiguous()),
        "pair_counts": [len(doc["pairs"]) for doc in documents],
        "places": sentence_places(documents, T),
    }
    return tensors, torch.from_numpy(np.concatenate([doc["targets"] for doc in documents]))


def sentence_places(documents, T):
    """Where the words of sentences lie: (rows [S, L] among B x T, back [B x T] among S x L and a zero row, lengths [S])."""
    spans = [(b * T + start, n) for b, doc in enumerate(documents) for start, n in doc["sentences"]]
    lengths = np.array([n for _, n in spans])
    S, L = len(spans), lengths.max()
    rows = np.zeros((S, L), np.int64)
    back = np.full(len(documents) * T, S * L)
    for s, (start, n) in enumerate(spans):
        rows[s, :n] = start + np.arange(n)
        back[start : start + n] = s * L + np.arange(n)
    return torch.from_numpy(rows), torch.from_numpy(back), torch.from_numpy(lengths)


# --- layers -----------------------------------------------------------------------------------------------------------


class WordInput(nn.Module):
    def __init__(self, vocabulary):
        super().__init__()
        self.words = nn.Embedding(vocabulary, WORD_WIDTH)
        self.coreference = nn.Embedding(MAX_WORDS, FEATURE_WIDTH, padding_idx=0)
        self.types = nn.Embedding(len(TYPES), FEATURE_WIDTH, padding_idx=0)

    def forward(self, batch):
        parts = [getattr(self, name)(batch[name]) for name in ("words", "coreference", "types")]
        return torch.cat(parts, 2)  # [B, T, 140]


class Convolutions(nn.Module):
    """Three blocks; the padding of shorter documents takes part, as in the original."""

    width = FILTERS

    def __init__(self):
        super().__init__()
        widths = [INPUT_WIDTH, FILTERS, FILTERS]
        self.blocks = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv1d(width, FILTERS, 3, padding=1),
                    nn.MaxPool1d(3, stride=1, padding=1),
                    nn.ReLU(),
                    nn.Dropout(CNN_DROPOUT),
                )
                for width in widths
            )
        )

    def forward(self, x, batch):
        return self.blocks(x.transpose(1, 2)).transpose(1, 2)  # [B, T, 200]


class Recurrent(nn.Module):
    """LSTM over each document with locked dropout on its input and trainable initial states, then linear and ReLU."""

    width = HIDDEN

    def __init__(self, directions):
        super().__init__()
        self.lstm = nn.LSTM(INPUT_WIDTH, HIDDEN, batch_first=True, bidirectional=directions == 2)
        self.hidden = nn.Parameter(torch.zeros(directions, 1, HIDDEN))
        self.cell = nn.Parameter(torch.zeros(directions, 1, HIDDEN))
        self.linear = nn.Linear(directions * HIDDEN, HIDDEN)

    def forward(self, x, batch):
        outputs = self.encode(x, batch["lengths"], sorted=True)
        return self.linear(outputs).relu()  # [B, T, 128]

    def encode(self, x, lengths, sorted):
        """x [B, T, 140] to the LSTM's outputs [B, T, 128 directions], zero past the lengths."""
        B, T, D = x.shape
        if self.training:  # one mask a sequence and feature, for all its words
            keep = 1 - LOCKED_DROPOUT
            x = x * (x.new_empty(B, 1, D).bernoulli_(keep) / keep)
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=sorted)
        states = [state.expand(-1, B, -1).contiguous() for state in (self.hidden, self.cell)]
        outputs, _ = self.lstm(packed, tuple(states))
        return pad_packed_sequence(outputs, batch_first=True, total_length=T)[0]


class BySentence(Recurrent):
    """The same over each sentence: its own dropout mask, its own initial states."""

    def forward(self, x, batch):
        rows, back, lengths = batch["places"]
        B, T, D = x.shape
        sentences = embedding(rows, x.reshape(B * T, D))  # [S, L, 140]
        outputs = self.encode(sentences, lengths, sorted=False).flatten(0, 1)  # [S x L, 256]
        outputs = torch.cat([outputs, outputs.new_zeros(1, outputs.shape[1])])
        return self.linear(embedding(back, outputs).view(B, T, -1)).relu()  # [B, T, 128]


class PairBilinear(nn.Module):
    """nn.Bilinear over [entity ; distance] of head and tail, gathered for every pair."""

    def __init__(self, width, outputs):
        super().__init__()
        self.distance = nn.Embedding(DISTANCE_ROWS, FEATURE_WIDTH, padding_idx=DISTANCE_ZERO)
        self.bilinear = nn.Bilinear(width + FEATURE_WIDTH, width + FEATURE_WIDTH, outputs)

    def forward(self, entities, batch):
        """entities [N, D]; returns [P, outputs]."""
        head, tail, head_row, tail_row, _ = batch["pairs"]
        heads = torch.cat([embedding(head, entities), self.distance(head_row)], 1)
        tails = torch.cat([embedding(tail, entities), self.distance(tail_row)], 1)
        return self.bilinear(heads, tails)


class FactoredPairBilinear(PairBilinear):
    """The same scores computed once an entity: four sums over the blocks of W, for [entity ; distance] of each side."""

    def forward(self, entities, batch):
        head, tail, head_row, tail_row, cell = batch["pairs"]
        (N, D), W, distances = entities.shape, self.bilinear.weight, self.distance.weight
        R = len(W)
        tails = torch.einsum("rij,nj->nri", W[:, :D, :D], entities)  # [N, R, D]
        near = [
            (own @ theirs.reshape(-1, D).t()).view(-1, R)  # [n x n, R]
            for own, theirs in zip(entities.split(batch["sizes"]), tails.split(batch["sizes"]))
        ]
        far_tails = torch.einsum("rij,dj->dri", W[:, :D, D:], distances).reshape(-1, D)
        near_far = (entities @ far_tails.t()).view(-1, R)  # [N x 20, R]
        far_heads = torch.einsum("di,rij->drj", distances, W[:, D:, :D]).reshape(-1, D)
        far_near = (entities @ far_heads.t()).view(-1, R)  # [N x 20, R]
        far_far = torch.einsum("di,rij,ej->der", distances, W[:, D:, D:], distances).reshape(-1, R)  # [20 x 20, R]
        return (
            embedding(cell, torch.cat(near))
            + embedding(head * DISTANCE_ROWS + tail_row, near_far)
            + embedding(tail * DISTANCE_ROWS + head_row, far_near)
            + embedding(head_row * DISTANCE_ROWS + tail_row, far_far)
            + self.bilinear.bias
        )  # [P, R]


class PairAttention(nn.Module):
    """Each pair attends to all pairs of its document; the classes are read from it and what it attends to."""

    def __init__(self, classes):
        super().__init__()
        self.own = nn.Linear(HIDDEN, 1, bias=False)  # cancels in the softmax; the original has it
        self.scale = nn.Parameter(torch.empty(HIDDEN).uniform_(1 / math.sqrt(HIDDEN), 1))
        self.linear = nn.Linear(2 * HIDDEN, classes)

    def forward(self, pairs, batch):
        """pairs [P, 128]; returns logits [P, R]."""
        contexts = [
            (self.own(v) + (v * self.scale) @ v.t()).softmax(1) @ v for v in pairs.split(batch["pair_counts"])
        ]
        return self.linear(torch.cat([pairs, torch.cat(contexts)], 1))


# --- systems ----------------------------------------------------------------------------------------------------------


class WordSystem(nn.Module):
    """One of SYSTEMS; logits [P, R] of a batch."""

    def __init__(self, system, vocabulary, classes, factored=False):
        super().__init__()
        context = system == "context-aware"
        self.input = WordInput(vocabulary)
        if system == "cnn":
            self.encoder = Convolutions()
        elif system == "sentence":
            self.encoder = BySentence(2)
        else:
            self.encoder = Recurrent(1 if system == "lstm" else 2)
        scorer = FactoredPairBilinear if factored else PairBilinear
        self.scorer = scorer(self.encoder.width, HIDDEN if context else classes)
        self.attention = PairAttention(classes) if context else None

    def forward(self, batch):
        outputs = self.encoder(self.input(batch), batch)  # [B, T, D]
        entities = (batch["mapping"] @ outputs).flatten(0, 1)  # [B x M, D]
        scores = self.scorer(embedding(batch["entities"], entities), batch)  # [P, R], context-aware: [P, 128]
        return scores if self.attention is None else self.attention(scores, batch)


def optimiser_of(model):
    return torch.optim.Adam(model.parameters(), lr=1e-3)


def loss_of(logits, targets):
    """Summed over pairs and classes, divided by classes x pairs."""
    return binary_cross_entropy_with_logits(logits, targets, reduction="sum") / targets.numel()


def train_epoch(model, optimiser, documents, batch_size, rng):
    """One pass over the documents (features_of) in an order drawn from rng, a random.Random; returns the mean loss."""
    model.train()
    order = [doc for doc in documents if len(doc["pairs"])]
    rng.shuffle(order)
    losses = []
    for start in range(0, len(order), batch_size):
        batch, targets = collate(order[start : start + batch_size])
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model(batch), targets)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.inference_mode()
def predict(model, documents, batch_size):
    """Logits [P, R] of the documents, which come longest first, as a numpy array."""
    model.eval()
    order = [doc for doc in documents if len(doc["pairs"])]
    starts = range(0, len(order), batch_size)
    return np.concatenate([model(collate(order[start : start + batch_size])[0]).numpy() for start in starts])
