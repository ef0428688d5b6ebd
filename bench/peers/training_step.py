"""A training step of BERT for relation extraction in PyTorch. The tensors of a batch are made beforehand.

A set-up may ask for bfloat16 autocast, as people train who have it: parameters, gradients and the update stay in float32.
"""

import torch

from bert import SIZES, Bert, collate
from serve import serve
from training_turns import training_turns


def set_up(setup):
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(1)
    layers, width = SIZES[setup["encoder"]]
    model = Bert(setup["vocabulary"], width, layers, setup["classes"], setup["factored"]).train()
    criterion = torch.nn.BCEWithLogitsLoss()
    batches = [collate(documents, setup["classes"]) for documents in setup["batches"]]

    def loss_of(request):
        batch, targets = batches[request.get("batch", 0)]
        with torch.autocast("cpu", torch.bfloat16, setup.get("bfloat16", False)):
            logits = model(batch)
        return criterion(logits.float(), targets)

    return training_turns(model, loss_of)


serve(set_up)
