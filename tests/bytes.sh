#!/bin/bash
# bytes.sh - what a change must not change: trains every kind of model for 30 updates with the program of an older commit
# and with that of the working tree, and compares their models, states, logs, translations and alignments byte by byte. Of
# files that differ it names the first tensor, or shows the place.
# Usage: bytes.sh [REVISION [PATTERN]]    CC="ccache gcc" bytes.sh
#   REVISION  the older commit; default: origin/main, without it HEAD~1
#   PATTERN   only kinds whose name matches this extended regular expression
# The kinds are the cases of tests/golden/model.json, their sizes times 6, and the table below. A kind that the older program
# refuses is new and passed over. Status 1: something differs, or the working tree refuses a kind.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

# name: what differs from the base config. Of a key given twice the later counts.
training_kinds() {
  cat <<'END'
no dropout: model.dropout=0
no dropout, bahdanau: model.dropout=0 model.attention.flow=bahdanau
no dropout, cgru: model.dropout=0 model.decoder.cell=cgru
no dropout, lstm, no input feeding: model.dropout=0 model.encoder.cell=lstm model.decoder.cell=lstm model.attention.input_feeding=false
every dropout, tanh: DROPOUT model.encoder.cell=tanh model.decoder.cell=tanh
every dropout, gru, bahdanau: DROPOUT model.attention.flow=bahdanau
every dropout, lstm: DROPOUT model.encoder.cell=lstm model.decoder.cell=lstm
every dropout, cgru: DROPOUT model.decoder.cell=cgru
every dropout, 3 layers, residual, init copy: DROPOUT STACK model.encoder.layers=3 model.decoder.init=copy
every dropout, cgru, 3 layers, residual, init mean: DROPOUT STACK model.decoder.cell=cgru model.decoder.init=mean
every dropout, layer norm, 3 layers, residual: DROPOUT STACK model.layer_norm=true
every dropout, layer norm, lstm, concat, local_p: DROPOUT model.layer_norm=true model.encoder.cell=lstm model.decoder.cell=lstm model.attention.score=concat model.attention.scope=local_p
every dropout, additive, fertility, guided, read: DROPOUT model.attention.score=additive model.attention.coverage=fertility GUIDED model.attention.aligns=read
every dropout, tied, deep: DROPOUT model.embedding=24 model.tie_embeddings=all model.decoder.deep_output=true
guided, cgru, count: GUIDED model.decoder.cell=cgru model.attention.score=concat model.attention.coverage=count
guided, accumulate, ema: GUIDED train.accumulate=2 train.ema=0.9
sgd: train.optimizer.type=sgd
sgd, weight decay, no clipping: train.optimizer.type=sgd train.optimizer.lr=0.1 train.optimizer.weight_decay=0.01 train.optimizer.clip_norm=0
adam, weight decay, clipping: train.optimizer.weight_decay=0.01 train.optimizer.clip_norm=0.1
ema: train.ema=0.99
average: train.average=3 train.validate_every=6
accumulate: train.accumulate=3
label smoothing: train.label_smoothing=0.1
batches of tokens: train.batch_tokens=100
one shard: train.shards=1
3 shards: train.shards=3
4 shards, 2 threads: train.shards=4 train.threads=2
7 shards, accumulate, 2 threads: train.shards=7 train.accumulate=2 train.threads=2
64 shards: train.shards=64
warmup, luong schedule: train.schedule.type=luong train.schedule.warmup=10 train.schedule.start_epoch=1
bleu: train.metric=bleu
characters: vocab.source.tokenizer=char vocab.target.tokenizer=char
heads, gru: HEADS
heads, cgru, guided, every dropout: HEADS GUIDED DROPOUT model.decoder.cell=cgru
heads, lstm, qvv, additive, local_p: HEADS model.encoder.cell=lstm model.decoder.cell=lstm model.attention.pattern=qvv model.attention.score=additive model.attention.scope=local_p
heads, bahdanau, vvv, gaussian, local_m: HEADS model.decoder.hidden=24 model.attention.flow=bahdanau model.attention.pattern=vvv model.attention.score=gaussian model.attention.scope=local_m
transformer: TRANSFORMER
transformer, post, gelu, learned, tied: TRANSFORMER model.norm=post model.activation=gelu model.positions=learned model.tie_embeddings=all
transformer, swiglu, rotary, every dropout: TRANSFORMER model.activation=swiglu model.positions=rotary model.dropout=0.3 model.dropout_attention=0.2 model.dropout_feed_forward=0.2 model.word_dropout.source=0.1 model.word_dropout.target=0.1
transformer, relative, values, guided: TRANSFORMER GUIDED model.positions=relative model.relative_values=true model.attention.alignment.layer=2 model.attention.alignment.heads=1
transformer, flow, ema, accumulate: TRANSFORMER model.positions=flow train.ema=0.9 train.accumulate=2
transformer, sinusoidal_concat, additive, local_p: TRANSFORMER model.positions=sinusoidal_concat model.attention.score=additive model.attention.scope=local_p
transformer encoder, gru decoder: HEADS TRANSFORMER model.decoder.type=rnn model.decoder.init=mean
gru encoder, transformer decoder: TRANSFORMER model.encoder.type=rnn
gru encoder, self-attention, gru decoder: model.encoder.self_attention.layers=2 model.encoder.self_attention.heads=3 model.encoder.self_attention.window=2
no encoder, self-attention, transformer decoder: TRANSFORMER model.encoder.type=none model.encoder.self_attention.layers=1 model.encoder.self_attention.norm=none model.encoder.self_attention.feed_forward=0
ponder: model.encoder.act.max_steps=5 model.decoder.act.max_steps=3 model.decoder.act.bias=-1
ponder, every dropout, lstm, bahdanau, 2 layers: DROPOUT model.encoder.cell=lstm model.decoder.cell=lstm model.attention.flow=bahdanau model.encoder.layers=2 model.decoder.layers=2 model.encoder.act.max_steps=3 model.decoder.act.max_steps=3 model.encoder.act.bias=-1
ponder, cgru, layer norm: model.decoder.cell=cgru model.layer_norm=true model.decoder.act.max_steps=3
filters, concat, cgru: model.attention.score=concat model.attention.conv.filters=3 model.attention.conv.width=5 model.decoder.cell=cgru
cosine, ntm: model.attention.score=cosine model.attention.focus=ntm model.attention.ntm.shift=2
transformer, cosine, ntm, uniform, wrapped: TRANSFORMER model.attention.score=cosine model.attention.focus=ntm model.attention.ntm.start=uniform model.attention.ntm.wrap=true
hard: model.attention.focus=hard
hard, soft baseline, local_p, bahdanau: model.attention.focus=hard model.attention.hard.baseline=soft model.attention.hard.inference=sample model.attention.scope=local_p model.attention.flow=bahdanau
hard, marginal: model.attention.focus=hard model.attention.hard.estimator=marginal model.attention.hard.top=3 model.attention.hard.inference=marginal
hard, gumbel, cgru: model.attention.focus=hard model.attention.hard.estimator=gumbel model.decoder.cell=cgru
hard, straight through: model.attention.focus=hard model.attention.hard.estimator=straight_through model.attention.score=additive
universal: TRANSFORMER model.encoder.universal=true
universal, ponder, window, every dropout: TRANSFORMER model.encoder.universal=true model.encoder.act.max_steps=4 model.encoder.window=2 model.dropout=0.3 model.dropout_attention=0.2 model.dropout_feed_forward=0.2
convolution, every dropout: DROPOUT model.encoder.type=conv model.encoder.layers=2 model.encoder.conv.width=5 model.dropout_recurrent=0
convolution, transformer decoder: TRANSFORMER model.encoder.type=conv
graph: model.encoder.type=graph model.encoder.graph.heads=3
graph, gat, directed, transformer decoder: TRANSFORMER model.encoder.type=graph model.encoder.graph.heads=3 model.encoder.graph.kind=gat model.encoder.graph.directed=true
triangular, width given: model.attention.score=triangular model.attention.width=0.5
epanechnikov, width learned, lstm: model.attention.score=epanechnikov model.encoder.cell=lstm model.decoder.cell=lstm
average: model.attention.score=average
aoa, cgru: model.attention.score=aoa model.decoder.cell=cgru
gate, doubly stochastic: model.attention.gate=true train.doubly_stochastic=0.5
lowercase, counts: vocab.shared=false vocab.source.lowercase=true vocab.target.min_count=2
END
}
DROPOUT='model.dropout=0.3 model.dropout_context=0.2 model.dropout_recurrent=0.25 model.word_dropout.source=0.1 model.word_dropout.target=0.15'
STACK='model.encoder.layers=2 model.decoder.layers=3 model.encoder.residual=true model.decoder.residual=true'
HEADS='model.attention.heads=3'
TRANSFORMER='model.encoder.type=transformer model.decoder.type=transformer model.encoder.layers=2 model.decoder.layers=2 model.heads=3 model.feed_forward=40'
GUIDED='data.train.alignment=toy/train.align train.guided_alignment.loss=mse'

# The golden cases in the same form: each key of the case's "model", sizes of vectors times 6.
golden_kinds() {
  awk '
    /^\{"name"/ {
      split($0, quoted, "\"")
      line = quoted[4] ":"
      s = substr($0, index($0, "\"model\":") + 8)
      path = "model"
      depth = 0
      do {
        c = substr(s, 1, 1)
        if (c == "\"") {
          match(s, /^"[^"]*":/)
          key = substr(s, 2, RLENGTH - 3)
          s = substr(s, RLENGTH + 1)
          if (substr(s, 1, 1) == "{") { path = path "." key; continue }
          match(s, /^[^,}]*/)
          value = substr(s, 1, RLENGTH)
          s = substr(s, RLENGTH + 1)
          if (key ~ /^(embedding|hidden|size|feed_forward)$/) value *= 6
          gsub(/"/, "", value)
          if (key != "max_positions") line = line " " path "." key "=" value
          continue
        }
        if (c == "{") depth++
        if (c == "}") { depth--; sub(/\.[^.]*$/, "", path) }
        s = substr(s, 2)
      } while (depth > 0)
      if (match($0, /"guided":\{"kind":"[a-z_]*"/))
        line = line " data.train.alignment=toy/train.align train.guided_alignment.loss=" substr($0, RSTART + 18, RLENGTH - 19)
      print line
    }' tests/golden/model.json
}

write_config() {
  cat <<'END'
{"data": {"train": {"source": "toy/train.src", "target": "toy/train.tgt"},
          "valid": {"source": "toy/valid.src", "target": "toy/valid.tgt"}},
 "vocab": {"shared": true},
 "model": {"embedding": 18, "dropout": 0.1, "encoder": {"hidden": 12}, "decoder": {"hidden": 24},
           "attention": {"size": 18, "window": 1}},
 "train": {"model": "m.safetensors", "updates": 30, "validate_every": 15, "log_every": 5, "batch_size": 12, "shards": 2, "threads": 1}}
END
}

# ---- Comparing two files

header_size() { od -An -tu8 -N8 "$1" | tr -d ' '; }
header() { tail -c +9 "$1" | head -c "$(header_size "$1")"; }
data() { tail -c +$((9 + $(header_size "$1"))) "$1"; }
# A line a tensor: name, type, shape, first byte, byte after the last.
tensors() {
  header "$1" | grep -oE '"[^"]*":\{"dtype":"[A-Z0-9_]*","shape":\[[0-9,]*\],"data_offsets":\[[0-9]*,[0-9]*\]\}' |
    sed -E 's/^"([^"]*)":\{"dtype":"([^"]*)","shape":(\[[0-9,]*\]),"data_offsets":\[([0-9]*),([0-9]*)\]\}/\1 \2 \3 \4 \5/'
}
first_difference() { LC_ALL=C cmp "$1" "$2" 2>&1 | sed -nE 's/.*(char|byte) ([0-9]+),.*/\2/p'; }
around() { tail -c +"$(($2 > 60 ? $2 - 60 : 1))" "$1" | head -c 140 | tr '\n' ' '; }

compare_text() { # compare_text WHAT OLD NEW: nothing when they are the same
  cmp -s "$2" "$3" && return
  local at
  at=$(first_difference "$2" "$3")
  [ -n "$at" ] || at=$(($(wc -c <"$2") < $(wc -c <"$3") ? $(wc -c <"$2") : $(wc -c <"$3")))
  printf '  %s differs at byte %s:\n    old ...%s\n    new ...%s\n' "$1" "$at" "$(around "$2" "$at")" "$(around "$3" "$at")"
}

compare_tensors() { # compare_tensors WHAT OLD NEW: two safetensors files
  cmp -s "$2" "$3" && return
  tensors "$2" >"$2.list"
  tensors "$3" >"$3.list"
  if ! cmp -s "$2.list" "$3.list"; then
    printf '  %s has other tensors: %s\n' "$1" "$(diff "$2.list" "$3.list" | grep '^[<>]' | head -n 2 | tr '\n' ' ')"
    return
  fi
  local at
  data "$2" >"$2.data"
  data "$3" >"$3.data"
  at=$(first_difference "$2.data" "$3.data")
  [ -z "$at" ] || printf '  %s: first tensor that differs: %s\n' "$1" \
    "$(awk -v at="$at" '$4 < at && at <= $5 {printf "%s %s, element %d of it", $1, $3, (at - 1 - $4) / 4}' "$2.list")"
  header "$2" >"$2.header"
  header "$3" >"$3.header"
  compare_text "$1, header" "$2.header" "$3.header"
}

# ---- One kind with both programs

run_program() { # run_program FOLDER PROGRAM OVERRIDE...: status 2 when the config is refused
  local folder=$1 program=$2 status arguments=() one
  shift 2
  for one in "$@"; do arguments+=(--set "$one"); done
  cd "$folder" || return 1
  "$program" train config.json --log log.jsonl "${arguments[@]}" >out 2>err
  status=$?
  [ $status = 0 ] || return $status
  sed -E 's/,"(seconds|target_tokens_per_s)":[^,}]*//g; s/"version":"[^"]*"//' log.jsonl >log
  "$program" translate -m m.safetensors --threads 1 --beam-size 5 --n-best 3 --format jsonl --alignments alignments.jsonl \
    <toy/lines >translations 2>err
}

compare_kind() { # compare_kind LINE: prints how they differ; leaves a file result in the kind's folder
  local name=${1%%: *} overrides=${1#*: } folder status
  [ "$overrides" != "$1" ] || overrides=
  overrides=${overrides//DROPOUT/$DROPOUT}
  overrides=${overrides//STACK/$STACK}
  overrides=${overrides//GUIDED/$GUIDED}
  overrides=${overrides//HEADS/$HEADS}
  overrides=${overrides//TRANSFORMER/$TRANSFORMER}
  folder=$work/kinds/$(printf %s "$name" | tr -c 'a-z0-9' _)
  mkdir -p "$folder/old" "$folder/new"
  for side in old new; do
    ln -s "$work/toy" "$folder/$side/toy"
    cp "$work/config.json" "$folder/$side/"
    # shellcheck disable=SC2086
    (run_program "$folder/$side" "$work/program.$side" $overrides)
    status=$?
    if [ $status = 2 ] && [ $side = old ]; then
      echo new >"$folder/result"
      continue
    elif [ $status != 0 ]; then
      echo different >"$folder/result"
      printf '%s: the %s program fails: %s\n' "$name" $side "$(head -n 1 "$folder/$side/err")"
      return
    fi
  done
  [ ! -e "$folder/result" ] || return
  differences=$(
    cd "$folder" || exit
    compare_tensors model old/m.safetensors new/m.safetensors
    compare_tensors state old/m.state.safetensors new/m.state.safetensors
    for file in log translations alignments.jsonl; do compare_text $file old/$file new/$file; done
  )
  if [ -z "$differences" ]; then
    echo same >"$folder/result"
    rm -r "$folder/old" "$folder/new"
  else
    echo different >"$folder/result"
    printf '%s: %s\n%s\n' "$name" "$overrides" "$differences"
  fi
}

if [ "${1:-}" = --kind ]; then
  work=$2
  compare_kind "$3"
  exit 0
fi

revision=${1:-$(git rev-parse --verify -q origin/main >/dev/null && echo origin/main || echo HEAD~1)}
case $revision in -*) sed -n '2,/^set /s/^# //p' tests/bytes.sh >&2 && exit 2 ;; esac
git rev-parse --verify -q "$revision^{commit}" >/dev/null || {
  echo "bytes: \"$revision\" is no commit"
  exit 2
}
work=$(mktemp -d "${TMPDIR:-/tmp}/bytes.XXXXXX")
trap 'rm -rf "$work"' EXIT

build() { # build FOLDER SIDE
  make -C "$1" -j "$(nproc)" attn-seq2seq >"$work/make.log" 2>&1 || {
    tail "$work/make.log"
    echo "bytes: the $2 program does not build"
    exit 1
  }
  cp "$1/attn-seq2seq" "$work/program.$2"
}
mkdir "$work/source" "$work/kinds"
git archive "$revision" | tar -x -C "$work/source"
build "$work/source" old
build . new
"$work/program.new" toy en-fr "$work/toy" --n 200 >/dev/null
for file in src tgt; do sed -i '17,$d' "$work/toy/valid.$file"; done
head -n 6 "$work/toy/test.src" >"$work/toy/lines"
write_config >"$work/config.json"

{ golden_kinds; training_kinds; } | grep -E "^[^:]*(${2:-})[^:]*:" |
  tr '\n' '\0' | xargs -0 -n 1 -P "$(nproc)" tests/bytes.sh --kind "$work"

count() { cat "$work"/kinds/*/result 2>/dev/null | grep -cx "$1"; }
echo "bytes: against $(git log -1 --format=%h "$revision"): $(count same) kinds the same, $(count different) different, $(count new) new"
[ "$(count different)" = 0 ] && [ "$(count same)" != 0 ]
