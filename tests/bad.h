/* bad.h - tables of bad input: how to make it, what to run, the exit status and the words the message must have.
 *
 * Every row is run in a fresh copy of a folder with the corpus and config of session_corpus and a model trained on them
 * with its training state (model/m.safetensors, model/m.state.safetensors). A row that ends with status 1 or 2 must
 * say so on standard error, each line beginning with the program's name, and leave standard output empty and no file
 * behind that was not there before. */
#ifndef TESTS_BAD_H
#define TESTS_BAD_H

typedef struct BadRow {
  const char *make; /* shell line before the run, may be NULL */
  const char *line; /* the run; with `./attn` for the program it has no rights of root, and the folder is open to all */
  int status;       /* expected */
  const char *words; /* each must be in the message; `|` between them */
} BadRow;

/* Makes and removes the folder: the unchecked fixture of a test case of rows. */
void bad_set_up(void);
void bad_tear_down(void);
/* The folder that rows are given copies of. */
const char *bad_base(void);
/* Runs row i of a table and checks what it did. */
void bad_check(const BadRow *row, int i);
/* The same for a row that is to succeed and to warn; what it wrote to standard output must be `out`, if given. */
void bad_check_warning(const BadRow *row, int i, const char *out);

#endif
