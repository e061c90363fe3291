#!/bin/bash
# JoeyNMT 2.3.0: a Transformer whose config does not say layer_norm is pre-norm in the encoder, post-norm in the
# decoder, and its encoder has no norm at its end.
#
# encoders.py takes "pre" for a missing key where it makes the layers and "post" where it decides on the norm after the
# last one; decoders.py takes "post" for both. So the decoder attends to a residual stream that nothing normalises,
# which neither "pre" nor "post" written out gives, and a converter that knows these two forms gets such a model wrong.
# The mend: write layer_norm for both sides.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install torch==2.13.0 numpy==2.4.6 importlib_metadata==10.2.0 packaging==26.4 pyyaml==6.0.4 \
  tensorboard==2.21.0 matplotlib==3.11.2 sentencepiece==0.2.3 subword-nmt==0.3.8 sacrebleu==2.6.0 sacremoses==0.2.0 \
  pandas==3.1.1 datasets==5.2.0 2>/dev/null
"$work/venv/bin/pip" -q install --no-deps joeynmt==2.3.0 2>/dev/null
seen=$("$work/venv/bin/python" - <<'PY'
import logging
from types import SimpleNamespace

logging.disable(logging.CRITICAL)
from joeynmt.model import build_model
from joeynmt.vocabulary import Vocabulary

special = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>", "sep_token": None}
special.update(unk_id=0, pad_id=1, bos_id=2, eos_id=3, sep_id=None, lang_tags=[])
words = Vocabulary(list("abc"), SimpleNamespace(**special))
for more in ({}, {"layer_norm": "pre"}, {"layer_norm": "post"}):
    side = lambda: {"type": "transformer", "num_layers": 2, "num_heads": 2, "hidden_size": 8, "ff_size": 16,
                    "embeddings": {"embedding_dim": 8}, **more}
    model = build_model({"encoder": side(), "decoder": side()}, src_vocab=words, trg_vocab=words)
    for name, part in (("encoder", model.encoder), ("decoder", model.decoder)):
        ends = part.layer_norm is not None
        print(more.get("layer_norm", "not said"), name, part.layers[0]._layer_norm_position, "and at the end:", ends)
PY
)
printf '%s\n' "$seen"
test "$seen" = "not said encoder pre and at the end: False
not said decoder post and at the end: False
pre encoder pre and at the end: True
pre decoder pre and at the end: True
post encoder post and at the end: False
post decoder post and at the end: False"
