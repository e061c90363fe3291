#!/usr/bin/env python3
"""Turns logs of `train --log` into event files that TensorBoard shows, one folder a log.

    tensorboard_events.py DIR LOG.jsonl...        then: tensorboard --logdir DIR

Needs torch and tensorboard. Lines that were cut short are passed over; so is what a resumed training did again.
"""
import json
import os
import sys

from torch.utils.tensorboard import SummaryWriter

SKIP = {"event", "step", "metric"}


def events(path):
    """(name, value, step) of each number, in the order of the log."""
    with open(path, encoding="utf-8") as log:
        for line in log:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            for key, value in event.items():
                if event["event"] not in ("update", "valid") or key in SKIP or isinstance(value, bool):
                    continue
                if isinstance(value, (int, float)):
                    name = event["metric"] if event["event"] == "valid" and key == "value" else key
                    yield f"{event['event']}/{name}", value, event["step"]


def main(folder, logs):
    for path in logs:
        name = os.path.splitext(path)[0].strip("./").replace(os.sep, "-")
        last = {}
        with SummaryWriter(os.path.join(folder, name)) as writer:
            for name, value, step in events(path):
                if step > last.get(name, -1):
                    writer.add_scalar(name, value, step)
                    last[name] = step


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
