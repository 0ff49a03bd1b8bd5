"""What chose the settings of the chapter "Learning by doing".

python benchmarks/learning_by_doing.py

Regret of ten machines (seed 1; the chapter reports seed 0), steps that the pole stood as a mean over
all updates (seeds 10 to 14; the chapter reports 0 to 4), and the noise of a gradient of the untrained
network with other baselines. Then what takes too long for the chapter, or belongs beside it: Q-learning
that goes over its moves again, more games against random moves, a guess that is improved bit by bit.
The functions are those of the chapter's cells. Three minutes of one core.
"""

from typing import Any

import numpy as np
from cells import cells

book: dict[str, Any] = {}
for name, below in (  # the functions of a cell, without what stands below them
    ("def play(", "\nnaive ="),
    ("def pull(", "\nfor name, rule"),
    ("def value_iteration(", "\nprint("),
    ("def walk(", "\nprint("),
    ("def worth(", "\nprint("),
    ("def chances(", "\nschools ="),
    ("def reinforce(", "\nprint("),
):
    cell = next(cell for cell in cells("learning_by_doing") if name in cell)
    exec(cell.split(below)[0], book)


def replayed(tries: int, seed: int, passes: int = 20, rate: float = 0.02) -> Any:
    """Q-learning, and then again by its moves in random order."""
    Q, counts = book["walk"](tries, seed)
    moves = np.argwhere(counts).repeat(counts[counts > 0].astype(int), axis=0)
    rng, ends, pays = np.random.default_rng(seed), book["ends"], book["pays"]
    for _ in range(passes):
        for s, a, after in rng.permutation(moves):
            target = pays[after] + (0 if ends[after] else 0.95 * Q[after].max())
            Q[s, a] += rate * (target - Q[s, a])
    return Q


def improved(seed: int, noise: int = 20, rounds: int = 50, step: float = 0.5) -> float:
    """Steps in 50 new tries after 500: each round nudges the weights in 5 directions, both ways."""
    rng, w = np.random.default_rng(seed), np.zeros(4 + noise)

    def stood(w: Any, n: int = 1) -> float:
        return float(book["tries"](lambda x: x @ w > 0, n, rng, noise)[2].sum() / n)

    for _ in range(rounds):
        nudges = rng.normal(size=(5, len(w)))
        both = np.array([(stood(w + nudge), stood(w - nudge)) for nudge in nudges])
        w += step / 5 * (both[:, 0] - both[:, 1]) @ nudges / (both.std() + 1e-9)
    return stood(w, 50)


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
            weights = (book["weights"](on, how) - less)[on]
            ((each * weights).sum() / 10).backward()
            rows.append(np.concatenate([p.grad.ravel() for p in net.parameters()]))
        g = np.array(rows)
        noise = np.mean(np.sum((g - g.mean(axis=0)) ** 2, axis=1)) ** 0.5
        lasted = np.mean([on.sum() / 10 for *_, on in batches])
        print(f"  {how:8} less {less:3}: {noise:.0f} (a try lasts {lasted:.0f} steps)")
    G = np.concatenate([book["weights"](on, "to go")[on] for *_, on in batches])
    print(f"  the mean of to go less 100: {G.mean() - 100:.0f}")

    print("Q-learning, 100 tries")
    for name, Qs in (
        ("each move once", [book["walk"](100, seed)[0] for seed in range(3)]),
        ("20 times more", [replayed(100, seed) for seed in range(3)]),
        ("count, plan", [book["planned"](book["walk"](100, seed)[1]) for seed in range(3)]),
    ):
        print(f"  {name:14} misses {book['told']([book['missed'](Q) for Q in Qs], 3)}")

    print("tic-tac-toe against random moves, second against perfect play, lost per cent")
    for games in (40_000, 120_000):
        tables = [book["against_random"](games, seed) for seed in range(3)]
        print(
            f"  {games:7,} games ", *(f"{book['losses'](book['knows'](Q))[3]:.1f}" for Q in tables)
        )

    print("cart and pole, 20 inputs of noise, a guess improved bit by bit: steps after 500 tries")
    print("  ", *(f"{improved(seed):.0f}" for seed in (10, 11, 12)))


if __name__ == "__main__":
    main()
