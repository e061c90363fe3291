"""The head of a Neural Turing Machine, read only (Graves et al. 2014, section 3.3), straight from its equations.

    (20) e_i = beta k . h_i / (|k| |h_i|), beta = softplus(w . q + b)                              eq. 5 and 6
    (21) w' = g content + (1 - g) before,  g = sigmoid(z_0)                                        eq. 7
    (22) w''_i = sum_k s_k w'_{i - k},  s = softmax(z_2 ..) over the shifts k = -R .. R            eq. 8
    (23) w = w''^gamma / sum w''^gamma,  gamma = 1 + softplus(z_1)                                 eq. 9
"""

import torch
from torch.nn import functional as F

NOTHING = 1e-12


def cosine(q, keys, strength):
    """(20): q [K], keys [S, K], strength a number -> [S]."""
    return F.softplus(strength) * F.cosine_similarity(q[None], keys, dim=1, eps=1e-8)


def shapes(heads, Q, att):
    if att.get("focus", "soft") != "ntm":
        return {}
    rows = heads * (2 * att["ntm"]["shift"] + 3)
    return {"ntm.weight": (rows, Q), "ntm.bias": (rows,)}


def start(att, heads, S, dtype):
    """The weights before the first step: [heads, S]."""
    first = att.get("ntm", {}).get("start", "first") == "first"
    row = F.one_hot(torch.tensor(0), S).to(dtype) if first else torch.full((S,), 1 / S, dtype=dtype)
    return row.repeat(heads, 1)


def move(z, content, before, wrap):
    """(21) to (23) of one head: z [2R + 3], weights [S] -> [S]."""
    reach, S = (len(z) - 3) // 2, len(content)
    g, gamma, s = torch.sigmoid(z[0]), 1 + F.softplus(z[1]), torch.softmax(z[2:], 0)
    mixed = g * content + (1 - g) * before
    moved = []
    for i in range(S):
        come = [(s[k + reach], i - k) for k in range(-reach, reach + 1)]
        moved.append(sum((share * mixed[j % S] for share, j in come if wrap or 0 <= j < S), mixed.new_zeros(())))
    sharp = (torch.stack(moved) + NOTHING) ** gamma
    return sharp / sharp.sum()


def weigh(w, att, q, content, before):
    """All heads: q [Q], weights [heads, S] -> [heads, S]; w holds the attention's tensors."""
    z = (w["ntm.weight"] @ q + w["ntm.bias"]).chunk(len(content))
    rows = zip(z, content, before, strict=True)
    return torch.stack([move(one, c, b, att["ntm"]["wrap"]) for one, c, b in rows])
