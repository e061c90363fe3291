#include "search/fit.h"

#include "base/unicode.h"
#include "text/word_form.h"

enum {
  COMPARED = 1000, /* lines that are split as the other side would, too */
  ENOUGH = 20      /* tokens that must differ in number before that says anything */
};

Fit fit_new(const Translator *translator, bool target) { return (Fit){.translator = translator, .target = target}; }

void fit_free(Fit *fit) {
  tokenized_free(&fit->swapped);
  str_free(&fit->lower);
}

static const Vocab *vocab_of(const Fit *fit, bool target) {
  return target ? fit->translator->target_vocab : fit->translator->source_vocab;
}

static const Tokenizer *tokenizer_of(const Fit *fit, bool target) {
  return target ? fit->translator->target_tokenizer : fit->translator->source_tokenizer;
}

static void count(FitCount *count, Ids ids) {
  count->n_tokens += ids.n;
  for (int i = 0; i < ids.n; i++) count->n_unknown += ids.at[i] == ID_UNK;
}

static bool is_known(const Fit *fit, const char *token, size_t n) {
  return n > 0 && vocab_id(vocab_of(fit, fit->target), token, n) != ID_UNK;
}

static bool known_in_lower_case(Fit *fit, const char *token, size_t n) {
  str_clear(&fit->lower);
  unicode_lower(&fit->lower, token, n);
  return is_known(fit, str_text(&fit->lower), fit->lower.n);
}

/* Looks for what an unknown token could be instead. */
static void add_unknown(Fit *fit, const Tokens *tokens, int i) {
  size_t n;
  const char *token = tokens_get(tokens, i, &n);
  bool lower = known_in_lower_case(fit, token, n);
  token = word_form_bare(token, &n);
  bool bare = !lower && (is_known(fit, token, n) || known_in_lower_case(fit, token, n));
  fit->n_lower += lower;
  fit->n_bare += bare;
}

static void compare(Fit *fit, const Tokenized *line) {
  tokenized_set(&fit->swapped, tokenizer_of(fit, !fit->target), vocab_of(fit, !fit->target), str_text(&line->line),
                line->line.n);
  count(&fit->own, tokenized_ids(line, line->tokens.n));
  count(&fit->other, tokenized_ids(&fit->swapped, fit->swapped.tokens.n));
}

void fit_add(Fit *fit, const Tokenized *line, int n_read) {
  Ids ids = tokenized_ids(line, n_read);
  count(&fit->all, ids);
  for (int i = 0; i < ids.n; i++)
    if (ids.at[i] == ID_UNK) add_unknown(fit, &line->tokens, i);
  bool texts = tokenizer_regions(fit->translator->source_tokenizer) == NULL;
  if (fit->n_lines++ < COMPARED && line->tokens.n > 0 && texts) compare(fit, line);
}

/* ---- What looks wrong. */

static double percent(FitCount c) { return c.n_tokens == 0 ? 0 : 100 * (double)c.n_unknown / (double)c.n_tokens; }

static FitCount sum(FitCount a, FitCount b) { return (FitCount){a.n_tokens + b.n_tokens, a.n_unknown + b.n_unknown}; }

/* Whether the text is better at home on the other side. Of tokens of one kind the wrong side makes more, or more that
 * are unknown; tokens of two kinds tell by the unknown alone. */
static bool is_swapped(const Fit *fit, FitCount own, FitCount other, double share) {
  bool alike = tokenizer_kind(fit->translator->source_tokenizer) == tokenizer_kind(fit->translator->target_tokenizer);
  double is = (double)(own.n_tokens + own.n_unknown), would = (double)(other.n_tokens + other.n_unknown);
  if (alike) return is - would >= ENOUGH && would < share * is;
  return percent(own) >= 20 && percent(other) < share * percent(own) / 2;
}

/* if_read: as what it would be read. */
static void add_counts(Str *out, FitCount own, FitCount other, const char *if_read) {
  if (percent(own) - percent(other) >= 10)
    str_addf(out, "%.0f %% of the tokens are unknown to the model, %.0f %% if %s", percent(own), percent(other),
             if_read);
  else str_addf(out, "%lld tokens, only %lld if %s", (long long)own.n_tokens, (long long)other.n_tokens, if_read);
}

static const char *side_of(bool target) { return target ? "target" : "source"; }

/* Unknown tokens that are known but for their form. */
static void add_form(Str *out, const Fit *fit, const char *side) {
  bool lower = fit->n_lower > 0, bare = fit->n_bare > 0;
  str_addf(out, "%s%s%s", lower ? "in lower case" : "", lower && bare ? " or " : "",
           bare ? "without the punctuation attached to them" : "");
  str_addf(out, ": is the text %s%s%s as the training text?", bare ? "split" : "", lower && bare ? " and " : "",
           lower ? "cased" : "");
  if (lower) str_addf(out, " (vocab.%s.lowercase)", side);
}

static void warn_of_unknown(const Fit *fit, const char *name, Warnings *warnings) {
  const char *side = side_of(fit->target);
  Str form = {0};
  add_form(&form, fit, side);
  if (percent(fit->all) >= 2 && 2 * (fit->n_lower + fit->n_bare) > fit->all.n_unknown)
    warnings_tell(warnings, "%s: %.0f %% of the tokens are unknown to the model, and most of these are known %s", name,
                  percent(fit->all), str_text(&form));
  else if (percent(fit->all) >= 50)
    warnings_tell(warnings,
                  "%s: %.0f %% of the tokens are unknown to the model: is the text in the %s language, and split and "
                  "cased as its training text?",
                  name, percent(fit->all), side);
  str_free(&form);
}

void fit_warn(const Fit *fit, const char *name, Warnings *warnings) {
  if (!is_swapped(fit, fit->own, fit->other, 2.0 / 3)) {
    warn_of_unknown(fit, name, warnings);
    return;
  }
  Str counts = {0};
  add_counts(&counts, fit->own, fit->other, fit->target ? "read as source text" : "read as target text");
  warnings_tell(warnings, "%s: %s: is the text in the %s language?", name, str_text(&counts), side_of(!fit->target));
  str_free(&counts);
}

void fit_warn_pair(const Fit *source, const char *source_name, const Fit *target, const char *target_name,
                   Warnings *warnings) {
  FitCount own = sum(source->own, target->own), other = sum(source->other, target->other);
  if (!is_swapped(source, own, other, 0.8)) {
    warn_of_unknown(source, source_name, warnings);
    warn_of_unknown(target, target_name, warnings);
    return;
  }
  Str counts = {0};
  add_counts(&counts, own, other, "they are exchanged");
  warnings_tell(warnings, "%s and %s: %s: are source and target exchanged?", source_name, target_name,
                str_text(&counts));
  str_free(&counts);
}
