#include "eval/alignment_reader.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "eval/alignment_details.h"
#include "eval/alignment_heads.h"
#include "eval/csv.h"
#include "eval/not_alignment.h"
#include "eval/numbered.h"

enum { MOST_STANDARD_INPUT = 1 << 30 };

/* A file being read. */
typedef struct Source {
  const char *path;
  const char *at;
  size_t n;
  long sentence; /* from 1; 0: none named */
  /* The sentence (0: not known) and rank of a matrix; what takes each in turn, of a reading of all. */
  long number;
  int rank;
  AlignmentVisit *visit;
  void *ctx;
} Source;

void alignment_reader_free(AlignmentFile *file) {
  tokens_free(&file->source);
  tokens_free(&file->target);
  mem_free(file->weights);
  mem_free(file->names);
  mem_free(file->logprobs);
  mem_free(file->positions);
  mem_free(file->chosen);
  mem_free(file->source_steps);
  mem_free(file->target_steps);
  mem_free(file->unknown);
  alignment_heads_free(file);
  region_file_free(&file->image);
  str_free(&file->text);
  *file = (AlignmentFile){0};
}

static void add_weight(AlignmentFile *file, double value) {
  if (file->n_weights == file->cap) {
    file->cap = file->cap == 0 ? 256 : file->cap * 2;
    file->weights = mem_grow(file->weights, file->cap, sizeof *file->weights, "alignment");
  }
  file->weights[file->n_weights++] = (float)value;
}

static void finish(AlignmentFile *file, long sentence, int rank) {
  int n = file->source.n, m = file->target.n;
  file->names = mem_grow(file->names, (size_t)n + (size_t)m, sizeof *file->names, "alignment");
  for (int i = 0; i < n; i++) file->names[i] = tokens_get(&file->source, i, NULL);
  for (int i = 0; i < m; i++) file->names[n + i] = tokens_get(&file->target, i, NULL);
  file->view = (Alignment){.id = sentence > 0 ? (int)(sentence - 1) : 0,
                           .rank = rank,
                           .source = file->names,
                           .n_source = n,
                           .target = file->names + n,
                           .n_target = m,
                           .text = str_text(&file->text),
                           .score = file->score,
                           .token_logprob = file->logprobs,
                           .source_unknown = file->unknown,
                           .target_unknown = file->unknown == NULL ? NULL : file->unknown + n,
                           .regions = file->image.regions.n > 0 ? &file->image.regions : NULL,
                           .source_cut = file->source_cut,
                           .target_cut = file->target_cut,
                           .weights = file->weights,
                           .heads = alignment_heads_view(file),
                           .position = file->positions,
                           .chosen = file->chosen,
                           .steps = {file->source_steps, file->target_steps},
                           .window = (int)file->window};
}

/* Hands on what was read, and makes room for the next. */
static bool give(AlignmentFile *file, const Source *in, long sentence, int rank, Err *err) {
  finish(file, sentence, rank);
  bool ok = in->visit(in->ctx, &file->view, err);
  tokens_clear(&file->source);
  tokens_clear(&file->target);
  file->n_weights = 0;
  return ok;
}

static bool weight_of(double *value, const char *text) {
  char *end;
  if (text[0] == '\0' || text[strspn(text, "0123456789.eE+-")] != '\0') return false;
  *value = strtod(text, &end);
  return *end == '\0' && alignment_details_is_weight(*value);
}

/* A whole number from 0, as all positions and numbers of sentences are. */
static bool count_of(long *value, const char *text) {
  if (text[0] == '\0' || strlen(text) > 9 || text[strspn(text, "0123456789")] != '\0') return false;
  *value = strtol(text, NULL, 10);
  return true;
}

static bool bad_weight(const CsvReader *csv, const char *text, Err *err) {
  return err_set(err, ERR_FILE, "%s:%ld: \"%s\" is not a weight from 0 to 1", csv->path, csv->line, text);
}

/* --- a CSV matrix --- */

static bool matrix_row(AlignmentFile *file, const CsvReader *csv, Err *err) {
  int n = file->source.n;
  if (csv->fields.n != n + 1)
    return err_set(err, ERR_FILE, "%s:%ld: %d cells in this row, %d in the header", csv->path, csv->line, csv->fields.n,
                   n + 1);
  size_t length;
  const char *token = tokens_get(&csv->fields, 0, &length);
  tokens_add(&file->target, token, length);
  for (int s = 1; s <= n; s++) {
    double value;
    const char *text = tokens_get(&csv->fields, s, NULL);
    if (!weight_of(&value, text)) return bad_weight(csv, text, err);
    add_weight(file, value);
  }
  return true;
}

static bool read_matrix(AlignmentFile *file, CsvReader *csv, const Source *in, Err *err) {
  if (in->sentence > 1 && in->sentence != in->number)
    return err_set(err, ERR_FILE, "%s: no sentence %ld: it holds the matrix of one; leave --sentence out", in->path,
                   in->sentence);
  for (int s = 1; s < csv->fields.n; s++) {
    size_t length;
    const char *token = tokens_get(&csv->fields, s, &length);
    tokens_add(&file->source, token, length);
  }
  int more;
  while ((more = csv_next(csv, err)) == 1)
    if (!matrix_row(file, csv, err)) return false;
  file->score = (double)NAN;
  if (in->number > 0) file->view.id = (int)in->number - 1;
  return more == 0;
}

/* --- a tidy CSV --- */

enum { SENTENCE, TARGET, TARGET_TOKEN, SOURCE, SOURCE_TOKEN, WEIGHT, RANK, N_COLUMNS };

static bool is_tidy(const Tokens *header) {
  static const char *const names[N_COLUMNS] = {"sentence",     "target_position", "target_token", "source_position",
                                               "source_token", "weight",          "rank"};
  if (header->n != RANK && header->n != N_COLUMNS) return false;
  for (int i = 0; i < header->n; i++)
    if (strcmp(tokens_get(header, i, NULL), names[i]) != 0) return false;
  return true;
}

/* What a tidy row says of the place of its weight. */
typedef struct Place {
  long sentence, target, source, rank;
} Place;

static bool place_of(Place *place, const CsvReader *csv, int n_columns, Err *err) {
  const Tokens *f = &csv->fields;
  if (f->n != n_columns)
    return err_set(err, ERR_FILE, "%s:%ld: %d cells in this row, %d in the header", csv->path, csv->line, f->n,
                   n_columns);
  if (count_of(&place->sentence, tokens_get(f, SENTENCE, NULL)) && place->sentence >= 1 &&
      count_of(&place->target, tokens_get(f, TARGET, NULL)) && count_of(&place->source, tokens_get(f, SOURCE, NULL)) &&
      (n_columns == RANK || (count_of(&place->rank, tokens_get(f, RANK, NULL)) && place->rank >= 1)))
    return true;
  return err_set(err, ERR_FILE, "%s:%ld: sentence, positions and rank are whole numbers (sentence and rank from 1)",
                 csv->path, csv->line);
}

/* Adds the token of position `at` the first time, and later sees to it that it is the same. */
static bool same_token(Tokens *tokens, long at, const CsvReader *csv, int column, Err *err) {
  size_t length;
  const char *token = tokens_get(&csv->fields, column, &length);
  if (at == tokens->n) tokens_add(tokens, token, length);
  if (strcmp(tokens_get(tokens, (int)at, NULL), token) == 0) return true;
  return err_set(err, ERR_FILE, "%s:%ld: the token is \"%s\", but further up it is \"%s\"", csv->path, csv->line, token,
                 tokens_get(tokens, (int)at, NULL));
}

/* The place that must come next: the next source position, or a new target row (the first row sets the width). */
static bool in_order(const AlignmentFile *file, const Place *place) {
  long n = file->source.n, rows = file->target.n;
  if (rows == 0) return place->target == 0 && place->source == 0;
  long filled = (long)file->n_weights - (rows - 1) * n; /* weights of the last row, when the width is known */
  if (place->target == rows - 1) return rows == 1 ? place->source == n : place->source == filled && filled < n;
  return place->target == rows && place->source == 0 && (rows == 1 || filled == n);
}

static bool tidy_row(AlignmentFile *file, const CsvReader *csv, const Place *place, Err *err) {
  if (!in_order(file, place))
    return err_set(err, ERR_FILE, "%s:%ld: target position %ld, source position %ld do not follow the row before",
                   csv->path, csv->line, place->target, place->source);
  double value;
  const char *text = tokens_get(&csv->fields, WEIGHT, NULL);
  if (!weight_of(&value, text)) return bad_weight(csv, text, err);
  if (!same_token(&file->target, place->target, csv, TARGET_TOKEN, err) ||
      !same_token(&file->source, place->source, csv, SOURCE_TOKEN, err))
    return false;
  add_weight(file, value);
  return true;
}

/* After the last row of a sentence. */
static bool tidy_end(AlignmentFile *file, const Source *in, long sentence, Err *err) {
  file->score = (double)NAN;
  if (file->n_weights == (size_t)file->source.n * (size_t)file->target.n) return true;
  return err_set(err, ERR_FILE, "%s: the last target position of sentence %ld has too few rows", in->path, sentence);
}

/* Hands on every sentence, and every entry of its list; the rows of each stand together. */
static bool all_tidy(AlignmentFile *file, CsvReader *csv, const Source *in, Err *err) {
  int n_columns = csv->fields.n, more;
  Place last = {0};
  while ((more = csv_next(csv, err)) == 1) {
    Place place = {0};
    if (!place_of(&place, csv, n_columns, err)) return false;
    bool next = file->target.n > 0 && (place.sentence != last.sentence || place.rank != last.rank);
    if (next && !(tidy_end(file, in, last.sentence, err) && give(file, in, last.sentence, (int)last.rank, err)))
      return false;
    if (!tidy_row(file, csv, &place, err)) return false;
    last = place;
  }
  if (more < 0) return false;
  return file->target.n == 0 ||
         (tidy_end(file, in, last.sentence, err) && give(file, in, last.sentence, (int)last.rank, err));
}

static bool read_tidy(AlignmentFile *file, CsvReader *csv, const Source *in, Err *err) {
  int n_columns = csv->fields.n, more;
  long wanted = in->sentence, last = 0;
  while ((more = csv_next(csv, err)) == 1) {
    Place place = {.rank = 1}; /* of tables without the column */
    if (!place_of(&place, csv, n_columns, err)) return false;
    if (wanted == 0) wanted = place.sentence;
    if (place.sentence > last) last = place.sentence;
    if (place.sentence == wanted && place.rank == 1 && !tidy_row(file, csv, &place, err)) return false;
  }
  if (more < 0) return false;
  if (file->target.n == 0)
    return err_set(err, ERR_FILE, "%s: no rows of sentence %ld; the last sentence is %ld (an empty line has no rows)",
                   in->path, wanted == 0 ? 1 : wanted, last);
  if (!tidy_end(file, in, wanted, err)) return false;
  file->view.id = (int)wanted - 1;
  return true;
}

static bool read_csv(AlignmentFile *file, const Source *in, Err *err) {
  CsvReader csv = csv_open(in->path, in->at, in->n);
  int got = csv_next(&csv, err);
  bool ok = got == 1;
  if (got == 0) (void)err_set(err, ERR_FILE, "%s: empty; it holds no alignment", in->path);
  if (ok && is_tidy(&csv.fields))
    ok = in->visit != NULL ? all_tidy(file, &csv, in, err) : read_tidy(file, &csv, in, err);
  else if (ok && csv.fields.n > 1 && tokens_get(&csv.fields, 0, NULL)[0] == '\0')
    ok = read_matrix(file, &csv, in, err) && (in->visit == NULL || give(file, in, in->number, in->rank, err));
  else if (ok)
    ok =
        err_set(err, ERR_FILE,
                "%s:1: not an alignment: a CSV matrix begins with an empty cell and the source tokens, a tidy CSV with "
                "sentence,target_position,..., JSON Lines with {",
                in->path);
  csv_close(&csv);
  return ok;
}

/* --- JSON Lines --- */

static bool bad_key(const char *place, const char *key, const char *what, Err *err) {
  return err_set(err, ERR_FILE, "%s: \"%s\" is to be %s", place, key, what);
}

static bool json_tokens(Tokens *tokens, const Json *object, const char *key, const char *place, Err *err) {
  const Json *array = json_get(object, key);
  if (array == NULL || json_type(array) != JSON_ARRAY) return bad_key(place, key, "an array of strings", err);
  for (const Json *item = json_first(array); item != NULL; item = json_next(item)) {
    if (json_type(item) != JSON_STRING) return bad_key(place, key, "an array of strings", err);
    tokens_add(tokens, json_string(item), strlen(json_string(item)));
  }
  return true;
}

static bool json_row(AlignmentFile *file, const Json *row) {
  int n = file->source.n;
  for (int s = 0; s < n; s++) add_weight(file, 0);
  return alignment_details_weights(file->weights + file->n_weights - n, row, n);
}

static bool json_object(AlignmentFile *file, const Json *object, const char *place, Err *err) {
  if (!json_tokens(&file->source, object, "source", place, err) ||
      !json_tokens(&file->target, object, "target", place, err))
    return false;
  if (file->source.n == 0) return bad_key(place, "source", "an array of at least one string", err);
  const Json *rows = json_get(object, "alignment");
  bool ok = rows != NULL && json_type(rows) == JSON_ARRAY && json_count(rows) == file->target.n;
  for (const Json *row = ok ? json_first(rows) : NULL; ok && row != NULL; row = json_next(row))
    ok = json_row(file, row);
  if (!ok) return bad_key(place, "alignment", "a row a target token of a weight from 0 to 1 a source token", err);
  return alignment_details_read(file, object, place, err) && alignment_heads_read(file, object, place, err);
}

/* 1: the line is the sentence wanted. 0: another one, or one handed on. -1: an error. */
static int json_line(AlignmentFile *file, const char *line, size_t n, const char *place, const Source *in, long *wanted,
                     Err *err) {
  Json *object = json_parse(line, n, place, ERR_FILE, err);
  long id, rank, first = in->visit != NULL ? 0 : 1; /* of a reading of all, rank 0 is that of no list */
  int got = -1;
  if (object == NULL) return -1;
  if (json_type(object) != JSON_OBJECT) (void)err_set(err, ERR_FILE, "%s: not a JSON object", place);
  else if (!alignment_details_integer(&id, object, "id", 0, -1))
    (void)bad_key(place, "id", "a whole number from 0", err);
  else if (!alignment_details_integer(&rank, object, "rank", first, first))
    (void)bad_key(place, "rank", "a whole number from 1", err);
  else if (in->visit != NULL)
    got = json_object(file, object, place, err) && give(file, in, id + 1, (int)rank, err) ? 0 : -1;
  else if (rank != 1 || (*wanted != 0 && id != *wanted - 1)) got = 0;
  else got = json_object(file, object, place, err) ? 1 : -1;
  if (got == 1) *wanted = id + 1;
  json_free(object);
  return got;
}

static bool read_jsonl(AlignmentFile *file, const Source *in, Err *err) {
  long line = 0, wanted = in->sentence;
  int got = 0;
  Str place = {0};
  for (const char *at = in->at, *end = at + in->n; got == 0 && at < end;) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (stop == NULL) stop = end;
    str_clear(&place);
    str_addf(&place, "%s:%ld", in->path, ++line);
    got = json_line(file, at, (size_t)(stop - at), str_text(&place), in, &wanted, err);
    at = stop + 1;
  }
  str_free(&place);
  if (in->visit != NULL) return got == 0;
  if (got == 0)
    return err_set(err, ERR_FILE, "%s: no sentence %ld in its %ld lines", in->path, wanted == 0 ? 1 : wanted, line);
  file->view.id = (int)wanted - 1;
  return got == 1;
}

/* --- files --- */

static bool parse(AlignmentFile *file, const Source *in, Err *err) {
  if (!not_alignment_bytes(in->path, in->at, in->n, err)) return false;
  return in->n > 0 && in->at[0] == '{' ? read_jsonl(file, in, err) : read_csv(file, in, err);
}

bool alignment_reader_parse(AlignmentFile *file, const char *name, const char *text, size_t n, long sentence,
                            Err *err) {
  *file = (AlignmentFile){0};
  Source in = {.path = name, .at = text, .n = n, .sentence = sentence, .number = numbered_sentence(name)};
  bool ok = parse(file, &in, err);
  if (ok) finish(file, (long)file->view.id + 1, 0);
  else alignment_reader_free(file);
  return ok;
}

bool alignment_reader_parse_all(const char *name, const char *text, size_t n, AlignmentVisit *visit, void *ctx,
                                Err *err) {
  AlignmentFile file = {0};
  long number = numbered_sentence(name);
  Source in = {.path = name, .at = text, .n = n, .number = number > 0 ? number : 1, .visit = visit, .ctx = ctx};
  bool ok = parse(&file, &in, err);
  alignment_reader_free(&file);
  return ok;
}

/* A file's bytes. */
typedef struct Bytes {
  Map *map; /* or NULL */
  Str text; /* of standard input */
  const char *name, *at;
  size_t n;
} Bytes;

static bool bytes_read(Bytes *b, const char *path, Err *err) {
  *b = (Bytes){0};
  bool standard = strcmp(path, "-") == 0;
  b->name = standard ? "standard input" : path;
  if (standard ? !io_read_all(&b->text, "-", MOST_STANDARD_INPUT, err) : (b->map = map_open(path, err)) == NULL)
    return false;
  b->at = standard ? str_text(&b->text) : b->map->at;
  b->n = standard ? b->text.n : b->map->n;
  return true;
}

static void bytes_free(Bytes *b) {
  str_free(&b->text);
  map_close(b->map);
}

static bool read_file(AlignmentFile *file, const char *path, long sentence, Err *err) {
  Bytes bytes;
  *file = (AlignmentFile){0};
  bool ok = bytes_read(&bytes, path, err) && alignment_reader_parse(file, bytes.name, bytes.at, bytes.n, sentence, err);
  bytes_free(&bytes);
  return ok;
}

static void matrix_path(Str *path, const char *folder, long sentence, int rank) {
  str_clear(path);
  str_addf(path, "%s/", folder);
  numbered_name(path, (int)sentence - 1, rank, ".csv");
}

static bool read_folder(AlignmentFile *file, const char *folder, long sentence, Err *err) {
  Str path = {0};
  if (sentence == 0) sentence = 1;
  matrix_path(&path, folder, sentence, 1);
  bool ok = read_file(file, path.at, 0, err);
  if (ok) file->view.id = (int)sentence - 1;
  str_free(&path);
  return ok;
}

bool alignment_reader_read(AlignmentFile *file, const char *path, long sentence, Err *err) {
  *file = (AlignmentFile){0};
  if (io_is_folder(path)) return read_folder(file, path, sentence, err);
  return not_alignment_path(path, err) && read_file(file, path, sentence, err);
}

/* Hands on the matrix of one file of a folder. */
static bool all_matrix(AlignmentFile *file, const char *path, Source in, Err *err) {
  Bytes bytes;
  bool ok = bytes_read(&bytes, path, err);
  in.path = path;
  in.at = bytes.at;
  in.n = bytes.n;
  ok = ok && read_csv(file, &in, err);
  bytes_free(&bytes);
  return ok;
}

/* As the writer numbers them: sentences without a gap, and the ranks of each. */
static bool all_folder(const char *folder, AlignmentVisit *visit, void *ctx, Err *err) {
  AlignmentFile file = {0};
  Str path = {0}, second = {0};
  Source in = {.number = 1, .visit = visit, .ctx = ctx};
  bool ok = true;
  for (; ok; in.number++) {
    matrix_path(&path, folder, in.number, 1);
    matrix_path(&second, folder, in.number, 2);
    if (in.number > 1 && !io_exists(path.at)) break;
    in.rank = io_exists(second.at) ? 1 : 0;
    ok = all_matrix(&file, path.at, in, err);
    for (in.rank = 2; ok && io_exists(second.at); matrix_path(&second, folder, in.number, ++in.rank))
      ok = all_matrix(&file, second.at, in, err);
  }
  str_free(&path);
  str_free(&second);
  alignment_reader_free(&file);
  return ok;
}

bool alignment_reader_all(const char *path, AlignmentVisit *visit, void *ctx, Err *err) {
  Bytes bytes;
  if (io_is_folder(path)) return all_folder(path, visit, ctx, err);
  if (!not_alignment_path(path, err)) return false;
  bool ok = bytes_read(&bytes, path, err) && alignment_reader_parse_all(bytes.name, bytes.at, bytes.n, visit, ctx, err);
  bytes_free(&bytes);
  return ok;
}
