#include "text/vocab.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "text/vocab_lines.h"

struct Vocab {
  Tokens tokens; /* id -> token */
  StrMap ids;    /* text token -> id; the specials are not in it */
};

static const char *const specials[N_SPECIAL] = {"<pad>", "<s>", "</s>", "<unk>"};

static bool is_named(const char *token, size_t n, const char *name) {
  return strlen(name) == n && memcmp(name, token, n) == 0;
}

static bool is_special(const char *token, size_t n) {
  for (int i = 0; i < N_SPECIAL; i++)
    if (is_named(token, n, specials[i])) return true;
  return false;
}

static Vocab *vocab_new(void) {
  Vocab *vocab = mem_zero(1, sizeof *vocab, "vocabulary");
  for (int i = 0; i < N_SPECIAL; i++) tokens_add(&vocab->tokens, specials[i], strlen(specials[i]));
  return vocab;
}

static void add(Vocab *vocab, const char *token, size_t n) {
  strmap_put(&vocab->ids, token, n, vocab->tokens.n);
  tokens_add(&vocab->tokens, token, n);
}

/* What stops token from being a further entry, or NULL. */
static const char *objection(const Vocab *vocab, const char *token, size_t n) {
  int id;
  if (n == 0) return "is empty";
  if (!utf8_valid(token, n)) return "is not valid UTF-8";
  if (memchr(token, '\n', n) != NULL) return "holds a line end";
  if (is_special(token, n)) return "is special and belongs in the first four";
  if (strmap_get(&vocab->ids, token, n, &id)) return "stands twice";
  return NULL;
}

typedef struct Entry {
  const char *token;
  size_t n;
  int64_t count;
} Entry;

static int by_count(const void *left, const void *right) {
  const Entry *a = left, *b = right;
  if (a->count != b->count) return a->count > b->count ? -1 : 1;
  int order = memcmp(a->token, b->token, a->n < b->n ? a->n : b->n);
  if (order != 0) return order;
  return (a->n > b->n) - (a->n < b->n);
}

/* The counted tokens but the specials, in the order of their ids; freed by the caller. */
static Entry *ranked(const Counter *counter, int *n) {
  Entry *entries = mem_alloc((size_t)counter->tokens.n, sizeof *entries, "vocabulary");
  *n = 0;
  for (int i = 0; i < counter->tokens.n; i++) {
    Entry e = {.count = counter->counts[i]};
    e.token = tokens_get(&counter->tokens, i, &e.n);
    if (!is_special(e.token, e.n)) entries[(*n)++] = e;
  }
  qsort(entries, (size_t)*n, sizeof *entries, by_count);
  return entries;
}

Vocab *vocab_build(const Counter *counter, int size, int min_count, const char *name, Err *err) {
  CHECK(size == 0 || size > N_SPECIAL, "%s: size %d", name, size);
  int n;
  Entry *entries = ranked(counter, &n);
  Vocab *vocab = NULL;
  if (n == 0) {
    (void)err_set(err, ERR_FILE, "%s: the corpus holds no tokens to make a vocabulary of", name);
  } else if (entries[0].count < min_count) {
    (void)err_set(err, ERR_USAGE,
                  "%s.min_count: no token comes %d times; the most frequent, \"%.100s\", comes %lld times: lower it",
                  name, min_count, entries[0].token, (long long)entries[0].count);
  } else {
    vocab = vocab_new();
    for (int i = 0; i < n && entries[i].count >= min_count && (size == 0 || i < size - N_SPECIAL); i++)
      add(vocab, entries[i].token, entries[i].n);
  }
  mem_free(entries);
  return vocab;
}

/* How many of the n bytes of a token a message shows: at most 100, no scalar cut in two. */
static int shown(const char *token, size_t n) {
  if (n <= 100) return (int)n;
  for (n = 100; n > 0 && ((unsigned char)token[n] & 0xC0) == 0x80;) n--;
  return (int)n;
}

/* Takes in the token of one line of a vocabulary file; *named counts the specials that its first lines name. */
static bool read_entry(Vocab *vocab, const char *path, long line, const char *at, size_t n, int *named, Err *err) {
  bool naming = *named < N_SPECIAL && *named == line - 1;
  if (naming && is_named(at, n, specials[*named])) {
    ++*named;
    return true;
  }
  const char *why =
      naming && *named > 0 ? "stands where the next of <pad> <s> </s> <unk> is due" : objection(vocab, at, n);
  if (why != NULL) return err_set(err, ERR_FILE, "%s:%ld: the token \"%.*s\" %s", path, line, shown(at, n), at, why);
  add(vocab, at, n);
  return true;
}

static bool read_entries(Vocab *vocab, Lines *lines, Err *err) {
  Tokens tokens = {0};
  int named = 0;
  bool ok = vocab_lines_read(lines, &tokens, err);
  for (int i = 0; ok && i < tokens.n; i++) {
    size_t n;
    const char *at = tokens_get(&tokens, i, &n);
    ok = read_entry(vocab, lines_path(lines), i + 1L, at, n, &named, err);
  }
  tokens_free(&tokens);
  if (!ok || vocab->tokens.n > N_SPECIAL) return ok;
  return err_set(err, ERR_FILE, "%s: no tokens; a vocabulary file holds one token a line", lines_path(lines));
}

Vocab *vocab_read(const char *path, Warnings *warnings, Err *err) {
  Lines *lines = lines_open(path, warnings, err);
  if (lines == NULL) return NULL;
  Vocab *vocab = vocab_new();
  bool ok = read_entries(vocab, lines, err);
  lines_close(lines);
  if (ok) return vocab;
  vocab_free(vocab);
  return NULL;
}

static bool from_token(Vocab *vocab, const char *token, size_t n, int id, const char *name, Err *err) {
  if (id < N_SPECIAL) {
    if (is_named(token, n, specials[id])) return true;
    return err_set(err, ERR_FILE, "%s: entry %d is \"%.*s\", not %s", name, id, shown(token, n), token, specials[id]);
  }
  const char *why = objection(vocab, token, n);
  if (why != NULL)
    return err_set(err, ERR_FILE, "%s: entry %d, the token \"%.*s\", %s", name, id, shown(token, n), token, why);
  add(vocab, token, n);
  return true;
}

static bool from_entry(Vocab *vocab, const Json *entry, int id, const char *name, Err *err) {
  if (json_type(entry) != JSON_STRING)
    return err_set(err, ERR_FILE, "%s: entry %d is %s, not a token", name, id, json_type_name(json_type(entry)));
  return from_token(vocab, json_string(entry), strlen(json_string(entry)), id, name, err);
}

static bool check_count(int n, const char *name, Err *err) {
  if (n > N_SPECIAL) return true;
  return err_set(err, ERR_FILE, "%s: %d %s; the four specials and at least one token are wanted", name, n,
                 n == 1 ? "entry" : "entries");
}

static bool from_array(Vocab *vocab, const Json *json, const char *name, Err *err) {
  if (json_type(json) != JSON_ARRAY)
    return err_set(err, ERR_FILE, "%s: %s, not an array of tokens", name, json_type_name(json_type(json)));
  int id = 0;
  for (const Json *entry = json_first(json); entry != NULL; entry = json_next(entry))
    if (!from_entry(vocab, entry, id++, name, err)) return false;
  return check_count(id, name, err);
}

Vocab *vocab_from_json(const char *text, size_t n, const char *name, Err *err) {
  if (n > INT32_MAX) { /* so that the entries, of three bytes at least, can be counted in an int32 */
    (void)err_set(err, ERR_FILE, "%s: a vocabulary of %zu bytes; at most %d are read", name, n, INT32_MAX);
    return NULL;
  }
  Json *json = json_parse(text, n, name, ERR_FILE, err);
  if (json == NULL) return NULL;
  Vocab *vocab = vocab_new();
  bool ok = from_array(vocab, json, name, err);
  json_free(json);
  if (ok) return vocab;
  vocab_free(vocab);
  return NULL;
}

Vocab *vocab_from_tokens(const Tokens *tokens, const char *name, Err *err) {
  Vocab *vocab = vocab_new();
  bool ok = check_count(tokens->n, name, err);
  for (int id = 0; id < tokens->n && ok; id++) {
    size_t n;
    const char *token = tokens_get(tokens, id, &n);
    ok = from_token(vocab, token, n, id, name, err);
  }
  if (ok) return vocab;
  vocab_free(vocab);
  return NULL;
}

void vocab_free(Vocab *vocab) {
  if (vocab == NULL) return;
  tokens_free(&vocab->tokens);
  strmap_free(&vocab->ids);
  mem_free(vocab);
}

int vocab_size(const Vocab *vocab) { return vocab->tokens.n; }

int32_t vocab_id(const Vocab *vocab, const char *token, size_t n) {
  int id;
  return strmap_get(&vocab->ids, token, n, &id) ? id : ID_UNK;
}

const char *vocab_token(const Vocab *vocab, int32_t id) { return tokens_get(&vocab->tokens, id, NULL); }

bool vocab_equal(const Vocab *a, const Vocab *b) {
  return a->tokens.text.n == b->tokens.text.n && memcmp(a->tokens.text.at, b->tokens.text.at, a->tokens.text.n) == 0;
}

void vocab_to_json(const Vocab *vocab, Str *out) {
  str_addc(out, '[');
  for (int32_t id = 0; id < vocab_size(vocab); id++) {
    if (id > 0) str_addc(out, ',');
    json_quote(out, vocab_token(vocab, id));
  }
  str_addc(out, ']');
}

void vocab_encode(const Vocab *vocab, const Tokens *tokens, int32_t *ids) {
  for (int i = 0; i < tokens->n; i++) {
    size_t n;
    const char *token = tokens_entry(tokens, i, &n);
    ids[i] = vocab_id(vocab, token, n);
  }
}

void vocab_decode(const Vocab *vocab, const int32_t *ids, int n, Tokens *out) {
  tokens_clear(out);
  for (int i = 0; i < n; i++) {
    const char *token = vocab_token(vocab, ids[i]);
    tokens_add(out, token, strlen(token));
  }
}
