"""CPU milliseconds per step of PyTorch eager for the models of engine-case.ts, one thread.

Reads {"case": …, "repeats": …} line by line and answers each with the fastest of so many short fits.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
torch.manual_seed(1)


def two_nn():
    return nn.Sequential(nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10),
    )


def labels(model, x, y):
    return F.cross_entropy(model(x), y)


def info_nce(model, x, y):
    scores = F.normalize(model(x)) @ F.normalize(model(y)).T / 0.05
    own = torch.arange(len(x))
    return (F.cross_entropy(scores, own) + F.cross_entropy(scores.T, own)) / 2


def fastest(model, loss, x, y, batch, steps, repeats):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    best = float("inf")
    for _ in range(repeats):
        order = torch.randperm(len(x)).split(batch)
        started = time.process_time()
        for step in range(steps):
            rows = order[step % len(order)]
            optimizer.zero_grad()
            loss(model, x[rows], y[rows]).backward()
            optimizer.step()
        best = min(best, (time.process_time() - started) / steps)
    return 1000 * best


def classes(model, shape, batch, steps, repeats):
    x, y = torch.rand(5 * batch, *shape) - 0.5, torch.arange(5 * batch) % 10
    return fastest(model, labels, x, y, batch, steps, repeats)


def pairs(repeats):
    x = torch.rand(5 * 256, 384) - 0.5
    return fastest(nn.Linear(384, 128), info_nce, x, x + torch.rand_like(x) - 0.5, 256, 40, repeats)


CASES = {
    "2NN b10": lambda repeats: classes(two_nn(), [784], 10, 300, repeats),
    "2NN b50": lambda repeats: classes(two_nn(), [784], 50, 100, repeats),
    "InfoNCE 384→128 b256": pairs,
    "CNN b10": lambda repeats: classes(cnn(), [1, 28, 28], 10, 40, repeats),
    "CNN b50": lambda repeats: classes(cnn(), [1, 28, 28], 50, 8, repeats),
}

for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(CASES[request["case"]](request["repeats"])), flush=True)
