#!/usr/bin/env python3
"""The comparison of compare.py for models with self-attention: encoders and decoders of all kinds in all pairs, positions,
norms, activations, heads over recurrent states, patterns, scores and scopes in heads.

  transformers.py PROGRAM [--combinations N] [--keep DIR]
      trains them and compares `score` with the forward pass of network.py, and that with the same without torch.nn
  transformers.py RUNNER --gradients [--combinations N]
      compares losses, gradients and steps of the same kinds: RUNNER is build/double/runner, whose suite test_golden reads
      values made as those of tests/golden; run it at the root of the repository

The first 56 combinations are pair x positions; everything else is drawn with the number of the combination as the seed.
"""

import argparse
import os
import random
import subprocess
import tempfile

import compare
import golden
import network
from model import KERNELS

# encoder.type, decoder.type, whether self-attention stands on top of the encoder
PAIRS = [
    ("transformer", "transformer", False),
    ("transformer", "rnn", False),
    ("rnn", "transformer", False),
    ("none", "transformer", True),
    ("rnn", "rnn", True),
    ("transformer", "transformer", True),
    ("none", "rnn", True),
    ("rnn", "transformer", True),
]
POSITIONS = ["none", "sinusoidal", "sinusoidal_concat", "learned", "relative", "rotary", "flow"]
HEADED_SCORES = ["scaled_dot", "dot", "general", "additive", "concat", *KERNELS, "average"]
SCOPES = ["global", "global", "local_m", "local_p"]


def encoder_of(rng, kind, on_top):
    encoder = {"type": kind}
    if kind != "none":
        encoder["layers"] = rng.choice((1, 2, 3) if kind == "transformer" else (1, 2))
    if kind == "rnn":
        encoder.update(
            cell=rng.choice(("gru", "lstm", "tanh")), hidden=rng.choice((4, 8)), bidirectional=rng.random() < 0.7
        )
    if on_top:
        norm = rng.choice(("pre", "post", "none"))
        encoder["self_attention"] = {
            "layers": rng.choice((1, 2)),
            "heads": rng.choice((1, 2)),
            "window": rng.choice((0, 1, 2)),
            "feed_forward": 0 if norm == "none" else rng.choice((6, 12)),
            "norm": norm,
            "pattern": rng.choice(("qkv", "qkv", "qvv", "vvv")),
        }
    return encoder


def attention_of(rng, decoder, width, state):
    """width: of the heads together; state: D."""
    patterns = ("qkv", "qkv", "qkv", "qvv", "vvv") if width == state else ("qkv", "qkv", "qvv")
    attention = {
        "pattern": rng.choice(patterns),
        "score": rng.choice(HEADED_SCORES) if rng.random() < 0.5 else "scaled_dot",
        "scope": rng.choice(SCOPES),
        "window": rng.choice((1, 2)),
        "aligns": rng.choice(("written", "written", "read")),
    }
    heads = rng.choice((1, 2, 4)) if width % 4 == 0 else rng.choice((1, 2))
    attention["heads"] = heads
    if heads > 1:
        attention["alignment"] = {"heads": rng.choice((0, 0, 1, 2))}
    if decoder["type"] == "transformer":
        attention.setdefault("alignment", {})["layer"] = rng.choice((0, 0, decoder["layers"]))
    else:
        attention.update(size=width, flow=rng.choice(("luong", "bahdanau")), input_feeding=rng.random() < 0.7)
    return attention


def combination(k):
    """The `model` object of combination k, always a valid one."""
    rng = random.Random(f"transformer {k}")
    (source, target, on_top), way = PAIRS[k % 8], POSITIONS[k // 8 % 7]
    d = rng.choice((8, 12))
    encoder, norm = encoder_of(rng, source, on_top), rng.choice(("pre", "post"))
    state = encoder["hidden"] * (2 if encoder["bidirectional"] else 1) if source == "rnn" else d
    tie = rng.choice(("none", "target", "all"))
    model = {"embedding": d, "dropout": rng.choice((0, 0.2)), "tie_embeddings": tie, "encoder": encoder}
    if "transformer" in (source, target) or on_top:
        turned = (1, 2) if way == "rotary" else (1, 2, 4)  # heads of an even size
        model.update(heads=rng.choice(turned), activation=rng.choice(("relu", "gelu", "swiglu")))
        model.update(dropout_attention=rng.choice((0, 0.1)), dropout_feed_forward=rng.choice((0, 0.1)))
    if "transformer" in (source, target):
        model.update(norm=norm, feed_forward=rng.choice((6, 16)))
        if rng.random() < 0.3:
            model["final_norm"] = norm == "post"
    if (source, target) != ("rnn", "rnn"):
        model.update(positions=way)
        more = {
            "learned": {"max_positions": compare.MAX_LENGTH + 1},
            "relative": {"max_distance": rng.choice((1, 3)), "relative_values": rng.random() < 0.5},
            "flow": {"flow_steps": rng.choice((1, 2))},
        }
        model.update(more.get(way, {}))
    if target == "transformer":
        decoder = {"type": "transformer", "layers": rng.choice((1, 2, 3))}
        model["attention"] = attention_of(rng, decoder, d, state)
    else:
        hidden = d if tie != "none" else rng.choice((8, 12))
        cell = rng.choice(("gru", "lstm", "tanh", "cgru"))
        inits = ("zero", "mean", "last") if source == "rnn" else ("zero", "mean")
        decoder = {
            "type": "rnn",
            "cell": cell,
            "hidden": hidden,
            "layers": rng.choice((1, 2)),
            "init": rng.choice(inits),
        }
        width = hidden if rng.random() < 0.5 else 4
        model["attention"] = attention_of(rng, decoder, width, state)
        if model["attention"]["pattern"] == "vvv" and hidden != state:
            model["attention"]["pattern"] = "qvv"
    model["decoder"] = decoder
    return model


def describe(m):
    enc, dec, att, own = m["encoder"], m["decoder"], m["attention"], m["encoder"].get("self_attention")
    words = [f"{enc['type']}-{dec['type']}", f"{enc.get('layers', 0)}+{dec['layers']} layers"]
    words += [m["positions"]] if "positions" in m else []
    words += ["relative values"] if m.get("relative_values") else []
    words += [m["norm"]] if "norm" in m else []
    words += [f"final norm {m['final_norm']}"] if "final_norm" in m else []
    words += [m["activation"]] if "activation" in m else []
    words += [f"{m['heads']} heads"] if "heads" in m else []
    words += [f"look: {att['heads']} {att['pattern']} {att['score']} {att['scope']}"]
    if own:
        words += [f"on top: {own['layers']} x {own['heads']} {own['pattern']} {own['norm']} window {own['window']}"]
    words += [f"{enc['cell']}"] if enc["type"] == "rnn" else []
    words += [f"{dec['cell']} {dec['init']}"] if dec["type"] == "rnn" else []
    words += [f"tie {m['tie_embeddings']}"] if m["tie_embeddings"] != "none" else []
    return " ".join(words)


def check_by_hand(model, pairs, wanted):
    """The same without torch.nn's modules."""
    model.by_hand = True
    worst = max(compare.differences(wanted, network.forward(model, pairs)))
    if worst > 1e-9:
        raise compare.Failure(f"torch.nn's layers and the same by hand differ by {worst:.1e}")


def told(heads):
    """Weights by [layer][head] -> as the program tells them."""
    return [(layer, head, a) for layer, many in enumerate(heads, 1) for head, a in enumerate(many, 1)]


def apart(heads, wanted):
    """The largest difference of the heads in a row of the program's to those wanted."""
    seen = [(found["layer"], found["head"], found["weights"]) for found in heads]
    if [one[:2] for one in seen] != [one[:2] for one in wanted]:
        raise compare.Failure(f"heads {[one[:2] for one in seen]} instead of {[one[:2] for one in wanted]}")
    return max([0.0] + [compare.largest(compare.numbers(p[2]), compare.numbers(q[2])) for p, q in zip(seen, wanted)])


def every_head(model, pairs, rows, wanted):
    """The largest difference of the weights of every layer and head, in the decoder's looks, in the encoder, in the decoder."""
    check_by_hand(model, pairs, wanted)
    worst, first = 0.0, model.m["attention"].get("aligns") == "read"  # the row of </s> is then the first step's
    for row, want in zip(rows, wanted):
        cross, decoder = ([[a[first:] + a[:first] for a in many] for many in want[part]] for part in ("cross", "decoder"))
        encoder = [layer for stack in want["encoder"] for layer in stack]
        for key, heads in (("attention", cross), ("encoder_attention", encoder), ("decoder_attention", decoder)):
            worst = max(worst, apart(row.get(key, []), told(heads)))
    return worst


# What network.py wants to be told of recurrent parts, as files of the program tell it.
TOLD = {
    "dropout": 0,
    "encoder": {"residual": False},
    "decoder": {"residual": False, "deep_output": False},
    "attention": {"flow": "luong", "input_feeding": True},
}


def paths(model, before=""):
    """Nested keys -> "a.b" -> value."""
    found = {}
    for key, value in model.items():
        found.update(paths(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: value})
    return found


def golden_cases(n):
    """Those of the first n combinations whose windows no rounding can change."""
    for k in range(n):
        model = {**combination(k), "dropout": 0}
        if model.get("norm") == "pre":  # such weights make numbers of thousands that no norm holds
            model["final_norm"] = True
        case = (describe(model), paths(model))
        try:
            golden.make_case(TOLD, [], *case)
        except golden.AtEdge as edge:
            print(f"{k}: left out: {edge}")
            continue
        yield case


def compare_gradients(runner, n):
    with tempfile.TemporaryDirectory(prefix="transformers-") as folder:
        path = f"{folder}/combinations.json"
        golden.write(path, TOLD, list(golden_cases(n)))
        return subprocess.run([runner, "test_golden"], env={**os.environ, "GOLDEN": path}).returncode


FAMILY = compare.Family(combination, describe, ("--attention", "all"), every_head)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--combinations", type=int, default=112)
    parser.add_argument("--keep", metavar="DIR", help="work in DIR and leave the files there")
    parser.add_argument("--gradients", action="store_true")
    args = parser.parse_args()
    if args.gradients:
        raise SystemExit(compare_gradients(args.program, args.combinations))
    raise SystemExit(compare.run(args.program, args.combinations, None, args.keep, FAMILY))


if __name__ == "__main__":
    main()
