"""Positions of the tokens of one side: tables [n, d] that are added to rows.

(20) P[i, 2c] = sin(i 10000^(-2c/d)), P[i, 2c+1] = cos(same)      sinusoidal: Vaswani et al. 2017, section 3.5
     P[i, c] = sin(i w_c), P[i, d/2 + c] = cos(same), w_c = 10000^(-c / (d/2 - 1))      sinusoidal_concat: tensor2tensor
(21) flow, layer l: p(i) of dp/dt = J p + W_1 [relu(W_0 [p; t/100] + b_0); t/100] + b_1, p(0) = start[l], by Runge and
     Kutta's fourth order, `steps` steps from a position to the next; J turns the pair (2c, 2c+1) at 10000^(-2c/d), so
     that J alone gives (20) from (0, 1, 0, 1, ...)               Liu et al. 2020, eq. 3 and 5; J is ours
"""

import math

import torch


def sinusoidal(n, d):
    i = torch.arange(n, dtype=torch.float64)[:, None]
    angle = i * 10000 ** (-torch.arange(0, d, 2, dtype=torch.float64) / d)
    return torch.stack([angle.sin(), angle.cos()], 2).flatten(1)[:, :d]


def sinusoidal_concat(n, d):
    half = d // 2
    i = torch.arange(n, dtype=torch.float64)[:, None]
    angle = i * torch.exp(-torch.arange(half, dtype=torch.float64) * math.log(10000) / max(half - 1, 1))
    return torch.nn.functional.pad(torch.cat([angle.sin(), angle.cos()], 1), (0, d % 2))


def flow_speed(w, p, t):
    """dp/dt (21) of p [d] at position t; w holds the tensors of one side's flow."""
    d = len(p)
    rate = 10000 ** (-torch.arange(0, d, 2, dtype=p.dtype) / d)
    turned = torch.stack([rate * p[1::2], -rate * p[0::2]], 1).flatten()
    at = p.new_tensor([t / 100])
    hidden = torch.relu(w["0.weight"] @ torch.cat([p, at]) + w["0.bias"])
    return turned + w["1.weight"] @ torch.cat([hidden, at]) + w["1.bias"]


def flow(w, n, layer, steps):
    p, rows, h = w["start"][layer], [], 1 / steps
    for i in range(n):
        rows.append(p)
        for j in range(steps):
            t = i + j * h
            k1 = flow_speed(w, p, t)
            k2 = flow_speed(w, p + h / 2 * k1, t + h / 2)
            k3 = flow_speed(w, p + h / 2 * k2, t + h / 2)
            k4 = flow_speed(w, p + h * k3, t + h)
            p = p + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return torch.stack(rows)
