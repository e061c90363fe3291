#include "serve/request.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/utf8.h"

/* ---- Forms: a=b&c=d, percent signs and all, as a JSON object of strings. */

static int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool decode(Str *out, const char *at, size_t n, Err *err) {
  str_clear(out);
  for (size_t i = 0; i < n; i++) {
    bool coded = at[i] == '%';
    int high = coded && i + 2 < n ? digit(at[i + 1]) : -1, low = high >= 0 ? digit(at[i + 2]) : -1;
    if (coded && low < 0) return err_set(err, ERR_USAGE, "the form has a %% without two hexadecimal digits after it");
    str_addc(out, coded ? (char)(16 * high + low) : at[i] == '+' ? ' ' : at[i]);
    if (coded) i += 2;
  }
  return (out->n == 0 || utf8_valid(out->at, out->n)) ||
         err_set(err, ERR_USAGE, "the form is not valid UTF-8, or has a NUL");
}

enum { MOST_NAMES = 64 }; /* each is looked for among those before it */

/* A name that comes again makes a list of its values. */
static bool put(Json *object, const char *name, const char *value, Err *err) {
  Json *before = json_get(object, name);
  if (before == NULL) {
    json_set(object, name, json_new_string(value));
    return json_count(object) <= MOST_NAMES || err_set(err, ERR_USAGE, "the form has more than %d names", MOST_NAMES);
  }
  if (json_type(before) != JSON_ARRAY) {
    Json *list = json_new_array();
    json_append(list, json_copy(before));
    json_set(object, name, list);
    before = list;
  }
  json_append(before, json_new_string(value));
  return true;
}

static Json *read_form(const char *body, size_t n, Err *err) {
  Json *object = json_new_object();
  Str name = {0}, value = {0};
  bool ok = true;
  for (const char *at = body, *end = body + n; ok && at < end;) {
    const char *next = memchr(at, '&', (size_t)(end - at));
    if (next == NULL) next = end;
    const char *sign = memchr(at, '=', (size_t)(next - at)), *name_end = sign == NULL ? next : sign;
    ok = decode(&name, at, (size_t)(name_end - at), err) &&
         decode(&value, sign == NULL ? next : sign + 1, sign == NULL ? 0 : (size_t)(next - sign - 1), err);
    if (ok && name.n > 0) ok = put(object, str_text(&name), str_text(&value), err);
    at = next + 1;
  }
  str_free(&name);
  str_free(&value);
  if (ok) return object;
  json_free(object);
  return NULL;
}

/* ---- What the members say. */

static bool is_type(const char *type, const char *name) {
  size_t n = strlen(name);
  return strncasecmp(type, name, n) == 0 && (type[n] == '\0' || type[n] == ';' || type[n] == ' ');
}

static int refuse(int status, Err *err, const char *key, const char *what) {
  (void)err_set(err, ERR_USAGE, "%s: %s", key, what);
  return status;
}

/* As clients send it that do not say so: those of curl -d are forms unless told otherwise. */
static bool is_json(const char *body, size_t n) {
  size_t i = 0;
  while (i < n && strchr(" \t\r\n", body[i]) != NULL && body[i] != '\0') i++;
  return i < n && (body[i] == '{' || body[i] == '[');
}

static int parse(Request *r, const char *type, const char *body, size_t n, Err *err) {
  bool form = type != NULL && is_type(type, "application/x-www-form-urlencoded");
  if (form && is_json(body, n))
    return refuse(REQUEST_UNKNOWN_TYPE, err, "Content-Type",
                  "says a form, and the body is JSON: send it with Content-Type: application/json");
  if (form) r->json = read_form(body, n, err);
  else if (type == NULL || is_type(type, "application/json") || is_type(type, "text/plain"))
    r->json = json_parse(body, n, "body", ERR_USAGE, err);
  else
    return refuse(REQUEST_UNKNOWN_TYPE, err, "Content-Type",
                  "application/json or application/x-www-form-urlencoded is wanted");
  if (r->json == NULL) return REQUEST_BAD;
  if (json_type(r->json) == JSON_OBJECT) return REQUEST_OK;
  (void)err_set(err, ERR_USAGE, "the body is %s, an object is wanted", json_type_name(json_type(r->json)));
  return REQUEST_BAD;
}

static int check_text(const Json *text, const char *key, const RequestLimits *limits, Err *err) {
  if (json_type(text) != JSON_STRING) return refuse(REQUEST_BAD, err, key, "a text or a list of texts is wanted");
  if (strlen(json_string(text)) <= limits->bytes) return REQUEST_OK;
  (void)err_set(err, ERR_USAGE, "%s: a text of %zu bytes, more than %zu: send it sentence by sentence", key,
                strlen(json_string(text)), limits->bytes);
  return REQUEST_TOO_LARGE;
}

/* The text or the texts of a member, as views. */
static int read_texts(const Json *json, const char *key, const RequestLimits *limits, const char ***texts, int *n,
                      Err *err) {
  const Json *member = json_get(json, key);
  if (member == NULL) return refuse(REQUEST_BAD, err, key, "is missing");
  bool list = json_type(member) == JSON_ARRAY;
  *n = list ? json_count(member) : 1;
  if (*n > limits->lines) {
    (void)err_set(err, ERR_USAGE, "%s: %d texts, more than %d: send them in several requests", key, *n, limits->lines);
    return REQUEST_TOO_LARGE;
  }
  *texts = mem_alloc((size_t)*n + 1, sizeof **texts, "texts");
  const Json *text = list ? json_first(member) : member;
  int status = REQUEST_OK;
  for (int i = 0; status == REQUEST_OK && i < *n; i++) {
    status = check_text(text, key, limits, err);
    if (status == REQUEST_OK) (*texts)[i] = json_string(text);
    if (list) text = json_next(text);
  }
  return status;
}

static bool is_list(const Request *r, const char *key) {
  const Json *member = json_get(r->json, key);
  return member != NULL && json_type(member) == JSON_ARRAY;
}

static int read_pair(Request *r, const RequestLimits *limits, Err *err) {
  int n_targets, status = read_texts(r->json, "source", limits, &r->sources, &r->n, err);
  if (status == REQUEST_OK) status = read_texts(r->json, "target", limits, &r->targets, &n_targets, err);
  r->list = is_list(r, "source");
  if (status != REQUEST_OK) return status;
  if (r->list != is_list(r, "target"))
    return refuse(REQUEST_BAD, err, r->list ? "target" : "source",
                  "is one text, and the other a list: two texts are wanted or two lists");
  if (r->n == n_targets) return REQUEST_OK;
  (void)err_set(err, ERR_USAGE, "%d source and %d target texts: one for one they must belong to each other", r->n,
                n_targets);
  return REQUEST_BAD;
}

int request_read(Request *r, RequestKind kind, const char *type, const char *body, size_t n,
                 const RequestLimits *limits, Err *err) {
  *r = (Request){.kind = kind};
  int status = parse(r, type, body, n, err);
  if (status != REQUEST_OK) return status;
  r->libre = kind == REQUEST_TRANSLATE && json_get(r->json, "q") != NULL;
  const Json *model = json_get(r->json, "model"), *format = json_get(r->json, "format");
  if (model != NULL && json_type(model) != JSON_STRING) return refuse(REQUEST_BAD, err, "model", "a name is wanted");
  if (model != NULL) r->model = json_string(model);
  if (r->libre && format != NULL && (json_type(format) != JSON_STRING || strcmp(json_string(format), "text") != 0))
    return refuse(REQUEST_BAD, err, "format", "only \"text\" is translated, no markup");
  if (kind == REQUEST_SCORE) return read_pair(r, limits, err);
  const char *key = r->libre ? "q" : "text";
  r->list = is_list(r, key);
  return read_texts(r->json, key, limits, &r->sources, &r->n, err);
}

/* Members that are no options; of LibreTranslate's those, too, that its clients always send: the languages and a key.
 */
static bool is_known(const Request *r, const char *key) {
  static const char *const own[] = {"text", "model", NULL}, *const pair[] = {"source", "target", "model", NULL},
                           *const libre[] = {"q",       "source",       "target", "format",
                                             "api_key", "alternatives", "model",  NULL};
  const char *const *known = r->kind == REQUEST_SCORE ? pair : r->libre ? libre : own;
  while (*known != NULL && strcmp(*known, key) != 0) known++;
  return *known != NULL;
}

/* A number, or in a form its digits; a truth is 0 or 1. */
static bool number_of(const Json *member, double *value, Err *err) {
  char *end;
  switch (json_type(member)) {
    case JSON_NUMBER:
      *value = json_number(member);
      return true;
    case JSON_BOOL:
      *value = json_bool(member);
      return true;
    case JSON_STRING:
      *value = strtod(json_string(member), &end);
      if (end != json_string(member) && *end == '\0') return true;
      return err_set(err, ERR_USAGE, "%s: a number is wanted", json_key(member));
    default:
      return err_set(err, ERR_USAGE, "%s: a number is wanted", json_key(member));
  }
}

const char *request_refuses(RequestKind kind, bool libre, const char *option) {
  bool attention = strcmp(option, "attention") == 0;
  if (strcmp(option, "batch_size") == 0) return "is the service's own: leave it out";
  if (kind == REQUEST_SCORE && !attention) return "is of /translate, and /score knows attention alone: leave it out";
  if (libre && attention) return "has no place in the answer to q: ask with text instead of q";
  if (libre && strcmp(option, "n_best") == 0) return "goes with text; with q say alternatives, which is one less";
  return NULL;
}

/* The most that a request may ask for. */
static double most_of(const char *option, const RequestLimits *limits, const TranslateOptions *usual) {
  if (strcmp(option, "beam_size") == 0 || strcmp(option, "n_best") == 0) return limits->beam_size;
  if (strcmp(option, "max_length") == 0 || strcmp(option, "min_length") == 0) return usual->max_length;
  return strcmp(option, "max_length_ratio") == 0 ? usual->beam.max_length_ratio : HUGE_VAL;
}

static bool set_option(const Request *r, const Json *member, double most, SearchOptions *options, Err *err) {
  const char *key = json_key(member);
  double value = 0;
  if (!search_options_has(key, err)) return false;
  const char *why = request_refuses(r->kind, r->libre, key);
  if (why != NULL) return err_set(err, ERR_USAGE, "%s: %s", key, why);
  return number_of(member, &value, err) && search_options_set_within(options, key, value, most, err);
}

/* LibreTranslate's word for the translations beside the best: the beam is as wide as they want it. */
static bool set_alternatives(const Request *r, const RequestLimits *limits, SearchOptions *options, Err *err) {
  const Json *member = r->libre ? json_get(r->json, "alternatives") : NULL;
  BeamOptions *beam = &options->translate.beam;
  double value = 0;
  if (member == NULL) return true;
  if (!number_of(member, &value, err)) return false;
  if (!(value >= 0 && value < limits->beam_size && floor(value) >= value))
    return err_set(err, ERR_USAGE, "alternatives: %g is not an integer from 0 to %d here", value,
                   limits->beam_size - 1);
  beam->n_best = (int)value + 1;
  if (!beam->sample && json_get(r->json, "beam_size") == NULL && beam->beam_size < beam->n_best)
    beam->beam_size = beam->n_best;
  return true;
}

bool request_options(const Request *r, const RequestLimits *limits, SearchOptions *options, Err *err) {
  const TranslateOptions usual = options->translate;
  for (const Json *member = json_first(r->json); member != NULL; member = json_next(member)) {
    const char *key = json_key(member);
    if (!is_known(r, key) && !set_option(r, member, most_of(key, limits, &usual), options, err)) return false;
  }
  if (options->translate.beam.sample && json_get(r->json, "beam_size") != NULL)
    return err_set(err, ERR_USAGE, "beam_size is of the search for the best, and sample draws: leave one of them out");
  return set_alternatives(r, limits, options, err);
}

void request_free(Request *r) {
  json_free(r->json);
  mem_free(r->sources);
  mem_free(r->targets);
  *r = (Request){0};
}
