"""Attention with heads: torch.nn.MultiheadAttention where it is one, a short loop over heads where not.

Rows: x [N, Q] look at states [S, D]. A head is a block of dh = A / heads columns of the projected rows.

    (16) q = x W_q' + b_q, k = states W_k' + b_k, v = states W_v' + b_v                  Vaswani et al. 2017, section 3.2.2
         pattern qvv: k = v; vvv: one matrix makes q, k and v
    (17) a_h = weights(e_h) of each head, context = [a_1 v_1; ...; a_n v_n] W_o' + b_o
    (18) e_ij = q_i . (k_j + key_r) / sqrt(dh), r = clip(j - i, -K, K); a value for each r likewise    Shaw et al. 2018, eq. 3-5
    (19) q and k of a head turned by position i: the pair (2c, 2c+1) by i 10000^(-2c/dh)               Su et al. 2021, eq. 34
"""

import math
from typing import NamedTuple

import ntm
import torch
from torch import nn
from torch.func import functional_call

from model import KERNELS, log_kernel


class Spec(NamedTuple):
    """What an attention is, besides its tensors."""

    name: str  # its tensors' names begin with this and a dot
    heads: int
    pattern: str = "qkv"
    score: str = "scaled_dot"
    scope: str = "global"
    window: int = 0
    positions: str = "none"  # of self-attention: relative and rotary
    max_distance: int = 16  # K of (18)
    att: dict = {}  # model.attention of a look at the source: focus and ntm
    width: float = 0  # of kernels; 0: learned


class Seen(NamedTuple):
    out: torch.Tensor  # [N, A] after W_o
    weights: torch.Tensor  # [heads, N, S]
    centres: list  # [N] numbers of local_p and local_m, else empty


def under(tensors, name):
    """The tensors of a module by their names inside it."""
    return {n.removeprefix(name + "."): t for n, t in tensors.items() if n.startswith(name + ".")}


def attention_shapes(spec, Q, D, A):
    """Name -> shape of the tensors of one attention; A its own width."""
    matrices = {
        "qkv": (
            {"in_proj_weight": (3 * A, A)}
            if Q == D == A
            else {"q_proj_weight": (A, Q), "k_proj_weight": (A, D), "v_proj_weight": (A, D)}
        ),
        "qvv": {"q_proj_weight": (A, Q), "v_proj_weight": (A, D)},
        "vvv": {"v_proj_weight": (A, D)},
    }[spec.pattern]
    n_biases = {"qkv": 3, "qvv": 2, "vvv": 1}[spec.pattern]
    shapes = {**matrices, "in_proj_bias": (n_biases * A,), "out_proj.weight": (A, A), "out_proj.bias": (A,)}
    extra = {"additive": {"v": (A,)}, "concat": {"v": (A,)}}
    extra["cosine"] = {"strength.weight": (spec.heads, A), "strength.bias": (spec.heads,)}
    if spec.score in KERNELS and not spec.width:
        extra[spec.score] = {"width": (spec.heads,)}
    shapes.update(extra.get(spec.score, {}))
    shapes.update(ntm.shapes(spec.heads, Q, spec.att))
    if spec.scope == "local_p":
        shapes.update({"position.weight": (A, Q), "position_v": (A,)})
    return {f"{spec.name}.{name}": shape for name, shape in shapes.items()}


# What torch.nn has -----------------------------------------------------------------------------------------------------


def is_torch(spec, Q, A):
    """Whether torch.nn.MultiheadAttention is this attention."""
    plain = spec.pattern == "qkv" and spec.score == "scaled_dot" and not spec.scope.startswith("local")
    plain = plain and spec.att.get("focus", "soft") == "soft"
    return plain and spec.positions not in ("relative", "rotary") and Q == A


def torch_look(T, spec, x, states, allowed):
    own = under(T, spec.name)
    A, D = own["out_proj.weight"].shape[0], states.shape[1]
    module = nn.MultiheadAttention(A, spec.heads, kdim=D, vdim=D, batch_first=True, dtype=x.dtype)
    more = {"attn_mask": ~allowed, "need_weights": True, "average_attn_weights": False}
    out, weights = functional_call(module, own, (x, states, states), more)
    return Seen(out, weights, [])


# Everything else, a head at a time -------------------------------------------------------------------------------------


def project(w, pattern, x, states):
    """(16) -> q [N, A], k [S, A], v [S, A]; w holds the attention's tensors."""
    if pattern == "vvv":
        q, k, v = w["v_proj_weight"], w["v_proj_weight"], w["v_proj_weight"]
        biases = [w["in_proj_bias"]] * 3
    elif pattern == "qvv":
        q, k, v = w["q_proj_weight"], w["v_proj_weight"], w["v_proj_weight"]
        b_q, b_v = w["in_proj_bias"].chunk(2)
        biases = [b_q, b_v, b_v]
    else:
        packed = w.get("in_proj_weight")
        q, k, v = packed.chunk(3) if packed is not None else (w[f"{one}_proj_weight"] for one in "qkv")
        biases = w["in_proj_bias"].chunk(3)
    return [rows @ matrix.T + bias for rows, matrix, bias in zip((x, states, states), (q, k, v), biases)]


def turn(rows, first=0):
    """(19): rows [N, dh] of one head, the first at position `first`."""
    n, width = rows.shape
    angle = torch.arange(first, first + n, dtype=rows.dtype)[:, None] * 10000 ** (
        -torch.arange(0, width, 2, dtype=rows.dtype) / width
    )
    even, odd = rows[:, 0::2], rows[:, 1::2]
    turned = [even * angle.cos() - odd * angle.sin(), even * angle.sin() + odd * angle.cos()]
    return torch.stack(turned, 2).flatten(1)


def distances(n, s, limit):
    """clip(j - i, -K, K) + K: the row of a relative table for query i and key j. [n, s]"""
    return (torch.arange(s)[None] - torch.arange(n)[:, None]).clamp(-limit, limit) + limit


def compare(w, spec, q, k, head, all_q):
    """e [N, S] of one head from its columns q [N, dh], k [S, dh]; all_q [N, A] those of all."""
    width = q.shape[1]
    if spec.score in ("dot", "general"):
        return q @ k.T
    if spec.score == "scaled_dot":
        return q @ k.T / math.sqrt(width)
    if spec.score in ("additive", "concat"):
        return torch.tanh(q[:, None] + k[None]) @ w["v"][head * width : (head + 1) * width]
    if spec.score == "cosine":
        strength = all_q @ w["strength.weight"][head] + w["strength.bias"][head]
        return torch.stack([ntm.cosine(one, k, beta) for one, beta in zip(q, strength)])
    if spec.score == "average":
        return torch.zeros(len(q), len(k), dtype=q.dtype)
    return log_kernel(spec.score, (spec.width or w["width"][head]) ** 2 * ((q[:, None] - k[None]) ** 2).sum(2))


def centres(w, spec, x, n_states, steps):
    """Where each row of a local scope looks, the same for all heads: numbers that have gradients with local_p. [N]"""
    if spec.scope == "local_m":
        return torch.tensor([min(t, n_states - 1) for t in steps], dtype=x.dtype)
    return n_states * torch.sigmoid(
        torch.tanh(x @ w["position.weight"].T) @ w["position_v"]
    )  # Luong et al. 2015, eq. 9


def weigh(spec, e, centre, allowed):
    """e [N, S] of one head -> its weights."""
    if centre is None:
        return torch.softmax(e.masked_fill(~allowed, -math.inf), 1)
    gap = torch.arange(e.shape[1], dtype=e.dtype)[None] - centre[:, None]
    a = torch.softmax(e.masked_fill(gap.detach().abs() > spec.window, -math.inf), 1)
    return a if spec.scope == "local_m" else a * torch.exp(-(gap**2) / (2 * (spec.window / 2) ** 2))  # eq. 10


def walk(w, spec, x, weights, before):
    """Weights [heads, N, S] of rows that follow one another -> those of an ntm head that stood at before [heads, S]."""
    rows = []
    for row, content in zip(x, weights.unbind(1)):
        before = ntm.weigh(w, spec.att, row, content, before)
        rows.append(before)
    return torch.stack(rows, 1)


def loop_look(T, spec, x, states, allowed, steps, before=None):
    w = under(T, spec.name)
    q, k, v = project(w, spec.pattern, x, states)
    local = spec.scope in ("local_m", "local_p")
    centre = centres(w, spec, x, len(states), steps) if local else None
    weights, values = [], []
    for head, (q_h, k_h, v_h) in enumerate(zip(*(rows.chunk(spec.heads, 1) for rows in (q, k, v)))):
        if spec.positions == "rotary":
            q_h, k_h = turn(q_h), turn(k_h)
        e = compare(w, spec, q_h, k_h, head, q)
        if spec.positions == "relative":
            r = distances(len(q_h), len(k_h), spec.max_distance)
            e = e + (q_h[:, None] * w["relative_key"][r]).sum(2) / math.sqrt(q_h.shape[1])  # (18)
        weights.append(weigh(spec, e, centre, allowed))
        values.append(v_h)
    weights = torch.stack(weights)
    if spec.att.get("focus", "soft") == "ntm":
        before = ntm.start(spec.att, spec.heads, len(states), x.dtype) if before is None else before
        weights = walk(w, spec, x, weights, before)
    contexts = [a @ v_h for a, v_h in zip(weights, values)]
    if "relative_value" in w:
        contexts = [c + (a[:, :, None] * w["relative_value"][r]).sum(1) for c, a in zip(contexts, weights)]
    out = torch.cat(contexts, 1) @ w["out_proj.weight"].T + w["out_proj.bias"]
    return Seen(out, weights, centre.tolist() if local else [])


def look(T, spec, x, states, allowed=None, steps=(), by_hand=False, before=None):
    """x [N, Q] looks at states [S, D]. allowed [N, S]: who may look where; None: everywhere. steps [N]: the decoder step
    of each row, for local_m. by_hand: not through torch.nn. before [heads, S]: the weights of the step before, for ntm;
    None: there is none."""
    if allowed is None:
        allowed = torch.ones(len(x), len(states), dtype=torch.bool)
    if not by_hand and is_torch(spec, x.shape[1], T[f"{spec.name}.out_proj.bias"].shape[0]):
        return torch_look(T, spec, x, states, allowed)
    return loop_look(T, spec, x, states, allowed, steps, before)
