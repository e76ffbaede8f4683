"""The training steps of `refilled bench --only steps`, written in PyTorch, to compare the two on one machine.

    refilled bench --against pytorch                # runs this in turns with its own steps
    python3 benchmarks/pytorch/step.py [--device cuda] [--student wrn-16-1] [--teacher wrn-40-2] [--batch 128] [--rounds 100]

A WideResNet student and teacher in channels-last, bf16 by autocast over fp32 weights or fp32, SGD with Nesterov momentum. The batch lies
on the device, normalised; Refilled's steps of "ce" and "kd" also take it from the batch stream, copy and normalise it, and keep the meter.
Prints medians in milliseconds, as JSON. With --serve it says what it is, and then does a step for each name that it reads from a line
("student", "ce" or "kd") and prints the step's milliseconds.
"""
import argparse
import json
import statistics
import sys
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


def wide_resnet(name, classes):
    kind, depth, width = name.split("-")
    if kind != "wrn":
        raise SystemExit(f"only WideResNets are written here, such as wrn-16-1, not {name}")
    return WideResNet(int(depth), int(width), classes)


def milliseconds(step, device):
    begin = time.perf_counter()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return (time.perf_counter() - begin) * 1000


def median_ms(step, device, rounds):
    return round(statistics.median([milliseconds(step, device) for _ in range(rounds + 5)][5:]), 3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--student", default="wrn-16-1")
    parser.add_argument("--teacher", default="wrn-40-2")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--classes", type=int, default=50)
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    device = torch.device(options.device)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    student = wide_resnet(options.student, options.classes).to(device, memory_format=torch.channels_last)
    teacher = wide_resnet(options.teacher, options.classes).to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
    images = torch.randn(options.batch, 3, 32, 32, device=device).contiguous(memory_format=torch.channels_last)
    labels = torch.arange(options.batch, device=device) % options.classes
    optimizer = torch.optim.SGD(student.parameters(), 0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def autocast():
        return torch.autocast(device.type, torch.bfloat16, enabled=options.precision == "bf16")

    def forward_and_backward():
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

    steps = {"student": forward_and_backward, "ce": cross_entropy, "kd": knowledge_distillation}
    print(json.dumps({
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
        "batch": options.batch,
    } | ({} if options.serve else {name: median_ms(step, device, options.rounds) for name, step in steps.items()})), flush=True)
    if options.serve:
        for line in sys.stdin:
            print(f"{milliseconds(steps[line.strip()], device):.4f}", flush=True)


if __name__ == "__main__":
    main()
