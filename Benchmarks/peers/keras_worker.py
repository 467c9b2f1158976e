"""Measures one workload on one Keras backend (KERAS_BACKEND) and prints one line of JSON."""

import json
import os
import resource
import sys
import time

started = float(os.environ["STARTED"])  # when the driver started this process, in Unix time

workload, quick, epochs = sys.argv[1], sys.argv[2] == "quick", int(sys.argv[3])

import keras

import data
import networks
from workloads import PREDICT_ONLY


class Epochs(keras.callbacks.Callback):
    """When each epoch ended; from one end to the next is what a user waits for an epoch."""

    def __init__(self):
        super().__init__()
        self.ends = []

    def on_epoch_end(self, epoch, logs=None):
        self.ends.append(time.perf_counter())


x, y, batch = data.load(workload, quick)
figures = {}
if workload in PREDICT_ONLY:
    # The network of the same name with its own weights: with constant ones it takes as long.
    model = keras.applications.ResNet50(weights=None)
    x = x.transpose(0, 2, 3, 1).copy()
else:
    model = networks.build(workload)
    model.train_on_batch(x[:batch], y[:batch])
    figures["start_up_s"] = time.time() - started
    record = Epochs()
    model.fit(x, y, batch_size=batch, epochs=epochs + 1, verbose=0, callbacks=[record])
    figures["steps"] = len(x) // batch
    seconds = min(b - a for a, b in zip(record.ends, record.ends[1:]))
    figures["train_us"] = seconds / figures["steps"] * 1e6

for count in (1, 64):
    some = x[:count]
    # `predict` is what is compared; `predict_on_batch` is the shorter way for the impatient.
    for name, predict in [
            ("predict", lambda: model.predict(some, batch_size=64, verbose=0)),
            ("predict_on_batch", lambda: model.predict_on_batch(some))]:
        predict()
        figures[f"{name}_{count}_us"] = data.fastest(predict, 5 if quick else 20)
figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps(figures))
