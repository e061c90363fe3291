/* Positions through the program: how long texts may be that a model reads and writes. */
#include <check.h>

#include "bad.h"
#include "scratch.h"
#include "session.h"

/* Trained on texts of two to four words. */
#define TRAIN                                                                                                \
  "$A train c.json --quiet --overwrite --set data.max_length=4 --set train.epochs=1 "                        \
  "--set model.encoder.type=transformer --set model.decoder.type=transformer --set model.embedding=8 --set " \
  "model.encoder.layers=1 --set model.decoder.layers=1 --set model.heads=2 "
#define LEARNED TRAIN "--set model.positions=learned "
#define BAD LEARNED "&& mv out/m.safetensors bad && rm -r out; "
#define LONG TRAIN "&& mv out/m.safetensors bad && rm -r out; yes a | head -n 12000 | tr '\\n' ' ' > x; echo a > y; "
#define TAKES "what looks at all of them takes "
#define ALONE                                                                                             \
  "model.positions \"relative\" is known to self-attention only, but model.encoder.type is \"none\" and " \
  "model.encoder.self_attention.layers is 0: set that to 1, or model.positions to \"sinusoidal\""
#define KNOWS "the model has positions for at most 4 (model.max_positions); shorten the line or leave it out"

static const BadRow rows[] = {
    {BAD "echo a b c d e > x", "$A score -m bad x x", 1, "x:1: 5 source tokens; " KNOWS},
    {BAD "echo a > x; echo a b c d e > y", "$A score -m bad x y", 1, "y:1: 5 target tokens; " KNOWS},
    {BAD "echo a > x; echo '0 ||| a b c d e ||| F0= -1 ||| -1' > y", "$A score -m bad x --n-best y", 1,
     "y:1: 5 target tokens; " KNOWS},
    {BAD "echo a b c d e > x; echo '0 ||| a ||| F0= -1 ||| -1' > y", "$A score -m bad x --n-best y", 1,
     "x:1: 5 source tokens; " KNOWS},
    {"for i in 1 2; do echo a b c d e; done > x", LEARNED "--set data.valid.source=x --set data.valid.target=x", 1,
     "x and x: no pair can be used|2 are longer than 4 source tokens or 4 target tokens; allow longer ones "
     "(model.max_positions)"},
    {"yes 'a b' | head -n 2 > x; yes a b c d e | head -n 2 > y",
     LEARNED "--set model.encoder.type=rnn --set data.valid.source=x --set data.valid.target=y --set "
             "translate.max_length_ratio=0.001",
     1, "2 are longer than 4 target tokens; allow longer ones (model.max_positions)"},
    {NULL, LEARNED "--set model.max_positions=4", 2,
     "model.positions \"learned\" needs a position for each token and </s>, but data.max_length is 4 and "
     "model.max_positions is 4: set data.max_length to 3, or leave model.max_positions out"},
    {NULL, LEARNED "--set model.max_positions=4 --set model.encoder.type=rnn", 2,
     "model.positions \"learned\" needs a position for each target token and </s>"},
    {NULL, TRAIN "--set model.positions=rotary --set model.embedding=6", 2,
     "model.embedding 6 in model.heads 2 gives heads of 3: set model.embedding to 8, or model.positions to"},
    {NULL, TRAIN "--set model.positions=flow --set model.embedding=9 --set model.heads=1", 2,
     "model.positions \"flow\" turns pairs of numbers, but model.embedding is 9: set model.embedding to 10"},
    {NULL,
     TRAIN "--set model.positions=rotary --set model.encoder.type=none --set model.decoder.type=rnn --set "
           "model.encoder.self_attention.layers=1 --set model.embedding=6 --set model.encoder.self_attention.heads=2",
     2, "model.embedding 6 in model.encoder.self_attention.heads 2 gives heads of 3"},
    {NULL, TRAIN "--set model.positions=relative --set model.encoder.type=none --set model.decoder.type=rnn", 2, ALONE},
    {NULL, TRAIN "--set model.positions=relative --set model.encoder.type=none", 2, ALONE},
    /* Weights of the encoder's two heads are 2 x 12001^2 numbers, over 2^28. */
    {LONG, "$A score -m bad x y", 1, "x:1: 12000 source and up to 1 target tokens: " TAKES},
    {LONG "head -c 18000 x > s; yes a | head -n 8000 | tr '\\n' ' ' | sed 's/^/0 ||| /; s/$/||| F0= -1 ||| -1/' > y",
     "$A score -m bad s --n-best y", 1,
     "y:1: 9000 source and 8000 target tokens: the alignment of so long a pair is over the most"},
    {LONG, "$A translate -m bad --max-length 20000 --max-length-ratio 0.001 < x", 1,
     "standard input:1: 12000 source and up to 22 target tokens: " TAKES},
    /* 64 bytes a token for the node, as many for 16 numbers, of which there is room for 16,380 more before all. */
    {LONG "echo a > x", "$A translate -m bad --beam-size 1000 --max-length-ratio 11990 < x", 1,
     "standard input:1: |1000 hypotheses of 12000 target tokens, which takes 2.4 GB with their keys and values"},
    {"yes a | head -n 12000 | tr '\\n' ' ' > x; echo a > y",
     TRAIN "--set data.valid.source=x --set data.valid.target=y --set translate.max_length_ratio=0.001", 1,
     "x:1: 12000 source and up to 1 target tokens: " TAKES},
    {"yes a | head -n 12000 | tr '\\n' ' ' > x; echo a > y",
     TRAIN "--set data.train.source=x --set data.train.target=y --set data.max_length=20000", 1,
     "x:1: 12000 source and up to 1 target tokens: " TAKES},
};
enum { N_ROWS = sizeof rows / sizeof *rows };

START_TEST(too_long_for_learned_positions) { bad_check(&rows[_i], _i); }
END_TEST

static const BadRow cuts[] = {
    {BAD "echo a b c d e > x", "$A translate -m bad < x", 0,
     "standard input:1: 5 tokens, cut to the first 4 (the model has no positions for more: model.max_positions)"},
    {BAD "echo a b > x", "$A translate -m bad --min-length 9 < x", 0,
     "the translation was cut at 4 tokens, the most that the model has positions for (model.max_positions)"},
};

START_TEST(cut_to_learned_positions) { bad_check_warning(&cuts[_i], N_ROWS + _i, NULL); }
END_TEST

/* Validation leaves pairs out that learned positions do not reach, and measures the others. */
START_TEST(validation_without_the_longest) {
  Scratch scratch;
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
  session_must(str_text(&scratch.folder),
               "(cat v.src; echo a; echo a b c d e) > x && (cat v.tgt; echo a b c d e; echo a) > y && " LEARNED
               "--set data.valid.source=x --set data.valid.target=y --set train.metric=accuracy --report r.html "
               "--log l && grep -q '\"event\":\"valid\"' l");
  scratch_close(&scratch);
}
END_TEST

/* All other kinds go on beyond what they have been trained on, in what they read, write and score. */
START_TEST(other_positions_have_no_end) {
  static const char *const kinds[] = {"none", "sinusoidal", "sinusoidal_concat", "relative", "rotary", "flow"};
  Scratch scratch;
  Str line = {0};
  scratch_open(&scratch);
  session_corpus(str_text(&scratch.folder));
  str_addf(&line,
           TRAIN
           "--set model.positions=%s && echo a b c d e f g h a b c d > x && "
           "$A translate -m out/m.safetensors --max-length 12 --min-length 30 < x > y 2> said && "
           "test $(wc -w < y) -ge 30 && ! grep -q position said && "
           "$A score -m out/m.safetensors x y > score && grep -q '^-[0-9]' score",
           kinds[_i]);
  session_must(str_text(&scratch.folder), str_text(&line));
  str_free(&line);
  scratch_close(&scratch);
}
END_TEST

Suite *test_system_positions(void);
Suite *test_system_positions(void) {
  Suite *s = suite_create("system_positions");
  TCase *t = tcase_create("system_positions");
  tcase_set_timeout(t, 60);
  tcase_add_unchecked_fixture(t, bad_set_up, bad_tear_down);
  tcase_add_loop_test(t, too_long_for_learned_positions, 0, N_ROWS);
  tcase_add_loop_test(t, cut_to_learned_positions, 0, sizeof cuts / sizeof *cuts);
  tcase_add_test(t, validation_without_the_longest);
  tcase_add_loop_test(t, other_positions_have_no_end, 0, 6);
  suite_add_tcase(s, t);
  return s;
}
