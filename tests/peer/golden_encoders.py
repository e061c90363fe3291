"""The cases of tests/golden/encoders.json: encoders of convolutions and of graph attention. golden.py makes their values."""

import itertools

from golden_transformers import BASE, ON_TOP, RECURRENT_DECODER

CONV = {"encoder.type": "conv", "encoder.layers": 1, "encoder.conv.width": 3, "encoder.conv.channels": 5}


def conv():
    for width, layers in ((1, 1), (3, 1), (3, 2), (5, 2), (9, 1)):
        changes = {**CONV, "encoder.conv.width": width, "encoder.layers": layers}
        yield f"conv {width} {layers} layers, rnn", {**changes, **RECURRENT_DECODER}
    scores = ("dot", "scaled_dot", "general", "concat", "additive", "gaussian")
    for score, scope in zip(scores, itertools.cycle(("global", "local_m", "local_p"))):
        changes = {"attention.score": score, "attention.scope": scope, "decoder.hidden": 8}
        yield f"conv {score} {scope}", {**CONV, **RECURRENT_DECODER, **changes}
    yield "conv, transformer", CONV
    yield "conv with self-attention", {**CONV, **ON_TOP, **RECURRENT_DECODER}
    yield "conv with self-attention relative", {**CONV, **ON_TOP, "positions": "relative", "max_distance": 2}
    heads = {"attention.heads": 2, "attention.pattern": "qkv", "attention.score": "scaled_dot"}
    yield "conv, rnn with heads", {**CONV, **RECURRENT_DECODER, **heads}


def graph():
    base = {"encoder.type": "graph", "encoder.layers": 2, "encoder.graph.heads": 2}
    for kind, norm in itertools.product(("gatv2", "gat"), ("pre", "post", "none")):
        changes = {**base, "encoder.graph.kind": kind, "encoder.graph.norm": norm}
        yield f"graph {kind} {norm}, rnn", {**changes, **RECURRENT_DECODER}
    yield "graph window 0, transformer", {**base, "encoder.graph.window": 0}
    yield "graph gat window 2, 4 heads, transformer", {
        **base,
        "encoder.graph.kind": "gat",
        "encoder.graph.window": 2,
        "encoder.graph.heads": 4,
    }
    yield "graph with self-attention", {**base, **ON_TOP, **RECURRENT_DECODER}


def cases():
    return itertools.chain(conv(), graph())
