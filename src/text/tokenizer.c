#include "text/tokenizer.h"

#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/unicode.h"
#include "text/graph_line.h"

struct Tokenizer {
  TokenizerKind kind;
  bool lowercase;
  Sentencepiece *model; /* NULL: none */
  bool reads;           /* files, as form says */
  RegionForm form;
};

const TokenizerDef *tokenizer_def(TokenizerKind kind) {
  static const TokenizerDef *const defs[] = {
#define TOKENIZER(name) &tokenizer_##name,
#include "text/tokenizers.def"
#undef TOKENIZER
  };
  CHECK(kind < N_TOKENIZERS, "tokenizer %d", (int)kind);
  return defs[kind];
}

Tokenizer *tokenizer_new(TokenizerKind kind, bool lowercase, Sentencepiece *model) {
  CHECK(tokenizer_def(kind)->learned == (model != NULL), "tokenizer %s", tokenizer_def(kind)->name);
  Tokenizer *tokenizer = mem_zero(1, sizeof *tokenizer, "tokenizer");
  *tokenizer = (Tokenizer){.kind = kind, .lowercase = lowercase, .model = model};
  return tokenizer;
}

Tokenizer *tokenizer_of_regions(const RegionForm *form) {
  Tokenizer *tokenizer = mem_zero(1, sizeof *tokenizer, "tokenizer");
  *tokenizer = (Tokenizer){.kind = TOKENIZER_word, .reads = true, .form = *form};
  return tokenizer;
}

Tokenizer *tokenizer_copy(const Tokenizer *tokenizer) {
  const Sentencepiece *model = tokenizer->model;
  if (tokenizer->reads) return tokenizer_of_regions(&tokenizer->form);
  return tokenizer_new(tokenizer->kind, tokenizer->lowercase, model == NULL ? NULL : sentencepiece_copy(model));
}

void tokenizer_free(Tokenizer *tokenizer) {
  if (tokenizer == NULL) return;
  sentencepiece_free(tokenizer->model);
  mem_free(tokenizer);
}

TokenizerKind tokenizer_kind(const Tokenizer *tokenizer) { return tokenizer->kind; }

const char *tokenizer_name(const Tokenizer *tokenizer) {
  return tokenizer->reads ? "regions" : tokenizer_def(tokenizer->kind)->name;
}

bool tokenizer_lowercase(const Tokenizer *tokenizer) { return tokenizer->lowercase; }

const RegionForm *tokenizer_regions(const Tokenizer *tokenizer) { return tokenizer->reads ? &tokenizer->form : NULL; }

const Sentencepiece *tokenizer_model(const Tokenizer *tokenizer) { return tokenizer->model; }

static bool same_model(const Sentencepiece *a, const Sentencepiece *b) {
  size_t n_a, n_b;
  if (a == NULL || b == NULL) return a == b;
  const char *bytes_a = sentencepiece_bytes(a, &n_a), *bytes_b = sentencepiece_bytes(b, &n_b);
  return n_a == n_b && memcmp(bytes_a, bytes_b, n_a) == 0;
}

static bool same_form(const RegionForm *a, const RegionForm *b) {
  return a->patch == b->patch && a->features == b->features && a->max_side == b->max_side;
}

bool tokenizer_equal(const Tokenizer *a, const Tokenizer *b) {
  return a->kind == b->kind && a->lowercase == b->lowercase && same_model(a->model, b->model) && a->reads == b->reads &&
         same_form(&a->form, &b->form);
}

void tokenizer_prepare(bool lowercase, const char *text, size_t n, Str *out) {
  str_clear(out);
  if (lowercase) unicode_lower(out, text, n);
  else str_add(out, text, n);
}

static bool read_regions(const RegionForm *form, const char *path, Tokens *out, Err *err) {
  if (strcmp(path, "-") == 0) return err_set(err, ERR_FILE, "a source line is -: regions are read from files only");
  RegionFile *file = tokens_make_regions(out);
  if (!region_file_read(file, form, path, err)) return false;
  Str label = {0};
  for (int i = 0; i < file->regions.n; i++) {
    str_clear(&label);
    region_file_label(&label, &file->regions, i);
    tokens_add(out, str_text(&label), label.n);
  }
  str_free(&label);
  return true;
}

static bool is_blank(char c) { return strchr(" \t\n\v\f\r", c) != NULL; }

static bool read_line(const Tokenizer *tokenizer, const char *line, size_t n, Tokens *out, Err *err) {
  if (!tokenizer->reads) {
    tokenizer_split(tokenizer, line, n, out);
    return true;
  }
  while (n > 0 && is_blank(line[n - 1])) n--;
  while (n > 0 && is_blank(*line)) {
    line++;
    n--;
  }
  if (n == 0) return true;
  char *path = mem_text(line, n);
  bool ok = read_regions(&tokenizer->form, path, out, err);
  mem_free(path);
  return ok;
}

bool tokenizer_read(const Tokenizer *tokenizer, const char *line, size_t n, Tokens *out, Err *err) {
  tokens_clear(out);
  return read_line(tokenizer, line, graph_line_text(line, n), out, err) && graph_line_links(line, n, out, err);
}

void tokenizer_split(const Tokenizer *tokenizer, const char *text, size_t n, Tokens *out) {
  CHECK(!tokenizer->reads, "a line of %zu bytes names a file", n);
  tokens_clear(out);
  if (!tokenizer->lowercase) {
    tokenizer_def(tokenizer->kind)->split(tokenizer->model, text, n, out);
    return;
  }
  Str lower = {0};
  tokenizer_prepare(true, text, n, &lower);
  tokenizer_def(tokenizer->kind)->split(tokenizer->model, str_text(&lower), lower.n, out);
  str_free(&lower);
}

void tokenizer_join(const Tokenizer *tokenizer, const Tokens *tokens, Str *out) {
  tokenizer_def(tokenizer->kind)->join(tokenizer->model, tokens, out, NULL);
}

void tokenizer_join_words(const Tokenizer *tokenizer, Tokens *tokens, Str *out) {
  tokenizer_def(tokenizer->kind)->join(tokenizer->model, tokens, out, tokens_make_words(tokens));
}
