"""Facts of documents in PyTorch: batches of 8, padded to the longest of each. Pieces and tensors are made beforehand.

A request names a sample, and whether it runs in bfloat16 and with the documents in order of their lengths.
"""

import torch

from bert import Bert, collate
from serve import serve, timed

BATCH = 8
FACTS = 12  # that a trained model finds in a document


def set_up(setup):
    torch.set_num_threads(setup["threads"])
    torch.manual_seed(1)
    classes = setup["classes"]
    model = Bert(setup["vocabulary"], 768, 12, classes).eval()
    prepared, threshold = {}, None

    def batches_of(sample, by_length):
        if (sample, by_length) not in prepared:
            documents = setup["samples"][sample]
            if by_length:
                documents = sorted(documents, key=lambda doc: len(doc["sequence"]))
            groups = [documents[i : i + BATCH] for i in range(0, len(documents), BATCH)]
            prepared[sample, by_length] = [collate(group, classes)[0] for group in groups]
        return prepared[sample, by_length]

    def scores_of(batch):
        return model(batch).float().sigmoid()[:, 1:]

    def turn(request):
        nonlocal threshold
        batches = batches_of(request["sample"], request.get("byLength", False))
        facts = []

        def predict():
            for batch in batches:
                scores = scores_of(batch)
                found = (scores > threshold).nonzero()
                facts.extend(zip(found.tolist(), scores[found[:, 0], found[:, 1]].tolist()))

        # The weights are cast once for all batches: the context keeps them.
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, request.get("bfloat16", False)):
            if threshold is None:
                threshold = scores_of(batches[0]).flatten().topk(FACTS * BATCH).values[-1].item()
            ms = timed(predict)
        return {"ms": ms, "facts": len(facts)}

    return turn, {"parameters": sum(p.numel() for p in model.parameters())}


serve(set_up)
