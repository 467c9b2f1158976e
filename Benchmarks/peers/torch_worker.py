"""Measures one workload in PyTorch without Keras and prints one line of JSON."""

import json
import os
import resource
import sys
import time

started = float(os.environ["STARTED"])

workload, quick, epochs = sys.argv[1], sys.argv[2] == "quick", int(sys.argv[3])
channels_last = sys.argv[4] == "channels_last"

import torch
from torch.nn import functional as F

import data
import torch_networks

torch.set_num_threads(2)

x, y, batch = data.load(workload, quick)
x, y = torch.from_numpy(x), torch.from_numpy(y).long()
if workload == "transformer":
    x = x.long()
if workload == "tcn":
    x = x.transpose(1, 2).contiguous()
if x.dim() == 4:
    x = x.permute(0, 3, 1, 2)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    x = x.contiguous(memory_format=layout)
model = torch_networks.build(workload)
if channels_last:
    model = model.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(model.parameters(), 1e-3, eps=1e-7)


def precision():
    return torch.autocast("cpu", torch.bfloat16, enabled=workload.endswith("-bf16"))


def step(inputs, labels):
    optimizer.zero_grad(set_to_none=True)
    with precision():
        logits = model(inputs)
        loss = F.cross_entropy(logits, labels)
    loss.backward()
    optimizer.step()
    return loss.detach(), (logits.argmax(1) == labels).sum()


def epoch():
    total, correct = torch.zeros(()), torch.zeros((), dtype=torch.long)
    for chosen in torch.randperm(len(x)).split(batch):
        loss, hits = step(x[chosen], y[chosen])
        total += loss
        correct += hits
    return total.item() / len(x), correct.item() / y.numel()


step(x[:batch], y[:batch])
start_up = time.time() - started
steps = len(x) // batch
for _ in range(min(steps, 20)):
    step(x[:batch], y[:batch])
train = data.fastest(epoch, epochs, float("inf")) / steps
model.eval()
with torch.inference_mode(), precision():
    repetitions = 5 if quick else 20
    one = data.fastest(lambda: model(x[:1]), repetitions)
    many = data.fastest(lambda: model(x[:64]), repetitions)
print(json.dumps({"train_us": train, "predict_1_us": one, "predict_64_us": many,
                  "start_up_s": start_up, "steps": steps,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
