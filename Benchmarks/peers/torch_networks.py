"""The networks of the workloads in PyTorch, with as many parameters as those in Keras."""

import torch
from torch import nn
from torch.nn import functional as F


class After(nn.Module):
    """Pads at the end only, as Keras does for a kernel of 3, a stride of 2 and an even size."""

    def forward(self, x):
        return F.pad(x, (0, 1, 0, 1))


class Residual(nn.Module):
    def __init__(self, channels, filters, stride):
        super().__init__()
        self.pad = nn.Identity() if stride == 1 else After()
        self.conv1 = nn.Conv2d(channels, filters, 3, stride, 2 - stride, bias=False)
        self.norm1 = nn.BatchNorm2d(filters, eps=1e-3)
        self.conv2 = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(filters, eps=1e-3)
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(channels, filters, 1, stride, bias=False),
            nn.BatchNorm2d(filters, eps=1e-3))

    def forward(self, x):
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(self.pad(x))))))
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


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 128)
        self.blocks, self.dense = nn.Sequential(Block(), Block()), nn.Linear(128, 10)

    def forward(self, x):
        return self.dense(self.blocks(self.embedding(x)).mean(1))


class LSTM(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.dense = nn.LSTM(28, 128, batch_first=True), nn.Linear(128, 10)

    def forward(self, x):
        return self.dense(self.lstm(x)[0][:, -1])


class BiGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(28, 64, 2, batch_first=True, bidirectional=True)
        self.dense = nn.Linear(128, 10)

    def forward(self, x):
        # Each direction gives what it knows at its own end.
        final = self.gru(x)[1]
        return self.dense(torch.cat([final[2], final[3]], 1))


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        def twice(channels, filters):
            return nn.Sequential(
                nn.Conv2d(channels, filters, 3, 1, 1), nn.ReLU(),
                nn.Conv2d(filters, filters, 3, 1, 1), nn.ReLU())

        self.down = nn.ModuleList([twice(3, 16), twice(16, 32), twice(32, 64)])
        self.bottom = twice(64, 128)
        self.widen = nn.ModuleList(
            [nn.ConvTranspose2d(2 * filters, filters, 2, 2) for filters in (64, 32, 16)])
        self.up = nn.ModuleList([twice(2 * filters, filters) for filters in (64, 32, 16)])
        self.last = nn.Conv2d(16, 10, 1)

    def forward(self, x):
        skipped = []
        for block in self.down:
            x = block(x)
            skipped.append(x)
            x = F.max_pool2d(x, 2)
        x = self.bottom(x)
        for widen, block in zip(self.widen, self.up):
            x = block(torch.cat([skipped.pop(), widen(x)], 1))
        return self.last(x)


class TCN(nn.Module):
    """Gets channels before time, as PyTorch stores them."""

    def __init__(self):
        super().__init__()
        self.first, self.dense = nn.Conv1d(16, 64, 1), nn.Linear(64, 10)
        self.causal = nn.ModuleList(
            [nn.Conv1d(64, 64, 3, dilation=rate) for rate in (1, 2, 4, 8, 16, 32)])
        self.mixing = nn.ModuleList([nn.Conv1d(64, 64, 1) for _ in self.causal])

    def forward(self, x):
        x = self.first(x)
        for causal, mixing in zip(self.causal, self.mixing):
            past = F.pad(x, (2 * causal.dilation[0], 0))
            x = x + mixing(F.relu(causal(past)))
        return self.dense(x.mean(2))


def resnet20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16, eps=1e-3), nn.ReLU()]
    channels = 16
    for stage in range(3):
        for block in range(3):
            filters = 16 << stage
            layers.append(Residual(channels, filters, 2 if stage > 0 and block == 0 else 1))
            channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def mobilenet():
    layers, channels = [], 32

    def add(layer, filters):
        layers.extend([layer, nn.BatchNorm2d(filters, eps=1e-3), nn.ReLU6()])

    add(nn.Conv2d(3, 32, 3, 1, 1, bias=False), 32)
    for filters, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)]:
        if stride == 2:
            layers.append(After())
        add(nn.Conv2d(channels, channels, 3, stride, 2 - stride, groups=channels, bias=False),
            channels)
        add(nn.Conv2d(channels, filters, 1, bias=False), filters)
        channels = filters
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def wide():
    layers, size = [], 784
    for _ in range(3):
        layers += [nn.Linear(size, 1024), nn.GELU(), nn.LayerNorm(1024, eps=1e-3), nn.Dropout(0.1)]
        size = 1024
    return nn.Sequential(*layers, nn.Linear(1024, 10))


def mlp():
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Flatten(), nn.Linear(1600, 10))


def build(workload):
    others = {"lstm": LSTM, "bigru": BiGRU, "transformer": Transformer, "unet": UNet, "tcn": TCN}
    name = workload.partition("-")[0]
    return (others.get(name) or globals()[name])()


def parameter_count(model):
    """Trained numbers, without the second bias of an LSTM, which Keras does not have."""
    count = sum(value.numel() for value in model.parameters())
    second = [value.numel() for module in model.modules() if isinstance(module, nn.LSTM)
              for name, value in module.named_parameters() if name.startswith("bias_hh")]
    return count - sum(second)
