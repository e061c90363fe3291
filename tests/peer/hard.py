"""Hard attention (Xu et al. 2015, section 4.1) as a trained model looks, straight from its formulas.

    (H1) a = softmax(e - (i - p)^2 / (2 sigma^2)) inside the window and among the `top` greatest; the second part of local_p
    (H2) argmax: c = h_s, s the heaviest; expectation: c = sum_i a_i h_i
    (H3) marginal: c as in the expectation, log p(y) = log sum_i a_i p(y | h_i)                 Deng et al. 2018, section 3
"""

import math

import torch


def is_hard(att):
    return att.get("focus", "soft") == "hard"


def of(att):
    return {"inference": "argmax", "top": 0, **att.get("hard", {})}


def mixes(att):
    return is_hard(att) and of(att)["inference"] == "marginal"


def weigh(att, e, soft, centre):
    """(H1): e [S]; soft [S] is 0 outside the window; centre: p of local_p as a tensor, else None -> [S]."""
    if centre is not None:
        e = e - (torch.arange(len(e), dtype=e.dtype) - centre) ** 2 / (2 * (att["window"] / 2) ** 2)
    e = e.masked_fill(soft == 0, -math.inf)
    if of(att)["top"] > 0:
        kept = torch.topk(e, min(of(att)["top"], len(e))).indices
        e = e.masked_fill(~torch.isin(torch.arange(len(e)), kept), -math.inf)
    return torch.softmax(e, 0)


def context(att, a, h):
    """(H2)"""
    return h[a.argmax()] if of(att)["inference"] == "argmax" else a @ h


def words(a, logits):
    """(H3): logits [S, V] of each position alone -> log p [V]."""
    seen = a > 0
    return torch.logsumexp(a[seen].log()[:, None] + torch.log_softmax(logits[seen], 1), 0)
