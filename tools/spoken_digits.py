"""Make dlbook/data/files/spoken_digits.npz: ten words by many voices of eSpeak NG.

    apt-get install espeak-ng            # 1.51 made the file that is bundled
    python tools/spoken_digits.py

For maintainers: nothing else needs espeak-ng. A voice is an accent and a variant, at a pitch and a
speed of its own; a take is the ten words at one speed. The variants of the three parts
differ; the heard voices have a second take, higher and at another speed. The British accent is asked
for as "en": eSpeak NG 1.51 ignores the variant after "en-gb" and says nothing about it, so the tool
listens before it writes, and refuses two voices that sound alike.
"""

import io
import subprocess
import wave
from pathlib import Path

import numpy as np

RATE, LEVELS = 8000, 31  # samples a second; 31 steps up and 31 down
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-us", "en", "en-gb-scotland", "en-gb-x-rp", "en-029", "en-us-nyc")
VARIANTS = {
    "train": "Alex Andy Annie Denis Gene Hugo Jacky Lee Michael Storm adam antonio belinda norbert"
    " f1 f3 grandma klatt2 linda m1 m3 m5 steph max",
    "val": "f2 m2 Alicia boris travis paul",
    "new": "Andrea Diogo Henrique Marco Mike Mr_serious anika aunty benjamin david edward f4 f5"
    " pedro iven klatt m4 m7 steph3 victor",
}


def spoken(word: str, accent: str, variant: str, pitch: int, speed: int) -> np.ndarray:
    """What espeak-ng says, as numbers from -1 to 1, and its samples a second."""
    command = ["espeak-ng", "--stdout", "-v", f"{accent}+{variant.replace('_', ' ')}"]
    command += ["-p", str(pitch), "-s", str(speed), word]
    sound = subprocess.run(command, capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(sound)) as file:
        rate, data = file.getframerate(), file.readframes(1 << 24)
    return resampled(np.frombuffer(data, "<i2") / 32768, rate)


def resampled(x: np.ndarray, rate: int) -> np.ndarray:
    """To RATE samples a second, without the frequencies above half of it."""
    n = round(len(x) * RATE / rate)
    X = np.fft.rfft(x)[: n // 2 + 1]
    X[int(0.95 * len(X)) :] = 0
    return np.fft.irfft(X, n) * n / len(x)


def trimmed(x: np.ndarray) -> np.ndarray:
    """Without the silence before and after, and with its largest number 1."""
    x = x / np.abs(x).max()
    loud = np.flatnonzero(np.convolve(np.abs(x), np.ones(80) / 80, "same") > 0.012)
    return x[max(loud[0] - 80, 0) : loud[-1] + 80]


def mu_law(x: np.ndarray) -> np.ndarray:
    """Small numbers in fine steps, large ones in coarse steps: LEVELS up and as many down."""
    return np.round(LEVELS * np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)).astype(np.int8)


def refuse_twins(names: list[str]) -> None:
    """At one pitch and speed all voices must sound different, else a part has a voice of another.

    Another pitch alone makes a mean squared difference of about 0.5 to 1.5 in the logarithm.
    """
    spectra: list[np.ndarray] = []
    for name in names:
        x = spoken("seven", *name.split("+"), pitch=50, speed=180)
        windows = np.lib.stride_tricks.sliding_window_view(x, 256)[::128] * np.hanning(256)
        S = np.log(np.abs(np.fft.rfft(windows)) ** 2 + 1e-4)
        for other, known in zip(names, spectra, strict=False):
            n = min(len(S), len(known))
            if (far := np.mean((S[:n] - known[:n]) ** 2)) < 1:
                raise SystemExit(f"{name} sounds like {other}, {far:.2f}: choose another variant")
        spectra.append(S)


def main() -> None:
    rng = np.random.default_rng(0)
    sounds, digit, voice, part, names = [], [], [], [], []
    for name, variants in VARIANTS.items():
        for variant in variants.split():
            accent = ACCENTS[len(names) % len(ACCENTS)]
            pitch, speed = int(rng.integers(25, 76)), rng.integers(165, 236, 2)
            for take, s in enumerate(speed if name == "train" else speed[:1]):
                for k, word in enumerate(WORDS):
                    x = mu_law(trimmed(spoken(word, accent, variant, pitch + 8 * take, int(s))))
                    sounds.append(x)
                    digit.append(k)
                    voice.append(len(names))
                    part.append("heard" if take else name)
            names.append(f"{accent}+{variant}")
    refuse_twins(names)
    path = Path(__file__).parents[1] / "dlbook" / "data" / "files" / "spoken_digits.npz"
    np.savez_compressed(
        path, sound=np.concatenate(sounds), length=np.array([len(x) for x in sounds], np.int32),
        digit=np.array(digit, np.uint8), voice=np.array(voice, np.uint8),
        part=np.array(part), name=np.array(names),
    )  # fmt: skip
    seconds = sum(map(len, sounds)) / RATE
    print(
        f"{len(sounds)} sounds of {len(names)} voices, {seconds:.0f} s, {path.stat().st_size} bytes"
    )


if __name__ == "__main__":
    main()
