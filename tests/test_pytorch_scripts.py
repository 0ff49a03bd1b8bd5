"""A learner's PyTorch script runs after its imports are changed, and gives PyTorch's numbers.

Each script is a text in which only the first lines, the imports, differ between the two libraries.
"""

import copy

import numpy as np
import pytest
import torch

import dlbook
from dlbook import data

DIGITS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 12, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.drop = nn.Dropout(0.0)
        self.fc1 = nn.Linear(12, 20)
        self.fc2 = nn.Linear(20, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(x.size(0), -1)
        x = self.drop(F.relu(self.fc1(x)))
        return self.fc2(x)

net = Net()
start(net)
criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
optimizer = optim.Adam(net.parameters(), lr=0.01)
scheduler = StepLR(optimizer, step_size=2, gamma=0.5)
for epoch in range(3):
    net.train()
    running_loss = 0.0
    for inputs, labels in batches:
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * inputs.shape[0]
    scheduler.step()
    report(running_loss)
net.eval()
correct = total = 0
with no_grad():
    for inputs, labels in batches:
        outputs = net(inputs)
        _, predicted = outputs.max(1)
        total += len(labels)
        correct += int((predicted == labels).sum())
report(correct / total)
report(float(net(batches[0][0]).softmax(dim=1).max(dim=1)[0].mean().detach()))
"""

CHARACTERS = """
class CharRNN(nn.Module):
    def __init__(self, vocab, hidden):
        super().__init__()
        self.embed = nn.Embedding(vocab, 8)
        self.lstm = nn.LSTM(8, hidden, num_layers=2, batch_first=True)
        self.out = nn.Linear(hidden, vocab)

    def forward(self, x, state):
        y, state = self.lstm(self.embed(x), state)
        return self.out(y), state

model = CharRNN(VOCAB, 12)
start(model)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
for epoch in range(2):
    state = None
    for x, y in batches:
        optimizer.zero_grad()
        logits, state = model(x, state)
        h, c = state
        state = (h.detach(), c.detach())
        loss = criterion(logits.permute(0, 2, 1), y)
        loss.backward()
        clip(model.parameters(), 1.0)
        optimizer.step()
        report(loss.item())
"""

FINE_TUNING = """
body = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True),
                     nn.MaxPool2d(2), nn.Flatten())
model = nn.Sequential(body, nn.Linear(36, 10))
start(model)
for p in body.parameters():
    p.requires_grad = False
model[1] = nn.Linear(36, 10)
start(model[1])
optimizer = optim.AdamW([{"params": model[1].parameters()}], lr=0.02, weight_decay=0.1)
weight = NUMBERS([1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5])
criterion = nn.CrossEntropyLoss(weight=weight, ignore_index=7)
for epoch in range(4):
    if epoch == 2:
        for p in body.parameters():
            p.requires_grad_(True)
        optimizer = optim.AdamW([{"params": body.parameters(), "lr": 0.001},
                                 {"params": model[1].parameters()}], lr=0.01)
    body.eval()
    for x, y in batches:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
        report(loss.item())
"""


def run(script, library, batches, starts):
    """Run a script in one of the libraries and return what it reports.

    `starts` takes down the weights that dlbook's models begin with, and gives them to PyTorch's.
    """
    said, given = [], iter(list(starts))

    def start(model):
        if library == "torch":
            dlbook.nn.copy_to_torch(next(given), model.double())
        else:
            starts.append(copy.deepcopy(model.double()))

    names = {"report": said.append, "batches": batches, "VOCAB": 9, "start": start}
    if library == "torch":
        names |= {
            "nn": torch.nn, "F": torch.nn.functional, "optim": torch.optim, "no_grad": torch.no_grad,
            "StepLR": torch.optim.lr_scheduler.StepLR, "clip": torch.nn.utils.clip_grad_norm_,
            "NUMBERS": lambda a: torch.tensor(a, dtype=torch.float64),
            "batches": [(torch.tensor(x), torch.tensor(y)) for x, y in batches],
        }  # fmt: skip
    else:
        names |= {
            "nn": dlbook.nn, "F": dlbook.functional, "optim": dlbook.optim, "no_grad": dlbook.no_grad,
            "StepLR": dlbook.optim.StepLR, "clip": dlbook.optim.clip_grad_norm, "NUMBERS": np.array,
        }  # fmt: skip
    exec(script, names)
    return said


def pictures():
    x, y = data.digits().x[:60].astype(np.float64), data.digits().y[:60]
    return [(x[k : k + 20], y[k : k + 20]) for k in (0, 20, 40)]


def characters():
    tokens = np.random.default_rng(0).integers(0, 9, 4 * 31)
    return list(data.SequenceLoader(tokens, 4, 10))


@pytest.mark.parametrize(
    ("script", "batches"),
    [(DIGITS, pictures), (CHARACTERS, characters), (FINE_TUNING, pictures)],
    ids=["a digit CNN", "a character LSTM", "fine-tuning"],
)
def test_a_script_of_pytorch_runs_here(script, batches):
    starts = []
    ours = run(script, "dlbook", batches(), starts)
    theirs = run(script, "torch", batches(), starts)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    assert len(ours) >= 5
