/* A training that takes the place of another, with every write, flush, fsync, rename and removal failing in turn, or
 * killing the process: afterwards the old training or the new one is whole. */
#include <check.h>
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "child.h"
#include "scratch.h"
#include "train/train.h"

enum { MOST_FILES = 16, N_BASE = 6, LONGEST = 63 };

static Scratch scratch;

static void open_scratch(void) { scratch_open(&scratch); }
static void close_scratch(void) { scratch_close(&scratch); }

static bool finished_before;

static void see(void *ctx, const TrainEvent *e) {
  (void)ctx;
  if (e->kind == TRAIN_END) finished_before = strcmp(e->text, "already finished") == 0;
}

typedef struct Plan {
  const char *const *sets;
  int n_sets;
} Plan;

/* Trains out/X.safetensors on a few pairs. */
static TrainEnd train(const Plan *plan, bool resume, Err *err) {
  static const char text[] = "a b\nb c a\nc\na a\nb\nc b\nb a\na c c\n";
  static const char *const keys[] = {"data.train.source", "data.train.target", "data.valid.source", "data.valid.target",
                                     "train.model"};
  enum { N_KEYS = sizeof keys / sizeof *keys, MOST_SETS = 24 };
  const char *all[MOST_SETS] = {"model.embedding=4",  "model.encoder.hidden=3", "model.decoder.hidden=5",
                                "train.batch_size=2", "train.threads=1",        "train.keep=2"};
  static const atomic_int interrupted;
  Str paths[N_KEYS] = {0};
  int n = N_BASE;
  for (int k = 0; k < N_KEYS; k++) {
    bool model = k == N_KEYS - 1;
    str_addf(&paths[k], "%s=%s", keys[k],
             model ? scratch_path(&scratch, "out/X.safetensors") : scratch_text(&scratch, "text", text));
    all[n++] = str_text(&paths[k]);
  }
  for (int k = 0; k < plan->n_sets; k++) all[n++] = plan->sets[k];
  Config config;
  ck_assert_msg(config_load(&config, NULL, all, n, NULL, err), "%s", err->text);
  const TrainOptions options = {
      .resume = resume, .overwrite = !resume, .observer = {.event = see}, .interrupted = &interrupted};
  TrainEnd end = train_run(&config, &options, err);
  for (int k = 0; k < N_KEYS; k++) str_free(&paths[k]);
  return end;
}

/* ---- The folder `out`. */

typedef struct Files {
  int n;
  char names[MOST_FILES][LONGEST + 1];
  Str bytes[MOST_FILES];
} Files;

static const char *in_out(const char *name) {
  char path[128];
  (void)snprintf(path, sizeof path, "out/%.*s", LONGEST, name);
  return scratch_path(&scratch, path);
}

static void files_free(Files *files) {
  for (int i = 0; i < files->n; i++) str_free(&files->bytes[i]);
  files->n = 0;
}

static void files_read(Files *files) {
  Err err = {0};
  DIR *dir = opendir(scratch_path(&scratch, "out"));
  *files = (Files){0};
  for (const struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    ck_assert_int_lt(files->n, MOST_FILES);
    (void)snprintf(files->names[files->n], sizeof files->names[0], "%.*s", LONGEST, entry->d_name);
    ck_assert_msg(io_read_all(&files->bytes[files->n++], in_out(entry->d_name), (size_t)1 << 24, &err), "%s", err.text);
  }
  if (dir != NULL) (void)closedir(dir);
}

/* Makes the folder what it was. */
static void files_restore(const Files *files) {
  Files now;
  files_read(&now);
  for (int i = 0; i < now.n; i++) (void)unlink(in_out(now.names[i]));
  for (int i = 0; i < files->n; i++) {
    Str path = {0};
    str_addf(&path, "out/%s", files->names[i]);
    (void)scratch_bytes(&scratch, path.at, files->bytes[i].at, files->bytes[i].n);
    str_free(&path);
  }
  files_free(&now);
}

/* How many of the files stand in the folder, to the byte. */
static int n_same(const Files *files, const Files *now) {
  int n = 0;
  for (int i = 0; i < files->n; i++)
    for (int k = 0; k < now->n; k++)
      n += strcmp(files->names[i], now->names[k]) == 0 && files->bytes[i].n == now->bytes[k].n &&
           memcmp(files->bytes[i].at, now->bytes[k].at, now->bytes[k].n) == 0;
  return n;
}

static int n_temporary(const Files *now) {
  int n = 0;
  for (int k = 0; k < now->n; k++) n += strstr(now->names[k], ".tmp") != NULL || strstr(now->names[k], ".lock") != NULL;
  return n;
}

/* ---- The sweep. */

static void run_new(void *plan) {
  Err err = {0};
  if (train(plan, false, &err) != TRAIN_FINISHED) _exit(1);
}

/* False when nothing failed. */
static bool fault(const Plan *plan, unsigned long at, bool deadly) {
  char said[256];
  Err err = {0};
  if (!deadly) {
    io_fail_after(at);
    bool failed = train(plan, false, &err) == TRAIN_FAILED;
    io_fail_after(0);
    ck_assert(!failed || err.kind == ERR_FILE);
    return failed;
  }
  io_die_after(at);
  int status = child_run(run_new, (void *)(size_t)plan, said, sizeof said);
  io_fail_after(0);
  ck_assert_msg(status == 0 || status == 128 + SIGKILL, "status %d: %s", status, said);
  return status != 0;
}

/* The old training is there to the byte, or what is there goes on to the new one, to the byte. */
static bool check_whole(const Plan *plans, const Files *files, unsigned long at, bool deadly) {
  Files now;
  files_read(&now);
  bool old = n_same(&files[0], &now) == files[0].n && now.n - n_temporary(&now) == files[0].n;
  ck_assert_msg(deadly || n_temporary(&now) == 0, "failure %lu left a temporary file", at);
  files_free(&now);
  Err err = {0};
  ck_assert_msg(train(&plans[!old], true, &err) == TRAIN_FINISHED, "failure %lu: %s", at, err.text);
  ck_assert_msg(!old || finished_before, "failure %lu: the old training has lost its end", at);
  if (old) return true;
  files_read(&now);
  ck_assert_msg(n_same(&files[1], &now) == files[1].n && now.n == files[1].n,
                "failure %lu: %d of %d files are the new training's, %d are there", at, n_same(&files[1], &now),
                files[1].n, now.n);
  files_free(&now);
  return false;
}

static const char *const olds[] = {"train.epochs=2"};
/* The first step file has a name of its own; that of one of the old. */
static const char *const others[][3] = {{"train.epochs=1", "train.seed=2", "train.batch_size=4"},
                                        {"train.epochs=1", "train.seed=2", "train.batch_size=2"}};

static const struct {
  int plan;
  bool deadly;
} rows[] = {{0, false}, {0, true}, {1, false}, {1, true}};

START_TEST(old_or_new_is_whole) {
  const Plan plans[2] = {{olds, 1}, {others[rows[_i].plan], 3}};
  bool deadly = rows[_i].deadly;
  Files files[2];
  for (int k = 1; k >= 0; k--) {
    Err err = {0};
    ck_assert_msg(train(&plans[k], false, &err) == TRAIN_FINISHED, "%s", err.text);
    files_read(&files[k]);
    for (int i = 0; k == 1 && i < files[k].n; i++) (void)unlink(in_out(files[k].names[i]));
  }
  int n_old = 0, n_new = 0;
  for (unsigned long at = 1;; at++) {
    files_restore(&files[0]);
    bool failed = fault(&plans[1], at, deadly), old = check_whole(plans, files, at, deadly);
    if (!failed) {
      ck_assert(!old);
      break;
    }
    n_old += old;
    n_new += !old;
  }
  ck_assert_int_gt(n_old, 60); /* the first checkpoint's files are written and fsynced before anything else is done */
  ck_assert_int_ge(n_new, 4);
  for (int k = 0; k < 2; k++) files_free(&files[k]);
}
END_TEST

Suite *test_fault(void);
Suite *test_fault(void) {
  Suite *s = suite_create("fault");
  TCase *t = tcase_create("fault");
  tcase_set_timeout(t, 300);
  tcase_add_checked_fixture(t, open_scratch, close_scratch);
  tcase_add_loop_test(t, old_or_new_is_whole, 0, sizeof rows / sizeof *rows);
  suite_add_tcase(s, t);
  return s;
}
