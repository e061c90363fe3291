/* Sources that are images or matrices, through the program: what is written of them, and what goes wrong. */
#include <check.h>
#include <string.h>

#include "scratch.h"
#include "session.h"

static Scratch scratch;

static const char *folder(void) { return str_text(&scratch.folder); }

/* 60 images of 8 by 4 pixels, two patches of which are black but for one: the target says which, and how bright it is.
 * The same as matrices of 16 columns. */
#define IMAGES                                                                                                        \
  "mkdir i && awk 'BEGIN { for (k = 0; k < 60; k++) { side = k % 2; grey = 50 + 40 * (k % 3); f = \"i/\" k \".pgm\";" \
  " m = \"i/\" k \".csv\"; print \"P2 8 4 130\" > f; for (y = 0; y < 4; y++) for (x = 0; x < 8; x++)"                 \
  " print (int(x / 4) == side ? grey - (x * y + k) % 7 : 0) > f;"                                                     \
  " for (s = 0; s < 2; s++) for (j = 0; j < 16; j++)"                                                                 \
  " printf \"%s%s\", (s == side ? (grey - k % 5) / 130 : 0), j < 15 ? \",\" : \"\\n\" > m;"                           \
  " print f > \"i.src\"; print m > \"m.src\"; print (side ? \"right\" : \"left\"), \"g\" k % 3 > \"i.tgt\";"          \
  " print side \"-0 \" side \"-1\" > \"i.align\" } }' && "
#define CONFIG                                                                                                         \
  "cat > i.json <<'E' && "                                                                                             \
  "\n{\"data\":{\"source_form\":\"features\",\"train\":{\"source\":\"i.src\",\"target\":\"i.tgt\"},"                   \
  "\"valid\":{\"source\":\"i.src\",\"target\":\"i.tgt\"}},\"model\":{\"embedding\":8,\"dropout\":0,\"encoder\":{"      \
  "\"patch\":4,"                                                                                                       \
  "\"hidden\":8},\"decoder\":{\"hidden\":16}},\"train\":{\"model\":\"i.safetensors\",\"epochs\":40,\"batch_size\":10," \
  "\"threads\":2,\"optimizer\":{\"lr\":0.01}}}\nE\n"
#define TRAIN "$A train i.json --quiet "
#define MATRICES                                                                                      \
  " --set model.encoder.patch=0 --set model.encoder.features=16 --set data.train.source=m.src --set " \
  "data.valid.source=m.src "

static void set_up(void) {
  scratch_open(&scratch);
  session_must(folder(), IMAGES CONFIG "true");
}

static void tear_down(void) { scratch_close(&scratch); }

static void expect(const char *line, int status, const char *out, const char *words) {
  Ran ran = session_run(folder(), line);
  ck_assert_msg(ran.status == status, "%s: status %d: %s", line, ran.status, str_text(&ran.said));
  if (out != NULL) ck_assert_str_eq(str_text(&ran.out), out);
  ck_assert_msg(strstr(str_text(&ran.said), words) != NULL, "%s said\n%s", line, str_text(&ran.said));
  session_end(&ran);
}

/* Both forms are learned whole; a line out for a line in, blank ones too. */
START_TEST(images_and_matrices_are_learned) {
  session_must(folder(), TRAIN "&& $A translate -m i.safetensors < i.src | cmp - i.tgt");
  session_must(folder(), TRAIN MATRICES "--overwrite && $A translate -m i.safetensors < m.src | cmp - i.tgt");
  expect("(sed 1q m.src; echo; echo ' '; sed -n 2p m.src) | $A translate -m i.safetensors", 0,
         "left g0\n\n\nright g1\n", "");
}
END_TEST

/* Links teach where to look: then alignments have them, in every form, without a column for </s>. */
START_TEST(alignments_name_regions) {
  session_must(folder(), TRAIN
               "--set data.train.alignment=i.align && "
               "for f in a.csv a.jsonl a.txt; do $A translate -m i.safetensors --alignments $f < i.src > o; done && "
               "cmp a.txt i.align && $A score -m i.safetensors i.src i.tgt --alignments b.txt >o && cmp b.txt i.align");
  Str csv = session_read(folder(), "a.csv"), json = session_read(folder(), "a.jsonl");
  ck_assert_ptr_nonnull(strstr(str_text(&csv), "\n1,0,left,0,r1c1,0.9"));
  ck_assert_ptr_nonnull(strstr(str_text(&csv), "\n1,0,left,1,r1c2,"));
  ck_assert_ptr_null(strstr(str_text(&csv), "\n1,0,left,2,"));
  ck_assert_ptr_nonnull(
      strstr(str_text(&json), "\"source\":[\"r1c1\",\"r1c2\"],\"target\":[\"left\",\"g0\",\"</s>\"]"));
  ck_assert_ptr_nonnull(strstr(str_text(&json), ",\"image\":{\"columns\":2,\"patch\":4,\"pixels\":\"6262626262605e5c"));
  str_free(&csv);
  str_free(&json);
  /* The page of JSON Lines has the image, and so has the one that translating writes. */
  session_must(
      folder(),
      "$A heatmap a.jsonl -o p.html && $A translate -m i.safetensors --heatmaps h/ < i.src > o && "
      "grep '\"i\":{\"columns\":2,' p.html > p && grep '\"i\":{\"columns\":2,' h/index.html > h.i && cmp p h.i && "
      "test $(wc -l < p) = 60");
  expect("sed 's/\"patch\":4/\"patch\":3/' a.jsonl > b.jsonl; $A heatmap b.jsonl -o q.html", 1, "",
         "b.jsonl:1: \"image\" is to be an image cut into as many patches as there are source tokens");
  expect("$A translate -m i.safetensors --alignments m/ < i.src > o && sed 1q m/000001.csv", 0, ",r1c1,r1c2\n", "");
}
END_TEST

/* Beam, ensemble, n-best and threads: a list's log-probabilities are those that score gives its lines. */
START_TEST(searched_as_scored) {
  session_must(folder(), TRAIN
               "--set train.epochs=3 && "
               "$A translate -m i.safetensors -m i.safetensors -b 4 --n-best 4 --threads 1 < i.src > 1 && "
               "$A translate -m i.safetensors -m i.safetensors -b 4 --n-best 4 --threads 4 < i.src > 4 && cmp 1 4 && "
               "awk -F' [|][|][|] ' '{print $2 > \"t\"; sub(/F0= /, \"\", $3); print $3 > \"p\"}' 1 && "
               "awk '{for (k = 0; k < 4; k++) print}' i.src > s && $A score -m i.safetensors s t > q && "
               "paste p q | awk '{d = $1 - $2; if (d > 1e-4 || d < -1e-4) bad = 1} END {exit bad || NR != 240}'");
}
END_TEST

/* The same bytes on any number of threads, and when a training was ended and went on. */
START_TEST(goes_on_exactly) {
#define XU "--set model.attention.gate=true --set train.doubly_stochastic=0.5 --log l --set train.log_every=2 "
  session_must(folder(),
               TRAIN XU "--set train.epochs=4 --set train.threads=1 && mv i.safetensors 1 && rm l && " TRAIN XU
                        "--set train.epochs=2 --overwrite && " TRAIN XU
                        "--set train.epochs=4 --resume && cmp i.safetensors 1 && "
                        "test $(grep -c '\"event\":\"update\".*\"doubly_stochastic\":0' l) -ge 8");
  session_must(folder(), "sed -i 's/130/131/' i/7.pgm");
  expect(TRAIN XU "--set train.epochs=5 --resume", 1, "", "what the lines of data.train name: has changed since");
}
END_TEST

START_TEST(told_of_and_reported) {
  session_must(
      folder(), TRAIN
      "--set train.epochs=2 --report r.html --log l && grep -q r1c2 r.html && "
      "$A info i.safetensors | grep -q 'source  5 entries .*tokenizer regions' && "
      "$A compare i.json --set train.epochs=1 --vary model.encoder.type=rnn,none -o c && test -s c/index.html");
}
END_TEST

START_TEST(what_goes_wrong) {
  session_must(folder(), TRAIN "--set train.epochs=1");
  expect("(sed 1q i.src; echo gone.pgm) | $A translate -m i.safetensors", 1, NULL, "standard input:2: gone.pgm: ");
  expect("echo m.src | $A translate -m i.safetensors", 1, "", "standard input:1: m.src: no PGM image");
  expect("echo i | $A translate -m i.safetensors", 1, "", "standard input:1: i: not a regular file");
  expect(
      "printf 'P5 900 4 9\\n' > w; head -c 3600 /dev/zero >> w; echo w | $A translate -m i.safetensors", 1, "",
      "standard input:1: w: 900 by 4 pixels are 1 rows and 225 columns of patches, but the model has places for 100");
  expect("(sed 1q i.src; echo -) | $A score -m i.safetensors /dev/stdin i.tgt", 1, NULL, ":2: a source line is -");
  expect("sed '3s/.*/gone/' i.src > g; " TRAIN "--overwrite --set data.train.source=g", 1, "", "g:3: gone: ");
  expect("sed '3s/.*/gone/' i.src > g; " TRAIN "--overwrite --set data.valid.source=g", 1, "", "g:3: gone: ");
  expect("$A translate -m i.safetensors --replace-unknown < i.src", 2, "", "--replace-unknown goes by source words");
  expect("printf 'a\\tb\\t1\\n' > l; $A translate -m i.safetensors --shortlist l < i.src", 2, "",
         "--shortlist goes by source words");
  expect("$A shortlist -m i.safetensors -o l2 i.src i.tgt", 2, "", "a list is of source words");
  expect("$A bench i.json --lengths 3,3", 2, "", "generated text has no images");
  expect(TRAIN "--set model.encoder.patch=0", 2, "", "neither images nor matrices are said to be read");
  expect(TRAIN "--set model.attention.gate=true --set model.decoder.type=transformer", 2, "",
         "model.attention.gate is true, but only a recurrent decoder has the state that opens it");
  expect(TRAIN "--set vocab.shared=true", 2, "", "gives the source no words that both sides could share");
  expect(TRAIN "--set data.embeddings.source=v", 2, "", "has no source words that have vectors");
  expect("$A train i.json --overwrite --set vocab.source.lowercase=true --set train.epochs=1", 0, "",
         "vocab.source.lowercase has no effect: it counts only when data.source_form is tokens");
  expect(TRAIN "--set train.model=o --set train.start_from=i.safetensors --set model.encoder.patch=2", 2, "",
         "model.encoder.patch: 4 became 2");
  expect(TRAIN "--set train.model=o --set train.epochs=1 --set train.start_from=i.safetensors", 0, "", "");
}
END_TEST

Suite *test_system_images(void);
Suite *test_system_images(void) {
  Suite *suite = suite_create("system images");
  TCase *tcase = tcase_create("system images");
  tcase_set_timeout(tcase, 120);
  tcase_add_checked_fixture(tcase, set_up, tear_down);
  tcase_add_test(tcase, images_and_matrices_are_learned);
  tcase_add_test(tcase, alignments_name_regions);
  tcase_add_test(tcase, searched_as_scored);
  tcase_add_test(tcase, goes_on_exactly);
  tcase_add_test(tcase, told_of_and_reported);
  tcase_add_test(tcase, what_goes_wrong);
  suite_add_tcase(suite, tcase);
  return suite;
}
