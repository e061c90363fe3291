#!/bin/sh
# DIR: a clone of the repository sigmorphon/conll2017 on GitHub (commit 519bb16 was measured). Languages: all for which
# DIR/all/task1 has a large training set; the sums are of English, Finnish, German and Turkish.
. "$(dirname "$0")/lib.sh"
need all/task1/turkish-train-high all/task1/turkish-dev

# Characters of UTF-8 apart; a space, or a run of no-break spaces, inside a word becomes an open box, U+2423.
spell='function spell(text, out, i, byte) {
    gsub(/(\302\240)+| /, "\342\220\243", text)
    for (i = 1; i <= length(text); i++) {
      byte = substr(text, i, 1)
      out = out (i > 1 && byte !~ /[\200-\277]/ ? " " : "") byte
    }
    return out
  }'
for train in "$from"/all/task1/*-train-high; do
  language=$(basename "$train" -train-high)
  for part in train dev; do
    table=$train
    [ $part = train ] || table=$from/all/task1/$language-dev
    # lemma, form, tags between semicolons
    awk -F'\t' "$spell"'{ tags = $3; gsub(/;/, " +", tags); print spell($1) " +" tags }' "$table" | put "$language.$part.src"
    awk -F'\t' "$spell"'{ print spell($2) }' "$table" | put "$language.$part.tgt"
  done
done
check <<'SUMS'
49142050d7a59e402a59345ad43d0d4c529949e68cfe57132c1bb843c7fc7d5d  english.dev.src
593b19e7954b2f50f6d70ba6ea6d0a5dde22019e641910ccfcbbce288ae054f0  english.dev.tgt
27d76bf3eb5deefc3b705df65dc480132731cef3c6953b4fb51c82796001743e  english.train.src
e50ab3a3e995e8571ab955a98e2ac66e97e1b4e7875f507a8c4d0ca21c5d6c26  english.train.tgt
771fc18bd17c1dd51df1336feb8cd64b83068d664b25ecc39670bc87aed31d20  finnish.dev.src
c998b11f9fa226597d1f2fdc6259a8d279c101c8d2991588b05ca3ea8cb16275  finnish.dev.tgt
a668b23ebf45cadd0a4a72c4a2a0397ecd9fe6d437c6c1695fcb6c072cf93f65  finnish.train.src
59901353beb999878a6cd8a2ec4c7a7d6a1779b9b5c73f8d4039319292d01719  finnish.train.tgt
f8d539b0b153a56ffa967e5b1c85c7e374f44a34c1eba63eaea4448655caf8ed  german.dev.src
c50aeb27751934be396d607b8b34587cfaf205ff190a704e26532e5fde9fc5a1  german.dev.tgt
84a1623b0b9f8232f0bf51b805a597f2909f0312b8b9bf0bb5e6cedb33f1efb7  german.train.src
7e6a600d2ba61bf7c2a5160b99a460377da1720272f9640f4163677ace5e4b77  german.train.tgt
113919a589b7371b72332fc4289ad6a13f7d85d6fd8dab0abab9bfd6c0f255cd  turkish.dev.src
d701914e609b8830f65099d83c23f86bdd6fa96af150831b0284bfe18db884ed  turkish.dev.tgt
0147b391336b180fed195659dfed84654cdd678b5332ee2aa0b2d35827218127  turkish.train.src
9fe93c6b302fb577e8cf9469540213646be6d7178c40672e3fe1574a0e121cfa  turkish.train.tgt
SUMS
