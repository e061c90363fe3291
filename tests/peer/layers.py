"""Encoder layers besides recurrent ones and a Transformer's, straight from their formulas and by PyTorch's own modules.

    (31) conv: x <- sqrt(1/2) (x + a * sigmoid(b)), [a; b] = Conv1d(x), between two products     Gehring et al. 2017, sec. 3.2
    (32) keys: what the last product gives; h = sqrt(1/2) (keys + embedded token)                               sec. 3.3
    (33) gat:   e_ij = LeakyReLU(a_dst . u_i + a_src . u_j), u = v = W h             Velickovic et al. 2018, eq. 3
         gatv2: e_ij = a . LeakyReLU(W_r h_i + W_l h_j), v = W_l h                   Brody et al. 2022, eq. 7
    (34) ELU(sum_j a_ij v_j + b), a the softmax of e over i's neighbours             Velickovic et al. 2018, eq. 5
"""

import math

import torch
from torch.nn import functional as F


def conv_shapes(m):
    own, E = m["encoder"].get("conv", {}), m["embedding"]
    C, k = own.get("channels", E), own.get("width", 3)
    shapes = {"encoder.conv.fc1.weight": (C, E), "encoder.conv.fc1.bias": (C,)}
    for layer in range(m["encoder"]["layers"]):
        name = f"encoder.conv.{layer}"
        shapes.update({f"{name}.weight": (2 * C, C, k), f"{name}.bias": (2 * C,)})
    return {**shapes, "encoder.conv.fc2.weight": (E, C), "encoder.conv.fc2.bias": (E,)}


def conv(T, m, emb):
    """emb [S, E] -> keys and h, [S, E] each."""
    x = F.linear(emb, T["encoder.conv.fc1.weight"], T["encoder.conv.fc1.bias"])
    for layer in range(m["encoder"]["layers"]):
        w, b = T[f"encoder.conv.{layer}.weight"], T[f"encoder.conv.{layer}.bias"]
        z = F.conv1d(x.T[None], w, b, padding=w.shape[2] // 2)[0]  # [2C, S]
        x = (F.glu(z, 0).T + x) * math.sqrt(0.5)  # (31)
    keys = F.linear(x, T["encoder.conv.fc2.weight"], T["encoder.conv.fc2.bias"])
    return keys, (keys + emb) * math.sqrt(0.5)  # (32)


def graph_of(m):
    own = m["encoder"].get("graph", {})
    return [own.get(key, default) for key, default in (("kind", "gatv2"), ("heads", 4), ("window", 1), ("norm", "pre"))]


def graph_shapes(m):
    kind, heads, _, norm = graph_of(m)
    d, shapes = m["embedding"], {}
    att = (1, heads, d // heads)
    for layer in range(m["encoder"]["layers"]):
        name = f"encoder.graph.{layer}"
        if kind == "gat":
            shapes.update({f"{name}.lin.weight": (d, d), f"{name}.att_src": att, f"{name}.att_dst": att})
        else:
            for part in ("lin_l", "lin_r"):
                shapes.update({f"{name}.{part}.weight": (d, d), f"{name}.{part}.bias": (d,)})
            shapes[f"{name}.att"] = att
        shapes[f"{name}.bias"] = (d,)
        shapes.update({f"{name}.norm.weight": (d,), f"{name}.norm.bias": (d,)} if norm != "none" else {})
    if norm == "pre":
        shapes.update({"encoder.graph.norm.weight": (d,), "encoder.graph.norm.bias": (d,)})
    return shapes


def neighbours(n, window, links=(), directed=False):
    """[n, n]: whether i looks at j."""
    i = torch.arange(n)
    seen = (i[:, None] - i[None]).abs() <= window
    for a, b in links:
        seen[a, b] = True
        if not directed:
            seen[b, a] = True
    return seen


def attend_graph(w, kind, heads, seen, x):
    """w: a layer's tensors; x [S, d] -> (34) and the weights [heads, S, S]."""
    cut = lambda y: y.view(len(x), heads, -1)  # [S, heads, d_h]
    if kind == "gat":
        v = cut(F.linear(x, w["lin.weight"]))
        z = (v * w["att_dst"]).sum(2)[:, None] + (v * w["att_src"]).sum(2)[None]  # [i, j, heads]
        e = F.leaky_relu(z, 0.2)
    else:
        v, q = cut(F.linear(x, w["lin_l.weight"], w["lin_l.bias"])), cut(F.linear(x, w["lin_r.weight"], w["lin_r.bias"]))
        e = (F.leaky_relu(q[:, None] + v[None], 0.2) * w["att"]).sum(3)  # (33)
    a = torch.softmax(e.masked_fill(~seen[..., None], -math.inf), 1)
    return F.elu(torch.einsum("ijh,jhc->ihc", a, v).reshape(len(x), -1) + w["bias"]), a.permute(2, 0, 1)


def graph(T, m, emb):
    """emb [S, d] -> None and h [S, d]."""
    kind, heads, window, norm = graph_of(m)
    seen, x = neighbours(len(emb), window), emb
    for layer in range(m["encoder"]["layers"]):
        name = f"encoder.graph.{layer}."
        w = {key.removeprefix(name): value for key, value in T.items() if key.startswith(name)}
        normed = lambda y: F.layer_norm(y, y.shape[-1:], w["norm.weight"], w["norm.bias"])
        y, _ = attend_graph(w, kind, heads, seen, normed(x) if norm == "pre" else x)
        x = y if norm == "none" else normed(x + y) if norm == "post" else x + y
    if norm == "pre":
        x = F.layer_norm(x, x.shape[-1:], T["encoder.graph.norm.weight"], T["encoder.graph.norm.bias"])
    return None, x
