/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Loading a case file, also one with many data rows, and the whole table of the shipped cases. The table is
    that of the program in $CAUSTIC, or of the one two folders above this one, where `make` puts it.
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <caustic/case.h>

#define ROWS 2000

static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static int
load(const char * name, const char * file, const char * text, int repeats)
{
    caustic_error_t error;
    caustic_case_t loaded;
    double start = seconds();
    int i, good = 1;

    caustic_error_init(error);
    for (i = 0; i < repeats && good; i++)
    {
        good = (text == NULL ? caustic_case_read(loaded, file, error)
            : caustic_case_read_text(loaded, text, strlen(text), file, error)) == CAUSTIC_OK;
        caustic_case_clear(loaded);
    }
    printf("%-40s %9.3f ms%s%s\n", name, 1e3 * (seconds() - start) / repeats, good ? "" : "  FAILED: ",
        good ? "" : error->message);
    caustic_error_clear(error);
    return good;
}

static int
load_rows(void)
{
    caustic_text_t text;
    char name[64];
    int i, good;

    caustic_text_init(text);
    caustic_text_append(text, "name: rows\npreset: {kind: relu-neuron, inputs: 1}\ndata:\n  columns: [x, y]\n  rows:\n");
    for (i = 0; i < ROWS; i++)
    {
        caustic_text_printf(text, "    - [\"%d/100\", \"%d/1000\"]\n", i + 1, (7 * i) % 1000 + 1);
    }
    caustic_text_append(text, "loss: \"mean((z*x - y)^2)/2\"\n");
    snprintf(name, sizeof(name), "loading %d data rows", ROWS);
    good = load(name, "rows.yaml", text->data, 3);
    caustic_text_clear(text);
    return good;
}

static int
table(const char * self)
{
    char command[1200];
    const char * program = getenv("CAUSTIC"), * slash = strrchr(self, '/');
    double start;
    int status;

    if (program != NULL)
    {
        snprintf(command, sizeof(command), "'%s' table --quiet cases > /dev/null", program);
    }
    else
    {
        snprintf(command, sizeof(command), "'%.*s/../../caustic' table --quiet cases > /dev/null",
            slash == NULL ? 1 : (int) FLINT_MIN(slash - self, 1000), slash == NULL ? "." : self);
    }
    start = seconds();
    status = system(command);
    printf("%-40s %9.0f ms%s\n", "table of the shipped cases", 1e3 * (seconds() - start), status == 0 ? "" : "  FAILED");
    return status == 0;
}

int
main(int argc, char ** argv)
{
    int good = 1;

    good = load("loading cases/mlp/relu-chain-2.yaml", "cases/mlp/relu-chain-2.yaml", NULL, 200) && good;
    good = load("loading cases/mlp/relu-neuron-hubble.yaml", "cases/mlp/relu-neuron-hubble.yaml", NULL, 50) && good;
    good = load_rows() && good;
    good = table(argc > 0 ? argv[0] : "") && good;
    flint_cleanup();
    return good ? 0 : 1;
}
