"""Trains a word-level system on DocRED files and scores it on dev after every epoch.

    python3 train_words.py --system bilstm --train train.json --dev dev.json --rel2id rel2id.json \
        --facts train_annotated.fact --epochs 30 --batch 20 --seed 1 --threads 1 --factored

--facts holds [head name, tail name, relation] triples; dev labels among them are left out of Ign F1's precision.
One line an evaluation: epoch, loss, F1, Ign F1, AUC, theta, seconds of training and of scoring.
"""

import argparse
import json
import random
import time

import numpy as np
import torch

from word_systems import SYSTEMS, WordSystem, features_of, optimiser_of, predict, train_epoch, vocabulary_of


def ranking(scores, correct, in_train, gold, theta=None):
    """Measures of the ranked facts, in float64, by the original's rules; the arrays are flat, in generation order.

    f1 and ignF1 are maxima of their own curves, or values at theta where it is given. Source: config/Config.py test().
    """
    order = np.argsort(-scores.astype(np.float64), kind="stable")
    found, known = np.cumsum(correct[order], dtype=np.int64), np.cumsum((correct & in_train)[order], dtype=np.int64)
    rank = np.arange(1, len(order) + 1)
    recall = found / max(1, gold)
    precision = found / rank
    ign_precision = np.where(found == known, 0, (found - known) / np.maximum(1, rank - known))
    f1, ign_f1 = (2 * p * recall / (p + recall + 1e-20) for p in (precision, ign_precision))
    if theta is None:
        best, ign_best = np.argmax(f1), np.argmax(ign_f1)
        theta = scores[order[best]]
    else:
        best = ign_best = max(0, np.count_nonzero(scores > theta) - 1)
    return {
        "f1": f1[best],
        "ignF1": ign_f1[ign_best],
        "auc": area(recall, precision),
        "ignAuc": area(recall, ign_precision),
        "theta": float(theta),
    }


def area(x, y):
    """Trapezoids from the first ranked item on."""
    return float(np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2))


def in_train_flags(doc, pairs, relation_ids, facts):
    """[P, R]: the labels that training states for any pair of the entities' names."""
    row_of = {tuple(pair): p for p, pair in enumerate(pairs.tolist())}
    flags = np.zeros((len(pairs), 1 + max(relation_ids.values())), bool)
    names = [{mention["name"] for mention in entity} for entity in doc["vertexSet"]]
    for label in doc.get("labels", []):
        head, tail, relation = label["h"], label["t"], label["r"]
        if any((h, t, relation) in facts for h in names[head] for t in names[tail]):
            flags[row_of[head, tail], relation_ids[relation]] = True
    return flags


class Dev:
    """The documents to score on, longest first, and what is true of their pairs."""

    def __init__(self, docs, vocabulary, relation_ids, facts):
        known = [(doc, features_of(doc, vocabulary, relation_ids)) for doc in docs]
        known.sort(key=lambda entry: -len(entry[1]["words"]))
        self.documents = [features for _, features in known]
        self.correct = np.concatenate([features["targets"][:, 1:] > 0 for features in self.documents]).ravel()
        flags = [in_train_flags(doc, features["pairs"], relation_ids, facts)[:, 1:] for doc, features in known]
        self.in_train = np.concatenate(flags).ravel()
        self.gold = int(self.correct.sum())

    def score(self, model, batch_size):
        logits = predict(model, self.documents, batch_size)[:, 1:].astype(np.float64).ravel()
        return ranking(1 / (1 + np.exp(-logits)), self.correct, self.in_train, self.gold)


def main():
    args = arguments()
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)

    relation_ids = {relation: int(i) for relation, i in read(args.rel2id).items()}
    docs = read(args.train)[: args.documents]
    vocabulary = vocabulary_of(docs)
    documents = [features_of(doc, vocabulary, relation_ids) for doc in docs]
    dev = Dev(read(args.dev), vocabulary, relation_ids, set(map(tuple, read(args.facts))))

    model = WordSystem(args.system, 2 + len(vocabulary), 1 + max(relation_ids.values()), args.factored)
    optimiser = optimiser_of(model)
    parameters = sum(p.numel() for p in model.parameters())
    print(f"{vars(args)}", flush=True)
    print(
        f"{args.system}: {parameters} parameters, {len(vocabulary)} words, {len(documents)} documents; "
        f"dev {len(dev.documents)} documents, {dev.gold} facts, {dev.in_train.sum()} of them in train",
        flush=True,
    )
    best, spent = None, 0.0
    for epoch in range(1, args.epochs + 1):
        loss, seconds = timed(lambda: train_epoch(model, optimiser, documents, args.batch, rng))
        spent += seconds
        if epoch % args.every and epoch < args.epochs:
            continue
        result, dev_seconds = timed(lambda: dev.score(model, args.batch))
        if best is None or result["ignF1"] > best[1]["ignF1"]:
            best = epoch, result
        print(line(epoch, result, loss), f"train {seconds:.1f} s dev {dev_seconds:.1f} s", flush=True)
    print(f"best by Ign F1: {line(*best)}; {spent / args.epochs:.1f} s an epoch", flush=True)


def line(epoch, result, loss=None):
    of_loss = "" if loss is None else f"loss {loss:.6f} "
    return (
        f"epoch {epoch} {of_loss}F1 {result['f1']:.4f} IgnF1 {result['ignF1']:.4f} "
        f"AUC {result['auc']:.4f} theta {result['theta']:.4f}"
    )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", choices=SYSTEMS, required=True)
    for name in ("train", "dev", "rel2id", "facts"):
        parser.add_argument(f"--{name}", metavar="FILE", required=True)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch", type=int, default=20, help="documents a step")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="epochs between evaluations")
    parser.add_argument("--documents", type=int, help="train on the first of them only")
    parser.add_argument("--factored", action="store_true", help="bilinear scores once an entity, not once a pair")
    return parser.parse_args()


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def timed(work):
    """What work() returns, and its time in seconds."""
    start = time.perf_counter()
    value = work()
    return value, time.perf_counter() - start


if __name__ == "__main__":
    main()
