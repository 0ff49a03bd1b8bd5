"""Words glued together: a network trained by CTC against templates that try every cut.

python benchmarks/sound.py

Chapter "Sound": the fewest edits per 100 spoken digits, in 200 sequences of two to four words by voices
never heard, by heard voices in another take (two draws of each; the first is the page's), and by
the six voices that chose the settings. Networks: three seeds, the steps of the chapter. Templates:
every piece of 6 to 40 windows is compared with all 240 training words, and the cuts with the least
total are taken; the price of a word was chosen on the validation voices. What follows +- is one
standard error: of the three seeds, or, for templates and the difference, of the voices. About three
minutes of one core.
"""

import numpy as np

import dlbook
from dlbook import data, nn, optim
from dlbook import functional as F

R, N, HOP, B = 8000, 256, 128, 24
waves, digit, voice, part, _ = data.spoken_digits()
hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N) / N)
SILENT = np.log(1e-4)


def mel_filters(B, N, R):
    top = 2595 * np.log10(1 + R / 2 / 700)
    edges = 700 * (10 ** (np.linspace(0, top, B + 2) / 2595) - 1)
    f = np.arange(N // 2 + 1) * R / N
    rise = (f - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - f) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall))


M = mel_filters(B, N, R)


def log_mel(x):
    frames = np.lib.stride_tricks.sliding_window_view(x, N)[::HOP]
    return np.log(np.abs(np.fft.rfft(frames * hann)) ** 2 @ M.T + 1e-4)


def between(S, at):
    """The rows of S at the places `at`, which need not be whole."""
    low = np.minimum(at.astype(int), len(S) - 2)
    share = (at - low)[:, None]
    return S[low] * (1 - share) + S[low + 1] * share


def stretched(S, T):
    return between(S, np.linspace(0, len(S) - 1, T))


def varied(S, rng):
    """Slower or faster, the throat longer or shorter, louder or softer, a little noise."""
    S = stretched(S, round(len(S) * rng.uniform(0.8, 1.25)))
    bands = np.arange(B) * rng.uniform(0.88, 1.12) + rng.uniform(-1, 1)
    S = between(S.T, np.clip(bands, 0, B - 1)).T
    return S + rng.normal(0, 0.3) + rng.normal(0, 0.2, S.shape)


def glued(places, rng):
    x = np.zeros(0)
    for i in places:
        gap = rng.integers(-240, 400) if len(x) else 128
        x = np.pad(x, (0, max(len(waves[i]) + gap, 0)))
        x[-len(waves[i]) :] += waves[i]
    return np.pad(x, (0, 256))


def sequences(which, fewest, most, count, rng):
    spoken = []
    for _ in range(count):
        who = rng.choice(np.unique(voice[part == which]))
        own = np.flatnonzero((part == which) & (voice == who))
        places = rng.choice(own, rng.integers(fewest, most + 1))
        spoken.append((glued(places, rng), digit[places], who))
    return spoken


def padded(spectra):
    x = np.full((len(spectra), B, 1, max(map(len, spectra))), SILENT)
    for n, S in enumerate(spectra):
        x[n, :, 0, : len(S)] = S.T
    return (x + 4) / 3


def listener(C=48):
    return nn.Sequential(
        nn.Conv2d(B, C, (1, 5), padding=(0, 2)), nn.BatchNorm2d(C), nn.ReLU(), nn.MaxPool2d((1, 2)),
        nn.Conv2d(C, C, (1, 5), padding=(0, 2)), nn.BatchNorm2d(C), nn.ReLU(), nn.MaxPool2d((1, 2)),
        nn.Conv2d(C, C, (1, 5), padding=(0, 2)), nn.BatchNorm2d(C), nn.ReLU(), nn.Dropout(0.2),
        nn.Conv2d(C, 11, (1, 3), padding=(0, 1)),
    ).double()  # fmt: skip


def log_probabilities(net, x):
    z = net(x)
    return F.log_softmax(z[:, :, 0].permute(2, 0, 1), axis=-1)


def train(seed, steps, lr=5e-3, size=8):
    dlbook.manual_seed(seed)
    rng, net, criterion = np.random.default_rng(seed), listener(), nn.CTCLoss()
    optimizer = optim.AdamW(net.parameters(), lr=lr, weight_decay=0.01)
    for step in range(steps):
        optimizer.lr = lr * (1 - step / steps)
        spoken = sequences("train", 2, 3, size, rng)
        spectra = [varied(log_mel(x), rng) for x, *_ in spoken]
        log_p = log_probabilities(net, padded(spectra))
        loss = criterion(
            log_p, np.concatenate([y for _, y, _ in spoken]) + 1,
            [len(S) // 4 for S in spectra], [len(y) for _, y, _ in spoken],
        )  # fmt: skip
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval()
    return net


def collapse(path):
    return [c for t, c in enumerate(path) if c and (t == 0 or c != path[t - 1])]


def edits(a, b):
    d = np.arange(len(b) + 1)
    for i, left in enumerate(a, 1):
        before, d[0] = d[0], i
        for j, right in enumerate(b, 1):
            before, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, before + (left != right))
    return d[-1]


def by_network(net, spectra):
    with dlbook.no_grad():
        log_p = log_probabilities(net, padded(spectra)).data
    return [[c - 1 for c in collapse(log_p[: len(S) // 4, n].argmax(axis=1).tolist())]
            for n, S in enumerate(spectra)]  # fmt: skip


known = np.flatnonzero(part == "train")
T = 12
TEMPLATES = np.array([stretched(log_mel(waves[i]), T).ravel() for i in known])
SQUARES = (TEMPLATES**2).sum(axis=1)


def pieces(S):
    """For each piece of S the digit of the nearest template, and its mean squared distance a window."""
    found, ends, places = [], [], []
    for i in range(len(S) - 5):
        for j in range(i + 6, min(len(S), i + 40) + 1):
            places.append((i, j))
            ends.append(stretched(S[i:j], T).ravel())
    Z = np.array(ends)
    d = (Z**2).sum(axis=1)[:, None] - 2 * Z @ TEMPLATES.T + SQUARES
    best = d.argmin(axis=1)
    for place, k, far in zip(places, best, d.min(axis=1), strict=True):
        found.append((*place, digit[known[k]], far / T))
    return found


def cut(S, found, price):
    """The digits of the cheapest way to cut S into words and silence."""
    quiet = ((S - SILENT) ** 2).sum(axis=1)
    cost, way = np.full(len(S) + 1, np.inf), [None] * (len(S) + 1)
    cost[0], by_end = 0, {}
    for i, j, k, far in found:
        by_end.setdefault(j, []).append((i, k, far))
    for j in range(1, len(S) + 1):
        cost[j], way[j] = cost[j - 1] + quiet[j - 1], (j - 1, None)
        for i, k, far in by_end.get(j, ()):
            if (total := cost[i] + far * (j - i) + price) < cost[j]:
                cost[j], way[j] = total, (i, k)
    words, j = [], len(S)
    while j:
        j, k = way[j]
        words += [] if k is None else [int(k)]
    return words[::-1]


def wrong(answers, spoken):
    """The edits of each sequence."""
    return np.array([edits(a, y.tolist()) for a, (_, y, _) in zip(answers, spoken, strict=True)])


def per_100(wrong, spoken):
    return 100 * wrong.sum() / sum(len(y) for _, y, _ in spoken)


def by_voices(wrong, spoken):
    """`per_100` and its standard error, where voices, not sequences, are drawn."""
    count = np.array([len(y) for _, y, _ in spoken])
    who = np.array([w for *_, w in spoken])
    rate = wrong.sum() / count.sum()
    rest = np.array([(wrong - rate * count)[who == w].sum() for w in np.unique(who)])
    error = np.sqrt(len(rest) / (len(rest) - 1) * (rest**2).sum()) / count.sum()
    return f"{100 * rate:5.1f} +- {100 * error:3.1f}"


def main():
    tests = {}
    for draw in (100, 200):  # the page's sequences; then others
        rng = np.random.default_rng(draw)
        for which in ("heard", "new"):
            tests[f"{which}, {draw}"] = sequences(which, 2, 4, 200, rng)
    tests["val"] = sequences("val", 2, 4, 200, np.random.default_rng(300))
    spectra = {name: [log_mel(x) for x, *_ in spoken] for name, spoken in tests.items()}
    found = {name: [pieces(S) for S in spectra[name]] for name in tests}

    def templates(name, price):
        cuts = [cut(S, f, price) for S, f in zip(spectra[name], found[name], strict=True)]
        return wrong(cuts, tests[name])

    prices = (0, 100, 300, 1000, 2000, 3000, 5000)
    chosen = [per_100(templates("val", price), tests["val"]) for price in prices]
    price = prices[int(np.argmin(chosen))]
    print(
        "templates on val by price:",
        *(f"{p}: {e:.1f}" for p, e in zip(prices, chosen, strict=True)),
    )
    print("edits per 100 digits".ljust(30), *(f"{name:>14}" for name in tests))
    of_templates = {name: templates(name, price) for name in tests}
    told = (f"{by_voices(of_templates[name], tests[name]):>14}" for name in tests)
    print(f"templates, all cuts, price {price}".ljust(30), *told, flush=True)
    of_nets = {name: [] for name in tests}
    for seed in range(3):
        net = train(seed, steps=600)
        for name in tests:
            of_nets[name].append(wrong(by_network(net, spectra[name]), tests[name]))
        told = (f"{per_100(of_nets[name][-1], tests[name]):14.1f}" for name in tests)
        print(f"network by CTC, seed {seed}".ljust(30), *told, flush=True)
    rates = {name: [per_100(w, tests[name]) for w in of_nets[name]] for name in tests}
    told = (f"{np.mean(r):7.1f} +- {np.std(r, ddof=1) / 3**0.5:3.1f}" for r in rates.values())
    print("three seeds".ljust(30), *told)
    far = {name: np.mean(of_nets[name], axis=0) - of_templates[name] for name in tests}
    told = (f"{by_voices(far[name], tests[name]):>14}" for name in tests)
    print("network less templates".ljust(30), *told)


if __name__ == "__main__":
    main()
