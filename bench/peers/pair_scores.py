"""Logits of all pairs from given entity vectors: nn.Bilinear over gathered pairs, without gradients."""

import torch

from bert import ENTITY_WIDTH, PairScorer, collate
from serve import serve, timed


def set_up(setup):
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(1)
    scorer = PairScorer(setup["classes"]).eval()
    batch, _ = collate(setup["batch"], setup["classes"])
    B, M, _ = batch["entities"].shape
    entities = torch.rand(B, M, ENTITY_WIDTH) - 0.5
    repeat = setup["repeat"]

    @torch.inference_mode()
    def score():
        for _ in range(repeat):
            scorer(entities, batch["pairs"])

    return lambda request: {"ms": timed(score) / repeat}, {}


serve(set_up)
