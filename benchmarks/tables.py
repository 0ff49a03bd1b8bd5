"""What chose the settings of the chapter "Tables, tastes and money": never what judges there.

    python benchmarks/tables.py            # three minutes on one core

Functions and data are those of the chapter's own cells. Tastes: the loss on the validation cells
of three splits. Anomalies: pullovers as the usual thing,
average precision over 20 draws. Rain: the loss on the third year. Tables made by rule: the variance
missed on tables of two other seeds.
"""

import numpy as np
from cells import definitions

from dlbook import metrics, nn

NEEDED = {"train_x", "clothes", "kind", "weather", "measured", "season", "X_rain", "rain", "past"}


def tastes(c):
    Y, losses = c["Y"], {}
    for seed in range(3):
        part = np.random.default_rng(seed).choice(3, size=Y.shape, p=(0.8, 0.1, 0.1))
        for r in (0, 2, 8):
            for decay in (4, 8, 12, 16) if r else (0,):
                b, column, P, Q = c["factorise"](Y, part == 0, r, decay, seed)
                loss = c["judged"](b + column + P @ Q.T, part == 1)[0]
                losses.setdefault(f"{r} factors, decay {decay}", []).append(loss)
    for name, values in losses.items():
        print(f"{name:32} {c['told'](values, 4)}")


def anomalies(c):
    scores = {f"PCA error, r = {r}": lambda X, _, r=r: c["pca_error"](X, r) for r in (2, 5, 10, 20)}
    for guard in (0.001, 0.01, 0.1):
        scores[f"Mahalanobis, {guard}"] = lambda X, _, guard=guard: c["mahalanobis"](X, guard)
    for n in (1, 5, 20):
        scores[f"{n} neighbours"] = lambda X, _, n=n: c["neighbours"](X, n)
    for code in (2, 5, 10):
        for steps in (120, 1200):
            scores[f"autoencoder, {code}, {steps} steps"] = lambda X, seed, code=code, steps=steps: (
                c["autoencoder"](X, code, 64, steps, 1e-3, seed)
            )
    for name, score in scores.items():
        values = []
        for seed in range(20):
            X, odd = c["clothes_with_odd"](np.random.default_rng(100 + seed), usual=2)
            values.append(metrics.average_precision(odd, score(X, seed)))
        print(f"{name:32} {c['told'](values)}")


def rain(c):
    past, chosen = c["past"], slice(730, 1095)
    X, y = c["X_rain"], c["rain"]
    makers = {
        f"straight, {d}": lambda *_, d=d: c["logistic"](X[past], y[past], d) for d in (0, 0.01, 0.1)
    }
    for rounds in (10, 20, 40, 80, 150):
        stumps = c["boost"](X[past], y[past], c["sigmoid"], 0.4, rounds)
        makers[f"stumps, {rounds}"] = lambda _, s=stumps: lambda rows: c["total"](s, rows)
    for decay in (0.01, 0.3, 1):
        for steps in (75, 150, 300, 600):
            makers[f"network, {decay}, {steps} steps"] = lambda seed, d=decay, n=steps: c[
                "network"
            ](X[past], y[past], nn.BCEWithLogitsLoss(), d, n, seed)
    for name, make in makers.items():
        z = np.array([make(seed)(X[chosen]) for seed in range(3)])
        print(f"{name:32} {np.mean(np.logaddexp(0, z) - y[chosen] * z):.4f}")


def by_rule(c):
    for shape in ("steps", "turned", "plane"):
        missed = {}
        for seed in (100, 101):
            X, truth, noise = c["made"](shape, np.random.default_rng(seed))
            y, learn, new = truth + 0.3 * noise, slice(0, 500), slice(500, None)
            for rounds in (50, 150, 400):
                grown = c["boost"](X[learn], y[learn], c["identity"], 0.2, rounds)
                missed.setdefault(f"stumps, {rounds}", []).append(
                    c["total"](grown, X[new]) - truth[new]
                )
            for decay in (0.1, 0.3, 1, 3):
                for steps in (200, 600):
                    net = c["network"](X[learn], y[learn], nn.MSELoss(), decay, steps, seed)
                    name = f"network, {decay}, {steps} steps"
                    missed.setdefault(name, []).append(net(X[new]) - truth[new])
        for name, errors in missed.items():
            print(f"{shape:7} {name:24} {np.mean(np.square(errors)):.4f}")


if __name__ == "__main__":
    chapter = definitions("tables", NEEDED, whole="said = {}")
    for part in (tastes, anomalies, rain, by_rule):
        part(chapter)
