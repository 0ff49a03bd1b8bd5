"""What chose the settings of the chapter "Learning by doing".

python benchmarks/learning_by_doing.py

Regret of ten machines (seed 1; the chapter reports seed 0), steps that the pole stood as a mean over
all updates (seeds 10 to 14; the chapter reports 0 to 4), and the noise of a gradient of the untrained
network with other baselines. The functions are those of the chapter's cells. Two minutes of one core.
"""

import re
from pathlib import Path
from typing import Any

import numpy as np

SOURCE = Path(__file__).resolve().parents[1] / "chapters" / "source" / "learning_by_doing.md"
CELLS = re.findall(r"^```\{code-cell\} ipython3\n(.*?)^```", SOURCE.read_text("utf-8"), re.M | re.S)
book: dict[str, Any] = {}
exec("import dlbook, numpy as np\nfrom dlbook import functional as F, nn, optim, primitives", book)
for name in ("def pull(", "def reinforce("):
    cell = next(cell for cell in CELLS if name in cell)
    exec(cell.split("\nfor name, rule")[0], book)  # the functions, without the table below them


def main() -> None:
    print("bandits, regret after 1,000 rounds")
    for rule, settings in (
        ("curious", (0.003, 0.01, 0.03, 0.1)),
        ("first_all", (2, 3, 5, 10)),
        ("could_be_best", (0.1, 0.2, 0.3, 0.5, 1.0, 2**0.5)),
    ):
        for setting in settings:
            regret = book["pull"](book[rule], setting, seed=1)
            print(f"  {rule:14} {setting:5.3g}  {book['told'](regret)}")

    print("cart and pole, mean over all updates")
    for noise, updates, how, rates in (
        (0, 30, "whole", (0.01, 0.02, 0.04, 0.08)),
        (0, 30, "to go", (0.01, 0.03, 0.05, 0.1)),
        (0, 30, "baseline", (0.02, 0.05, 0.1, 0.2)),
        (20, 60, "baseline", (0.01, 0.03, 0.05, 0.1)),
    ):
        for lr in rates:
            stood = [book["reinforce"](k, how, lr, updates, noise)[1].mean() for k in range(10, 15)]
            print(f"  {noise:2} inputs of noise, {how:8} {lr:5}  {book['told'](stood)}")

    print("noise of the gradient of an untrained network, 100 batches")
    net, rng = book["new_net"](0), np.random.default_rng(1)
    batches = [book["tries"](book["chance_of"](net), 10, rng) for _ in range(100)]
    for how, less in (("to go", 0), ("baseline", 0), ("to go", 100)):
        rows = []
        for x, a, on in batches:
            net.zero_grad()
            each = book["F"].cross_entropy(net(x[on]), a[on], reduction="none")
            ((each * (book["weights"](on, how) - less)[on]).sum() / 10).backward()
            rows.append(np.concatenate([p.grad.ravel() for p in net.parameters()]))
        g = np.array(rows)
        noise = np.mean(np.sum((g - g.mean(axis=0)) ** 2, axis=1)) ** 0.5
        print(f"  {how:8} less {less:3}: {noise:.0f}")


if __name__ == "__main__":
    main()
