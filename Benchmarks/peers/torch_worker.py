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
from torch import nn
from torch.nn import functional as F

import data

torch.set_num_threads(2)


class Residual(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(filters)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(filters)
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.shortcut(x))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.projection, self.output = nn.Linear(128, 384), nn.Linear(128, 128)
        self.expand, self.contract = nn.Linear(128, 256), nn.Linear(256, 128)
        self.norm1, self.norm2 = nn.LayerNorm(128, eps=1e-3), nn.LayerNorm(128, eps=1e-3)

    def forward(self, x):
        parts = self.projection(x).view(*x.shape[:2], 3, 4, 32).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(*parts).transpose(1, 2).reshape(x.shape)
        x = self.norm1(x + self.output(y))
        return self.norm2(x + self.contract(F.relu(self.expand(x))))


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 128)
        self.blocks, self.dense = nn.Sequential(Block(), Block()), nn.Linear(128, 10)

    def forward(self, x):
        return self.dense(self.blocks(self.embedding(x)).mean(1))


def build():
    if workload == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    if workload == "cnn":
        return nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
            nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 10))
    if workload == "resnet20":
        layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
        channels = 16
        for stage in range(3):
            for block in range(3):
                filters = 16 << stage
                layers.append(Residual(channels, filters, 2 if stage > 0 and block == 0 else 1))
                channels = filters
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
    return LSTM() if workload == "lstm" else Transformer()


x, y, batch = data.load(workload, quick)
x, y = torch.from_numpy(x), torch.from_numpy(y).long()
if workload == "transformer":
    x = x.long()
if x.dim() == 4:
    x = x.permute(0, 3, 1, 2)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    x = x.contiguous(memory_format=layout)
model = build()
if channels_last:
    model = model.to(memory_format=torch.channels_last)
optimizer = torch.optim.Adam(model.parameters(), 1e-3, eps=1e-7)


def step(images, labels):
    optimizer.zero_grad(set_to_none=True)
    logits = model(images)
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
    return total.item() / len(x), correct.item() / len(x)


def fastest(count, action):
    best = float("inf")
    for _ in range(count):
        begin = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - begin)
    return best


step(x[:batch], y[:batch])
start_up = time.time() - started
steps = len(x) // batch
for _ in range(min(steps, 20)):
    step(x[:batch], y[:batch])
train = fastest(epochs, epoch) / steps
model.eval()
with torch.inference_mode():
    one = fastest(20, lambda: model(x[:1]))
    many = fastest(20, lambda: model(x[:64]))
print(json.dumps({"train_us": train * 1e6, "predict_1_us": one * 1e6, "predict_64_us": many * 1e6,
                  "start_up_s": start_up, "steps": steps,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
