"""The cases of tests/golden/transformer.json: models with self-attention and positions. golden.py makes their values."""

import itertools

from model import KERNELS

BASE = {
    "embedding": 8,
    "dropout": 0,
    "tie_embeddings": "none",
    "heads": 2,
    "feed_forward": 6,
    "activation": "relu",
    "norm": "pre",
    "positions": "sinusoidal",
    "encoder": {"type": "transformer", "layers": 1},
    "decoder": {"type": "transformer", "layers": 1},
    "attention": {"scope": "global", "window": 1, "aligns": "written"},
}
RECURRENT_ENCODER = {
    "encoder.type": "rnn",
    "encoder.cell": "gru",
    "encoder.hidden": 3,
    "encoder.bidirectional": True,
    "encoder.residual": False,
}
RECURRENT_DECODER = {
    "decoder.type": "rnn",
    "decoder.cell": "gru",
    "decoder.hidden": 4,
    "decoder.residual": False,
    "decoder.init": "mean",
    "decoder.deep_output": False,
    "attention.flow": "luong",
    "attention.input_feeding": True,
    "attention.score": "general",
    "attention.size": 4,
}
RECURRENT = {**RECURRENT_ENCODER, **RECURRENT_DECODER}
ON_TOP = {
    "encoder.self_attention.layers": 1,
    "encoder.self_attention.heads": 2,
    "encoder.self_attention.feed_forward": 5,
    "encoder.self_attention.norm": "pre",
}
NO_ENCODER = {"encoder.type": "none", **ON_TOP}
POSITIONS = ("none", "sinusoidal", "sinusoidal_concat", "learned", "relative", "rotary", "flow")


def positions_of(way):
    more = {"learned": {"max_positions": 6}, "relative": {"max_distance": 2}, "flow": {"flow_steps": 2}}
    return {"positions": way, **more.get(way, {})}


def pairs():
    kinds = {
        "transformer-transformer": {},
        "transformer-rnn": RECURRENT_DECODER,
        "rnn-transformer": RECURRENT_ENCODER,
        "none-transformer": NO_ENCODER,
    }
    for (name, changes), norm in itertools.product(kinds.items(), ("pre", "post")):
        yield f"{name} {norm}", {**changes, "norm": norm}
    yield "none-rnn", {**NO_ENCODER, **RECURRENT_DECODER}
    yield "transformer-transformer 2+3 layers pre, 4 heads", {"encoder.layers": 2, "decoder.layers": 3, "heads": 4}
    yield "transformer-transformer 2+2 layers post", {"encoder.layers": 2, "decoder.layers": 2, "norm": "post"}
    yield "rnn-transformer D = d", {**RECURRENT_ENCODER, "encoder.hidden": 4}
    # Numbers that no norm holds are small in few columns only.
    yield "pre, no final norm", {"final_norm": False, "embedding": 4, "feed_forward": 2}
    yield "post, final norm", {"norm": "post", "final_norm": True}


def on_top():
    for norm, window in (("pre", 0), ("post", 1), ("none", 1)):
        own = {**ON_TOP, "encoder.self_attention.norm": norm, "encoder.self_attention.window": window}
        own.update({"encoder.self_attention.feed_forward": 0} if norm == "none" else {})
        yield f"rnn with self-attention {norm} window {window}", {**RECURRENT, **own}
    for pattern in ("qvv", "vvv"):
        own = {**ON_TOP, "encoder.self_attention.pattern": pattern, "encoder.self_attention.layers": 2}
        yield f"rnn with self-attention {pattern}", {**RECURRENT, **own}
    yield "transformer with self-attention", {**ON_TOP, "encoder.self_attention.norm": "post"}


def places():
    for way, norm in itertools.product(POSITIONS, ("pre", "post")):
        yield f"{way} {norm}", {**positions_of(way), "norm": norm, "encoder.layers": 2, "decoder.layers": 2}
    yield "relative with values", {**positions_of("relative"), "relative_values": True, "encoder.layers": 2}
    for way in ("learned", "relative", "rotary", "flow"):
        changes = {**positions_of(way), **NO_ENCODER, "encoder.self_attention.layers": 2}
        yield f"none with self-attention, {way}", {**changes, **RECURRENT_DECODER}
    for pattern in ("qvv", "vvv"):
        changes = {**positions_of("rotary"), **NO_ENCODER, "encoder.self_attention.pattern": pattern}
        yield f"none with self-attention {pattern}, rotary", changes


def parts():
    for activation, norm in itertools.product(("gelu", "swiglu"), ("pre", "post")):
        yield f"{activation} {norm}", {"activation": activation, "norm": norm}
    for tie in ("target", "all"):
        yield f"tie {tie}", {"tie_embeddings": tie}
    yield "transformer-rnn tie all", {
        **RECURRENT_DECODER,
        "decoder.hidden": 8,
        "attention.size": 8,
        "tie_embeddings": "all",
    }


def crossing():
    """Scores, scopes and patterns in Transformer decoders."""
    scores = ("dot", "general", "additive", "concat", *KERNELS, "average", "scaled_dot", "cosine")
    for score, scope in zip(scores, itertools.cycle(("local_m", "local_p"))):
        yield f"transformer decoder {score} {scope}", {"attention.score": score, "attention.scope": scope}
    yield "transformer decoder 4 heads over 2", {"attention.heads": 4}
    for pattern in ("qvv", "vvv"):
        yield f"transformer decoder {pattern}", {"attention.pattern": pattern}


def addressed():
    for start, norm in (("first", "pre"), ("uniform", "post")):
        yield f"transformer decoder ntm {start}", {
            "attention.score": "cosine",
            "attention.focus": "ntm",
            "attention.ntm": {"shift": 1, "wrap": start == "first", "start": start},
            "decoder.layers": 2,
            "norm": norm,
        }


def alignments():
    deep = {"decoder.layers": 3, "heads": 4}
    yield "alignment layer 3", {**deep, "attention.alignment.layer": 3}
    yield "alignment heads 2", {**deep, "attention.alignment.heads": 2}
    yield "aligns read", {"attention.aligns": "read"}
    for kind in ("cross_entropy", "mse"):
        yield f"guided {kind}", {**deep, "attention.alignment.heads": 1}, kind


def cases():
    return itertools.chain(pairs(), on_top(), places(), parts(), crossing(), addressed(), alignments())
