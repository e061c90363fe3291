"""Golden values: outputs and gradients of small models, computed by model.py in double precision, for the tests in C.

Weights are not stored. Both sides fill element i (row-major, from 0) of a tensor with
    1.3 sin(1.7 (i + 1)^2 + h),   h = (64-bit FNV-1a hash of the tensor's name mod 1000) / 100,
with 0.3 instead of 1.3 in the tensors of a flow, whose paths would leave any range otherwise,
computed in double and rounded to float. The square keeps matrices at full rank; 1.3 gives attention that is neither
flat nor all on one word.

The file is one JSON object:
    about           this key in short
    source_vocab, target_vocab    rows of the two embeddings
    source, target  the batch: lists of token ids, without <s> and </s>
    links           for each pair, for each target token with </s>, the source positions it is linked to
    model           the config's `model` object with every key
    tensors         the names that any case uses, sorted
    cases           a list of
        name
        model       the keys that differ from the `model` above, in the same nesting; the rest is as above
        target_vocab              where it differs: with one embedding for both sides it is source_vocab
        guided      in cases of guided alignment: `kind` and `weight` of the loss of attention, against `links`, and its
                    `loss`, summed over the batch before it is weighted
        ponder      in cases of adaptive computation time: N + R summed over tokens, layers and directions of the batch
        loss        - sum of log p over all target tokens, each </s> included, of the whole batch
        logprob     for each pair, its tokens' log p, </s> last
        alignment   for each pair, for each target token, the weights of the source positions, </s> last
        gradients   of `loss` (guided: of loss + weight * guided loss; ponder: with each side's penalty times what it costs): sum_i g_i cos(i + 1) and sum_i g_i^2 of each tensor that the case's model has, one
                    after the other in the order of `tensors`

No local_p case has a position within 1e-3 of its window's edge, and none with a kernel of finite reach a distance so near
its end, so single precision takes the same windows.
"""
import copy
import itertools
import json
import math

import torch

import golden_encoders
import golden_transformers
import model
import network
from model import CELLS, SCOPES, SCORES, AtEdge, guided_loss

ABOUT = (
    "Made by `tests/peer/seq2seq_torch.py golden`; golden.py describes the format. Element i of a tensor is "
    "float(1.3 sin(1.7 (i + 1)^2 + (fnv1a64(name) mod 1000) / 100)). gradients: sum g_i cos(i + 1), "
    "sum g_i^2 of each of `tensors` that the case has, in that order; of guided cases those of loss + weight * guided loss. "
    "A case's model names only what differs from the model on top."
)
SOURCE_VOCAB, TARGET_VOCAB = 9, 8
SOURCE = [[5], [4, 8, 6], [3, 5]]
TARGET = [[6, 4], [7, 3], [5]]
LINKS = [[[0], [], [1]], [[0, 2], [1], [3]], [[1], [0, 1, 2]]]
BASE = {
    "embedding": 3,
    "dropout": 0,
    "tie_embeddings": "none",
    "layer_norm": False,
    "encoder": {"cell": "gru", "hidden": 2, "layers": 1, "bidirectional": True, "residual": False},
    "decoder": {"cell": "gru", "hidden": 4, "layers": 1, "residual": False, "init": "last", "deep_output": False},
    "attention": {
        "flow": "luong",
        "score": "general",
        "scope": "global",
        "window": 1,
        "size": 3,
        "input_feeding": True,
        "max_positions": 6,
        "aligns": "written",
        "coverage": "none",
        "heads": 1,
        "pattern": "none",
        "alignment": {"heads": 0},
    },
}
EDGE = 1e-3
WEIGHT = 0.7  # of the loss of guided attention


# Cases: (name, changes), a change is "place.key" -> value -----------------------------------------------------------


def both(key, value):
    return {f"encoder.{key}": value, f"decoder.{key}": value}


def grid():
    for cell, flow, score, scope in itertools.product(CELLS, ("luong", "bahdanau"), SCORES, SCOPES):
        changes = {"attention.flow": flow, "attention.score": score, "attention.scope": scope}
        yield f"{cell} {flow} {score} {scope}", {**both("cell", cell), **changes}


def inits():
    for cell, init in itertools.product(CELLS, ("zero", "mean", "copy")):
        yield f"{cell} init {init}", {**both("cell", cell), "decoder.init": init}


def stacks():
    plain = both("layers", 2)
    residual = {**plain, **both("residual", True)}
    for flow in ("luong", "bahdanau"):
        yield f"tanh {flow} 2 layers", {**plain, **both("cell", "tanh"), "attention.flow": flow}
        yield f"gru {flow} 2 layers residual init mean", {**residual, "attention.flow": flow, "decoder.init": "mean"}
    yield "lstm luong 2 layers residual init copy", {**residual, **both("cell", "lstm"), "decoder.init": "copy"}
    yield "gru bahdanau 3 layers residual", {**residual, **both("layers", 3), "attention.flow": "bahdanau"}
    yield "encoder 2 decoder 1 residual", {"encoder.layers": 2, "encoder.residual": True}
    deep = {"decoder.layers": 2, "decoder.residual": True}
    yield "encoder 1 decoder 2 residual init zero", {**deep, "decoder.init": "zero"}


def sizes():
    forward_only = {"encoder.bidirectional": False, "encoder.hidden": 4}
    yield "lstm forward only init copy", {**forward_only, **both("cell", "lstm"), "decoder.init": "copy"}
    yield "forward only D 3", {**forward_only, "encoder.hidden": 3}
    for score, flow in zip(("general", "concat", "additive", "location"), itertools.cycle(("luong", "bahdanau"))):
        yield f"{flow} {score} local_p Q 5", {
            "decoder.hidden": 5,
            "attention.flow": flow,
            "attention.score": score,
            "attention.scope": "local_p",
            "attention.window": 2,
        }


def norms():
    """A group of two numbers is normalised to the same two numbers: sizes are larger here."""
    base = {"layer_norm": True, "encoder.hidden": 3, "decoder.hidden": 6, "attention.size": 5}
    for cell, flow in itertools.product(CELLS, ("luong", "bahdanau")):
        yield f"{cell} {flow} layer norm", {**base, **both("cell", cell), "attention.flow": flow}
    for score, flow in itertools.product(("concat", "additive"), ("luong", "bahdanau")):
        yield f"{flow} {score} layer norm", {**base, "attention.score": score, "attention.flow": flow}
    yield "cgru layer norm", {**base, "decoder.cell": "cgru"}
    yield "cgru concat layer norm 2 layers", {
        **base,
        "decoder.cell": "cgru",
        "decoder.layers": 2,
        "attention.score": "concat",
    }
    yield "layer norm, no input feeding", {**base, "attention.input_feeding": False}
    stack = {**base, **both("layers", 2), **both("residual", True)}
    yield "lstm layer norm 2 layers residual init copy", {**stack, **both("cell", "lstm"), "decoder.init": "copy"}
    yield "gru bahdanau layer norm 2 layers residual", {**stack, "attention.flow": "bahdanau"}


def others():
    yield "no input feeding", {"attention.input_feeding": False}
    yield "tie target luong", {"embedding": 4, "tie_embeddings": "target"}
    yield "tie all bahdanau", {"embedding": 4, "tie_embeddings": "all", "attention.flow": "bahdanau"}
    yield "encoder lstm decoder gru", {"encoder.cell": "lstm", "decoder.init": "last"}
    yield "encoder tanh decoder lstm", {"encoder.cell": "tanh", "decoder.cell": "lstm", "decoder.init": "mean"}


def conditional():
    for score, scope in itertools.product(SCORES, SCOPES):
        yield f"cgru {score} {scope}", {"decoder.cell": "cgru", "attention.score": score, "attention.scope": scope}
    for init in ("zero", "mean", "copy"):
        yield f"cgru init {init}", {"decoder.cell": "cgru", "decoder.init": init}
    yield "cgru whatever the flow", {"decoder.cell": "cgru", "attention.flow": "bahdanau", "attention.score": "additive"}
    plain = {**both("layers", 2), "decoder.cell": "cgru"}
    yield "cgru 2 layers", plain
    residual = {**plain, **both("residual", True), "decoder.layers": 3}
    yield "cgru 2+3 layers residual", residual
    yield "cgru 2 layers residual init copy", {**residual, "decoder.layers": 2, "decoder.init": "copy"}
    yield "encoder lstm decoder cgru", {"encoder.cell": "lstm", "decoder.cell": "cgru"}
    yield "tie all cgru", {"embedding": 4, "tie_embeddings": "all", "decoder.cell": "cgru"}
    yield "cgru D 3 Q 5", {
        "decoder.cell": "cgru",
        "decoder.hidden": 5,
        "encoder.bidirectional": False,
        "encoder.hidden": 3,
        "attention.score": "additive",
    }


def deep():
    for cell, feeding in itertools.product(CELLS, (True, False)):
        yield f"deep {cell}{'' if feeding else ' no input feeding'}", {
            **both("cell", cell),
            "decoder.deep_output": True,
            "attention.input_feeding": feeding,
        }
    yield "deep tie target", {"embedding": 4, "tie_embeddings": "target", "decoder.deep_output": True}
    yield "deep bahdanau", {"attention.flow": "bahdanau", "decoder.deep_output": True}


def coverage():
    for kind, score, scope in itertools.product(("count", "fertility"), ("concat", "additive"), SCOPES):
        flow = "bahdanau" if kind == "count" else "luong"
        changes = {"attention.flow": flow, "attention.score": score, "attention.scope": scope}
        yield f"{kind} {flow} {score} {scope}", {**changes, "attention.coverage": kind}
    additive = {"attention.score": "additive", "attention.coverage": "fertility"}
    yield "fertility cgru", {**additive, "decoder.cell": "cgru"}
    yield "fertility, no input feeding", {**additive, "attention.input_feeding": False}
    norm = {"layer_norm": True, "encoder.hidden": 3, "decoder.hidden": 6, "attention.size": 5}
    yield "fertility layer norm", {**additive, **norm}


def filtered():
    for (score, scope), flow in zip(itertools.product(("concat", "additive"), SCOPES), itertools.cycle(("luong", "bahdanau"))):
        conv = {"attention.conv": {"filters": 3, "width": 3}}
        changes = {"attention.flow": flow, "attention.score": score, "attention.scope": scope}
        yield f"filters {flow} {score} {scope}", {**changes, **conv}
    additive = {"attention.score": "additive", "attention.conv": {"filters": 1, "width": 7}}
    yield "filters wider than the source, cgru", {**additive, "decoder.cell": "cgru"}
    yield "filters of one tap, no input feeding", {
        **additive,
        "attention.conv": {"filters": 2, "width": 1},
        "attention.input_feeding": False,
    }
    norm = {"layer_norm": True, "encoder.hidden": 3, "decoder.hidden": 6, "attention.size": 5}
    yield "filters layer norm", {**additive, **norm}
    ntm = {"attention.focus": "ntm", "attention.ntm": {"shift": 1, "wrap": False, "start": "uniform"}}
    yield "filters and ntm", {**additive, **ntm}


def addressed():
    """Heads of ntm: what goes on from step to step, with each start and reach, beside coverage, in heads."""
    cosine = {"attention.score": "cosine", "attention.focus": "ntm"}
    kinds = itertools.cycle(itertools.product((False, True), ("first", "uniform"), (1, 2)))
    for (cell, flow), (wrap, start, shift) in zip(itertools.product(CELLS, ("luong", "bahdanau")), kinds):
        ntm = {"attention.ntm": {"shift": shift, "wrap": wrap, "start": start}}
        yield f"ntm {cell} {flow} {start} shift {shift}{' wrapped' if wrap else ''}", {
            **cosine,
            **both("cell", cell),
            **ntm,
            "attention.flow": flow,
        }
    ntm = {"attention.ntm": {"shift": 1, "wrap": True, "start": "first"}}
    additive = {**cosine, **ntm, "attention.score": "additive"}
    yield "ntm additive fertility", {**additive, "attention.coverage": "fertility"}
    yield "ntm cgru", {**cosine, **ntm, "decoder.cell": "cgru"}
    yield "ntm, no input feeding", {**cosine, **ntm, "attention.input_feeding": False}
    yield "ntm D 3 Q 5", {**cosine, **ntm, "encoder.bidirectional": False, "encoder.hidden": 3, "decoder.hidden": 5}
    look = {"attention.heads": 2, "attention.pattern": "qkv", "attention.size": 4}
    yield "ntm 2 heads", {**cosine, **ntm, **look}
    yield "ntm 2 heads scaled_dot bahdanau", {
        **cosine,
        **ntm,
        **look,
        "attention.score": "scaled_dot",
        "attention.flow": "bahdanau",
    }


def heads():
    """What is torch.nn.MultiheadAttention first: scaled dot, pattern qkv, A = Q."""
    look = {"attention.heads": 2, "attention.pattern": "qkv", "attention.score": "scaled_dot", "attention.size": 4}
    for n in (1, 2, 4):
        yield f"{n} heads", {**look, "attention.heads": n}
    other = {**look, "encoder.hidden": 3}
    yield "2 heads D 6", other
    yield "2 heads D 6 bahdanau", {**other, "attention.flow": "bahdanau"}
    yield "2 heads D 6 cgru", {**other, "decoder.cell": "cgru"}
    yield "2 heads D 6 lstm, no input feeding, deep", {
        **other,
        **both("cell", "lstm"),
        "attention.input_feeding": False,
        "decoder.deep_output": True,
    }
    norm = {"layer_norm": True, "encoder.hidden": 3, "decoder.hidden": 6}
    yield "2 heads layer norm", {**look, **norm, "attention.size": 6}
    yield "2 heads aligns read", {**look, "attention.aligns": "read"}
    yield "2 heads D 6 Q 5 A 4", {**other, "decoder.hidden": 5}
    compared = [score for score in SCORES if score != "location"]
    for pattern in ("qkv", "qvv", "vvv"):
        flows = itertools.cycle(("luong", "bahdanau"))
        for score, scope in itertools.product(compared, SCOPES):
            yield f"heads {pattern} {score} {scope}", {
                "attention.heads": 2,
                "attention.pattern": pattern,
                "attention.score": score,
                "attention.scope": scope,
                "attention.size": 6,
                "attention.flow": next(flows),
            }


def over():
    """Attention over attention: what goes on from step to step."""
    for cell, flow in itertools.product(CELLS, ("luong", "bahdanau")):
        yield f"aoa {cell} {flow}", {**both("cell", cell), "attention.score": "aoa", "attention.flow": flow}
    yield "aoa cgru", {"decoder.cell": "cgru", "attention.score": "aoa"}
    yield "aoa, no input feeding", {"attention.score": "aoa", "attention.input_feeding": False}


def kernels():
    for kind, flow in itertools.product(model.KERNELS, ("luong", "bahdanau")):
        changes = {"attention.score": kind, "attention.flow": flow, "attention.width": 0.55}
        yield f"{flow} {kind} of a given width", changes
        look = {**changes, "attention.heads": 2, "attention.pattern": "qvv", "attention.size": 6}
        yield f"{flow} heads {kind} of a given width", look


def guided():
    """Cases whose attention is guided too: (name, changes, kind of the loss)."""
    kinds = itertools.cycle(itertools.product(("cross_entropy", "mse"), ("luong", "bahdanau")))
    for (score, scope), (kind, flow) in zip(itertools.product(SCORES, SCOPES), kinds):
        changes = {"attention.flow": flow, "attention.score": score, "attention.scope": scope}
        yield f"guided {kind} {flow} {score} {scope}", changes, kind
    yield "guided aoa", {"attention.score": "aoa"}, "cross_entropy"
    for kind in ("cross_entropy", "mse"):
        yield f"guided {kind} cgru", {"decoder.cell": "cgru"}, kind
        yield f"guided {kind} aligns read", {"attention.aligns": "read"}, kind
    look = {"attention.heads": 2, "attention.pattern": "qkv", "attention.score": "scaled_dot", "attention.size": 4}
    yield "guided 2 heads", look, "cross_entropy"
    yield "guided first of 2 heads", {**look, "attention.alignment.heads": 1}, "cross_entropy"


def pondering():
    """Adaptive computation time, in a file of its own: of recurrent sides, and of a Transformer that is one layer."""

    def act(side, most, penalty=0.3, epsilon=0.05):
        return {f"{side}.act.{key}": v for key, v in zip(("max_steps", "penalty", "epsilon"), (most, penalty, epsilon))}

    for cell, flow in itertools.product(CELLS, ("luong", "bahdanau")):
        both_sides = {**both("cell", cell), "attention.flow": flow, **act("encoder", 4), **act("decoder", 3, 0.2, 0.01)}
        yield f"{cell} {flow} ponders", both_sides
        norm = {"layer_norm": True, "encoder.hidden": 3, "decoder.hidden": 6, "attention.size": 5}
        yield f"{cell} {flow} ponders, layer norm", {**both_sides, **norm}
    yield "encoder ponders", {**act("encoder", 10, 0.01, 0.01)}
    yield "decoder ponders", {**act("decoder", 10, 0.01, 0.01), "attention.input_feeding": False}
    yield "one step", {**act("encoder", 1), **act("decoder", 1)}
    yield "cgru ponders", {"decoder.cell": "cgru", **act("decoder", 3), "attention.score": "additive"}
    stack = {**both("layers", 2), **both("residual", True), **act("encoder", 3), **act("decoder", 3)}
    yield "2 layers residual ponder", stack
    yield "lstm 2 layers ponder, init copy", {**stack, **both("cell", "lstm"), "decoder.init": "copy"}
    again = {
        "embedding": 4,
        "heads": 2,
        "feed_forward": 5,
        "positions": "sinusoidal",
        "encoder.type": "transformer",
        "encoder.universal": True,
        "encoder.layers": 3,
        "decoder.init": "mean",
    }
    for way in ("pre", "post"):
        base = {**again, "norm": way, "final_norm": way == "pre"}
        yield f"universal {way}", base
        yield f"universal {way} ponders", {**base, **act("encoder", 4)}
        yield f"universal {way} learned ponders", {**base, "positions": "learned", "max_positions": 6, **act("encoder", 3)}
    yield "universal window 1 ponders", {**again, "encoder.window": 1, **act("encoder", 6, 0.1)}
    yield "universal relative", {**again, "positions": "relative", "max_distance": 2, **act("encoder", 3, 0.1)}


def hardened():
    """Hard attention, in a file of its own: every way to look, in every scope and flow."""
    looks = itertools.cycle(("argmax", "expectation", "marginal"))
    for (scope, score, flow), look in zip(
        itertools.product(SCOPES, ("general", "additive", "dot"), ("luong", "bahdanau")), looks
    ):
        changes = {"attention.focus": "hard", "attention.hard": {"inference": look}, "attention.flow": flow}
        yield f"hard {look} {flow} {score} {scope}", {**changes, "attention.score": score, "attention.scope": scope}
    marginal = {"attention.focus": "hard", "attention.hard": {"inference": "marginal"}}
    yield "hard marginal, cgru", {**marginal, "decoder.cell": "cgru"}
    yield "hard marginal of two, lstm", {**marginal, **both("cell", "lstm"), "attention.hard": {"inference": "marginal", "top": 2}}
    yield "hard marginal, deep output, no input feeding", {
        **marginal,
        "decoder.deep_output": True,
        "attention.input_feeding": False,
    }
    yield "hard marginal of one, coverage", {
        **marginal,
        "attention.score": "additive",
        "attention.coverage": "count",
        "attention.hard": {"inference": "marginal", "top": 1},
    }
    yield "hard expectation of two, fertility", {
        **marginal,
        "attention.score": "additive",
        "attention.coverage": "fertility",
        "attention.hard": {"inference": "expectation", "top": 2},
    }
    norm = {"layer_norm": True, "encoder.hidden": 3, "decoder.hidden": 6, "attention.size": 5}
    yield "hard marginal, layer norm", {**marginal, **norm}
    yield "hard argmax, cgru", {**marginal, "attention.hard": {"inference": "argmax"}, "decoder.cell": "cgru"}


def apply(base, changes):
    """A copy of base with the changes "a.b" -> value made."""
    out = copy.deepcopy(base)
    for path, value in changes.items():
        *places, key = path.split(".")
        node = out
        for place in places:
            node = node.setdefault(place, {})
        node[key] = value
    return out


def difference(base, changes):
    """The changes that do change base, nested."""
    return apply({}, {path: value for path, value in changes.items() if apply(base, {path: value}) != base})


# Values -------------------------------------------------------------------------------------------------------------


def fnv1a(name):
    h = 0xCBF29CE484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def fill(name, shape):
    """The weights of one tensor: rounded to float, kept in double."""
    h = fnv1a(name) % 1000 / 100
    size = 0.3 if ".flow." in name or name.startswith(("encoder.conv.", "encoder.graph.")) else 1.3
    values = [size * math.sin(1.7 * (i + 1) ** 2 + h) for i in range(math.prod(shape))]
    return torch.tensor(values, dtype=torch.float64).float().double().reshape(shape).requires_grad_()


def check_edges(name, m, outputs):
    """Refuses a case in which rounding could change what a predicted window holds."""
    if m["attention"].get("scope") != "local_p":
        return
    for o in outputs:
        for centre, i in itertools.product(o.centre, range(o.alignment.shape[1])):
            if abs(abs(i - centre) - m["attention"]["window"]) < EDGE:
                raise AtEdge(f"{name}: position {i} is at the edge of the window around {centre}; change the batch")


def short(values, digits):
    """Nested lists of numbers with so many significant digits, exact zeros as 0."""
    if isinstance(values, list):
        return [short(v, digits) for v in values]
    return float(f"{values:.{digits}g}") if values else 0


def gradient_sums(tensors, names):
    """sum_i g_i cos(i + 1), sum_i g_i^2 of each tensor, in the order of names."""
    sums = []
    for name in (name for name in names if name in tensors):
        g = tensors[name].grad
        g = torch.zeros(tensors[name].numel(), dtype=torch.float64) if g is None else g.flatten()
        wave = torch.cos(torch.arange(1, len(g) + 1, dtype=g.dtype))
        sums += [(g @ wave).item(), (g @ g).item()]
    return short(sums, 6)


def make_case(base, names, name, changes, kind=None):
    m = apply(base, changes)
    rows = SOURCE_VOCAB if m["tie_embeddings"] == "all" else TARGET_VOCAB
    tensors = {tensor: fill(tensor, shape) for tensor, shape in network.tensor_shapes(m, SOURCE_VOCAB, rows).items()}
    whole = network.Network(m, tensors)
    outputs, costs = [], []
    for pair in zip(SOURCE, TARGET):
        outputs.append(whole(*pair))
        costs += whole.costs
    check_edges(name, m, outputs)
    loss = -sum(o.logprob.sum() for o in outputs)
    case = {"name": name, "model": difference(base, changes)}
    if kind:
        guided = sum(guided_loss(o.alignment, links, kind) for o, links in zip(outputs, LINKS, strict=True))
        case["guided"] = {"kind": kind, "weight": WEIGHT, "loss": short(guided.item(), 9)}
        (loss + WEIGHT * guided).backward()
    elif costs:
        case["ponder"] = short(sum(cost for _, cost in costs).item(), 9)
        (loss + sum(m[side]["act"]["penalty"] * cost for side, cost in costs)).backward()
    else:
        loss.backward()
    if rows != TARGET_VOCAB:
        case["target_vocab"] = rows
    case["loss"] = short(loss.item(), 9)
    case["logprob"] = short([o.logprob.tolist() for o in outputs], 9)
    case["alignment"] = short([o.alignment.tolist() for o in outputs], 9)
    case["gradients"] = gradient_sums(tensors, names)
    return case


def with_width(name, changes, *kind):
    """A boxcar learns no width."""
    if changes.get("attention.score") == "boxcar":
        changes = {"attention.width": 0.8, **changes}
    return (name, changes, *kind)


def recurrent_cases():
    kinds = (grid, inits, stacks, sizes, others, conditional, deep, norms, coverage, filtered, addressed, heads, kernels, over, guided)
    return [with_width(*case) for cases in kinds for case in cases()]


def write(path, base, cases):
    """Writes a file of cases over the model `base`, a line a case."""
    models = [apply(base, changes) for _, changes, *_ in cases]
    names = sorted(set().union(*(network.tensor_shapes(m, SOURCE_VOCAB, TARGET_VOCAB) for m in models)))
    top = {
        "about": ABOUT,
        "source_vocab": SOURCE_VOCAB,
        "target_vocab": TARGET_VOCAB,
        "source": SOURCE,
        "target": TARGET,
        "links": LINKS,
        "model": base,
        "tensors": names,
    }
    text = lambda value: json.dumps(value, separators=(",", ":"))
    with open(path, "w", encoding="ascii") as file:
        file.write("{" + ",\n".join(f"{text(key)}:{text(value)}" for key, value in top.items()) + ',\n"cases":[\n')
        file.write(",\n".join(text(make_case(base, names, *case)) for case in cases) + "\n]}\n")
    print(f"{path}: {len(cases)} cases")


def write_all(folder):
    model.EDGE = EDGE
    write(f"{folder}/model.json", BASE, recurrent_cases())
    write(f"{folder}/transformer.json", golden_transformers.BASE, [with_width(*case) for case in golden_transformers.cases()])
    write(f"{folder}/encoders.json", golden_encoders.BASE, list(golden_encoders.cases()))
    write(f"{folder}/ponder.json", BASE, list(pondering()))
    write(f"{folder}/hard.json", BASE, list(hardened()))
    return 0
