"""The training steps of `refilled bench --only steps`, written in PyTorch, to compare the two on one machine.

    python3 benchmarks/pytorch/step.py [--device cuda] [--batch 128] [--rounds 100]

A WideResNet-16-1 student and a WideResNet-40-2 teacher, in channels-last bf16 with fp32 weights, SGD with Nesterov
momentum. The batch lies on the device, normalised; Refilled's steps of "ce" and "kd" also take it from the batch
stream, copy and normalise it, and keep the meter. Prints medians in milliseconds, as JSON.
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1, self.bn2 = nn.BatchNorm2d(inputs), nn.BatchNorm2d(outputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if inputs != outputs or stride != 1 else None

    def forward(self, x):
        a = F.relu(self.bn1(x))
        r = self.conv2(F.relu(self.bn2(self.conv1(a))))
        return r + (x if self.shortcut is None else self.shortcut(a))


class WideResNet(nn.Module):
    def __init__(self, depth, width, classes):
        super().__init__()
        layers, inputs = [nn.Conv2d(3, 16, 3, 1, 1, bias=False)], 16
        for outputs, stride in ((16 * width, 1), (32 * width, 2), (64 * width, 2)):
            for i in range((depth - 4) // 6):
                layers.append(Block(inputs, outputs, stride if i == 0 else 1))
                inputs = outputs
        self.body, self.bn, self.fc = nn.Sequential(*layers), nn.BatchNorm2d(inputs), nn.Linear(inputs, classes)

    def embed(self, x):
        return F.relu(self.bn(self.body(x))).float().mean((2, 3))


def median_ms(step, device, rounds):
    times = []
    for i in range(rounds + 5):
        begin = time.perf_counter()
        step()
        if device.type == "cuda":
            torch.cuda.synchronize()
        if i >= 5:
            times.append((time.perf_counter() - begin) * 1000)
    return round(statistics.median(times), 3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--classes", type=int, default=50)
    options = parser.parse_args()
    device = torch.device(options.device)
    torch.manual_seed(0)

    student = WideResNet(16, 1, options.classes).to(device, memory_format=torch.channels_last)
    teacher = WideResNet(40, 2, options.classes).to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
    images = torch.randn(options.batch, 3, 32, 32, device=device).contiguous(memory_format=torch.channels_last)
    labels = torch.arange(options.batch, device=device) % options.classes
    optimizer = torch.optim.SGD(student.parameters(), 0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def autocast():
        return torch.autocast(device.type, torch.bfloat16)

    def floor():
        with autocast():
            logits = student.fc(student.embed(images))
        student.zero_grad()
        F.cross_entropy(logits.float(), labels).backward()

    def cross_entropy():
        optimizer.zero_grad()
        with autocast():
            logits = student.fc(student.embed(images))
        F.cross_entropy(logits.float(), labels).backward()
        optimizer.step()

    def knowledge_distillation():
        optimizer.zero_grad()
        with autocast():
            with torch.no_grad():
                taught = teacher.fc(teacher.embed(images))
            logits = student.fc(student.embed(images))
        soft = F.kl_div(F.log_softmax(logits.float() / 4, 1), F.log_softmax(taught.float() / 4, 1), reduction="batchmean", log_target=True)
        (F.cross_entropy(logits.float(), labels) + 16 * soft).backward()
        optimizer.step()

    print(json.dumps({
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "batch": options.batch,
        "floor": median_ms(floor, device, options.rounds),
        "ce": median_ms(cross_entropy, device, options.rounds),
        "kd-live": median_ms(knowledge_distillation, device, options.rounds),
    }))


if __name__ == "__main__":
    main()
