"""Exercises: linear regression and gradient descent."""

import numpy as np

from .judge import Exercise


def _problem(seed, N, K):
    rng = np.random.default_rng(seed)
    X = np.insert(rng.standard_normal((N, K - 1)), 0, 1.0, axis=1)
    return rng.standard_normal(K), X, X @ rng.standard_normal(K) + rng.standard_normal(N)


def _descend(theta, X, y, lr, steps):
    for _ in range(steps):
        theta = theta - lr * gradient.answer(theta, X, y)
    return theta


mse = Exercise(
    "linear_regression.2",
    answer=lambda yhat, y: np.mean((yhat - y) ** 2),
    cases=[_problem(1, 5, 5)[::2], _problem(2, 8, 8)[::2]],
    names="loss",
    arguments="yhat, y",
    hint="try two predictions on paper and compare each step with (.1)",
    mistakes=[
        (lambda yhat, y: np.mean(np.abs(yhat - y)),
         "this is the mean absolute error: square the errors instead"),
        (lambda yhat, y: np.sqrt(np.mean((yhat - y) ** 2)),
         "this is its root, the RMSE: the loss itself has no square root"),
        (lambda yhat, y: np.mean(yhat - y) ** 2,
         "you square the mean error: errors above and below cancel; square first, then average"),
        (lambda yhat, y: np.mean(yhat - y), "the square is missing: errors above and below cancel"),
        (lambda yhat, y: np.mean((yhat - y) ** 2) / 2, "half of it: (.1) has no factor 1/2"),
        (lambda yhat, y: np.sum((yhat - y) ** 2), "this is the sum of the squares: take their mean"),
        (lambda yhat, y: (yhat - y) ** 2,
         "these are the squared errors of the examples: average them to one number"),
    ],
)  # fmt: skip

gradient = Exercise(
    "linear_regression.3",
    batch=1,
    answer=lambda theta, X, y: -2 / len(y) * X.T @ (y - X @ theta),
    cases=[_problem(3, 7, 3), _problem(4, 12, 4)],
    names="gradient",
    arguments="theta, X, y",
    hint=("take N = 1 and K = 1: (.3) is one product of three numbers; or compare with a small nudge "
          "of theta[0]"),
    mistakes=[
        (lambda theta, X, y: 2 / len(y) * X.T @ (y - X @ theta),
         "gradient has the wrong sign: d(y - yhat)/dtheta is MINUS x, see (.2)"),
        (lambda theta, X, y: -2 * X.T @ (y - X @ theta),
         "gradient is N times too large: the loss is a mean, did you divide by N?"),
        (lambda theta, X, y: -1 / len(y) * X.T @ (y - X @ theta),
         "gradient is half of what it should be: the derivative of a square brings a factor 2"),
        (lambda theta, X, y: -2 / X.size * X.T @ (y - X @ theta),
         "gradient is K times too small: take the mean over the examples (axis 0) only"),
        (lambda theta, X, y: np.full(len(theta), -2 * np.mean(y - X @ theta)),
         "every entry is the same: is the factor x_ik of (.3) missing?"),
        (lambda theta, X, y: -2 / len(y) * X.T @ y,
         "this is the gradient at theta = 0: the prediction X theta is missing from the error"),
    ],
)  # fmt: skip

_X, _y = np.stack([np.ones(3), np.arange(3.0)], axis=1), np.array([1.0, 3.0, 5.0])


def _loss_after(steps, lr=0.1):
    return np.mean((_y - _X @ _descend(np.zeros(2), _X, _y, lr, steps)) ** 2)


def _loss_with_half_a_step():
    theta = _descend(_descend(np.zeros(2), _X, _y, 0.1, 1), _X, _y, 0.05, 1)
    return np.mean((_y - _X @ theta) ** 2)


def _loss_one_after_the_other():
    theta = np.zeros(2)
    for _ in range(2):
        for k in range(2):
            theta[k] -= 0.1 * gradient.answer(theta, _X, _y)[k]
    return np.mean((_y - _X @ theta) ** 2)


one_more_step = Exercise(
    "linear_regression.1",
    answer=_loss_after(2),
    names="loss",
    tol=0.01,
    hint=("redo the three errors y - yhat at theta = (0.6, 0.8667), then the two derivatives by (.3), "
          "then one step by (.5), then the loss"),
    mistakes=[
        (_loss_after(0), "that is the loss before the first step"),
        (_loss_after(1), "that is the loss after the first step: take one more"),
        (_loss_after(3), "that is the loss after the third step: take one less"),
        (3 * _loss_after(2), "that is the sum of the squares: divide by the 3 points"),
        (_loss_after(1, 0.2), "did you use the gradient of the first step again? Compute it anew"),
        (_loss_one_after_the_other(),
         "you changed theta0 before computing the gradient of theta1: use the old values for both"),
        (_loss_with_half_a_step(), "half a step: the 2 of -2/N is missing"),
        (_loss_after(2, 0.05), "half a step each time: the 2 of -2/N is missing"),
    ],
)  # fmt: skip

descent = Exercise(
    "linear_regression.4",
    batch=1,
    answer=_descend,
    cases=[(*_problem(5, 9, 3), 0.1, 4), (*_problem(6, 6, 2), 0.05, 7), (*_problem(7, 6, 2), 0.1, 0)],
    names="theta",
    arguments="theta, X, y, lr, steps",
    hint=("print theta after each step for the three points of the chapter: the first step must give "
          "(0.6, 0.867)"),
    mistakes=[
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, -lr, steps),
         "theta moves uphill: subtract the gradient, or check its sign"),
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, lr, steps + 1),
         "theta is one step too far: is it range(steps)?"),
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, lr, steps - 1),
         "theta is one step short: is it range(steps)?"),
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, 1.0, steps),
         "the learning rate is not used"),
        (lambda theta, X, y, lr, steps: _descend(0 * theta, X, y, lr, steps),
         "you start at 0: start at the theta that was passed in"),
        (lambda theta, X, y, lr, steps: theta - steps * lr * gradient.answer(theta, X, y),
         "the gradient is computed once: it changes with theta, so compute it in every step"),
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, lr, min(steps, 1)),
         "you stop after the first step: does `return` stand inside the loop?"),
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, lr / 2, steps),
         "every step is half as long as it should be: is the 2 of -2/N there?"),
        (lambda theta, X, y, lr, steps: _descend(theta, X, y, lr * len(X), steps),
         "every step is N times too long: does your gradient take the mean over the examples?"),
    ],
)  # fmt: skip


def _top(X):
    return np.linalg.eigvalsh(X.T @ X)[-1]


largest_lr = Exercise(
    "linear_regression.5",
    answer=lambda X: len(X) / _top(X),
    cases=[(_problem(8, 9, 3)[1],), (_problem(9, 20, 4)[1],)],
    names="lr",
    arguments="X",
    hint="compute the matrix H of (.6) first and look at its eigenvalues; then compare with (.8)",
    mistakes=[
        (lambda X: 2 / _top(X),
         "you used the eigenvalues of X^T X: H has the factor 2/N of the mean, see (.6)"),
        (lambda X: 1 / _top(X), "the 1/N of H is missing, see (.6)"),
        (lambda X: 2 * len(X) / _top(X),
         "twice too large: H has a factor 2, because the derivative of a square has it"),
        (lambda X: len(X) / 2 / _top(X),
         "this is 1/lambda_max, a good rate, but the limit is twice as large, see (.8)"),
        (lambda X: len(X) / _top(X) ** 0.5,
         "a singular value of X has to be squared: lambda_max belongs to X^T X"),
        (lambda X: len(X) / np.trace(X.T @ X),
         "the trace adds up all eigenvalues: the largest one alone counts"),
        (lambda X: len(X) / np.linalg.eigvalsh(X.T @ X)[0],
         "you took the smallest eigenvalue: the steepest direction sets the limit"),
    ],
)  # fmt: skip


def _ridge(X, y, weight):
    return np.linalg.solve(X.T @ X + weight * np.eye(X.shape[1]), X.T @ y)


def _penalised(theta, X, y, decay, half=2.0):
    return gradient.answer(theta, X, y) + half / 2 * decay * theta


penalised = Exercise(
    "linear_regression.6",
    answer=_penalised,
    cases=[(*_problem(12, 9, 3), 1.0), (*_problem(13, 6, 2), 0.3)],
    names="gradient",
    arguments="theta, X, y, decay",
    batch=1,
    hint="with decay = 0 it is (.3); then differentiate the penalty by one theta_k alone",
    mistakes=[
        (lambda theta, X, y, decay: _penalised(theta, X, y, decay, 4.0),
         "the penalty has a 1/2, which takes away the 2 of its derivative"),
        (lambda theta, X, y, decay: _penalised(theta, X, y, 0.0), "the derivative of the penalty is missing"),
    ],
)  # fmt: skip

ridge = Exercise(
    "linear_regression.6",
    answer=lambda X, y, decay: _ridge(X, y, len(X) * decay / 2),
    cases=[(*_problem(10, 9, 3)[1:], 1.0), (*_problem(11, 15, 4)[1:], 0.2)],
    names="theta",
    arguments="X, y, decay",
    steps={"gradient": penalised},
    hint=("with one feature everything is a number: write the loss, differentiate by theta, set to "
          "zero; then look where N stands"),
    mistakes=[
        (lambda X, y, decay: _ridge(X, y, decay / 2),
         "the penalty is N times too weak: the loss is a mean, so the decay meets N when you multiply out"),
        (lambda X, y, decay: _ridge(X, y, decay),
         "the loss is a mean and the penalty has a 1/2: multiplied out, the matrix gets N decay / 2"),
        (lambda X, y, decay: _ridge(X, y, 0.0),
         "this is the solution without penalty: where is the decay?"),
        (lambda X, y, decay: _ridge(X, y, -len(X) * decay / 2),
         "the penalty has the wrong sign: it must make the matrix larger, not smaller"),
        (lambda X, y, decay: _ridge(X, y, len(X) * decay),
         "the penalty is twice too strong: only the derivative of the loss keeps its 2"),
        (lambda X, y, decay: np.linalg.solve(X.T @ X + len(X) * decay / 2, X.T @ y),
         "a number is added to EVERY entry of the matrix: it belongs on the diagonal, times np.eye(K)"),
    ],
)  # fmt: skip

EXERCISES = [one_more_step, mse, gradient, descent, largest_lr, ridge]
