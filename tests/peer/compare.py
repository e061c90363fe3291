"""`compare`: trains small models of many kinds with the program and checks its numbers against PyTorch's.

For each combination: a tiny corpus and a config, `PROGRAM train` for a few updates, `PROGRAM score --format jsonl` on
pairs it was not trained on, then the same pairs through network.py with the weights of the model file. The first 144
combinations are cell x score x scope; everything else is drawn with the number of the combination as the seed, so that
combination 17 is the same whatever N is. transformers.py compares other kinds the same way.
"""
import json
import math
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from safetensors import SafetensorError

from model import CELLS, DECODER_CELLS, KERNELS, SCOPES, SCORES, UNK
from network import Network, forward, load

LOGPROB_TOLERANCE, ALIGNMENT_TOLERANCE = 1e-4, 1e-5
MAX_LENGTH = 12  # tokens of the longest sentence
NEED_EQUAL_SIZES = ("dot", "scaled_dot", *KERNELS)
SECONDS = 120  # for one run of the program


class Failure(Exception):
    """A combination that could not be compared; the text says why."""


# Combinations -------------------------------------------------------------------------------------------------------


def combination(k):
    """The `model` object of combination k, always a valid one."""
    rng = random.Random(k)
    cell, score, scope = list(DECODER_CELLS)[k % 4], list(SCORES)[k // 4 % 12], list(SCOPES)[k // 48 % 3]
    like = "gru" if cell == "cgru" else cell  # the cell of an encoder whose states can be copied
    layers, hidden, bidirectional = rng.choice((1, 1, 2, 3)), rng.choice((3, 4, 6)), rng.random() < 0.7
    residual = layers > 1 and rng.random() < 0.5
    init, tie = rng.choice(("zero", "last", "mean", "copy")), rng.choice(("none", "none", "none", "target", "all"))
    copies = init == "copy"
    state = hidden * (2 if bidirectional else 1)
    # Apart, so that the other draws stay what they were.
    norm = random.Random(f"norm {k}").random() < 0.3
    kinds = ("none", "count", "fertility") if score in ("concat", "additive") else ("none",)
    covers = random.Random(f"coverage {k}").choice(kinds)
    own = random.Random(f"heads {k}")
    projects = score in ("concat", "additive")
    in_heads = score != "location" and covers == "none" and not (norm and projects) and own.random() < 0.4
    n_heads, pattern = (own.choice((1, 2)), own.choice(("qkv", "qvv", "vvv"))) if in_heads else (1, "none")
    query = state if copies or score in NEED_EQUAL_SIZES else rng.choice((5, 8))
    return {
        "embedding": rng.choice((5, 7)) if tie == "none" else query,
        "dropout": rng.choice((0, 0.3)),
        "tie_embeddings": tie,
        "layer_norm": norm,
        "encoder": {
            "cell": like if copies or rng.random() < 0.7 else rng.choice(list(CELLS)),
            "hidden": hidden,
            "layers": layers,
            "bidirectional": bidirectional,
            "residual": residual,
        },
        "decoder": {
            "cell": cell,
            "hidden": query,
            "layers": layers if copies else rng.choice((1, layers)),
            "residual": residual,
            "init": init,
            "deep_output": rng.random() < 0.3,
        },
        "attention": {
            "flow": rng.choice(("luong", "bahdanau")),
            "score": score,
            **({"width": rng.choice((0.1, 0.2))} if score == "boxcar" else {}),
            "scope": scope,
            "window": rng.choice((1, 2, 3)),
            "size": rng.choice((4, 6)),
            "input_feeding": rng.random() < 0.7,
            "max_positions": MAX_LENGTH + 1,
            "aligns": rng.choice(("written", "read")),
            "coverage": covers,
            "heads": n_heads,
            "pattern": pattern if query == state or pattern != "vvv" else "qvv",
        },
    }


def describe(m):
    enc, dec, att = m["encoder"], m["decoder"], m["attention"]
    words = [f"{enc['cell']}-{dec['cell']}", att["flow"], att["score"], att["scope"], dec["init"]]
    words += [f"{enc['layers']}+{dec['layers']} layers"] if enc["layers"] > 1 else []
    words += ["residual"] if enc["residual"] else []
    words += [] if enc["bidirectional"] else ["forward only"]
    words += ["deep"] if dec["deep_output"] else []
    words += ["no feeding"] if att["flow"] == "luong" and not att["input_feeding"] else []
    words += ["layer norm"] if m["layer_norm"] else []
    words += [f"{att['heads']} heads {att['pattern']}"] if att["pattern"] != "none" else []
    words += [att["coverage"]] if att["coverage"] != "none" else []
    words += [f"tie {m['tie_embeddings']}"] if m["tie_embeddings"] != "none" else []
    return " ".join(words)


class Family(NamedTuple):
    """Combinations that belong together."""

    combination: Callable  # k -> the config's `model` object
    describe: Callable  # such an object -> words
    score: tuple = ()  # options of `score` besides
    also: Callable = lambda model, pairs, rows, wanted: 0.0  # what else is checked; gives a difference of weights


RECURRENT = Family(combination, describe)


# Files --------------------------------------------------------------------------------------------------------------


def sentences(rng, n, word, n_words):
    """n lines of 1 to MAX_LENGTH words, the shortest and the longest among them."""
    lengths = [1, MAX_LENGTH] + [rng.randint(1, MAX_LENGTH) for _ in range(n - 2)]
    rng.shuffle(lengths)
    return [" ".join(f"{word}{rng.randrange(n_words)}" for _ in range(length)) for length in lengths]


def write_lines(path, lines):
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def write_inputs(folder, k, m):
    """The corpus, and the config that names it. The pairs to score hold words that no corpus has."""
    rng = random.Random(f"corpus {k}")
    for part, n, n_words in (("train", 48, 12), ("valid", 8, 12), ("score", 12, 14)):
        write_lines(folder / f"{part}.src", sentences(rng, n, "a", n_words))
        write_lines(folder / f"{part}.tgt", sentences(rng, n, "b", n_words))
    sides = lambda part: {"source": str(folder / f"{part}.src"), "target": str(folder / f"{part}.tgt")}
    config = {
        "data": {"train": sides("train"), "valid": sides("valid"), "max_length": MAX_LENGTH},
        "vocab": {"shared": m["tie_embeddings"] == "all"},
        "model": m,
        "train": {
            "model": str(folder / "model.safetensors"),
            "updates": 8,
            "batch_size": 8,
            "shards": 2,
            "threads": 1,
            "optimizer": {"lr": 0.02},
        },
    }
    (folder / "config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")


# The program --------------------------------------------------------------------------------------------------------


def execute(command):
    """Standard output of a command; its last words when it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[1]}: no end after {SECONDS} s") from None
    except OSError as error:
        raise Failure(str(error)) from None
    if done.returncode != 0:
        words = done.stderr.strip().splitlines() or ["no message"]
        raise Failure(f"{command[1]}: exit status {done.returncode}: {words[-1]}")
    return done.stdout


def score_with_program(program, folder, more):
    """What `score` says of the pairs -> its rows, which hold what forward's do under the same keys."""
    files = [str(folder / name) for name in ("model.safetensors", "score.src", "score.tgt")]
    output = execute([program, "score", "-m", *files, "--format", "jsonl", *more])
    rows = [json.loads(line) for line in output.splitlines()]
    return [{**row, "logprob": row["token_logprob"]} for row in rows]


def to_ids(path, vocabulary):
    """Lines of white-space tokens -> lists of ids; a token spelled like one of the four specials is unknown too."""
    ids = {token: i for i, token in enumerate(vocabulary) if i > UNK}
    return [[ids.get(token, UNK) for token in line.split()] for line in path.read_text(encoding="utf-8").splitlines()]


def score_with_reference(reference, folder, pairs):
    for side, name in enumerate(("source.ids", "target.ids")):
        write_lines(folder / name, [" ".join(map(str, pair[side])) for pair in pairs])
    out = folder / "reference.json"
    files = [folder / "model.safetensors", folder / "source.ids", folder / "target.ids", out]
    execute([sys.executable, reference, "forward", *map(str, files)])
    return json.loads(out.read_text(encoding="utf-8"))


# Comparing ----------------------------------------------------------------------------------------------------------


def largest(a, b):
    """Largest difference of two lists of numbers of the same length; nan counts as infinite."""
    if len(a) != len(b):
        raise Failure(f"{len(a)} numbers against {len(b)}")
    gaps = [abs(p - q) for p, q in zip(a, b)]
    return max((math.inf if math.isnan(gap) else gap for gap in gaps), default=0.0)


def numbers(nested):
    """Nested lists -> all their numbers."""
    return [x for item in nested for x in numbers(item)] if isinstance(nested, list) else [nested]


def differences(ours, theirs):
    """Two lists of sentences -> the largest difference of log-probabilities and of weights."""
    if len(ours) != len(theirs):
        raise Failure(f"{len(ours)} sentences against {len(theirs)}")
    logprob = alignment = 0.0
    for a, b in zip(ours, theirs):
        if len(a["alignment"]) != len(b["alignment"]):
            raise Failure(f"alignments of {len(a['alignment'])} rows against {len(b['alignment'])}")
        logprob = max(logprob, largest(a["logprob"], b["logprob"]))
        alignment = max(alignment, largest(numbers(a["alignment"]), numbers(b["alignment"])))
    return logprob, alignment


def check_rows(rows, folder):
    """What a reader of the JSON Lines relies on: order, tokens with </s>, and a score that is the sum."""
    texts = [(folder / f"score.{side}").read_text(encoding="utf-8").splitlines() for side in ("src", "tgt")]
    for i, (row, source, target) in enumerate(zip(rows, *texts)):
        known = [a if a == "<unk>" else b for a, b in zip(row["target"], target.split() + ["</s>"])]
        if row["id"] != i or row["source"] != source.split() + ["</s>"] or row["target"] != known:
            raise Failure(f"score: row {i} is not about pair {i} and its tokens")
        if abs(row["score"] - sum(row["logprob"])) > LOGPROB_TOLERANCE * len(row["logprob"]):
            raise Failure(f"score: row {i}: the score is not the sum of token_logprob")


def check(program, reference, folder, k, family):
    """One combination -> differences: to network.py, with whether they are small enough, and to the reference when it can
    (else its refusal)."""
    write_inputs(folder, k, family.combination(k))
    execute([program, "train", str(folder / "config.json"), "--quiet"])
    rows = score_with_program(program, folder, family.score)
    model, meta = load(folder / "model.safetensors")
    source = to_ids(folder / "score.src", json.loads(meta["source_vocab"]))
    target = to_ids(folder / "score.tgt", json.loads(meta["target_vocab"]))
    pairs = list(zip(source, target))
    wanted = forward(model, pairs)
    logprob, weight = differences(rows, wanted)
    own = logprob, max(weight, family.also(model, pairs, rows, wanted))
    own = *own, within(own) or within(own, rounding(model, pairs, wanted))
    check_rows(rows, folder)
    if not reference:
        return own, None
    try:
        other = score_with_reference(reference, folder, pairs)
    except Failure as refusal:
        return own, str(refusal)
    return own, differences(rows, other)


def rounding(model, pairs, wanted):
    """What the same model is off by in single precision: the differences of what PyTorch then gives."""
    single = Network(model.m, {name: tensor.float() for name, tensor in model.T.items()})
    return differences(forward(single, pairs), wanted)


def within(pair, less=(0.0, 0.0)):
    """less: what rounding alone does; some models make much of it."""
    return pair[0] <= max(LOGPROB_TOLERANCE, 4 * less[0]) and pair[1] <= max(ALIGNMENT_TOLERANCE, 4 * less[1])


def show(k, own, other, family):
    numbers = f"{own[0]:9.1e} {own[1]:9.1e}"
    good = own[2]
    if isinstance(other, tuple):
        numbers += f" {other[0]:9.1e} {other[1]:9.1e}"
        good = good and within(other)
    elif other:
        numbers += f" {'-':>9} {'-':>9}"
    print(f"{k:3d} {numbers}  {family.describe(family.combination(k))}{'' if good else '  DIFFERS'}", flush=True)
    return good


def summary(what, results):
    if results:
        worst = [max(pair[i] for pair in results) for i in (0, 1)]
        print(f"{what}: {len(results)} combinations, largest: {worst[0]:.1e} log-prob., {worst[1]:.1e} weight")


def compare_all(program, n, reference, work, family):
    """Prints a line a combination and a summary -> the number of faults; comparing nothing is one."""
    owns, others, refusals, n_bad = [], [], [], 0
    print("    log-prob.   weights" + (" reference:  the same" if reference else ""))
    for k in range(n):
        folder = work / f"{k:03d}"
        folder.mkdir(parents=True, exist_ok=True)
        try:
            own, other = check(program, reference, folder, k, family)
        except (Failure, SafetensorError, KeyError, ValueError) as failure:
            n_bad += 1
            what = family.describe(family.combination(k))
            print(f"{k:3d} {'FAILED':>19}  {what}: {type(failure).__name__}: {failure}", flush=True)
            continue
        n_bad += not show(k, own, other, family)
        owns.append(own)
        (others if isinstance(other, tuple) else refusals).append(other)
    summary("network.py", owns)
    summary(reference, others)
    if reference and refusals:
        print(f"{reference}: could not take {len(refusals)}, the last: {refusals[-1]}")
    return n_bad + (not owns) + (bool(reference) and not others)


def run(program, n, reference, keep, family=RECURRENT):
    """The exit status: 0 when every combination agrees."""
    program = str(Path(program).resolve())
    with tempfile.TemporaryDirectory(prefix="compare-") as scratch:
        n_bad = compare_all(program, n, reference, Path(keep or scratch).resolve(), family)
    print("all agree" if n_bad == 0 else "FAILED")
    return 1 if n_bad else 0
