"""Training steps of any model: forward, backward, AdamW."""

import torch

from serve import timed


def training_turns(model, loss_of):
    """What serve() takes. loss_of(request) computes the loss of the batch that the request names."""
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01)

    def turn(request):
        losses = []

        def gradient():
            optimiser.zero_grad(set_to_none=True)
            loss = loss_of(request)
            loss.backward()
            losses.append(loss.item())

        gradient_ms = timed(gradient)
        update_ms = timed(optimiser.step)
        ms = gradient_ms + update_ms
        return {"ms": ms, "gradientMs": gradient_ms, "updateMs": update_ms, "loss": losses[0]}

    return turn, {"parameters": sum(p.numel() for p in model.parameters())}
