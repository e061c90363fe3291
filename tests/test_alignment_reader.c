#include "eval/alignment_reader.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/alignment_writer.h"
#include "samples.h"
#include "scratch.h"

static Scratch scratch;
static void set_up(void) { scratch_open(&scratch); }
static void tear_down(void) { scratch_close(&scratch); }

static void expect_same(const Alignment *got, const Alignment *want) {
  ck_assert_int_eq(got->id, want->id);
  ck_assert_int_eq(got->n_source, want->n_source);
  ck_assert_int_eq(got->n_target, want->n_target);
  for (int i = 0; i < want->n_source; i++) ck_assert_str_eq(got->source[i], want->source[i]);
  for (int i = 0; i < want->n_target; i++) ck_assert_str_eq(got->target[i], want->target[i]);
  for (int i = 0; i < want->n_source * want->n_target; i++)
    ck_assert_msg(got->weights[i] == want->weights[i], "weight %d", i);
}

/* Writes the three samples, as lists of two entries when ranked (the second with other weights), and reads each back.
 */
static void round_trip(const char *name, bool ranked) {
  static const Alignment *const samples[] = {&sample_quoted, &sample_empty, &sample_ties};
  Err err = {0};
  AlignmentFile file;
  const char *path = scratch_path(&scratch, name);
  AlignmentWriter *writer = alignment_writer_open(path, ranked, &err);
  ck_assert_msg(writer != NULL, "%s", err.text);
  for (int i = 0; i < 3; i++) {
    Alignment a = *samples[i], other = a;
    a.rank = 1;
    other.rank = 2;
    other.target = other.source;
    other.n_target = other.n_target > 1;
    ck_assert(alignment_writer_add(writer, &a, &err));
    ck_assert(!ranked || alignment_writer_add(writer, &other, &err));
  }
  ck_assert(alignment_writer_close(writer, &err));
  for (int i = 0; i < 3; i++) {
    if (i == 1 && strcmp(name, "a.csv") == 0) continue; /* an empty line has no tidy rows */
    ck_assert_msg(alignment_reader_read(&file, path, i + 1, &err), "%s", err.text);
    expect_same(&file.view, samples[i]);
    alignment_reader_free(&file);
  }
  ck_assert_msg(alignment_reader_read(&file, path, 0, &err), "%s", err.text);
  expect_same(&file.view, samples[0]);
  alignment_reader_free(&file);
}

START_TEST(what_was_written) {
  round_trip("dir/", false);
  round_trip("a.csv", false);
  round_trip("a.jsonl", false);
}
END_TEST

/* What only JSON Lines say: unknown tokens, cut lines, cut outputs. */
START_TEST(marks) {
  Err err = {0};
  AlignmentFile file;
  Str text = {0};
  Alignment a = sample_quoted;
  a.source_unknown = (const bool[]){false, true, false};
  a.target_unknown = (const bool[]){true, false, false};
  a.target_cut = true;
  alignment_jsonl(&text, &a, false);
  ck_assert_msg(alignment_reader_parse(&file, "f.jsonl", str_text(&text), text.n, 0, &err), "%s", err.text);
  ck_assert_mem_eq(file.view.source_unknown, a.source_unknown, 3 * sizeof(bool));
  ck_assert_mem_eq(file.view.target_unknown, a.target_unknown, 3 * sizeof(bool));
  ck_assert(file.view.target_cut && !file.view.source_cut);
  alignment_reader_free(&file);
  str_free(&text);
}
END_TEST

/* Heads are read as alignment_jsonl writes them, and forgotten where the next sentence has none. */
static const HeadName of_two[] = {{1, 2}, {2, 1}}, of_one[] = {{3, 1}};
static const float of_heads[] = {0.5f, 0.25f, 0.25f, 0, 0, 1, 1, 0, 0, 0.125f, 0.5f, 0.375f, 0, 1, 0, 0, 1, 0, 0, 1, 0};
static const float of_self[] = {0, 0, 1, 0, 1, 0, 1, 0, 0}, of_own[] = {1, 0, 0, 0.5f, 0.5f, 0, 0, 0.25f, 0.75f};

static bool expect_heads(void *ctx, const Alignment *a, Err *err) {
  (void)err;
  int *n = ctx, heads = (*n)++ % 2 == 0 ? 2 : 0;
  const HeadWeights *cross = &a->heads.of[HEADS_CROSS], *encoder = &a->heads.of[HEADS_ENCODER];
  const HeadWeights *decoder = &a->heads.of[HEADS_DECODER];
  ck_assert_uint_eq(head_weights_count(cross), (size_t)heads);
  ck_assert_uint_eq(head_weights_count(encoder), (size_t)heads / 2);
  ck_assert_uint_eq(head_weights_count(decoder), (size_t)heads / 2);
  if (heads == 0) return true;
  ck_assert_mem_eq(cross->names, of_two, sizeof of_two);
  ck_assert_mem_eq(encoder->names, of_one, sizeof of_one);
  for (int i = 0; i < 18; i++) ck_assert_double_eq((double)cross->at[i], (double)of_heads[i]);
  for (int i = 0; i < 9; i++) ck_assert_double_eq((double)encoder->at[i], (double)of_self[i]);
  for (int i = 0; i < 9; i++) ck_assert_double_eq((double)decoder->at[i], (double)of_own[i]);
  return true;
}

START_TEST(heads) {
  Err err = {0};
  Str text = {0};
  int n = 0;
  Alignment with = sample_quoted;
  with.heads = (AllHeads){{[HEADS_CROSS] = {2, of_two, of_heads},
                           [HEADS_ENCODER] = {1, of_one, of_self},
                           [HEADS_DECODER] = {1, of_one, of_own}}};
  for (int i = 0; i < 3; i++) alignment_jsonl(&text, i % 2 == 0 ? &with : &sample_quoted, false);
  ck_assert_msg(alignment_reader_parse_all("f.jsonl", str_text(&text), text.n, expect_heads, &n, &err), "%s", err.text);
  ck_assert_int_eq(n, 3);
  str_free(&text);
}
END_TEST

static const struct {
  const char *marks, *message;
} bad_marks[] = {
    {"\"source_unknown\":[1],\"target_unknown\":[]", "\"source_unknown\" is to be an array of positions"},
    {"\"source_unknown\":[],\"target_unknown\":[0.5]", "\"target_unknown\" is to be an array of positions"},
    {"\"source_unknown\":[-1],\"target_unknown\":[]", "\"source_unknown\" is to be"},
    {"\"source_unknown\":0,\"target_unknown\":[]", "\"source_unknown\" is to be"},
    {"\"source_cut\":1", "\"source_cut\" is to be true or false"},
    {"\"attention\":{}", "f.jsonl:1: \"attention\" is to be an array of heads"},
    {"\"attention\":[1]", "\"attention\" is to be an array of heads"},
    {"\"attention\":[{\"layer\":1,\"head\":1}]", "\"attention\" is to be"},
    {"\"attention\":[{\"layer\":0,\"head\":1,\"weights\":[[1]]}]", "\"attention\" is to be"},
    {"\"attention\":[{\"layer\":1,\"weights\":[[1]]}]", "\"attention\" is to be"},
    {"\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[[1],[1]]}]", "\"attention\" is to be"},
    {"\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[[0.5,0.5]]}]", "\"attention\" is to be"},
    {"\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[[2]]}]", "\"attention\" is to be"},
    {"\"attention\":[{\"layer\":1,\"head\":1,\"weights\":[1]}]", "\"attention\" is to be"},
    {"\"encoder_attention\":[{\"layer\":1,\"head\":1,\"weights\":[]}]", "\"encoder_attention\" is to be"},
    {"\"decoder_attention\":[{\"layer\":1,\"head\":1,\"weights\":[[0.5,0.5]]}]",
     "\"decoder_attention\" is to be an array of heads: layer and head from 1, weights a row a target token of a "
     "weight "
     "from 0 to 1 a target token"},
};

START_TEST(marks_that_are_none) {
  Err err = {0};
  AlignmentFile file;
  Str text = {0};
  str_addf(&text, "{\"id\":0,\"source\":[\"</s>\"],\"target\":[\"x\"],\"alignment\":[[1]],%s}\n", bad_marks[_i].marks);
  ck_assert(!alignment_reader_parse(&file, "f.jsonl", str_text(&text), text.n, 0, &err));
  ck_assert_msg(strstr(err.text, bad_marks[_i].message) != NULL, "%s", err.text);
  str_free(&text);
}
END_TEST

START_TEST(best_entries_of_lists) {
  round_trip("dir/", true);
  round_trip("a.csv", true);
  round_trip("a.jsonl", true);
}
END_TEST

START_TEST(one_matrix) {
  Err err = {0};
  AlignmentFile file;
  const char *path = scratch_text(&scratch, "m.csv", "\xEF\xBB\xBF,x,</s>\r\n\"p\",.5,5E-1\r\n</s>,1,0");
  ck_assert_msg(alignment_reader_read(&file, path, 0, &err), "%s", err.text);
  expect_same(&file.view, &(Alignment){.source = (const char *const[]){"x", "</s>"},
                                       .n_source = 2,
                                       .target = (const char *const[]){"p", "</s>"},
                                       .n_target = 2,
                                       .weights = (const float[]){0.5f, 0.5f, 1, 0}});
  alignment_reader_free(&file);
}
END_TEST

static void expect_failure(const char *path, long sentence, ErrKind kind, const char *message) {
  Err err = {0};
  AlignmentFile file;
  ck_assert(!alignment_reader_read(&file, path, sentence, &err));
  ck_assert_int_eq(err.kind, kind);
  ck_assert_msg(strstr(err.text, message) != NULL, "\"%s\" is not in \"%s\"", message, err.text);
  ck_assert_ptr_null(file.weights);
}

static void expect_error(const char *text, long sentence, const char *message) {
  expect_failure(scratch_text(&scratch, "f", text), sentence, ERR_FILE, message);
}

START_TEST(broken_matrices) {
  expect_error("", 0, "/f: empty; it holds no alignment");
  expect_error("a,b\n", 0, "/f:1: not an alignment: a CSV matrix begins with an empty cell");
  expect_error("\n", 0, "/f:1: not an alignment");
  expect_error(",x,y\np,1,0\nq,1\n", 0, "/f:3: 2 cells in this row, 3 in the header");
  expect_error(",x\n\np,1\n", 0, "/f:2: 1 cells in this row, 2 in the header");
  expect_error(",x,y\n\"p\n\",1,0\nq,1,two\n", 0, "/f:4: \"two\" is not a weight from 0 to 1");
  static const char *const bad[] = {"", "nan", "inf", "0x1", " 1", "1 ", "1e", "-0.1", "1.01", "1e999", "0,5"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    Str text = {0};
    str_addf(&text, ",x\np,%s\n", bad[i]);
    expect_error(text.at, 0, "/f:2: ");
    str_free(&text);
  }
  expect_error(",x\np,1\"\n", 0, "/f:2: a quote inside a field");
}
END_TEST

/* The best entry is read wherever it stands. */
START_TEST(best_entry_behind_others) {
  static const char *const texts[] = {
      "{\"id\":0,\"source\":[\"x\"],\"target\":[\"q\"],\"alignment\":[[0]],\"rank\":2}\n"
      "{\"id\":0,\"source\":[\"x\"],\"target\":[\"p\"],\"alignment\":[[1]],\"rank\":1}\n",
      "sentence,target_position,target_token,source_position,source_token,weight,rank\n1,0,q,0,x,0,2\n1,0,p,0,x,1,1\n"};
  for (int i = 0; i < 2; i++) {
    Err err = {0};
    AlignmentFile file;
    ck_assert_msg(alignment_reader_parse(&file, "f", texts[i], strlen(texts[i]), 0, &err), "%s", err.text);
    ck_assert_str_eq(file.view.target[0], "p");
    alignment_reader_free(&file);
  }
}
END_TEST

#define HEADER "sentence,target_position,target_token,source_position,source_token,weight\n"

START_TEST(broken_tables) {
  expect_error(HEADER, 0, "/f: no rows of sentence 1; the last sentence is 0");
  expect_error(HEADER "1,0,p,0,x,1\n3,0,p,0,x,1\n", 2, "/f: no rows of sentence 2; the last sentence is 3");
  expect_error(HEADER "1,0,p,0,x,1\n1,0,p,2,y,0\n", 0, "/f:3: target position 0, source position 2 do not follow");
  expect_error(HEADER "1,0,p,1,x,1\n", 0, "/f:2: target position 0, source position 1 do not follow");
  expect_error(HEADER "1,0,p,0,x,1\n1,2,p,0,x,1\n", 0, "/f:3: target position 2, source position 0 do not follow");
  expect_error(HEADER "1,0,p,0,x,1\n1,0,p,1,y,0\n1,1,q,0,x,1\n1,2,r,0,x,1\n", 0, "/f:5: target position 2");
  expect_error(HEADER "1,0,p,0,x,1\n1,1,q,0,x,1\n1,1,q,1,y,0\n", 0, "/f:4: target position 1, source position 1");
  expect_error(HEADER "1,0,p,0,x,1\n1,0,p,1,y,0\n1,1,q,0,x,1\n", 0,
               "the last target position of sentence 1 has too few");
  expect_error(HEADER "1,0,p,0,x,1\n1,0,q,1,y,0\n", 0, "/f:3: the token is \"q\", but further up it is \"p\"");
  expect_error(HEADER "1,0,p,0,x,1\n1,1,q,0,z,0\n", 0, "/f:3: the token is \"z\", but further up it is \"x\"");
  expect_error(HEADER "1,0,p,0,x,2\n", 0, "/f:2: \"2\" is not a weight");
  expect_error(HEADER "1,0,p,0,x\n", 0, "/f:2: 5 cells in this row, 6 in the header");
  expect_error(HEADER "1,0,p,0,x,1\n1,-1,p,1,x,1\n", 0, "/f:3: sentence, positions and rank are whole numbers");
  expect_error(HEADER "0,0,p,0,x,1\n", 0, "/f:2: sentence, positions and rank are whole numbers");
  expect_error(HEADER "1,9999999999,p,0,x,1\n", 0, "/f:2: sentence, positions and rank are whole numbers");
}
END_TEST

START_TEST(broken_objects) {
  expect_error("{\"id\":0,", 0, "/f:1:1:");
  expect_error("{\"id\":0}", 2, "/f: no sentence 2 in its 1 lines");
  expect_error("{\"id\":0}", 0, "/f:1: \"source\" is to be an array of strings");
  expect_error("{\"id\":0}\n{\"id\":1,\"source\":[\"x\"],\"target\":[1]}", 2, "/f:2: \"target\" is to be an array of");
  expect_error("{\"id\":0,\"source\":[],\"target\":[],\"alignment\":[]}", 0,
               "/f:1: \"source\" is to be an array of at");
  static const char *const rows[] = {"",
                                     ",\"alignment\":1",
                                     ",\"alignment\":[]",
                                     ",\"alignment\":[1]",
                                     ",\"alignment\":[[1,0]]",
                                     ",\"alignment\":[[\"1\"]]",
                                     ",\"alignment\":[[-1]]",
                                     ",\"alignment\":[[1],[1]]"};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    Str text = {0};
    str_addf(&text, "{\"id\":0,\"source\":[\"x\"],\"target\":[\"p\"]%s}", rows[i]);
    expect_error(text.at, 0, "/f:1: \"alignment\" is to be a row a target token");
    str_free(&text);
  }
  static const char *const ids[] = {"{}", "{\"id\":-1}", "{\"id\":0.5}", "{\"id\":\"0\"}", "{\"id\":1e10}"};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    expect_error(ids[i], 0, "/f:1: \"id\" is to be a whole number from 0");
  expect_error("{\"id\":0,\"rank\":0}", 0, "/f:1: \"rank\" is to be a whole number from 1");
}
END_TEST

/* And of hard attention. */
START_TEST(what_was_chosen) {
  Alignment a = sample_ties;
  Str line = {0};
  AlignmentFile file;
  Err err = {0};
  a.chosen = (const int[]){2, 0, 3, 1, 0};
  alignment_jsonl(&line, &a, false);
  ck_assert_msg(alignment_reader_parse(&file, "f", line.at, line.n, 0, &err), "%s", err.text);
  ck_assert_mem_eq(file.view.chosen, a.chosen, 5 * sizeof(int));
  alignment_reader_free(&file);
  static const char *const bad[] = {"[0,0]", "[1]", "[-1]", "[0.5]", "[\"0\"]", "0"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    str_clear(&line);
    str_addf(&line, "{\"id\":0,\"source\":[\"x\"],\"target\":[\"p\"],\"alignment\":[[1]],\"chosen\":%s}", bad[i]);
    expect_error(line.at, 0, "\"chosen\" is to be an array of a source position, from 0, a target token");
  }
  str_free(&line);
}
END_TEST

/* What alignment_jsonl writes of local_p is read back. */
START_TEST(positions_and_window) {
  Alignment a = sample_ties;
  Str line = {0};
  AlignmentFile file;
  Err err = {0};
  a.token_logprob = (const double[]){0, 0, 0, 0, 0};
  a.position = (const double[]){0, 1.5, 0.1, 3.99, 2};
  a.window = 4;
  alignment_jsonl(&line, &a, false);
  ck_assert_ptr_nonnull(strstr(line.at, ",\"position\":[0,1.5,0.1,3.99,2],\"window\":4}"));
  ck_assert_msg(alignment_reader_parse(&file, "f", line.at, line.n, 0, &err), "%s", err.text);
  for (int t = 0; t < 5; t++) ck_assert_double_eq(file.view.position[t], a.position[t]);
  ck_assert_int_eq(file.view.window, 4);
  alignment_reader_free(&file);
  expect_error("{\"id\":0,\"source\":[\"x\"],\"target\":[\"p\"],\"alignment\":[[1]],\"position\":[1,2]}", 0,
               "\"position\" is to be an array of a number a target token");
  expect_error("{\"id\":0,\"source\":[\"x\"],\"target\":[\"p\"],\"alignment\":[[1]],\"position\":[1]}", 0,
               "\"window\" is to be a whole number from 1");
  str_free(&line);
}
END_TEST

/* Steps of either side are read back; a number a token. */
START_TEST(steps_of_tokens) {
  Alignment a = sample_ties;
  Str line = {0};
  AlignmentFile file;
  Err err = {0};
  double source[16], target[16];
  for (int i = 0; i < 16; i++) {
    source[i] = 1 + 0.5 * i;
    target[i] = 9 - i;
  }
  ck_assert_int_le(a.n_source, 16);
  a.token_logprob = (const double[]){0, 0, 0, 0, 0};
  a.steps = (PonderSteps){source, target};
  alignment_jsonl(&line, &a, false);
  ck_assert_ptr_nonnull(strstr(line.at, ",\"source_ponder\":[1,1.5,2"));
  ck_assert_ptr_nonnull(strstr(line.at, ",\"target_ponder\":[9,8,7,6,5]"));
  ck_assert_msg(alignment_reader_parse(&file, "f", line.at, line.n, 0, &err), "%s", err.text);
  for (int s = 0; s < a.n_source; s++) ck_assert_double_eq(file.view.steps.source[s], source[s]);
  for (int t = 0; t < a.n_target; t++) ck_assert_double_eq(file.view.steps.target[t], target[t]);
  alignment_reader_free(&file);
  expect_error("{\"id\":0,\"source\":[\"x\"],\"target\":[\"p\"],\"alignment\":[[1]],\"source_ponder\":[1,2]}", 0,
               "\"source_ponder\" is to be an array of a number a source token");
  str_free(&line);
}
END_TEST

START_TEST(wrong_kinds_of_file) {
  expect_failure(scratch_text(&scratch, "f.txt", "0-0\n"), 0, ERR_USAGE, "Pharaoh links have no weights");
  expect_failure(scratch_text(&scratch, "m.csv", ",x\np,1\n"), 2, ERR_FILE, "leave --sentence out");
  expect_failure(scratch_text(&scratch, "000003.csv", ",x\np,1\n"), 2, ERR_FILE, "no sentence 2");
  expect_failure(scratch_path(&scratch, "none.csv"), 0, ERR_FILE, "/none.csv: cannot open");
  ck_assert_int_eq(mkdir(scratch_path(&scratch, "dir"), 0700), 0);
  expect_failure(scratch_path(&scratch, "dir"), 12, ERR_FILE, "dir/000012.csv: cannot open");
}
END_TEST

/* Each alignment as "id rank n_target text score p(first);". */
static bool tell(void *ctx, const Alignment *a, Err *err) {
  (void)err;
  str_addf(ctx, "%d %d %d %s %g %g;", a->id, a->rank, a->n_target, a->text, a->score,
           a->token_logprob == NULL ? 0 : a->token_logprob[0]);
  return true;
}

/* The three samples, with a second entry each when ranked, as reading all of them tells. */
static void expect_all(const char *name, bool ranked, const char *want) {
  static const Alignment *const samples[] = {&sample_quoted, &sample_ties};
  Err err = {0};
  Str told = {0};
  const char *path = scratch_path(&scratch, name);
  AlignmentWriter *writer = alignment_writer_open(path, ranked, &err);
  for (int i = 0; i < 2; i++) {
    Alignment a = *samples[i];
    a.id = i;
    for (a.rank = ranked; a.rank <= 2 * ranked; a.rank++) {
      ck_assert(alignment_writer_add(writer, &a, &err));
      a.score -= 1;
    }
  }
  ck_assert(alignment_writer_close(writer, &err));
  ck_assert_msg(alignment_reader_all(path, tell, &told, &err), "%s", err.text);
  ck_assert_str_eq(str_text(&told), want);
  str_free(&told);
}

START_TEST(all_of_a_file) {
  expect_all("dir/", false, "0 0 3  nan 0;1 0 5  nan 0;");
  expect_all("a.csv", false, "0 0 3  nan 0;1 0 5  nan 0;");
  expect_all("a.jsonl", false, "0 0 3 c\nd \xE7\x8C\xAB -0.25 -0.125;1 0 5 p q r s -2 -1;");
  expect_all("ranked/", true, "0 1 3  nan 0;0 2 3  nan 0;1 1 5  nan 0;1 2 5  nan 0;");
  expect_all("r.csv", true, "0 1 3  nan 0;0 2 3  nan 0;1 1 5  nan 0;1 2 5  nan 0;");
  expect_all("r.jsonl", true,
             "0 1 3 c\nd \xE7\x8C\xAB -0.25 -0.125;0 2 3 c\nd \xE7\x8C\xAB -1.25 -0.125;"
             "1 1 5 p q r s -2 -1;1 2 5 p q r s -3 -1;");
}
END_TEST

static void expect_all_error(const char *text, const char *message) {
  Err err = {0};
  Str told = {0};
  ck_assert(!alignment_reader_parse_all("f", text, strlen(text), tell, &told, &err));
  ck_assert_msg(strstr(err.text, message) != NULL, "\"%s\" is not in \"%s\"", message, err.text);
  str_free(&told);
}

#define TIDY "sentence,target_position,target_token,source_position,source_token,weight\n"
START_TEST(broken_parts_of_all) {
  expect_all_error(TIDY "1,0,p,0,x,1\n1,0,p,1,y,0\n1,1,q,0,x,1\n2,0,p,0,x,1\n", "sentence 1 has too few rows");
  expect_all_error(TIDY "1,0,p,0,x,1\n2,0,p,1,x,1\n", "f:3: target position 0, source position 1 do not follow");
  expect_all_error("{\"id\":0,\"source\":[\"x\"],\"target\":[],\"alignment\":[]}\n{\"id\":1}\n", "f:2: \"source\"");
  expect_all_error("{\"id\":0,\"source\":[\"x\"],\"target\":[],\"alignment\":[],\"token_logprob\":[1]}",
                   "token_logprob");
  expect_all_error("{\"id\":0,\"source\":[\"x\"],\"target\":[],\"alignment\":[],\"text\":1}", "\"text\" is to be");
  expect_all_error(",x\np,2\n", "not a weight");
}
END_TEST

Suite *test_alignment_reader(void);
Suite *test_alignment_reader(void) {
  Suite *s = suite_create("alignment_reader");
  TCase *t = tcase_create("alignment_reader");
  tcase_add_checked_fixture(t, set_up, tear_down);
  tcase_add_test(t, what_was_written);
  tcase_add_test(t, marks);
  tcase_add_test(t, heads);
  tcase_add_loop_test(t, marks_that_are_none, 0, sizeof bad_marks / sizeof *bad_marks);
  tcase_add_test(t, best_entries_of_lists);
  tcase_add_test(t, best_entry_behind_others);
  tcase_add_test(t, one_matrix);
  tcase_add_test(t, broken_matrices);
  tcase_add_test(t, broken_tables);
  tcase_add_test(t, broken_objects);
  tcase_add_test(t, positions_and_window);
  tcase_add_test(t, what_was_chosen);
  tcase_add_test(t, steps_of_tokens);
  tcase_add_test(t, wrong_kinds_of_file);
  tcase_add_test(t, all_of_a_file);
  tcase_add_test(t, broken_parts_of_all);
  suite_add_tcase(s, t);
  return s;
}
