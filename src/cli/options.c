/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"

enum
{
    OPTION_FORMAT = 256, OPTION_OUTPUT, OPTION_DIGITS, OPTION_TOLERANCE, OPTION_PRECISION_LIMIT,
    OPTION_TIME_LIMIT, OPTION_THREADS, OPTION_JUNIT, OPTION_OVER, OPTION_STORE, OPTION_COMMAND,
    OPTION_QUIET, OPTION_NO_COLOR, OPTION_TIMINGS,
    OPTION_VISCOUS, OPTION_AFTER, OPTION_HELP, OPTION_VERSION
};

static const struct option known_options[] =
{
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"output", required_argument, NULL, OPTION_OUTPUT},
    {"digits", required_argument, NULL, OPTION_DIGITS},
    {"tolerance", required_argument, NULL, OPTION_TOLERANCE},
    {"precision-limit", required_argument, NULL, OPTION_PRECISION_LIMIT},
    {"time-limit", required_argument, NULL, OPTION_TIME_LIMIT},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"junit", required_argument, NULL, OPTION_JUNIT},
    {"over", required_argument, NULL, OPTION_OVER},
    {"store", required_argument, NULL, OPTION_STORE},
    {"command", required_argument, NULL, OPTION_COMMAND},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"no-color", no_argument, NULL, OPTION_NO_COLOR},
    {"timings", no_argument, NULL, OPTION_TIMINGS},
    {"viscous", no_argument, NULL, OPTION_VISCOUS},
    {"after", no_argument, NULL, OPTION_AFTER},
    {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0}
};

static const struct
{
    const char * name;
    caustic_format format;
}
known_formats[] =
{
    {"text", CAUSTIC_FORMAT_TEXT},
    {"json", CAUSTIC_FORMAT_JSON},
    {"latex", CAUSTIC_FORMAT_LATEX},
    {"markdown", CAUSTIC_FORMAT_MARKDOWN},
    {"csv", CAUSTIC_FORMAT_CSV}
};

#define KNOWN_FORMATS ((int) (sizeof(known_formats) / sizeof(known_formats[0])))

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

void
cli_print_version(void)
{
    printf("caustic %s (FLINT %s)\n", PACKAGE_VERSION, flint_version);
}

static void
print_help(const cli_command * command)
{
    int sweep = command->command == CAUSTIC_COMMAND_SWEEP;

    printf("Usage: caustic %s [OPTION]... CASE%s\n\n", caustic_command_name(command->command), sweep ? "" : "...");
    printf("Prints %s.\n", command->summary);
    printf(sweep ? "The CASE is a case file.\n\n"
        : "A CASE is a case file, or a directory that stands for the cases in it and below it.\n\n");
    if (sweep)
        printf("  --over NAME=FROM:TO:N  N values of a constant, evenly spaced, both ends among them; several\n"
            "                         times for a grid; NAME=VALUE for one value\n"
            "  --store FILE           keep what is computed there (SQLite), and do not compute it again\n"
            "  --command COMMAND      what is asked of each value: derive, audit, verify or shock (default)\n");
    printf("  --format FORMAT        ");
    for (int i = 0, first = 1; i < KNOWN_FORMATS; i++)
    {
        if (!caustic_report_has_format(command->command, known_formats[i].format))
            continue;
        printf("%s%s", first ? "" : ", ", known_formats[i].name);
        first = 0;
    }
    printf("\n");
    if (command->command == CAUSTIC_COMMAND_SHOCK || command->command == CAUSTIC_COMMAND_TABLE)
        printf("  --viscous              add the viscous signature at T* (one flat dimension)\n"
            "  --after                add the shocks after T*, their speeds and mergers\n");
    printf("  --output FILE          write to FILE, whole or not at all\n"
        "  --digits N             certified digits, instead of what the cases say (default 30)\n"
        "  --tolerance X          residual tolerance, instead of what the cases say (default 1e-30)\n"
        "  --precision-limit N    working precision in bits at which to give up (default 100000)\n"
        "  --time-limit SECONDS   a case that takes longer is UNDECIDED (default 300; a sweep: none)\n"
        "  --threads N            cases, or values, worked on at once (default: the processors)\n"
        "  --junit FILE           also write the verdicts as JUnit XML\n"
        "  --timings              add the seconds that each case took (JSON)\n"
        "  --quiet                no progress and no notes on standard error\n"
        "  --no-color             no color on a terminal\n"
        "  --help, --version\n\n"
        "Exit status: 0 all PROVED or as expected, 1 something REFUTED, 2 something UNDECIDED,\n"
        "64 wrong usage, 65 bad input, 74 input/output error, 70 a defect of Caustic.\n");
}

static int
wrong_usage(int * status, const cli_command * command)
{
    fprintf(stderr, "Try 'caustic %s --help'.\n", caustic_command_name(command->command));
    *status = EXIT_USAGE;
    return -1;
}

static int
read_integer(long * value, const char * option, const char * text, long least, long most)
{
    char * end;

    errno = 0;
    *value = strtol(text, &end, 10);

    if (errno == 0 && end != text && *end == '\0' && *value >= least && *value <= most)
        return 1;

    cli_message("--%s takes an integer from %ld to %ld; found '%s'", option, least, most, text);
    return 0;
}

static int
read_seconds(double * value, const char * text)
{
    char * end;

    errno = 0;
    *value = strtod(text, &end);

    if (errno == 0 && end != text && *end == '\0' && *value > 0 && *value <= 1e9)
        return 1;

    cli_message("--time-limit takes a positive number of seconds; found '%s'", text);
    return 0;
}

static int
read_tolerance(fmpq_t value, const char * text)
{
    caustic_error_t error;
    int good;

    caustic_error_init(error);
    good = caustic_parse_fmpq(value, text, NULL, error) == CAUSTIC_OK && fmpq_sgn(value) > 0;
    if (!good)
        cli_message("--tolerance takes a positive number such as 1e-30; found '%s'", text);
    caustic_error_clear(error);
    return good;
}

static int
read_format(caustic_format * format, const cli_command * command, const char * text)
{
    for (int i = 0; i < KNOWN_FORMATS; i++)
    {
        if (strcmp(known_formats[i].name, text) != 0)
            continue;

        *format = known_formats[i].format;
        if (caustic_report_has_format(command->command, *format))
            return 1;

        cli_message("'%s' cannot be written as %s", caustic_command_name(command->command), text);
        return 0;
    }

    cli_message("--format takes text, json, latex, markdown or csv; found '%s'", text);
    return 0;
}

/* What is swept. */
static int
read_sweep_command(caustic_command * swept, const char * text)
{
    for (*swept = CAUSTIC_COMMAND_DERIVE; *swept < CAUSTIC_COMMAND_TABLE; ++*swept)
        if (strcmp(caustic_command_name(*swept), text) == 0)
            return 1;

    cli_message("--command takes derive, audit, verify or shock; found '%s'", text);
    return 0;
}

static int
belongs_to_sweep(int option)
{
    return option == OPTION_OVER || option == OPTION_STORE || option == OPTION_COMMAND;
}

static int
read_shock_flag(int * flag, const char * option, const cli_command * command)
{
    *flag = command->command == CAUSTIC_COMMAND_SHOCK || command->command == CAUSTIC_COMMAND_TABLE;
    if (!*flag)
        cli_message("--%s is an option of 'caustic shock' and 'caustic table'", option);
    return *flag;
}

static int
read_option(cli_options * options, const cli_command * command, int option)
{
    long value;

    if (belongs_to_sweep(option) && command->command != CAUSTIC_COMMAND_SWEEP)
    {
        cli_message("--over, --store and --command belong to 'caustic sweep'");
        return 0;
    }

    switch (option)
    {
        case OPTION_FORMAT: return read_format(&options->format, command, optarg);
        case OPTION_OUTPUT: options->output = optarg; return 1;
        case OPTION_JUNIT: options->junit = optarg; return 1;
        case OPTION_TOLERANCE: return read_tolerance(options->run.tolerance, optarg);
        case OPTION_TIME_LIMIT: return read_seconds(&options->time_limit, optarg);
        case OPTION_THREADS: return read_integer(&options->threads, "threads", optarg, 1, 1024);
        case OPTION_OVER: options->over[options->over_length++] = optarg; return 1;
        case OPTION_STORE: options->store = optarg; return 1;
        case OPTION_COMMAND: return read_sweep_command(&options->sweep_command, optarg);
        case OPTION_QUIET: options->quiet = 1; return 1;
        case OPTION_NO_COLOR: options->color = 0; return 1;
        case OPTION_TIMINGS: options->run.timings = 1; return 1;
        case OPTION_VISCOUS: return read_shock_flag(&options->run.viscous, "viscous", command);
        case OPTION_AFTER: return read_shock_flag(&options->run.after, "after", command);
        case OPTION_DIGITS:
            if (!read_integer(&value, "digits", optarg, 1, 100000))
                return 0;
            options->run.digits = value;
            return 1;
        case OPTION_PRECISION_LIMIT:
            if (!read_integer(&value, "precision-limit", optarg, 64, 100000000))
                return 0;
            options->run.precision_limit = value;
            return 1;
    }

    return 0; /* getopt_long has said what is wrong */
}

int
cli_options_read(cli_options * options, int * status, const cli_command * command, int argc, char ** argv)
{
    int option;

    memset(options, 0, sizeof(*options));
    caustic_run_options_init(&options->run);
    options->format = CAUSTIC_FORMAT_TEXT;
    options->color = getenv("NO_COLOR") == NULL;
    options->threads = FLINT_MAX(1, sysconf(_SC_NPROCESSORS_ONLN));
    options->time_limit = command->command == CAUSTIC_COMMAND_SWEEP ? 1e9 : 300;
    options->over = flint_calloc((size_t) argc, sizeof(char *));
    options->sweep_command = CAUSTIC_COMMAND_SHOCK;

    while ((option = getopt_long(argc, argv, "", known_options, NULL)) != -1)
    {
        if (option == OPTION_HELP || option == OPTION_VERSION)
        {
            if (option == OPTION_HELP)
                print_help(command);
            else
                cli_print_version();
            *status = cli_printed();
            return -1;
        }

        if (!read_option(options, command, option))
            return wrong_usage(status, command);
    }

    options->paths = argv + optind;
    options->paths_length = argc - optind;

    if (options->paths_length == 0)
    {
        cli_message("no case given");
        return wrong_usage(status, command);
    }

    if (options->output != NULL && options->junit != NULL && cli_would_replace(options->output, options->junit))
    {
        cli_message("--output and --junit are the same file, %s", options->junit);
        return wrong_usage(status, command);
    }

    return 0;
}

void
cli_options_clear(cli_options * options)
{
    caustic_run_options_clear(&options->run);
    flint_free(options->over);
}
