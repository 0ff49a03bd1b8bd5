"""How fast a server answers, one request at a time and in batches.

python benchmarks/in_service.py

Chapter "In service": networks of three sizes behind `dlbook.serve` on this machine; 1, 8 or 32 clients
in threads of the same process each ask again as soon as they are answered, 640 requests in all. Half a
minute; what it prints depends on the machine and on who else works there, the processor's time least
(it is that of server and clients together).
"""

import http.client
import itertools
import json
import os
import threading
import time

import numpy as np

import dlbook
from dlbook import nn, serve

SIZES = ((784, 128, 10), (784, 1024, 1024, 10), (784, 2048, 2048, 10))
REQUESTS = 640


def network(sizes):
    dlbook.manual_seed(0)
    layers = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def milliseconds(model, N, times=60, warm=20):
    """Of processor, for one call with N examples: the median after a few calls that are not counted."""
    x, took = np.ones((N, 784), np.float32), []
    for _ in range(warm):
        dlbook.predict(model, x)
    for _ in range(times):
        began = time.process_time()
        dlbook.predict(model, x)
        took.append(time.process_time() - began)
    return 1000 * np.median(took)


def load(model, most, clients):
    """Processor ms for a request, requests a second, median and 99th percentile in ms, batch size."""
    body, took, log = json.dumps({"x": [0.5] * 784}), [], []

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(REQUESTS // clients):
            began = time.perf_counter()
            connection.request("POST", "/predict", body)
            assert connection.getresponse().read()
            took.append(time.perf_counter() - began)
        connection.close()

    def predict(x):
        return dlbook.predict(model, x).argmax(axis=1).tolist()

    def check(x):
        return np.asarray(x, np.float32)

    with serve.running(predict, check, most=most, log=log.append) as port:
        threads = [threading.Thread(target=client) for _ in range(clients)]
        began, busy = time.perf_counter(), time.process_time()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wall, busy = time.perf_counter() - began, time.process_time() - busy
    together = np.mean([json.loads(line)["batch"] for line in log])
    N = len(took)
    return 1000 * busy / N, N / wall, *1000 * np.quantile(took, (0.5, 0.99)), together


if __name__ == "__main__":
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    for sizes in SIZES:
        model = network(sizes)
        print(sizes, *(f"{n}: {milliseconds(model, n):.2f} ms" for n in (1, 2, 8, 32)))
        for clients in (1, 8, 32):
            for most in (1, 32):
                work, rate, p50, p99, together = load(model, most, clients)
                print(f"  {clients:2} clients, batches of at most {most:2}: {work:.1f} ms of processor each,",
                      f"{rate:.0f} a second, p50 {p50:.1f}, p99 {p99:.1f} ms,",
                      f"{together:.1f} together")  # fmt: skip
