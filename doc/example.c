/* example.c - translates lines with a model: example MODEL LINE...   For each it prints the translation, its log P, and
 * the source word that each word of it attended to most.
 *
 *   cc example.c $(pkg-config --cflags --libs attn_seq2seq) -o example
 */
#include <attn_seq2seq.h>
#include <stdio.h>

static void print_words(const AttnSeq2SeqOutputs *outputs, int i) {
  int n_target, n_source;
  const float *weights = attn_seq2seq_alignment(outputs, i, 0, &n_target, &n_source);
  const char *const *source = attn_seq2seq_source(outputs, i, 0, &n_source);
  const char *const *target = attn_seq2seq_target(outputs, i, 0, &n_target);
  for (int t = 0; t < n_target; t++) {
    int most = 0;
    for (int s = 1; s < n_source; s++)
      if (weights[t * n_source + s] > weights[t * n_source + most]) most = s;
    printf("  %s <- %s\n", target[t], source[most]);
  }
}

static int fail(const AttnSeq2SeqError *error) {
  fprintf(stderr, "example: %s\n", error->text);
  return 1;
}

int main(int argc, char **argv) {
  AttnSeq2SeqError error;
  if (argc < 2) return fputs("usage: example MODEL LINE...\n", stderr) < 0 ? 1 : 2;
  AttnSeq2Seq *model = attn_seq2seq_open((const char *const *)argv + 1, 1, 0, &error);
  if (model == NULL) return fail(&error);
  AttnSeq2SeqOptions *options = attn_seq2seq_options(model, &error);
  if (options == NULL || !attn_seq2seq_set(options, "attention", 1, &error)) return fail(&error);
  AttnSeq2SeqOutputs *outputs =
      attn_seq2seq_translate(model, (const char *const *)argv + 2, argc - 2, options, &error);
  if (outputs == NULL) return fail(&error);
  for (int i = 0; i < argc - 2; i++) {
    printf("%s\t%.4f\n", attn_seq2seq_text(outputs, i, 0), attn_seq2seq_logprob(outputs, i, 0));
    print_words(outputs, i);
  }
  attn_seq2seq_outputs_free(outputs);
  attn_seq2seq_options_free(options);
  attn_seq2seq_close(model);
  return 0;
}
