"""Makes ../fixtures/exported: tiny steps for the tests of `Trainer.fromOnnx`.

    python make_fixtures.py     # needs what export_training_step.py needs
"""

import os

import torch
import torch.nn.functional as F
from torch import nn

from export_training_step import export_training_step

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "exported")


def cross_entropy(outputs, y):
    return F.cross_entropy(outputs, y, reduction="none")


def squared_error(outputs, y):
    return F.mse_loss(outputs, y, reduction="none").mean(1)


os.makedirs(FOLDER, exist_ok=True)
torch.manual_seed(0)
perceptron = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
words = nn.Sequential(nn.Embedding(7, 3), nn.Flatten(), nn.Linear(6, 2))
examples = {
    "mlp": (perceptron, cross_entropy, torch.randn(5, 6), torch.randint(0, 3, (5,)), None),
    "ids": (words, squared_error, torch.randint(0, 7, (4, 2)), torch.randn(4, 2), 7),
}
for name, (model, loss, x, y, vocabulary) in examples.items():
    worst = export_training_step(model, loss, x, y, os.path.join(FOLDER, name), vocabulary=vocabulary)
    print(f"{name}: at most {worst:.2g} from eager")
