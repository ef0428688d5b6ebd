"""Training over documents in batches, by the models of word_systems.py. Every turn is one pass; reports its time in ms."""

import json
import random

import torch

from serve import serve, timed
from word_systems import WordSystem, features_of, optimiser_of, train_epoch, vocabulary_of


def set_up(setup):
    torch.set_num_threads(setup["threads"])
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    rng = random.Random(1)
    with open(setup["train"], encoding="utf-8") as file:
        docs = json.load(file)
    with open(setup["relations"], encoding="utf-8") as file:
        relation_ids = {relation: int(i) for relation, i in json.load(file).items()}
    vocabulary = vocabulary_of(docs)
    documents = [features_of(doc, vocabulary, relation_ids) for doc in docs[: setup["documents"]]]
    model = WordSystem(setup["system"], 2 + len(vocabulary), 1 + max(relation_ids.values()), setup["factored"])
    optimiser = optimiser_of(model)

    def turn(request):
        loss = None

        def work():
            nonlocal loss
            loss = train_epoch(model, optimiser, documents, setup["batch"], rng)

        return {"ms": timed(work), "loss": loss}

    return turn, {"parameters": sum(p.numel() for p in model.parameters())}


serve(set_up)
