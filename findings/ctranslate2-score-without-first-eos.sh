#!/bin/bash
# CTranslate2 4.8.5: by default the score of a translation is not the log-probability that the model gives it.
#
# translate_batch has min_decoding_length 1, which masks </s> before the softmax of the first step: the other words
# share its probability, and the score returned is log P - log(1 - p(</s>)) of that step, whatever the output is and
# even where </s> would never have been taken. score_batch of the same model and words gives log P. Scores of the two,
# of n-best lists rescored, or of sentences of a weak model (p(</s>) large) against another toolkit's do not compare.
# With min_decoding_length=0 both are the same.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" -q install ctranslate2==4.8.5 numpy==2.4.6 2>/dev/null
seen=$(cd "$work" && "$work/venv/bin/python" - <<'PY'
import math
import os

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

rng, d, words = np.random.RandomState(3), 8, ["<unk>", "<s>", "</s>", "a", "b", "c", "d"]
spec = TransformerSpec.from_config((1, 1), 2)


def fill(part, *shape):
    return (rng.randn(*shape) * 0.5).astype(np.float32)


def linear(s, n_out, n_in):
    s.weight, s.bias = fill(s, n_out, n_in), fill(s, n_out)


def norm(s):
    s.gamma, s.beta = np.ones(d, np.float32), np.zeros(d, np.float32)


for side in (spec.encoder, spec.decoder):
    embeddings = side.embeddings[0] if side is spec.encoder else side.embeddings
    embeddings.weight = fill(embeddings, len(words), d)
    norm(side.layer_norm)
    for layer in side.layer:
        linear(layer.self_attention.linear[0], 3 * d, d)
        linear(layer.self_attention.linear[1], d, d)
        norm(layer.self_attention.layer_norm)
        if side is spec.decoder:
            linear(layer.attention.linear[0], d, d)
            linear(layer.attention.linear[1], 2 * d, d)
            linear(layer.attention.linear[2], d, d)
            norm(layer.attention.layer_norm)
        norm(layer.ffn.layer_norm)
        linear(layer.ffn.linear_0, 16, d)
        linear(layer.ffn.linear_1, d, 16)
linear(spec.decoder.projection, len(words), d)
spec.decoder.projection.bias[:] = [-9, -9, 1.5, 0, 0, 0, 0]
spec.register_source_vocabulary(words)
spec.register_target_vocabulary(words)
spec.validate()
spec.optimize()
os.mkdir("model")
spec.save("model")
model = ctranslate2.Translator("model", device="cpu", compute_type="float32")
source = ["a", "b", "c"]
first_eos = math.exp(model.score_batch([source], [[]])[0].log_probs[0])
for more in ({}, {"min_decoding_length": 0}):
    found = model.translate_batch([source], beam_size=5, length_penalty=0, return_scores=True, **more)[0]
    log_p = sum(model.score_batch([source], [found.hypotheses[0]])[0].log_probs)
    print(more, found.hypotheses[0], "score - log P: %.3f" % (found.scores[0] - log_p))
print("-log(1 - p(</s>)) of the first step: %.3f" % -math.log(1 - first_eos))
PY
)
printf '%s\n' "$seen"
test "$seen" = "{} ['a'] score - log P: 0.051
{'min_decoding_length': 0} ['a'] score - log P: 0.000
-log(1 - p(</s>)) of the first step: 0.051"
