#!/bin/sh
# DIR: of the repository arendu-zz/Featurized-Word-Alignment on GitHub (commit 6319956 was measured): train.full.en,
# train.full.es, and the 200 sentences with links by hand as dev.en, dev.es, dev.key (a link a line: sentence, English
# and Spanish position, all from 1). Links of the training text are made by fast_align and atools (clab/fast_align), which
# must be on the PATH, or stand ready in DIR as train.en-es.
. "$(dirname "$0")/lib.sh"
need train.full.en train.full.es dev.en dev.es dev.key
quotes() { sed "s/&apos;/'/g; s/&quot;/\"/g"; }

# Every second pair, from the first on, is dev.
for language in en es; do
  quotes <"$from/dev.$language" >"$work/dev.$language"
  quotes <"$from/train.full.$language" >"$work/full.$language"
  awk 'NR % 2 == 1' "$work/dev.$language" | put dev.$language
done
awk '$1 % 2 == 1 { s = ($1 - 1) / 2; line[s] = line[s] (line[s] == "" ? "" : " ") $2 - 1 "-" $3 - 1; if (s > last) last = s }
  END { for (s = 0; s <= last; s++) print line[s] }' "$from/dev.key" | put dev.links

# Pairs that share a side with one of the 200 are left out of train; the text of dev stands at its end.
paste "$work/full.en" "$work/full.es" | awk -F'\t' '
  FILENAME == ARGV[1] { en[$0] = 1; next }
  FILENAME == ARGV[2] { es[$0] = 1; next }
  !($1 in en) && !($2 in es)' "$work/dev.en" "$work/dev.es" - >"$work/pairs"
cut -f1 "$work/pairs" | cat - "$to/dev.en" | put train.en
cut -f2 "$work/pairs" | cat - "$to/dev.es" | put train.es

if [ -f "$from/train.en-es" ]; then
  cp "$from/train.en-es" "$work/links"
elif command -v fast_align >/dev/null && command -v atools >/dev/null; then
  paste "$to/train.en" "$to/train.es" | sed 's/	/ ||| /' >"$work/text"
  fast_align -i "$work/text" -d -o -v >"$work/forward" 2>/dev/null
  fast_align -i "$work/text" -d -o -v -r >"$work/reverse" 2>/dev/null
  atools -i "$work/forward" -j "$work/reverse" -c grow-diag-final-and >"$work/links"
else
  echo "$name: text is ready in $to; its links are not: put fast_align and atools on the PATH, or train.en-es into $from" >&2
  exit 1
fi
# dev is there without links: the model is to align it.
head -n "$(wc -l <"$work/pairs")" "$work/links" | awk -v dev="$(wc -l <"$to/dev.en")" '
  { print } END { for (i = 0; i < dev; i++) print "" }' | put train.en-es
check <<'SUMS'
f0f7d921ec66d505aef276844dd77b0f180f7ec377035292be27f09ce6ea476e  dev.en
7dcc0627c38d463793dab7468e17c8ae940b0c3a8c2c5a745fd54a62031b10ce  dev.es
9c6eafcd06f4128d3926974f587e7d421b4aff31a55d1c69750c7b7cb4a55e3b  dev.links
10b0395cb4c8f63c4d34f81ad90f96f957c74b37f2ec17e81bd835262688f779  train.en
ad4f9859fe34e817ecce19d59f31d4543c88336d9397b28e13f6385cce69d330  train.en-es
763190f8beb3bc305d11fd996e4b4c49056dae54d9e74b11a8615ff9a63506bf  train.es
SUMS
