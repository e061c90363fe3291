#include "train/train_log.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "base/lock.h"
#include "base/mem.h"

struct TrainLog {
  char *path;
  FILE *file;
  bool gone; /* the reader of a pipe: nobody wants the rest */
};

static bool fail(const char *path, Err *err) {
  return err_set(err, ERR_FILE, "%s: cannot write: %s", path, strerror(errno));
}

/* How every log begins. */
static const char OPENING[] = "{\"event\":\"start\"";

/* True for a file that a training log could have been written to, be it cut short in its first line. */
static bool is_log(const char *path, Err *err) {
  char start[sizeof OPENING - 1];
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return err_set(err, ERR_FILE, "%s: cannot open: %s", path, strerror(errno));
  ssize_t n = read(fd, start, sizeof start);
  (void)close(fd);
  bool ok = n >= 0 && memcmp(start, OPENING, (size_t)n) == 0;
  return ok || err_set(err, ERR_FILE, "%s: stands there already and is no log of a training; name another file", path);
}

static bool is_empty(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && status.st_size == 0;
}

bool train_log_check(const char *path, const TrainOptions *options, Err *err) {
  if (strcmp(path, "-") == 0) return true;
  if (!io_exists(path)) return io_check_target(path, err);
  if (!io_is_file(path)) return !io_is_folder(path) || err_set(err, ERR_FILE, "%s: is a folder; name a file", path);
  if (!is_log(path, err)) return false;
  return options->resume || options->overwrite || is_empty(path) ||
         err_set(err, ERR_FILE,
                 "%s: the log of an earlier training stands there already; --overwrite replaces it, --resume goes on "
                 "with it",
                 path);
}

/* Cuts off a last line without its end, which a full disk has left; false when the file cannot be cut. */
static bool cut(int fd, bool append) {
  char last;
  off_t n = append ? lseek(fd, 0, SEEK_END) : 0, at = n;
  while (at > 0 && pread(fd, &last, 1, at - 1) == 1 && last != '\n') at--;
  return (append && at == n) || ftruncate(fd, at) == 0;
}

/* A file, which no other process may be writing to. */
static FILE *open_file(const char *path, bool append, Err *err) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | (append ? O_APPEND : 0), 0666);
  if (fd >= 0 && !lock_file(fd, path, err)) {
    (void)close(fd);
    return NULL;
  }
  if (fd >= 0 && cut(fd, append)) return fdopen(fd, append ? "ab" : "wb");
  (void)fail(path, err);
  if (fd >= 0) (void)close(fd);
  return NULL;
}

/* A device or pipe; "-" is the standard output. */
static FILE *open_stream(const char *path, Err *err) {
  int fd = strcmp(path, "-") == 0 ? dup(STDOUT_FILENO) : open(path, O_WRONLY | O_CLOEXEC);
  if (fd >= 0) return fdopen(fd, "wb");
  (void)fail(path, err);
  return NULL;
}

TrainLog *train_log_open(const char *path, bool append, Err *err) {
  bool standard = strcmp(path, "-") == 0, stream = standard || (io_exists(path) && !io_is_file(path));
  FILE *file = stream ? open_stream(path, err) : open_file(path, append, err);
  if (file == NULL) return NULL;
  TrainLog *log = mem_zero(1, sizeof *log, "training log");
  log->path = standard ? mem_text("standard output", 15) : mem_text(path, strlen(path));
  log->file = file;
  return log;
}

static void number(Json *json, const char *key, double value) {
  if (isfinite(value)) json_set(json, key, json_new_number(value));
}

/* How well a vocabulary knows the texts. */
static Json *side_json(const TrainSide *s, int n_words, int64_t n_tokens, int64_t n_unknown) {
  Json *json = json_new_object(), *commonest = json_new_array();
  const Coverage *c = &s->coverage;
  json_set(json, "entries", json_new_number(n_words));
  number(json, "train_unknown", (double)n_unknown / (double)n_tokens);
  number(json, "valid_unknown", (double)c->n_unknown / (double)c->n_tokens);
  for (int i = 0; i < c->commonest.n; i++) json_append(commonest, json_new_string(tokens_get(&c->commonest, i, NULL)));
  json_set(json, "commonest_unknown", commonest);
  if (s->n_vectors >= 0) json_set(json, "vectors", json_new_number(s->n_vectors));
  return json;
}

/* What was read of a text, and what was left out of it. */
static Json *corpus_json(const CorpusStats *s) {
  Json *json = json_new_object();
  json_set(json, "pairs", json_new_number((double)(s->n_read - s->n_empty - s->n_long - s->n_unanswered)));
  json_set(json, "empty", json_new_number((double)s->n_empty));
  json_set(json, "long", json_new_number((double)s->n_long));
  if (s->n_unanswered > 0) json_set(json, "unanswered", json_new_number((double)s->n_unanswered));
  json_set(json, "source_tokens", json_new_number((double)s->n_source));
  json_set(json, "target_tokens", json_new_number((double)s->n_target));
  return json;
}

static Json *links_json(const Guide *guide) {
  GuideCount count = guide_count(guide);
  Json *json = json_new_object();
  json_set(json, "links", json_new_number((double)count.n_links));
  json_set(json, "pairs", json_new_number((double)count.n_linked));
  return json;
}

static void add_start(Json *json, const TrainEvent *e) {
  const TrainData *data = e->data;
  const CorpusStats *train = corpus_stats(data->train);
  Json *valid;
  json_set(json, "version", json_new_string(VERSION));
  json_set(json, "resumed", json_new_bool(e->resumed));
  json_set(json, "train", corpus_json(train));
  json_set(json, "valid", valid = corpus_json(corpus_stats(data->valid)));
  json_set(valid, "seen", json_new_number(data->n_seen));
  json_set(json, "source", side_json(&data->source, e->source_vocab, train->n_source, train->n_unknown_source));
  json_set(json, "target", side_json(&data->target, e->target_vocab, train->n_target, train->n_unknown_target));
  if (data->guide != NULL) json_set(json, "links", links_json(data->guide));
  json_set(json, "parameters", json_new_number((double)e->n_parameters));
  json_set(json, "config", config_to_json(e->config, true));
}

static Json *event_json(const TrainEvent *e) {
  static const char *const names[] = {[TRAIN_START] = "start",
                                      [TRAIN_LOG] = "update",
                                      [TRAIN_VALID] = "valid",
                                      [TRAIN_CHECKPOINT] = "checkpoint",
                                      [TRAIN_END] = "end"};
  Json *json = json_new_object();
  json_set(json, "event", json_new_string(names[e->kind]));
  number(json, "step", (double)e->step);
  number(json, "epoch", e->epoch);
  if (e->kind == TRAIN_LOG || e->kind == TRAIN_VALID) {
    number(json, "loss", e->loss);
    number(json, "perplexity", exp(e->loss));
  }
  if (e->kind == TRAIN_LOG) {
    for (LossKind k = LOSS_likelihood + 1; k < N_LOSSES; k++)
      if (e->weights.of[k] != 0) number(json, losses_mean_key(k), e->losses.of[k]);
    number(json, "target_tokens_per_s", e->tokens_per_s);
    number(json, "learning_rate", e->learning_rate);
    number(json, "gradient_norm", e->gradient_norm);
  }
  if (e->kind == TRAIN_VALID) {
    json_set(json, "metric", json_new_string(e->metric));
    number(json, "value", e->value);
    number(json, "best", e->best);
    if (e->n_translated > 0) number(json, "cut", e->n_cut);
  }
  if (e->kind == TRAIN_START) add_start(json, e);
  if (e->kind == TRAIN_END) json_set(json, "reason", json_new_string(e->text));
  if (e->kind == TRAIN_END && e->warning != NULL) json_set(json, "warning", json_new_string(e->warning));
  if (e->kind == TRAIN_END && e->best_step > 0) {
    number(json, "best", e->best);
    number(json, "best_step", (double)e->best_step);
  }
  number(json, "seconds", e->seconds);
  return json;
}

bool train_log_write(TrainLog *log, const TrainEvent *e, Err *err) {
  if (log == NULL || log->gone || e->kind == TRAIN_UPDATE || e->kind == TRAIN_NOTE) return true;
  Json *json = event_json(e);
  Str line = {0};
  json_print(&line, json, false);
  str_addc(&line, '\n');
  bool ok = fwrite(line.at, 1, line.n, log->file) == line.n && fflush(log->file) == 0;
  log->gone = !ok && errno == EPIPE;
  if (!ok && !log->gone) (void)fail(log->path, err);
  str_free(&line);
  json_free(json);
  return ok || log->gone;
}

bool train_log_close(TrainLog *log, Err *err) {
  if (log == NULL) return true;
  bool ok = fclose(log->file) == 0 || log->gone || fail(log->path, err);
  mem_free(log->path);
  mem_free(log);
  return ok;
}

/* ---- Reading a log back. */

typedef struct Speeds {
  double *at;
  size_t n, cap;
} Speeds;

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(Speeds *s) {
  if (s->n == 0) return 0;
  qsort(s->at, s->n, sizeof *s->at, by_value);
  return s->n % 2 == 1 ? s->at[s->n / 2] : (s->at[s->n / 2 - 1] + s->at[s->n / 2]) / 2;
}

static void add_speed(Speeds *s, double value) {
  if (s->n == s->cap) {
    s->cap = s->cap == 0 ? 64 : 2 * s->cap;
    s->at = mem_grow(s->at, s->cap, sizeof *s->at, "training log");
  }
  s->at[s->n++] = value;
}

static double number_in(const Json *object, const char *key) {
  const Json *value = json_get(object, key);
  return value != NULL && json_type(value) == JSON_NUMBER ? json_number(value) : 0;
}

/* A line cut off by a crash says nothing. run: seconds of the run at hand, as far as it trained. */
static void take_line(const char *line, size_t n, Speeds *speeds, double *run, TrainLogSummary *summary) {
  Err ignored = {0};
  Json *json = json_parse(line, n, "log", ERR_FILE, &ignored);
  const Json *event = json != NULL && json_type(json) == JSON_OBJECT ? json_get(json, "event") : NULL;
  const char *name = event != NULL && json_type(event) == JSON_STRING ? json_string(event) : "";
  if (strcmp(name, "start") == 0) {
    summary->seconds += *run;
    *run = 0;
  }
  if (strcmp(name, "update") == 0) add_speed(speeds, number_in(json, "target_tokens_per_s"));
  if (strcmp(name, "update") == 0 || strcmp(name, "valid") == 0) *run = number_in(json, "seconds");
  json_free(json);
}

bool train_log_summary(const char *path, TrainLogSummary *summary, Err *err) {
  IoLines *lines = io_lines_open(path, err);
  if (lines == NULL) return false;
  Speeds speeds = {0};
  double run = 0;
  const char *line;
  size_t n;
  int got;
  *summary = (TrainLogSummary){0};
  while ((got = io_lines_next(lines, &line, &n, err)) == 1) take_line(line, n, &speeds, &run, summary);
  io_lines_close(lines);
  summary->seconds += run;
  summary->tokens_per_s = median(&speeds);
  mem_free(speeds.at);
  return got == 0;
}

/* ---- Whose log it is. */

/* True unless the line tells of a validation of the first `step` updates that is not in the history. */
static bool fits(const char *line, size_t n, const Json *history, long step) {
  Err ignored = {0};
  Json *json = json_parse(line, n, "log", ERR_FILE, &ignored);
  const Json *event = json != NULL && json_type(json) == JSON_OBJECT ? json_get(json, "event") : NULL;
  bool valid = event != NULL && json_type(event) == JSON_STRING && strcmp(json_string(event), "valid") == 0;
  bool found = !valid || number_in(json, "step") > (double)step;
  for (const Json *row = json_first(history); row != NULL && !found; row = json_next(row))
    found = json_type(row) == JSON_OBJECT && number_in(row, "step") == number_in(json, "step") &&
            number_in(row, "loss") == number_in(json, "loss");
  json_free(json);
  return found;
}

bool train_log_is_of(const char *path, const Json *history, long step, Err *err) {
  if (strcmp(path, "-") == 0 || !io_is_file(path)) return true;
  IoLines *lines = io_lines_open(path, err);
  if (lines == NULL) return false;
  const char *line;
  size_t n;
  int got;
  while ((got = io_lines_next(lines, &line, &n, err)) == 1 && fits(line, n, history, step)) continue;
  if (got == 1)
    (void)err_set(err, ERR_FILE,
                  "%s: line %ld tells of a validation that the training to resume has not had: it is the log of "
                  "another; name that of this one, or a new file",
                  path, io_lines_number(lines));
  io_lines_close(lines);
  return got == 0;
}
