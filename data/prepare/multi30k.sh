#!/bin/sh
# DIR: a clone of the repository multi30k/dataset on GitHub (commit a3d2e0d was measured). Its captions are for
# non-commercial research and education.
. "$(dirname "$0")/lib.sh"
for part in train val test_2016_flickr; do
  for language in en de fr; do
    file=$part.lc.norm.tok.$language
    need "data/task1/tok/$file"
    put "$file" <"$from/data/task1/tok/$file"
  done
done
check <<'SUMS'
c6a33d39d48f9f510de147651316cd9d918e09ad0219df734a2f16b6baccacc4  test_2016_flickr.lc.norm.tok.de
5b7f32627cf99eced828311b955dae9800bb52bc8b91cf8b6526829e605b29d2  test_2016_flickr.lc.norm.tok.en
1463bd5960f9bfe098ec3cd752d3df0c49c84dc646fb518964a29232658cd836  test_2016_flickr.lc.norm.tok.fr
cb5a23529b65ec2061f1dc446192a9c37382b63cc75f81a0be59d34894b3a505  train.lc.norm.tok.de
08925f8e0572bcd5a006702fc5fe20e2d77c6917d4eebd576fc20de6693c2119  train.lc.norm.tok.en
8fa41bb718412bcb7c5dfa58603842810a01543eae86a51279f9886b901266e1  train.lc.norm.tok.fr
97232bd273eceb7207f689527386a97e4be2616b18ada47576bdaf96c8ae1f00  val.lc.norm.tok.de
46573ce391ae227f1c72f873392436a20ef18e0a6d518098cfbd70b77c8572ec  val.lc.norm.tok.en
b303e301aa21fe7822a846b2b3fb2d5a1121ec807cd5b1d006fb7b2b5507168a  val.lc.norm.tok.fr
SUMS
