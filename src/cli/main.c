/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "cli.h"

static const cli_command * const commands[] =
{
    &derive_command, &audit_command, &verify_command, &shock_command, &table_command,
    &sweep_command
};

#define COMMANDS ((int) (sizeof(commands) / sizeof(commands[0])))

static void
print_usage(FILE * stream)
{
    fprintf(stream, "Usage: caustic COMMAND [OPTION]... CASE...\n\n"
        "Derives, verifies and certifies the Hamilton-Jacobi and Burgers equations of symmetry-reduced\n"
        "SGD, and when their shocks form. Every answer is PROVED, REFUTED or UNDECIDED.\n\n");
    for (int i = 0; i < COMMANDS; i++)
        fprintf(stream, "  %-8s %s\n", caustic_command_name(commands[i]->command), commands[i]->summary);
    fprintf(stream, "\n'caustic COMMAND --help' lists the options of a command, 'man caustic' explains them;\n"
        "'caustic --version' prints the versions.\n");
}

static const cli_command *
find_command(const char * name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(caustic_command_name(commands[i]->command), name) == 0)
            return commands[i];

    return NULL;
}

/* Where a standard stream is closed, the next file opened would take its place: messages would end
   in a result. A null device that cannot be written to fails as a closed stream does. */
static void
keep_standard_streams(void)
{
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != descriptor)
            _exit(EXIT_INPUT_OUTPUT);
}

/* FLINT and GMP abort where memory is lacking, after a message of their own. Only what may be done in
   the middle of anything: there is no memory for more. */
static void
stopped(int signal_number)
{
    static const char message[] = "caustic: stopped for want of memory, or by a defect of Caustic\n";

    (void) signal_number;
    _exit(write(STDERR_FILENO, message, sizeof(message) - 1) < 0 ? EXIT_INPUT_OUTPUT : EXIT_BUG);
}

int
main(int argc, char ** argv)
{
    const cli_command * command;
    cli_options options;
    int status;

    keep_standard_streams();
    signal(SIGABRT, stopped);
    json_set_alloc_funcs(flint_malloc, flint_free); /* a record that lacks something for want of memory would lie */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of writing like any other */

    if (argc < 2)
    {
        print_usage(stderr);
        return EXIT_USAGE;
    }

    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
    {
        print_usage(stdout);
        return cli_printed();
    }

    if (strcmp(argv[1], "--version") == 0)
    {
        cli_print_version();
        return cli_printed();
    }

    command = find_command(argv[1]);
    if (command == NULL)
    {
        cli_message("no command '%s'; there are derive, audit, verify, shock, table and sweep", argv[1]);
        return EXIT_USAGE;
    }

    argv[1] = (char *) "caustic"; /* getopt_long names the program in its messages */
    if (cli_options_read(&options, &status, command, argc - 1, argv + 1) == 0)
        status = command->run != NULL ? command->run(&options) : cli_run(command, &options);

    cli_options_clear(&options);
    flint_cleanup_master();
    return status;
}
