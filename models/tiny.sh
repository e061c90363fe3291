#!/bin/sh
# tiny.sh - trains the two small models that come with the program anew, models/tiny-{dates,en-fr}.safetensors, on toy
# corpora that it makes in data/. Call it from the top folder after `make`; it takes some minutes on one thread.
set -eu
for name in dates en-fr; do
  ./attn-seq2seq toy $name data/$name --n 20000
  rm -f models/tiny-$name.safetensors models/tiny-$name.state.safetensors
  ./attn-seq2seq train models/tiny-$name.json
  rm models/tiny-$name.state.safetensors
done
