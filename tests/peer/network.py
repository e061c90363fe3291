"""Every model: encoders and decoders of all kinds, in any pair. Recurrent parts are model.py's, attention with heads heads.py's,
positions positions.py's; layers are torch.nn's where it has them.

    (22) pre:  x + f(norm(x)), and a norm after the last layer;  post: norm(x + f(x));  none: f(x)     f: attention, then FF
    (23) FF(x) = W_2 relu(W_1 x + b_1) + b_2, or with gelu (erf);  swiglu: W_2 (silu(W_1 x) * W_3 x)   Shazeer 2020, eq. 6
    (24) x_i = sqrt(d) Emb[w_i] + P_i
"""

import json
import math
from typing import NamedTuple

import torch
from safetensors import safe_open
from torch import nn
from torch.func import functional_call
from torch.nn import functional as F

import heads
import layers
import positions
from model import (
    BOS,
    EOS,
    Look,
    Model,
    Output,
    all_norm_shapes,
    attention_shapes,
    decoder_shapes,
    encoder_shapes,
    state_size,
    word_shapes,
)

# Of encoders: their tensors; embedded tokens -> keys or None, and states.
LAYERS = {"conv": (layers.conv_shapes, layers.conv), "graph": (layers.graph_shapes, layers.graph)}
ADDED = {"sinusoidal": positions.sinusoidal, "sinusoidal_concat": positions.sinusoidal_concat}


class Stack(NamedTuple):
    """Layers of one kind above each other."""

    name: str  # "encoder", "decoder", "encoder.self_attention"
    layers: int
    d: int
    heads: int
    feed_forward: int  # 0: no such sublayer
    activation: str
    norm: str
    final_norm: bool
    pattern: str = "qkv"
    window: int = 0  # of self-attention
    positions: str = "none"
    max_distance: int = 16
    relative_values: bool = False
    flow_steps: int = 4

    @property
    def side(self):
        return self.name.split(".")[0]


def stack_of(m, side):
    """The layers of an encoder or decoder of type transformer."""
    norm = m.get("norm", "pre")
    return Stack(
        side,
        1 if side == "encoder" and m[side].get("universal", False) else m[side].get("layers", 4),
        m["embedding"],
        m.get("heads", 4),
        m.get("feed_forward", 4 * m["embedding"]),
        m.get("activation", "relu"),
        norm,
        m.get("final_norm", norm == "pre"),
        window=m[side].get("window", 0) if side == "encoder" else 0,
        positions=positions_of(m),
        **ways(m),
    )


def ways(m):
    """What position kinds need to know."""
    keys = {"max_distance": 16, "relative_values": False, "flow_steps": 4}
    return {key: m.get(key, default) for key, default in keys.items()}


def kind(m, side):
    return m[side].get("type", "rnn")


def positions_of(m):
    placed = any(kind(m, side) != "rnn" for side in ("encoder", "decoder"))
    return m.get("positions", "sinusoidal" if placed else "none")


def self_attention_of(m):
    """The layers on top of an encoder, or None."""
    own, D = m["encoder"].get("self_attention", {}), state_size(m)
    if not own.get("layers", 0):
        return None
    norm = own.get("norm", "pre")
    return Stack(
        "encoder.self_attention",
        own["layers"],
        D,
        own.get("heads", m.get("heads", 4)),
        own.get("feed_forward", 4 * D),
        m.get("activation", "relu"),
        norm,
        norm == "pre",
        own.get("pattern", "qkv"),
        own.get("window", 0),
        positions_of(m) if kind(m, "encoder") in ("none", *LAYERS) else "none",
        **ways(m),
    )


def look_of(m, name="attention.heads"):
    """The cross attention of a decoder, when it has heads or a pattern."""
    att = m["attention"]
    many = att.get("heads", 1) > 1 or kind(m, "decoder") == "transformer"
    return heads.Spec(
        name,
        att.get("heads", m.get("heads", 4) if kind(m, "decoder") == "transformer" else 1),
        att.get("pattern", "qkv" if many else "none"),
        att.get("score", "scaled_dot" if many else "general"),
        att.get("scope", "global"),
        att.get("window", 10),
        att=att,
        width=att.get("width", 0),
    )


# Tensors ---------------------------------------------------------------------------------------------------------------


def self_spec(stack, layer):
    name = f"{stack.name}.layers.{layer}.self_attn"
    return heads.Spec(
        name,
        stack.heads,
        stack.pattern,
        window=stack.window,
        positions=stack.positions,
        max_distance=stack.max_distance,
    )


def stack_shapes(stack, cross=None, D=0):
    """The tensors of a stack; cross: its attention's Spec over states of size D, its name still without the layer's."""
    d, f, shapes = stack.d, stack.feed_forward, {}
    for layer in range(stack.layers):
        name = f"{stack.name}.layers.{layer}"
        shapes.update(heads.attention_shapes(self_spec(stack, layer), d, d, d))
        if stack.positions == "relative":
            row = (2 * stack.max_distance + 1, d // stack.heads)
            shapes[f"{name}.self_attn.relative_key"] = row
            shapes.update({f"{name}.self_attn.relative_value": row} if stack.relative_values else {})
        if cross:
            shapes.update(heads.attention_shapes(cross._replace(name=f"{name}.multihead_attn"), d, D, d))
        if f:
            glu = stack.activation == "swiglu"
            shapes.update({f"{name}.linear1.weight": (f, d), f"{name}.linear2.weight": (d, f)})
            shapes.update({f"{name}.linear3.weight": (f, d)} if glu else {})
            shapes.update({} if glu else {f"{name}.linear1.bias": (f,), f"{name}.linear2.bias": (d,)})
        n_norms = (1 + bool(cross) + bool(f)) if stack.norm != "none" else 0
        for i in range(n_norms):
            shapes.update({f"{name}.norm{i + 1}.weight": (d,), f"{name}.norm{i + 1}.bias": (d,)})
    if stack.final_norm:
        shapes.update({f"{stack.name}.norm.weight": (d,), f"{stack.name}.norm.bias": (d,)})
    return shapes


def position_shapes(m, side):
    """The tables of positions that are added to rows; those of relative positions are among the layers' tensors."""
    d, way = m["embedding"], positions_of(m)
    if way == "learned":
        return {f"{side}.positions.weight": (m["max_positions"], d)}
    if way != "flow":
        return {}
    stack = stack_of(m, side) if kind(m, side) == "transformer" else self_attention_of(m)
    shapes = {f"{side}.flow.start": (stack.layers, d)}
    for i in (0, 1):
        shapes.update({f"{side}.flow.{i}.weight": (d, d + 1), f"{side}.flow.{i}.bias": (d,)})
    return shapes


def tensor_shapes(m, n_source, n_target):
    """Name -> shape of every tensor of a model file of any kind."""
    D, spec, on_top = state_size(m), look_of(m), self_attention_of(m)
    forms = kind(m, "decoder") == "transformer"
    shapes = word_shapes(m, n_source, n_target, m["embedding"] if forms else m["decoder"]["hidden"])
    shapes.update(encoder_shapes(m) if kind(m, "encoder") == "rnn" else position_shapes(m, "encoder"))
    if kind(m, "encoder") == "transformer":
        shapes.update(stack_shapes(stack_of(m, "encoder")))
        d, halts = m["embedding"], m["encoder"].get("act", {}).get("max_steps", 0)
        shapes.update({"encoder.halt.weight": (1, d), "encoder.halt.bias": (1,)} if halts else {})
    if kind(m, "encoder") in LAYERS:
        shapes.update(LAYERS[kind(m, "encoder")][0](m))
    if on_top:
        shapes.update(stack_shapes(on_top))
    if forms:
        stack = stack_of(m, "decoder")
        shapes.update({**stack_shapes(stack, spec, D), **position_shapes(m, "decoder")})
        return shapes
    if spec.pattern == "none":
        return {**shapes, **attention_shapes(m), **decoder_shapes(m, D), **norms(m)}
    A = m["attention"]["size"]
    shapes.update({**heads.attention_shapes(spec, m["decoder"]["hidden"], D, A), **decoder_shapes(m, A), **norms(m)})
    return shapes


def norms(m):
    """What `layer_norm` adds to recurrent parts and to the scores of an attention without heads."""
    if not m.get("layer_norm", False):
        return {}
    out = () if kind(m, "encoder") == "rnn" else ("encoder.",)
    out += () if look_of(m).pattern == "none" else ("attention.",)
    return {name: shape for name, shape in all_norm_shapes(m).items() if not name.startswith(out)}


# Layers ----------------------------------------------------------------------------------------------------------------


def norm(T, name, x):
    return F.layer_norm(x, x.shape[-1:], T[f"{name}.weight"], T[f"{name}.bias"], 1e-5)


def feed_forward(T, name, activation, x):
    """(23)"""
    w = heads.under(T, name)
    if activation == "swiglu":
        return (F.silu(x @ w["linear1.weight"].T) * (x @ w["linear3.weight"].T)) @ w["linear2.weight"].T
    act = {"relu": torch.relu, "gelu": F.gelu}[activation]
    return act(x @ w["linear1.weight"].T + w["linear1.bias"]) @ w["linear2.weight"].T + w["linear2.bias"]


def add(T, name, way, x, f):
    """One sublayer f (22)."""
    if way == "pre":
        return x + f(norm(T, name, x))
    return norm(T, name, x + f(x)) if way == "post" else f(x)


def has_torch(stack, cross, D):
    """Whether a layer of the stack is torch.nn's own, attention and all."""
    plain = stack.activation != "swiglu" and stack.feed_forward and stack.norm != "none"
    spec = self_spec(stack, 0)
    same = cross and cross.heads == stack.heads and D == stack.d
    looks = not cross or (same and heads.is_torch(cross, stack.d, stack.d))
    return plain and looks and heads.is_torch(spec, stack.d, stack.d) and stack.positions != "flow"


def torch_layer(T, stack, layer, x, allowed, memory, seen):
    """The same layer as torch.nn.TransformerEncoderLayer or TransformerDecoderLayer."""
    kind_ = nn.TransformerEncoderLayer if memory is None else nn.TransformerDecoderLayer
    module = kind_(
        stack.d,
        stack.heads,
        stack.feed_forward,
        0,
        stack.activation,
        batch_first=True,
        norm_first=stack.norm == "pre",
        dtype=x.dtype,
    )
    want = {"need_weights": True, "average_attn_weights": False}
    for part in ("self_attn", "multihead_attn") if memory is not None else ("self_attn",):
        one = getattr(module, part)
        one.register_forward_pre_hook(lambda _, args, more: (args, {**more, **want}), with_kwargs=True)
        one.register_forward_hook(
            lambda _, args, out, part=part: seen.setdefault(part, []).append(out[1][0] if out[1].dim() == 4 else out[1])
        )
    own = heads.under(T, f"{stack.name}.layers.{layer}")
    if memory is None:
        return functional_call(module, own, (x[None],), {"src_mask": ~allowed})[0]
    return functional_call(module, own, (x[None], memory[None]), {"tgt_mask": ~allowed})[0]


def hand_layer(T, stack, layer, x, allowed, memory, seen, path, cross, by_hand):
    name = f"{stack.name}.layers.{layer}"

    def attend(z):
        at = z + path if path is not None else z
        found = heads.look(T, self_spec(stack, layer), at, at, allowed, by_hand=by_hand)
        seen.setdefault("self_attn", []).append(found.weights)
        return found.out

    def read(z):
        spec = cross._replace(name=f"{name}.multihead_attn")
        found = heads.look(T, spec, z, memory, steps=range(len(z)), by_hand=by_hand)
        seen.setdefault("multihead_attn", []).append(found.weights)
        seen.setdefault("centres", []).extend(found.centres)
        return found.out

    parts = [attend] + ([read] if memory is not None else [])
    parts += [lambda z: feed_forward(T, name, stack.activation, z)] if stack.feed_forward else []
    for i, part in enumerate(parts, 1):
        x = add(T, f"{name}.norm{i}", stack.norm, x, part)
    return x


def run(T, stack, x, allowed, memory=None, cross=None, by_hand=False):
    """All layers over x [N, d] -> the top one's rows and what was looked at: lists of [heads, N, S], one a layer."""
    seen = {}
    for layer in range(stack.layers):
        path = None
        if stack.positions == "flow" and layer > 0:
            path = positions.flow(heads.under(T, f"{stack.side}.flow"), len(x), layer, stack.flow_steps)
        if not by_hand and has_torch(stack, cross, 0 if memory is None else memory.shape[1]):
            x = torch_layer(T, stack, layer, x, allowed, memory, seen)
        else:
            x = hand_layer(T, stack, layer, x, allowed, memory, seen, path, cross, by_hand)
    return (norm(T, f"{stack.name}.norm", x) if stack.final_norm else x), seen


def near(n, window):
    """Who sees whom in self-attention with a window; 0: everybody everybody. [n, n]"""
    i = torch.arange(n)
    return (i[:, None] - i[None]).abs() <= (window or n)


# The network -----------------------------------------------------------------------------------------------------------


class Network(Model):
    """What was looked at stays in tensors [layers, heads, rows, positions]: `cross` [1 or layers of the decoder, heads, T, S],
    `encoder_seen` of each of the encoder's stacks that has self-attention, `decoder_seen` [layers, heads, T, T]."""

    shapes = staticmethod(tensor_shapes)
    by_hand = False  # True: through no module of torch.nn

    def dtype(self):
        return next(iter(self.T.values())).dtype

    def places(self, side, n):
        """What positions add to n rows, [n, d] or 0."""
        m, kind_ = self.m, positions_of(self.m)
        if kind_ in ADDED:
            return ADDED[kind_](n, m["embedding"]).to(self.dtype())
        if kind_ == "learned":
            return self.T[f"{side}.positions.weight"][:n]
        if kind_ == "flow":
            return positions.flow(heads.under(self.T, f"{side}.flow"), n, 0, m.get("flow_steps", 4))
        return 0

    def embed(self, side, ids):
        """(24) [N, d]"""
        w = self.tensor(f"{side}.embedding.weight")[ids]
        return math.sqrt(self.m["embedding"]) * w + self.places(side, len(ids))

    def universal(self, x):
        """One layer again and again (Dehghani et al. 2018, section 2): steps count from 1, a row that has halted stands
        still, and of what its steps gave it becomes the sum of (16). x [S, d] -> [S, d]"""
        m, stack = self.m, stack_of(self.m, "encoder")
        n, d = x.shape
        one, act = stack._replace(final_norm=False), m["encoder"].get("act", {})
        times = positions.sinusoidal(m["encoder"].get("layers", 4) + act.get("max_steps", 0) + 1, d).to(x.dtype)
        state, mixed = x, torch.zeros_like(x)
        left, seen = torch.ones(n, dtype=x.dtype), []
        live = torch.ones(n, dtype=torch.bool)
        for step in range(1, (act.get("max_steps", 0) or m["encoder"].get("layers", 4)) + 1):
            placed = state + times[step] + (self.places("encoder", n) if step > 1 else 0)
            y, looked = run(self.T, one, placed, near(n, stack.window), by_hand=self.by_hand)
            seen.append(looked["self_attn"][0])
            state = torch.where(live[:, None], y, state)
            if not act.get("max_steps", 0):
                continue
            h = torch.sigmoid(y @ self.T["encoder.halt.weight"][0] + self.T["encoder.halt.bias"])
            last = live & ((1 - left + h >= 1 - act["epsilon"]) | (step == act["max_steps"]))
            p = torch.where(last, left, torch.where(live, h, torch.zeros_like(h)))
            mixed = mixed + p[:, None] * y
            self.costs += [("encoder", step + left[i : i + 1]) for i in torch.nonzero(last)[:, 0].tolist()]
            live = live & ~last
            left = torch.where(live, left - h, left)
            if not live.any():
                break
        x = mixed if act.get("max_steps", 0) else state
        return norm(self.T, "encoder.norm", x) if stack.final_norm else x, {"self_attn": seen}

    def encode(self, source):
        kind_, on_top, self.encoder_seen = kind(self.m, "encoder"), self_attention_of(self.m), []
        if kind_ == "rnn":
            h, finals = super().encode(source)
        else:
            h, finals = self.embed("encoder", source), None
        if kind_ in LAYERS:
            self.keys, h = LAYERS[kind_][1](self.T, self.m, h)
            self.keys = None if on_top else self.keys
        for stack in ([stack_of(self.m, "encoder")] if kind_ == "transformer" else []) + ([on_top] if on_top else []):
            again = stack.name == "encoder" and self.m["encoder"].get("universal", False)
            if again:
                h, seen = self.universal(h)
            else:
                h, seen = run(self.T, stack, h, near(len(h), stack.window), by_hand=self.by_hand)
            self.encoder_seen.append(torch.stack(seen["self_attn"]))
        return h, finals

    def attend(self, q, h, t, carried):
        spec = look_of(self.m)
        if spec.pattern == "none":
            found = super().attend(q, h, t, carried)
            self.heads_seen.append(found.weights[None])
            return found
        found = heads.look(self.T, spec, q[None], h, steps=[t], by_hand=self.by_hand, before=carried.weights)
        weights = found.weights[:, 0]
        self.heads_seen.append(weights)
        centre = found.centres[0] if found.centres else None
        return Look(self.aligned(weights), found.out[0], centre, carried._replace(weights=weights))

    def aligned(self, weights):
        """[heads, ...] -> the alignment: the mean of all, or of the first model.attention.alignment.heads."""
        n = self.m["attention"].get("alignment", {}).get("heads", 0) or len(weights)
        return weights[:n].mean(0)

    def teach(self, h, target):
        """The Transformer decoder on a whole target."""
        stack, spec, n = stack_of(self.m, "decoder"), look_of(self.m), len(target) + 1
        causal = torch.ones(n, n, dtype=torch.bool).tril()
        top, seen = run(self.T, stack, self.embed("decoder", [BOS] + target), causal, h, spec, self.by_hand)
        logits = top @ self.tensor("decoder.output.weight").T + self.T["decoder.output.bias"]
        wanted = torch.log_softmax(logits, 1)[range(n), target + [EOS]]
        chosen = self.m["attention"].get("alignment", {}).get("layer", 0) or max(stack.layers - 1, 1)
        self.cross = torch.stack(seen["multihead_attn"])
        self.decoder_seen = torch.stack(seen["self_attn"])
        alignment = self.aligned(self.cross[chosen - 1])
        if self.m["attention"].get("aligns") == "read":
            alignment = alignment.roll(-1, 0)
        return Output(wanted, alignment, seen.get("centres", []), logits)

    def __call__(self, source, target):
        self.heads_seen, self.decoder_seen, self.costs = [], torch.zeros(0), []
        if kind(self.m, "decoder") == "transformer":
            h, _ = self.encode(source + [EOS])
            out = self.teach(h, target)
        else:
            out = super().__call__(source, target)
            self.cross = torch.stack(self.heads_seen, 1)[None]
        return out


# Files -----------------------------------------------------------------------------------------------------------------


def load(path):
    """A model file -> Network in double precision, and the file's metadata."""
    with safe_open(path, "pt") as file:
        meta = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys() if not name.endswith(".sentencepiece")}
    return Network(json.loads(meta["config"])["model"], {name: v.double() for name, v in tensors.items()}), meta


@torch.no_grad()
def forward(model, pairs):
    """Pairs of id lists -> what the command `forward` writes."""
    rows = []
    for source, target in pairs:
        out = model(source, target)
        row = {"logprob": out.logprob.tolist(), "alignment": out.alignment.tolist(), "cross": model.cross.tolist()}
        seen = {"encoder": [stack.tolist() for stack in model.encoder_seen], "decoder": model.decoder_seen.tolist()}
        rows.append({**row, **seen})
    return rows


def gradients(model, pairs, smoothing=0.0):
    """The loss of pairs of id lists, summed over target tokens, and its gradient by tensor. Smoothing is torch's."""
    for t in model.T.values():
        t.requires_grad_()
    loss = 0
    for source, target in pairs:
        loss = loss + F.cross_entropy(
            model(source, target).logits, torch.tensor(target + [EOS]), reduction="sum", label_smoothing=smoothing
        )
    loss.backward()
    return loss.item(), {name: t.grad if t.grad is not None else torch.zeros_like(t) for name, t in model.T.items()}
