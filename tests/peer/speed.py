#!/usr/bin/env python3
"""Measures the program and others on the same model, text and machine, by turns, and prints medians and ratios.

  speed.py PROGRAM CONFIG.json [--rounds N] [--threads N] [--limit L] [--seconds S] [--precision int8]

The program's figures are those of `PROGRAM bench`. Beside recurrent models stands PyTorch (speed_torch.py), beside
Transformers PyTorch in training and CTranslate2 in decoding (speed_transformer.py); PyTorch's models first have to give
the numbers of model.py and network.py. Training is measured on one thread and on all; decoding, with outputs of L tokens,
on all threads in batches of 32 and on one thread a sentence at a time. PyTorch's threads wait passively (OMP_WAIT_POLICY), which is
faster where other processes want the cores too. With --precision int8 the program decodes so, and CTranslate2 with what is
fastest of float32 and int8. CONFIG.json needs its data as two files of words.
"""
import argparse
import importlib.util
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

TWINS = {False: "speed_torch.py", True: "speed_transformer.py"}  # by whether it is a Transformer
SETTINGS = ((1, 1), (1, 32), (5, 1), (5, 32))  # beam, batch


def execute(command):
    """Standard output of a command; ends with its last words when it fails."""
    environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", env=environment)
    except OSError as error:
        raise SystemExit(f"speed.py: {error}") from None
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise SystemExit(f"speed.py: {' '.join(command[:3])} ...: exit status {done.returncode}: {words[-1]}")
    return done.stdout


def run_program(args, threads):
    """-> training rate, and decoding rates by (beam, batch)."""
    command = [args.program, "bench", args.config, "--json", "--threads", str(threads), "--limit", str(args.limit)]
    command += ["--precision", args.precision]
    result = json.loads(execute(command))
    decode = {(row["beam"], row["batch"]): row["sentences_per_s"] for row in result["decode"]}
    return result["train"]["target_tokens_per_s"], decode


def run_twin(args, resolved, what, threads, *more):
    command = [sys.executable, args.twin, what, resolved, "--threads", str(threads), "--seconds", str(args.seconds)]
    return float(execute(command + list(map(str, more))))


def measure(args, resolved, ours, theirs):
    """One round; adds to lists of rates by the name of what was measured."""
    for threads in sorted({1, args.threads}):
        name = f"training, {threads} thread{'s' * (threads > 1)}"
        rate, decode = run_program(args, threads)
        ours.setdefault(name, []).append(rate)
        theirs.setdefault(name, []).append(run_twin(args, resolved, "train", threads))
    for beam, batch in SETTINGS:  # `decode` is of the run with all threads; it uses one for single sentences
        threads = 1 if batch == 1 else args.threads
        name = f"beam {beam}, batch {batch}, {threads} thread{'s' * (threads > 1)}"
        options = ("--beam", beam, "--batch", batch, "--limit", args.limit, "--precision", args.precision)
        ours.setdefault(name, []).append(decode[beam, batch])
        theirs.setdefault(name, []).append(run_twin(args, resolved, "decode", threads, *options))


def show(ours, theirs, peer):
    print(f"{'':27}  {'attn-seq2seq':^25}  {peer:^25}   ratio")
    spread = lambda rates: f"{min(rates):.4g} .. {max(rates):.4g}"
    for name, rates in ours.items():
        a, b = statistics.median(rates), statistics.median(theirs[name])
        print(f"{name:27}  {a:8.4g} ({spread(rates):>14})  {b:8.4g} ({spread(theirs[name]):>14})  {a / b:6.2f}")
    training = [name for name in ours if name.startswith("training")]
    best = max(statistics.median(theirs[name]) for name in training)
    fastest = max(statistics.median(ours[name]) for name in training)
    print(f"training, best against best: {fastest / best:.2f}")
    print("target tokens a second in training, sentences a second in decoding: medians (lowest .. highest)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("config")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)), help="all threads [all cores]")
    parser.add_argument("--limit", type=int, default=14, help="output tokens of every sentence [14]")
    parser.add_argument("--precision", choices=("float32", "int8"), default="float32", help="of decoding [float32]")
    parser.add_argument("--seconds", type=int, default=8, help="of each of PyTorch's measurements [8]")
    args = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        raise SystemExit("speed.py: torch is missing (pip install torch); `bench` alone needs nothing")
    ours, theirs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        resolved = pathlib.Path(folder, "config.json")
        resolved.write_text(execute([args.program, "config", args.config]), encoding="utf-8")
        model = json.loads(resolved.read_text(encoding="utf-8"))["model"]
        transformer = model["decoder"].get("type", "rnn") == "transformer"
        args.twin = str(pathlib.Path(__file__).with_name(TWINS[transformer]))
        print(execute([sys.executable, args.twin, "check"]).strip())
        for k in range(args.rounds):
            print(f"round {k + 1} of {args.rounds}", file=sys.stderr)
            measure(args, str(resolved), ours, theirs)
    show(ours, theirs, "PyTorch / CTranslate2" if transformer else "PyTorch")


if __name__ == "__main__":
    main()
