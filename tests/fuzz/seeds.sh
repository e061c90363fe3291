#!/bin/sh
# seeds.sh - writes files of every kind that the harnesses read, made by the program itself, to DIR/HARNESS/.
# Usage: seeds.sh PROGRAM DIR
set -eu

program=$(realpath "$1")
mkdir -p "$2"
cd "$2"
seed() { # seed HARNESS FILE...
  mkdir -p "$1"
  harness=$1
  shift
  cp "$@" "$harness"
}

for i in 1 2 3 4 5 6 7 8 9; do
  printf 'a b c\nb a\nc c a b\n' >>src
  printf 'c b a\na b\nb a c c\n' >>tgt
done
paste src tgt >pairs.tsv
printf '0-2 1-1 2-0\n0-1 1?0\n0-3\n' >gold
printf '1-1\t2-2\n' >gold2
printf '{"data":{"train":{"source":"src","target":"tgt"},"valid":{"source":"src","target":"tgt"}},"model":{"embedding":2,' >c.json
printf '"encoder":{"hidden":2},"decoder":{"hidden":2}},"train":{"model":"m","epochs":1,"threads":1}}\n' >>c.json
"$program" train c.json --quiet --log log.jsonl --report page.html
"$program" translate -m m --alignments l.jsonl <src >/dev/null
"$program" translate -m m --attention all --alignments h.jsonl <src >/dev/null
"$program" translate -m m --alignments l.csv <src >/dev/null
"$program" translate -m m --alignments l.txt <src >/dev/null
"$program" shortlist -o list src tgt >/dev/null 2>&1 || printf 'a\tb\t1\n</s>\tc\t0.5\n' >list
sed 's/"train":{"model"/"vocab":{"source":{"tokenizer":"sentencepiece","size":9},"target":{"tokenizer":"char"}},&/' c.json >sp.json
if "$program" train sp.json --quiet --set train.model=sp 2>/dev/null; then
  seed fuzz_model sp
  # The tensor of bytes is the last of the file; what stands before it does no harm to a fuzzer.
  tail -c 2000 sp >blob
  seed fuzz_sentencepiece blob
fi
printf '2 2\na 1 2\nb 3 4e-1\n' >vectors
printf 'train.epochs=3\nvocab.source.tokenizer=char\nmodel.dropout=0.1\ntrain.batch_tokens=100\n' >sets
printf 'a\nb\nc\n' >words
printf 'P2 4 2 9\n1 2 3 4 5 6 7 8\n' >plain.pgm
printf 'P5\n# greys\n4 2\n255\nabcdefgh' >bytes.pgm
printf '1,2\n-3.5,4e-1\n' >matrix.csv
printf '\223NUMPY\001\000v\000%-117s\n12345678' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }" >matrix.npy

printf 'a b c a\3770-2 2-0 1-1' >line

"$program" train c.json --quiet --set train.model=t --set model.encoder.type=transformer --set model.decoder.type=transformer \
  --set model.heads=1 --set model.positions=learned --set model.encoder.self_attention.layers=1
"$program" quantize m -o m8
"$program" quantize t -o t8
seed fuzz_model m t m8 t8
seed fuzz_state m ./m.state* ./t.state*
seed fuzz_safetensors m t
seed fuzz_alignment l.jsonl h.jsonl l.csv l.txt
seed fuzz_gold gold gold2 l.txt
seed fuzz_report page.html
seed fuzz_log log.jsonl
seed fuzz_config c.json sp.json
seed fuzz_json c.json
seed fuzz_set sets
seed fuzz_corpus src
seed fuzz_tsv pairs.tsv
seed fuzz_references pairs.tsv
seed fuzz_dictionary pairs.tsv
seed fuzz_shortlist list
seed fuzz_vectors vectors
seed fuzz_vocabulary words
seed fuzz_regions plain.pgm bytes.pgm matrix.csv matrix.npy
seed fuzz_graph line
