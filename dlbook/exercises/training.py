"""Exercises: training and evaluating."""

import numpy as np

from .. import metrics, nn, optim
from .inputs import Form
from .judge import Exercise

spam = Exercise(
    "training.1",
    answer=(0.6, 0.75, 2 / 3),
    names="precision, recall, F1",
    tol=0.006,
    hint=(
        "fill in the four numbers first: marked and spam, marked and not, missed, and the rest; "
        "then read (.1) with them"
    ),
    mistakes=[
        (
            (0.75, 0.6, 2 / 3),
            "precision and recall are swapped: precision asks about what was MARKED",
        ),
        ((0.6, 0.75, 0.675), "F1 is the harmonic mean, not the arithmetic one: 2 / (1/p + 1/r)"),
        (
            (0.03, 0.75, 2 / 3),
            "precision is out of the 50 that were marked, not out of all messages",
        ),
        ((60, 75, 200 / 3), "give shares between 0 and 1, not percentages"),
        ((0.6, 0.03, 2 / 3), "recall is out of the 40 that are spam, not out of all messages"),
    ],
)


def _tables(seed, N, M, K):
    rng = np.random.default_rng(seed)
    return rng.normal(5, [1, 10, 100][:K], (N, K)), rng.normal(6, [2, 9, 80][:K], (M, K))


def _scale(train, test, source=None, test_source=None, axis=0, spread=np.std):
    source = train if source is None else source
    test_source = source if test_source is None else test_source
    return tuple(
        (x - s.mean(axis=axis, keepdims=True)) / spread(s, axis=axis, keepdims=True)
        for x, s in ((train, source), (test, test_source))
    )


scale = Exercise(
    "training.2",
    answer=_scale,
    cases=[_tables(1, 9, 5, 3), _tables(2, 12, 4, 2)],
    names="train, test",
    arguments="train, test",
    batch=None,
    hint=("print mean and deviation of each column of what you return: for train 0 and 1, for test "
          "not exactly"),
    mistakes=[
        (lambda a, b: _scale(a, b, test_source=b),
         "test is scaled by its own statistics: use those of train, or a single bird becomes 0"),
        (lambda a, b: _scale(a, b, np.concatenate([a, b])),
         "the statistics come from train and test together: the test part leaks into training"),
        (lambda a, b: _scale(a, b, axis=None),
         "one mean for the whole array: every column needs its own (axis=0)"),
        (lambda a, b: _scale(a, b, spread=np.var),
         "you divide by the variance: the standard deviation is its square root"),
        (lambda a, b: _scale(a, b, spread=lambda s, **k: np.std(s, ddof=1, **k)),
         "you divide by N - 1 in the deviation: here it is N (ddof=0)"),
        (lambda a, b: (_scale(a, b)[0], b), "test is not transformed"),
    ],
)  # fmt: skip


def _labels(seed, N):
    rng = np.random.default_rng(seed)
    y = (rng.uniform(size=N) < 0.3).astype(int)
    return y, np.where(rng.uniform(size=N) < 0.75, y, 1 - y)


def _three(y, p):
    return metrics.precision(y, p), metrics.recall(y, p), metrics.f1(y, p)


def _arithmetic(y, p):
    precision, recall, _ = _three(y, p)
    return precision, recall, (precision + recall) / 2


three = Exercise(
    "training.3",
    answer=_three,
    cases=[_labels(3, 40), _labels(4, 60)],
    names="precision, recall, F1",
    arguments="y_true, y_pred",
    hint="count TP, FP and FN for five labels on paper, print yours, and compare; then read (.1)",
    mistakes=[
        (lambda y, p: _three(p, y), "precision and recall are swapped, or y_true and y_pred are"),
        (lambda y, p: (np.mean(y == p), *_three(y, p)[1:]),
         "this is the accuracy: precision is the share of those MARKED that are right"),
        (lambda y, p: (*_three(y, p)[:2], _three(y, p)[2] / 2), "F1 has a 2: 2 TP / (2 TP + FP + FN)"),
        (_arithmetic, "F1 is the harmonic mean, not the arithmetic one"),
        (lambda y, p: _three(1 - y, 1 - p), "you count class 0 as the positive one: it is class 1"),
        (lambda y, p: (np.mean(y == p),) * 3, "this is the accuracy: TN has no place in (.1)"),
    ],
)  # fmt: skip


def _epoch(n, batch_size, rng):
    order = rng.permutation(n)
    return [order[k : k + batch_size] for k in range(0, n, batch_size)]


def _describe_epochs(f, n, batch_size, seed):
    """Sizes of the batches, and four facts about the order."""
    rng, same_rng = np.random.default_rng(seed), np.random.default_rng(seed)
    first, second = ([np.asarray(b) for b in f(n, batch_size, rng)] for _ in range(2))
    order, again, anew = map(np.concatenate, (first, second, list(f(n, batch_size, same_rng))))
    facts = {
        "every index once": np.array_equal(np.sort(order), np.arange(n)),
        "neighbours stay together": np.mean(np.abs(np.diff(order)) == 1) > 0.5,
        "every epoch alike": np.array_equal(order, again),
        "follows rng": np.array_equal(order, anew),
    }
    return np.array([len(b) for b in first]), *map(float, facts.values())


epoch = Exercise(
    "training.4",
    answer=_epoch,
    cases=[(50, 8, 5), (64, 16, 6)],
    names="batch sizes, every index once, neighbours together, every epoch alike, follows rng",
    arguments="n, batch_size, rng",
    batch=None,
    use=_describe_epochs,
    hint="take n = 5 and batch_size = 2 and print the list: three arrays, of 2, 2 and 1",
    mistakes=[
        (lambda n, size, rng: [b for b in _epoch(n, size, rng) if len(b) == size],
         "the last, shorter batch is missing: those examples would not be seen in this epoch"),
        (lambda n, size, rng: [np.arange(k, min(k + size, n)) for k in range(0, n, size)],
         "nothing is shuffled: the same batches in the same order, every epoch"),
        (lambda n, size, rng: [np.arange(n)[k : k + size] for k in rng.permutation(range(0, n, size))],
         "only the order of the batches is shuffled: shuffle the examples, or neighbours stay together"),
        (lambda n, size, rng: _epoch(n, size, np.random.default_rng(0)),
         "the order is the same in every epoch: draw from the rng that is passed in"),
        (lambda n, size, rng: _epoch(n, size, np.random.default_rng()),
         "the order does not follow rng: with the same seed it must be the same, use rng.permutation"),
        (lambda n, size, rng: [rng.integers(0, n, len(b)) for b in _epoch(n, size, rng)],
         "some examples are drawn twice and others never: draw without replacement, rng.permutation"),
    ],
)  # fmt: skip


def _loop(model, loss, optimizer, batches, epochs, *, forget_zero=False, plain_mean=False,
          last=False):  # fmt: skip
    means = []
    for _ in range(epochs):
        values, sizes = [], []
        for x, y in batches:
            value = loss(model(x), y)
            if not forget_zero:
                optimizer.zero_grad()
            value.backward()
            optimizer.step()
            values.append(value.item())
            sizes.append(len(y))
        mean = np.mean(values) if plain_mean else np.average(values, weights=sizes)
        means.append(values[-1] if last else mean)
    return means


def _losses_and_weights(f, seed, N, epochs):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((N, 3))
    y = x @ rng.standard_normal((3, 1))
    model = nn.Sequential(
        nn.Linear(3, 4, dtype=np.float64, rng=rng),
        nn.Tanh(),
        nn.Linear(4, 1, dtype=np.float64, rng=rng),
    )
    batches = [(x[k : k + 8], y[k : k + 8]) for k in range(0, N, 8)]
    means = f(model, nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), batches, epochs)
    if means is None:
        return None
    if not isinstance(means, list | tuple | np.ndarray) or np.ndim(means) != 1:
        raise Form(f"return one list, the mean loss of each epoch, not a {type(means).__name__}")
    return tuple(map(np.asarray, (means, model.state_dict()["0.weight"])))


def _loss_and_weights(f, seed, N):
    def train(model, loss, optimizer, batches, epochs):
        mean = f(model, loss, optimizer, batches)
        return None if mean is None else [mean]

    return _losses_and_weights(train, seed, N, 1)


def _first(model, loss, optimizer, batches, **bug):
    return _loop(model, loss, optimizer, batches, 1, **bug)[0]


one_epoch = Exercise(
    "training.5",
    answer=_first,
    cases=[(9, 20), (10, 29)],
    names="loss, weights after the epoch",
    arguments="seed of the data, N",
    batch=None,
    use=_loss_and_weights,
    hint="one batch first: the loss is the one before the step, as a number (L.item())",
    mistakes=[
        (lambda *a: _first(*a, forget_zero=True),
         "gradients of earlier batches are still there: zero_grad() before each backward()"),
        (lambda *a: _first(*a, plain_mean=True),
         "the last batch is shorter, so its loss counts less: weight by the sizes of the batches"),
    ],
)  # fmt: skip

loop = Exercise(
    "training.5",
    answer=_loop,
    cases=[(7, 20, 4), (8, 29, 3)],
    names="losses, weights after training",
    arguments="seed of the data, N, epochs",
    batch=None,
    use=_losses_and_weights,
    steps={"epoch": one_epoch},
    hint=("one batch and one epoch first: the loss that you return is the one before the step; then "
          "compare the weights with those of `fit`"),
    mistakes=[
        (lambda *a: _loop(*a, forget_zero=True),
         "gradients of earlier batches are still there: zero_grad() before each backward()"),
        (lambda *a: _loop(*a, plain_mean=True),
         "the last batch is shorter, so its loss counts less: weight by the sizes of the batches"),
        (lambda *a: _loop(*a, last=True),
         "this is the loss of the last batch: the mean over all batches of the epoch, by their sizes"),
        (lambda model, loss, optimizer, batches, epochs: _loop(
            model, loss, optim.SGD(optimizer.params, lr=0.0), batches, epochs),
         "the weights never move: is optimizer.step() called?"),
        (lambda model, loss, optimizer, batches, epochs: _loop(
            model, loss, optimizer, batches, epochs)[-1:],
         "return the mean loss of every epoch, not only of the last"),
    ],
)  # fmt: skip


def _ranked(seed, N, levels):
    """Labels, and scores that know something about them, few enough to be often equal."""
    y, _ = _labels(seed, N)
    return y, (np.random.default_rng(seed).integers(0, levels, N) + y) / 4


def _auc(y, score, *, equal=0.5, average=np.mean):
    ahead = score[y == 1][:, None] - score[y == 0]
    return average((ahead > 0) + equal * (ahead == 0))


area = Exercise(
    "training.6",
    answer=_auc,
    cases=[_ranked(9, 24, 5), _ranked(10, 40, 4)],
    names="area",
    arguments="y, score",
    batch=None,
    hint="write down all pairs of a 1 and a 0 of three examples, and count those with the 1 ahead",
    mistakes=[
        (lambda y, s: _auc(y, s, equal=0.0), "pairs with equal scores count half, not nothing"),
        (lambda y, s: _auc(y, s, equal=1.0), "pairs with equal scores count half, not whole"),
        (lambda y, s: _auc(1 - y, s), "the 1 must have the higher score: yours counts the other pairs"),
        (lambda y, s: _auc(y, s, average=np.sum), "a share: divide by the number of pairs"),
        (lambda y, s: _auc(y, s, average=np.sum) / len(y) ** 2,
         "divide by the pairs of a 1 and a 0 only, not by all N times N"),
        (lambda y, s: np.mean(y == (s > 0.5)), "this is an accuracy, at one line: the area needs none"),
    ],
)  # fmt: skip

EXERCISES = [spam, scale, three, epoch, loop, area]
