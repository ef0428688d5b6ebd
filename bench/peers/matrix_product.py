"""A matrix product of [rows, inner] and [inner, columns] in PyTorch."""

import torch

from serve import serve, timed


def set_up(setup):
    torch.set_num_threads(setup["threads"])
    a = torch.ones(setup["rows"], setup["inner"])
    b = torch.ones(setup["inner"], setup["columns"])
    out = torch.empty(setup["rows"], setup["columns"])
    repeat = setup["repeat"]

    def product():
        for _ in range(repeat):
            torch.mm(a, b, out=out)

    return lambda request: {"ms": timed(product) / repeat}, {}


serve(set_up)
