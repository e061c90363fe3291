#!/bin/bash
# PyTorch 2.13.0: nn.TransformerEncoderLayer adds a finite float src_mask while it trains and takes it for a boolean
# one in eval.
#
# A float mask is documented as added to the scores, and so it is: a mask of distances (0 on the diagonal, -|i - j|
# beside it, as ALiBi has it) changes the weights. In eval without gradients the layer goes through its fast path,
# where every value that is not 0 forbids its position: the same input and mask then give what the mask's .bool()
# gives, each row sees itself alone, and no warning tells of it. With gradients on, or with
# torch.backends.mha.set_fastpath_enabled(False), eval gives what training gives. A model so trained is validated and
# used with other weights than it learned.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install torch==2.13.0 numpy==2.4.6 2>/dev/null
seen=$("$work/venv/bin/python" - 2>"$work/warnings" <<'PY'
import torch

torch.manual_seed(1)
layer = torch.nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
x, i = torch.randn(1, 5, 8), torch.arange(5)
distance = -(i[:, None] - i[None]).abs().float()
same = lambda a, b: torch.allclose(a, b, atol=1e-5)
learned = layer.train()(x, src_mask=distance).detach()
layer.eval()
print("eval with gradients, as in training:", same(layer(x, src_mask=distance), learned))
with torch.no_grad():
    fast, boolean = layer(x, src_mask=distance), layer(x, src_mask=distance.bool())
    print("eval without gradients, as in training:", same(fast, learned), "as a boolean mask:", same(fast, boolean))
    torch.backends.mha.set_fastpath_enabled(False)
    print("without the fast path, as in training:", same(layer(x, src_mask=distance), learned))
PY
)
printf '%s\n' "$seen"
! grep -i mask "$work/warnings" || exit 1
test "$seen" = "eval with gradients, as in training: True
eval without gradients, as in training: False as a boolean mask: True
without the fast path, as in training: True"
