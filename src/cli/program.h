/* program.h - the program: finds the command, runs it, prints what went wrong, picks the exit status (0 done, 1 a file
 * failed, 2 usage or config). */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli/command.h"

/* The commands in the order of --help, *n of them. */
const Command *const *program_commands(int *n);
/* Runs argv as main gets it and returns the exit status. Closes standard output. */
int program_run(int argc, char **argv);

#endif
