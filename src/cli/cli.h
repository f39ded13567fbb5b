/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* The program: one file a command, and what all commands share. */

#ifndef CAUSTIC_CLI_H
#define CAUSTIC_CLI_H

#include <time.h>
#include <caustic/report.h>

/* Exit statuses of SPEC 2.2, as sysexits(3) numbers them. */
enum
{
    EXIT_ALL_PROVED = 0,
    EXIT_REFUTED = 1,
    EXIT_UNDECIDED = 2,
    EXIT_USAGE = 64,
    EXIT_BAD_INPUT = 65,
    EXIT_BUG = 70,
    EXIT_INPUT_OUTPUT = 74
};

int exit_status_of(caustic_result result);

typedef struct
{
    caustic_format format;
    const char * output;    /* NULL: standard output */
    const char * junit;     /* NULL: none */
    const char ** over;     /* of a sweep: name=from:to:count, as given */
    int over_length;
    const char * store;     /* of a sweep; NULL: none */
    caustic_command sweep_command;
    int quiet;
    int color;              /* 0: never */
    long threads;
    double time_limit;      /* seconds a case may take before it is given up as UNDECIDED */
    caustic_run_options run;
    char ** paths;
    int paths_length;
}
cli_options;

/* How a command makes the record of a case. */
typedef json_t * (* record_maker)(const caustic_case_t problem, const caustic_run_options * options);

typedef struct
{
    caustic_command command;
    record_maker make;
    const char * summary; /* one line */
    const char * needs;   /* the block without which a case is skipped, for the message; NULL: none */
    int (* run)(const cli_options * options); /* NULL: cli_run, a record a case */
}
cli_command;

extern const cli_command derive_command;
extern const cli_command audit_command;
extern const cli_command verify_command;
extern const cli_command shock_command;
extern const cli_command table_command;
extern const cli_command sweep_command;

/* Reads the options that follow the command's name. Returns 0 to go on, or -1 with the exit status
   set (after --help and --version, or after a message about wrong usage). */
int cli_options_read(cli_options * options, int * status, const cli_command * command, int argc, char ** argv);
void cli_options_clear(cli_options * options);
void cli_print_version(void);

/* Loads every case, runs the command on them, writes the result. Returns the exit status. */
int cli_run(const cli_command * command, const cli_options * options);

/* Writes the records, and JUnit where asked for. Returns 0, or the exit status after a message. */
int cli_write_records(const cli_options * options, const json_t * records, caustic_command command);

/* Whether an output would take the place of a case, with a message. */
int cli_replaces_case(const cli_options * options, const char * file);

/* One line on a terminal, rewritten as work goes on. */
void cli_show_progress(const cli_options * options, slong finished, slong length, const char * name);
double cli_seconds_since(const struct timespec * start);

/* Writes the text to the file, whole or not at all, or to standard output for NULL. Returns 0, or
   the exit status after a message. */
int cli_write(const char * file, const caustic_text_t text);

/* Whether that will be possible, as far as can be told before there is a text: 0, or the exit status
   after a message. */
int cli_try_writing(const char * file);

/* Whether writing the one would replace the other. */
int cli_would_replace(const char * output, const char * file);

/* The exit status of what only prints to standard output (--help, --version). */
int cli_printed(void);

/* Prints "caustic: ..." to standard error. */
void cli_message(const char * format, ...) CAUSTIC_PRINTF(1, 2);

#endif
