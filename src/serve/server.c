#include "serve/server.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/monitor.h"
#include "base/thread.h"
#include "search/limits.h"
#include "serve/metrics.h"
#include "serve/reply.h"
#include "serve/serve_info.h"
#include "serve/serve_page.h"

/* A request that waits, or is worked on. */
typedef struct Job {
  HttpCall *call;
  Request request;
  const ServerModel *model;
  Session *session; /* of the model */
  SearchOptions options;
  double came;
  int first; /* place of its texts in the session */
  struct Job *next;
} Job;

struct Server {
  ServerOptions options;
  Session **sessions; /* [n_models]; the worker's */
  Metrics *metrics;
  Str page, info; /* constant */
  Thread *worker;
  Monitor *monitor; /* of all below */
  Job *first, *last;
  int n_texts; /* that wait */
  int n_done;  /* that were taken together the last time */
  bool draining, closing, idle;
};

static const char JSON_TYPE[] = "application/json", HTML_TYPE[] = "text/html; charset=utf-8",
                  METRICS_TYPE[] = "text/plain; version=0.0.4; charset=utf-8";

/* ---- Answers. */

static void answer_error(HttpCall *call, int status, const char *text) {
  Str body = {0};
  reply_error(&body, text);
  int retry = status == 429 || status == 503;
  http_answer(call, &(HttpAnswer){status, JSON_TYPE, str_text(&body), body.n, retry});
  str_free(&body);
}

static MetricsPath path_of(const Job *job) {
  return job->request.kind == REQUEST_SCORE ? METRICS_SCORE : METRICS_TRANSLATE;
}

static void job_free(Job *job) {
  request_free(&job->request);
  mem_free(job);
}

/* Refuses a job, which is then gone. */
static void job_refuse(Server *s, Job *job, int status, const char *text) {
  metrics_request(s->metrics, path_of(job), status, clock_now() - job->came, 0);
  answer_error(job->call, status, text);
  job_free(job);
}

static void job_answer(Server *s, Job *job) {
  Str body = {0};
  reply_add(&body, &job->request, &job->options, job->model->name, job->session, job->first);
  metrics_request(s->metrics, path_of(job), 200, clock_now() - job->came, job->request.n);
  http_answer(job->call, &(HttpAnswer){200, JSON_TYPE, str_text(&body), body.n, 0});
  str_free(&body);
  job_free(job);
}

/* ---- The worker. */

static bool add_text(Job *job, int i, Str *source, Str *target, Err *err) {
  const Request *r = &job->request;
  bool of_target;
  session_text(source, r->sources[i], strlen(r->sources[i]));
  if (r->kind == REQUEST_TRANSLATE)
    return session_add(job->session, str_text(source), source->n, &job->options.translate, err);
  session_text(target, r->targets[i], strlen(r->targets[i]));
  Pair pair = {str_text(source), str_text(target), source->n, target->n};
  return session_add_pair(job->session, &pair, &of_target, err);
}

enum { MOST_WEIGHTS = 1 << 23 }; /* of attention, in an answer; in memory less than twice as many */

/* Weights of attention that are kept of text i of the session, at most: an alignment, and those that are told of. */
static double count_weights(const Job *job, int i) {
  const BeamOptions *beam = &job->options.translate.beam;
  const IdPair *ids = session_ids(job->session, i);
  bool scores = job->request.kind == REQUEST_SCORE;
  double source = ids->source.n + 1.0, target = ids->target.n + 1.0;
  if (!scores)
    target = beam->max_length > 0 ? beam->max_length : limits_tokens(beam->max_length_ratio, ids->source.n) + 1.0;
  if (!scores && !beam->weights) return 0;
  double each = (1 + beam->heads.of[HEADS_CROSS]) * source * target + beam->heads.of[HEADS_ENCODER] * source * source +
                beam->heads.of[HEADS_DECODER] * target * target;
  return scores ? each : each * beam->n_best;
}

/* Adds all texts of a job, and how many weights they come to, or none: then err says why, and what comes back is no
 * REQUEST_OK. */
static int add_texts(Job *job, double *weights, Err *err) {
  Str source = {0}, target = {0};
  job->first = session_count(job->session);
  bool ok = true;
  double own = 0;
  for (int i = 0; ok && own <= MOST_WEIGHTS && i < job->request.n; i++) {
    ok = add_text(job, i, &source, &target, err);
    if (ok) own += count_weights(job, job->first + i);
  }
  bool fits = own <= MOST_WEIGHTS;
  if (ok && fits) *weights += own;
  else session_drop(job->session, job->first);
  if (ok && !fits)
    (void)err_set(err, ERR_USAGE, "over %d weights of attention: send fewer or shorter texts at a time", MOST_WEIGHTS);
  str_free(&source);
  str_free(&target);
  return !ok ? REQUEST_BAD : fits ? REQUEST_OK : REQUEST_TOO_LARGE;
}

/* Draws go by the place of a text among those that are done together: so that a seed says what comes, only those of one
 * job are. */
static bool alike(const Job *a, const Job *b) {
  if (a->request.kind == REQUEST_TRANSLATE && a->options.translate.beam.sample) return a == b;
  return a->model == b->model && a->request.kind == b->request.kind && search_options_equal(&a->options, &b->options);
}

/* Clients that have just had their answers together ask again together: where several texts were done, the next few
 * moments are for those that come with the first. */
static void gather(Server *s) {
  enum { MOMENTS = 8 };
  static const struct timespec moment = {.tv_nsec = 1000000};
  int before, n = 0, k = 0;
  do {
    (void)nanosleep(&moment, NULL);
    before = n;
    monitor_enter(s->monitor);
    n = s->n_texts;
    monitor_leave(s->monitor);
  } while (n > before && n < s->n_done && ++k < MOMENTS);
}

/* The jobs at the head that can be done together: as many texts as two batches for every thread, so that threads that
 * are done early find something to do. NULL: there will be none any more. */
static Job *take_jobs(Server *s) {
  monitor_enter(s->monitor);
  s->idle = true;
  monitor_wake(s->monitor);
  while (s->first == NULL && !s->closing) monitor_wait(s->monitor);
  s->idle = false;
  if (s->n_done > 1 && s->n_texts < s->n_done) {
    monitor_leave(s->monitor);
    gather(s);
    monitor_enter(s->monitor);
  }
  Job *first = s->first, **link = &s->first;
  int n = 0;
  while (*link != NULL && alike(first, *link)) {
    int most = 2 * pool_size(s->options.pool) * first->options.translate.batch_size;
    if (n > 0 && n + (*link)->request.n > most) break;
    n += (*link)->request.n;
    link = &(*link)->next;
  }
  s->first = *link;
  *link = NULL; /* ends what is taken */
  s->n_texts -= n;
  s->n_done = n;
  monitor_leave(s->monitor);
  return first;
}

/* Fills the session with the first of the jobs, which it takes; drops those whose texts it cannot have, or which have
 * waited for too long. */
static Job *fill_session(Server *s, Job **jobs) {
  Job *kept = NULL, **end = &kept;
  double weights = 0;
  session_clear((*jobs)->session);
  while (*jobs != NULL && weights < MOST_WEIGHTS) {
    Job *job = *jobs;
    Err err = {0};
    int status;
    *jobs = job->next;
    job->next = NULL;
    if (clock_now() - job->came > s->options.seconds) {
      job_refuse(s, job, 503, "waited for too long: try again later");
    } else if ((status = add_texts(job, &weights, &err)) != REQUEST_OK) {
      job_refuse(s, job, status, err.text);
    } else {
      *end = job;
      end = &job->next;
    }
  }
  return kept;
}

/* Two batches for every thread, so that one that has the shorter texts finds something more to do. */
static int batch_size(const Server *s, const Job *job) {
  int batches = 2 * pool_size(s->options.pool), most = job->options.translate.batch_size;
  int size = (session_count(job->session) + batches - 1) / batches;
  return size < most ? size : most;
}

static bool work(const Server *s, const Job *job, Err *err) {
  TranslateOptions options = job->options.translate;
  options.batch_size = batch_size(s, job);
  ScoreOptions scoring = {.batch_size = options.batch_size, .heads = job->options.attention == SEARCH_HEADS};
  return job->request.kind == REQUEST_SCORE ? session_score(job->session, &scoring, err)
                                            : session_translate(job->session, 0, &options, err);
}

static void do_jobs(Server *s, Job *jobs) {
  Err err = {0};
  metrics_batch(s->metrics, session_count(jobs->session));
  bool ok = work(s, jobs, &err);
  while (jobs != NULL) {
    Job *job = jobs;
    jobs = job->next;
    if (ok) job_answer(s, job);
    else job_refuse(s, job, 500, err.text);
  }
}

static void work_on(void *ctx) {
  Server *s = ctx;
  for (Job *jobs = take_jobs(s); jobs != NULL; jobs = take_jobs(s))
    while (jobs != NULL) {
      Job *some = fill_session(s, &jobs);
      if (some != NULL) do_jobs(s, some);
    }
}

/* ---- The door. */

static const ServerModel *find_model(const Server *s, const char *name) {
  for (int i = 0; i < s->options.n_models; i++)
    if (name == NULL || strcmp(s->options.models[i].name, name) == 0) return &s->options.models[i];
  return NULL;
}

/* False, with the status and the reason, when it cannot wait. */
static bool put_job(Server *s, Job *job, int *status, const char **why) {
  monitor_enter(s->monitor);
  bool never = job->request.n > s->options.waiting, full = s->n_texts + job->request.n > s->options.waiting;
  *status = s->draining ? 503 : never ? REQUEST_TOO_LARGE : full ? 429 : REQUEST_OK;
  *why = s->draining ? "the service is about to end"
         : never     ? "more texts than may wait here: send fewer at a time"
                     : "too many texts wait: try again later";
  if (*status == 200) {
    http_wait(job->call);
    if (s->first == NULL) s->first = job;
    else s->last->next = job;
    s->last = job;
    s->n_texts += job->request.n;
    monitor_wake(s->monitor);
  }
  monitor_leave(s->monitor);
  return *status == 200;
}

/* The status of a refusal, or REQUEST_OK. */
static int read_job(Server *s, Job *job, RequestKind kind, Err *err) {
  const Str *body = http_body(job->call);
  int status =
      request_read(&job->request, kind, http_type(job->call), str_text(body), body->n, &s->options.limits, err);
  if (status != REQUEST_OK) return status;
  job->model = find_model(s, job->request.model);
  if (job->model == NULL) {
    (void)err_set(err, ERR_USAGE, "model: there is no \"%.60s\" here; GET /info lists them", job->request.model);
    return REQUEST_BAD;
  }
  job->session = s->sessions[job->model - s->options.models];
  const Ensemble *ensemble = job->model->ensemble;
  job->options = search_options_usual(&ensemble->members[0]->config.translate);
  bool ok = request_options(&job->request, &s->options.limits, &job->options, err) &&
            search_options_end(&job->options, ensemble, err);
  return ok ? REQUEST_OK : REQUEST_BAD;
}

static void take_job(Server *s, HttpCall *call, RequestKind kind) {
  Err err = {0};
  Job *job = mem_zero(1, sizeof *job, "request");
  job->call = call;
  job->came = clock_now();
  job->request.kind = kind;
  int status = read_job(s, job, kind, &err);
  const char *why = err.text;
  if (status != REQUEST_OK || !put_job(s, job, &status, &why)) job_refuse(s, job, status, why);
}

static void give(Server *s, HttpCall *call, MetricsPath path, HttpAnswer answer) {
  metrics_request(s->metrics, path, answer.status, 0, 0);
  http_answer(call, &answer);
}

static void give_text(Server *s, HttpCall *call, MetricsPath path, const Str *text) {
  give(s, call, path, (HttpAnswer){200, path == METRICS_PAGE ? HTML_TYPE : JSON_TYPE, str_text(text), text->n, 0});
}

static void give_metrics(Server *s, HttpCall *call) {
  Str text = {0};
  monitor_enter(s->monitor);
  int n = s->n_texts;
  monitor_leave(s->monitor);
  metrics_add(s->metrics, &text, n);
  give(s, call, METRICS_METRICS, (HttpAnswer){200, METRICS_TYPE, str_text(&text), text.n, 0});
  str_free(&text);
}

static void give_health(Server *s, HttpCall *call) {
  static const char well[] = "{\"status\":\"ok\"}", ends[] = "{\"status\":\"about to end\"}";
  monitor_enter(s->monitor);
  bool draining = s->draining;
  monitor_leave(s->monitor);
  const char *text = draining ? ends : well;
  give(s, call, METRICS_HEALTH, (HttpAnswer){draining ? 503 : 200, JSON_TYPE, text, strlen(text), 0});
}

static void give_error(Server *s, HttpCall *call, MetricsPath path, int status, const char *text) {
  metrics_request(s->metrics, path, status, 0, 0);
  answer_error(call, status, text);
}

static void give_methods(Server *s, HttpCall *call, MetricsPath path, bool posts) {
  static const char post[] = "{\"error\":\"POST it\"}", get[] = "{\"error\":\"GET it\"}";
  const char *text = posts ? post : get;
  give(s, call, path, (HttpAnswer){405, JSON_TYPE, text, strlen(text), .allow = posts ? "POST" : "GET, HEAD"});
}

void server_take(void *ctx, HttpCall *call) {
  Server *s = ctx;
  const char *method = http_method(call);
  MetricsPath path = metrics_path(http_path(call));
  bool posts = strcmp(method, "POST") == 0, gets = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
  bool works = path == METRICS_TRANSLATE || path == METRICS_SCORE;
  if (path == METRICS_OTHER)
    give_error(s, call, path, 404, "there are /, /translate, /score, /info, /health and /metrics");
  else if (works ? !posts : !gets) give_methods(s, call, path, works);
  else if (works && http_has_query(call))
    give_error(s, call, path, 400, "nothing is read after \"?\": texts and options stand in the body");
  else if (works) take_job(s, call, path == METRICS_SCORE ? REQUEST_SCORE : REQUEST_TRANSLATE);
  else if (path == METRICS_PAGE) give_text(s, call, path, &s->page);
  else if (path == METRICS_INFO) give_text(s, call, path, &s->info);
  else if (path == METRICS_HEALTH) give_health(s, call);
  else give_metrics(s, call);
}

void server_refused(void *ctx, const char *path, int status) {
  Server *s = ctx;
  if (status == 0) metrics_cut(s->metrics);
  else metrics_request(s->metrics, metrics_path(path), status, 0, 0);
}

/* ---- Its life. */

Server *server_new(const ServerOptions *options, Err *err) {
  Server *s = mem_zero(1, sizeof *s, "service");
  s->options = *options;
  s->sessions = mem_zero((size_t)options->n_models, sizeof(Session *), "service");
  for (int i = 0; i < options->n_models; i++) s->sessions[i] = session_new(options->models[i].ensemble, options->pool);
  s->metrics = metrics_new();
  s->monitor = monitor_new();
  serve_info_add(&s->info, options);
  serve_page_add(&s->page, &s->info);
  s->worker = thread_start(work_on, s);
  if (s->worker != NULL) return s;
  (void)err_set(err, ERR_FILE, "the system gives no thread to work in");
  server_free(s);
  return NULL;
}

void server_drain(Server *s) {
  monitor_enter(s->monitor);
  s->draining = true;
  while (s->first != NULL || !s->idle) monitor_wait(s->monitor);
  monitor_leave(s->monitor);
}

void server_free(Server *s) {
  monitor_enter(s->monitor);
  s->closing = true;
  monitor_wake(s->monitor);
  monitor_leave(s->monitor);
  thread_join(s->worker);
  for (int i = 0; i < s->options.n_models; i++) session_free(s->sessions[i]);
  mem_free(s->sessions);
  metrics_free(s->metrics);
  monitor_free(s->monitor);
  str_free(&s->page);
  str_free(&s->info);
  mem_free(s);
}
