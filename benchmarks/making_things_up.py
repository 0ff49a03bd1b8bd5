"""The table of the chapter on making things up: each maker with several seeds, measured alike.

    python benchmarks/making_things_up.py            # some minutes on one core

Functions and data are those of the chapter's own cells. Prints Markdown: means over the seeds and
their standard errors.
"""

import argparse
import functools

import numpy as np
from cells import definitions

import dlbook
from dlbook import nn

NEEDED = {
    "pictures",
    "labels",
    "order",
    "real",
    "reader",
    "radius",
    "cross_entropy",
    "YES",
    "T",
    "bar",
}


class FromNoise(nn.Module):
    """The guess at x_0 of a network that guesses the noise."""

    def __init__(self, net, bar):
        self.net, self.bar = net, bar

    def forward(self, x):
        """Solve (.9) of the chapter for x_0; t stands in the first wave of the clock."""
        t = np.arcsin(x[:, 64].clip(0, 1)) * (len(self.bar) - 1) / (np.pi / 2)
        a = self.bar[t.round().astype(int)][:, None].astype(np.float32)
        return (x[:, :64] - np.sqrt(1 - a) * self.net(x)) / np.sqrt(a)


def noise_guesser(c, seed, steps):
    """As the chapter's `diffusion`, with the other loss of its (.11)."""
    dlbook.manual_seed(seed)
    net, rng = c["mlp"](64 + 8, 256, 256, 64, bend=nn.SiLU), np.random.default_rng(seed)

    def loss(x):
        t = rng.integers(1, c["T"] + 1, len(x))
        a, noise = c["bar"][t][:, None], rng.standard_normal(x.shape)
        spoilt = np.sqrt(a) * (2 * x - 1) + np.sqrt(1 - a) * noise
        return ((net(c["with_clock"](spoilt, t)) - noise.astype(np.float32)) ** 2).mean()

    c["train"](loss, net.parameters(), steps, 2e-3, seed, 128)
    return FromNoise(net, c["bar"])


def makers(c, n=1000):
    """Name -> a function of a seed that gives n made-up pictures."""
    normal, real = c["np"].random.default_rng, c["real"]

    def autoencoder(seed):
        encoder, decoder = c["autoencoder"](8, seed)
        codes = c["gaussian"](dlbook.predict(encoder, real), n, normal(seed))
        return dlbook.predict(decoder, codes.astype(np.float32))

    def gan(steps, batch_norm, width=128):
        return lambda seed: c["gan"](seed, [steps], batch_norm, width)[steps]

    def vae(hidden):
        return lambda seed: c["decoded"](c["variational"](8, seed, hidden=hidden), n, seed + 10)

    denoiser = functools.cache(lambda seed: c["diffusion"](seed, 2000))

    def diffusion(steps, fresh=1.0):
        return lambda seed: c["undo"](denoiser(seed), n, steps, seed + 10, fresh)[0]

    return {
        "noise": lambda seed: c["noise"](n, normal(seed)),
        "each pixel by itself": lambda seed: c["each_pixel"](n, normal(seed)),
        "one Gaussian": lambda seed: c["gaussian"](real, n, normal(seed)).clip(0, 1),
        "ten Gaussians, with labels": lambda seed: c["one_gaussian_a_digit"](n, normal(seed)),
        "copies": lambda seed: normal(seed).permutation(real)[:n],
        "autoencoder, Gaussian codes": autoencoder,
        "VAE, one layer of 128": vae([128]),
        "VAE": vae([256, 256]),
        "GAN without batch norm, 600 steps": gan(600, False),
        "GAN, 1,200 steps": gan(1200, True),
        "GAN of 256 units, 4,800 steps": gan(4800, True, 256),
        "diffusion that guesses the noise, 50 steps": lambda seed: c["undo"](
            noise_guesser(c, seed, 2000), n, 50, seed + 10
        )[0],
        "diffusion, 1 step": diffusion(1),
        "diffusion, 5 steps": diffusion(5),
        "diffusion, 50 steps": diffusion(50),
        "diffusion, 50 steps, no fresh noise": diffusion(50, 0.0),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", default="", help="makers whose names begin so")
    given = parser.parse_args()
    chapter = definitions("making_things_up", NEEDED)

    def row(name, found):
        mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / len(found) ** 0.5
        cells = [(100, 0, " %"), (1, 0, ""), (1, 2, ""), (100, 0, " %"), (100, 0, " %")]
        told = [f"{k * m:.{d}f} ± {k * e:.{max(d, 0)}f}{u}"
                for m, e, (k, d, u) in zip(mean, error, cells, strict=True)]  # fmt: skip
        print(f"| {name} | " + " | ".join(told) + " |", flush=True)

    print("| | sure | rarest | nearest | covered | told apart |\n|---|---|---|---|---|---|")
    for name, make in makers(chapter).items():
        if name.startswith(given.only):
            row(name, np.array([chapter["measure"](make(seed)) for seed in range(given.seeds)]))


if __name__ == "__main__":
    main()
