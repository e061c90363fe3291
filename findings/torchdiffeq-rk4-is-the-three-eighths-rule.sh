#!/bin/bash
# torchdiffeq 0.2.5: odeint(method="rk4") is not the classical method of Runge and Kutta but their 3/8 rule.
#
# Its stages stand at 0, 1/3, 2/3 and 1 of a step with the weights 1/8, 3/8, 3/8, 1/8. Both methods are of fourth order
# and agree to the last digit where the equation is linear with constant coefficients, which is what examples try. On
# others one step differs: y' = t y^2 from 1 over [0, 1] (2 at its end) gives 1.998 where the classical method (1/6, 1/3,
# 1/3, 1/6 at 0, 1/2, 1/2, 1) gives 1.956. A solver that is written out, and its values, are not those of "rk4" there,
# and the package's description does not say it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install torch==2.13.0 numpy==2.4.6 torchdiffeq==0.2.5 2>/dev/null
"$work/venv/bin/python" - <<'PY'
import torch
from torchdiffeq import odeint

torch.set_default_dtype(torch.float64)


def classical(f, y):
    k1 = f(0, y)
    k2 = f(0.5, y + k1 / 2)
    k3 = f(0.5, y + k2 / 2)
    k4 = f(1, y + k3)
    return y + (k1 + 2 * k2 + 2 * k3 + k4) / 6


def three_eighths(f, y):
    k1 = f(0, y)
    k2 = f(1 / 3, y + k1 / 3)
    k3 = f(2 / 3, y + k2 - k1 / 3)
    k4 = f(1, y + k1 - k2 + k3)
    return y + (k1 + 3 * k2 + 3 * k3 + k4) / 8


def found(f, y):
    return odeint(f, torch.tensor(y), torch.tensor([0.0, 1.0]), method="rk4")[-1].item()


bent, straight = (lambda t, y: t * y * y), (lambda t, y: -y)
seen = [found(bent, 1.0), three_eighths(bent, 1.0), classical(bent, 1.0), found(straight, 1.0), classical(straight, 1.0)]
print("y' = t y^2: rk4 %.9f, 3/8 rule %.9f, classical %.9f; y' = -y: rk4 %.9f, classical %.9f" % tuple(seen))
ok = abs(seen[0] - seen[1]) < 1e-12 and abs(seen[0] - seen[2]) > 1e-3 and abs(seen[3] - seen[4]) < 1e-12
raise SystemExit(0 if ok else "this release behaves differently")
PY
