/* cmd_serve.c - models at the service of a browser and of other programs, over HTTP. */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "serve/server.h"

typedef struct Options {
  OptionList models, sets;
  const char *host;
  int64_t port, body, texts, bytes, waiting, timeout, connections, beam;
  int precision;
} Options;

enum { MOST = 1 << 30 };

static const Option table[] = {
    OPT_LIST(Options, models, "model", 'm', "MODEL",
             "model file; several are served by their names [$ATTN_SEQ2SEQ_MODEL, else models/model.safetensors]"),
    OPT_TEXT(Options, host, "host", 0, "ADDRESS", "127.0.0.1",
             "listen there; 127.0.0.1: this machine alone, 0.0.0.0: whoever reaches it"),
    OPT_INT(Options, port, "port", 0, "N", "8080", 0, 65535, "listen at that port; 0 = any that is free"),
    OPT_INT(Options, timeout, "timeout", 0, "SECONDS", "30", 1, 86400,
            "that a request may take to come (else 408) and may wait (else 503), and a client may be silent"),
    OPT_INT(Options, waiting, "max-waiting", 0, "N", "1024", 1, MOST, "texts that wait; a request beyond gets 429"),
    OPT_INT(Options, texts, "max-texts", 0, "N", "128", 1, MOST, "texts of a request; more get 413"),
    OPT_INT(Options, bytes, "max-text", 0, "BYTES", "5000", 1, MOST, "of a text; longer ones get 413"),
    OPT_INT(Options, body, "max-body", 0, "BYTES", "1048576", 1, MOST, "of a request; larger ones get 413"),
    OPT_INT(Options, beam, "max-beam", 0, "K", "32", 1, 1000, "greatest beam size that a request may ask for"),
    OPT_INT(Options, connections, "max-connections", 0, "N", "500", 1, 1000000, "clients at once"),
    OPT_CONFIG(Options, sets, "beam-size", 'b', "K", "translate.beam_size"),
    OPT_CONFIG(Options, sets, "max-length", 0, "N", "translate.max_length"),
    OPT_CHOICE(
        Options, precision, "precision", 0, report_precision, "usual",
        "of products with weights; int8: weights rounded to 8 bits, faster; usual: float32, of a quantised model int8"),
    OPT_CONFIG(Options, sets, "batch-size", 0, "N", "translate.batch_size"),
    OPT_CONFIG_HELP(Options, sets, "threads", 0, "N", "train.threads", "threads that work [all cores]"),
};

/* Models that are loaded, with their names. */
typedef struct Models {
  int n;
  Ensemble *ensembles;
  Str *names;
  ServerModel *served;
} Models;

/* What stands between the last slash and the first dot after it; another of that name gets a number. */
static void name_model(Models *m, int i, const char *path) {
  const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
  int same = 0;
  str_add(&m->names[i], base, strcspn(base, "."));
  for (int k = 0; k < i; k++) same += strcmp(str_text(&m->names[k]), str_text(&m->names[i])) == 0;
  if (same > 0) str_addf(&m->names[i], "-%d", i + 1);
  m->served[i] = (ServerModel){str_text(&m->names[i]), &m->ensembles[i]};
}

/* What a text of a client may not say: which file to read. */
static bool check_model(const Models *m, int i, Err *err) {
  const Ensemble *e = &m->ensembles[i];
  if (!ensemble_links(e, NULL, err)) return err_prefix(err, "serve: %s: ", m->served[i].name);
  return tokenizer_regions(e->members[0]->source_tokenizer) == NULL ||
         err_set(err, ERR_USAGE,
                 "serve: %s: its sources are names of files (data.source_form \"features\"), and no client says which "
                 "files are read here",
                 m->served[i].name);
}

static void free_models(Models *m) {
  for (int i = 0; i < m->n; i++) ensemble_free(&m->ensembles[i]);
  for (int i = 0; i < m->n; i++) str_free(&m->names[i]);
  mem_free(m->ensembles);
  mem_free(m->names);
  mem_free(m->served);
}

static bool load_models(Models *m, const Options *o, Err *err) {
  int n = o->models.n == 0 ? 1 : o->models.n;
  *m = (Models){.ensembles = mem_zero((size_t)n, sizeof *m->ensembles, "models"),
                .names = mem_zero((size_t)n, sizeof *m->names, "models"),
                .served = mem_zero((size_t)n, sizeof *m->served, "models")};
  bool ok = true;
  for (int i = 0; ok && i < n; i++) {
    OptionList one = {.at = o->models.n == 0 ? NULL : &o->models.at[i], .n = o->models.n == 0 ? 0 : 1};
    if (!report_load(&m->ensembles[i], &one, &o->sets, (Precision)o->precision, err)) break;
    m->n = i + 1;
    name_model(m, i, one.n == 0 ? "model" : one.at[0]);
    ok = check_model(m, i, err);
  }
  if (ok && m->n == n) return true;
  free_models(m);
  return false;
}

/* Files that the process may have open. */
static bool check_connections(const Options *o, Err *err) {
  enum { OTHERS = 64 + HTTP_SPARE };
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  rlim_t want = (rlim_t)(o->connections + OTHERS);
  if (limit.rlim_cur < want && limit.rlim_max >= want) {
    limit.rlim_cur = want;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return true;
  }
  return limit.rlim_cur >= want ||
         err_set(
             err, ERR_USAGE,
             "serve: --max-connections %lld: the system gives a process %llu files; raise that (ulimit -n) or serve "
             "fewer",
             (long long)o->connections, (unsigned long long)limit.rlim_cur);
}

static void tell_address(const Options *o, const Http *http, const Models *m) {
  Str text = {0};
  bool six = strchr(o->host, ':') != NULL;
  str_adds(&text, "serving ");
  for (int i = 0; i < m->n; i++) str_addf(&text, "%s%s", i == 0 ? "" : ", ", m->served[i].name);
  str_addf(&text, " at http://%s%s%s:%d/ ; Ctrl-C ends", six ? "[" : "", o->host, six ? "]" : "", http_port(http));
  output_note(str_text(&text));
  str_free(&text);
}

/* Until somebody asks for the end. */
static void wait_for_end(const atomic_int *came, Http *http) {
  const struct timespec second = {.tv_sec = 1};
  sigset_t none;
  (void)sigemptyset(&none);
  while (atomic_load(came) == 0) {
    (void)pselect(0, NULL, NULL, NULL, &second, &none);
    http_sweep(http, clock_now());
  }
}

/* What was asked before is answered, and then whoever sends or reads slowly has as long as ever. */
static void drain(const Options *o, Http *http, Server *server) {
  const struct timespec moment = {.tv_nsec = 10000000};
  output_note("answering what has been asked; once more ends at once");
  http_quiesce(http);
  server_drain(server);
  double end = clock_now() + (double)o->timeout;
  while (http_active(http) > 0 && clock_now() < end) {
    (void)nanosleep(&moment, NULL);
    http_sweep(http, clock_now());
  }
}

static bool serve(const Options *o, const Models *m, Pool *pool, Err *err) {
  const atomic_int *came = signals_catch();
  ServerOptions served = {
      .models = m->served,
      .n_models = m->n,
      .pool = pool,
      .limits = {.lines = (int)o->texts, .bytes = (size_t)o->bytes, .beam_size = (int)o->beam},
      .waiting = (int)o->waiting,
      .seconds = (int)o->timeout,
  };
  thread_block_signals(); /* they end the waiting below, and nothing else */
  Server *server = server_new(&served, err);
  if (server == NULL) return false;
  HttpOptions options = {.host = o->host,
                         .port = (int)o->port,
                         .body = (size_t)o->body,
                         .seconds = (int)o->timeout,
                         .connections = (int)o->connections,
                         .ctx = server,
                         .take = server_take,
                         .refused = server_refused};
  Http *http = http_open(&options, err);
  if (http != NULL) {
    tell_address(o, http, m);
    wait_for_end(came, http);
    thread_take_signals();
    drain(o, http, server);
    http_close(http);
  }
  server_free(server);
  return http != NULL;
}

static int run(const void *options, const char *const *arguments, int n_arguments, Err *err) {
  const Options *o = options;
  Models models;
  (void)arguments, (void)n_arguments;
  if (http_missing() != NULL) (void)err_set(err, ERR_USAGE, "serve: %s", http_missing());
  if (http_missing() != NULL || !check_connections(o, err) || !load_models(&models, o, err)) return (int)err->kind;
  Pool *pool = pool_new(models.ensembles[0].members[0]->config.train.threads);
  (void)serve(o, &models, pool, err);
  pool_free(pool);
  free_models(&models);
  return (int)err->kind;
}

static const char *const examples[] = {"serve -m models/model.safetensors",
                                       "serve -m a.safetensors -m b.safetensors --port 8081", NULL};

const Command cmd_serve = {
    .name = "serve",
    .arguments = "",
    .summary = "Translate for browsers and programs, over HTTP",
    .surplus = "models are named with --model",
    .options = table,
    .n_options = sizeof table / sizeof *table,
    .size = sizeof(Options),
    .examples = examples,
    .run = run,
};
