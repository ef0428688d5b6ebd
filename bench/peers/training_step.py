"""One training step in PyTorch: forward, backward, AdamW. The tensors of a batch are made beforehand.

A set-up may ask for bfloat16 autocast, as people train who have it: parameters, gradients and the update stay in float32.
"""

import torch

from bert import Bert, collate
from serve import serve, timed

SIZES = {"tiny": (2, 128), "mini": (4, 256), "small": (4, 512), "medium": (8, 512), "base": (12, 768)}


def set_up(setup):
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(1)
    layers, width = SIZES[setup["encoder"]]
    model = Bert(setup["vocabulary"], width, layers, setup["classes"], setup["factored"]).train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01)
    loss_of = torch.nn.BCEWithLogitsLoss()
    batches = [collate(documents, setup["classes"]) for documents in setup["batches"]]

    def turn(request):
        batch, targets = batches[request.get("batch", 0)]
        losses = []

        def gradient():
            optimiser.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, setup.get("bfloat16", False)):
                logits = model(batch)
            loss = loss_of(logits.float(), targets)
            loss.backward()
            losses.append(loss.item())

        gradient_ms = timed(gradient)
        update_ms = timed(optimiser.step)
        ms = gradient_ms + update_ms
        return {"ms": ms, "gradientMs": gradient_ms, "updateMs": update_ms, "loss": losses[0]}

    return turn, {"parameters": sum(p.numel() for p in model.parameters())}


serve(set_up)
