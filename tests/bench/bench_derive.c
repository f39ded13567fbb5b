/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Deriving: presets, from the setting to the record of `derive`; all shipped cases by the program in $CAUSTIC, or
    by the one two folders above this one, where `make` puts it; and the geometry of the 2 x 2 attention head against
    SymPy (python3) and Maxima's ctensor, where they are installed. Exits with 1 if something takes longer than it may,
    or if one that ran disagrees.
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <caustic/geometry.h>
#include <caustic/reduction.h>
#include <caustic/report.h>

/* Of the processor, so that what else runs does not count. */
static double
seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

static const struct
{
    const char * name;
    const char * preset;
    double limit; /* seconds */
}
presets[] =
{
    {"attention, model 2, head 2", "{kind: attention, model: 2, head: 2, product: qk}", 0.1},
    {"attention, model 3, head 1", "{kind: attention, model: 3, head: 1, product: qk}", 1},
    {"attention, model 4, head 1", "{kind: attention, model: 4, head: 1, product: qk}", 2},
    {"attention, model 3, head 3 (no metric)", "{kind: attention, model: 3, head: 3, product: qk}", 2},
    {"relu-neuron, 3 inputs", "{kind: relu-neuron, inputs: 3}", 0.1},
    {"relu-neuron, 8 inputs", "{kind: relu-neuron, inputs: 8}", 1},
    {"batchnorm, fan-in 5", "{kind: batchnorm, fan_in: 5}", 1},
    {"linear-network [2, 2, 2, 2]", "{kind: linear-network, widths: [2, 2, 2, 2]}", 2},
    {"relu-network [8, 16, 16, 4]", "{kind: relu-network, widths: [8, 16, 16, 4]}", 1},
    {"relu-layer, 784 inputs, 512 units", "{kind: relu-layer, inputs: 784, hidden: 512}", 1},
};

static int
read_preset(caustic_case_t problem, const char * preset)
{
    caustic_error_t error;
    caustic_text_t text;
    int good;

    caustic_error_init(error);
    caustic_text_init(text);
    caustic_text_printf(text, "name: bench\npreset: %s\n", preset);
    good = caustic_case_read_text(problem, text->data, text->length, "bench.yaml", error) == CAUSTIC_OK;
    if (!good)
        printf("%s: %s\n", preset, error->message);
    caustic_text_clear(text);
    caustic_error_clear(error);
    return good;
}

static int
derive_preset(const char * name, const char * preset, double limit)
{
    caustic_run_options options;
    caustic_case_t problem;
    double start = seconds(), taken;
    int good = read_preset(problem, preset);

    caustic_run_options_init(&options);
    if (good)
    {
        json_t * record = caustic_report_derive(problem, &options);

        taken = seconds() - start;
        good = taken <= limit;
        printf("%-44s %9.1f ms  %-9s%s\n", name, 1e3 * taken, json_string_value(json_object_get(record, "verdict")),
            good ? "" : "  TOO SLOW");
        json_decref(record);
    }

    caustic_run_options_clear(&options);
    caustic_case_clear(problem);
    return good;
}

/* The cometric's determinant, and its geometry, for a head. */
static int
time_head(slong size, double * geometry_seconds, fmpq_t scalar)
{
    char preset[100];
    caustic_case_t problem;
    caustic_reduction_t reduction;
    double start;
    int good;

    snprintf(preset, sizeof(preset), "{kind: attention, model: %ld, head: %ld, product: qk}", (long) size, (long) size);
    good = read_preset(problem, preset);

    if (good)
    {
        gr_ctx_struct * ctx;
        gr_ptr determinant;
        caustic_geometry_t geometry;
        int status;

        caustic_reduction_init(reduction, problem->setting);
        ctx = reduction->downstairs;
        GR_TMP_INIT(determinant, ctx);
        start = seconds();
        status = caustic_geometry_determinant(determinant, reduction->cometric, ctx);
        start = seconds() - start;
        good = status == GR_SUCCESS && start < 1;
        printf("%ld x %ld head: %-31s %9.1f ms%s\n", (long) size, (long) size, "determinant of the cometric",
            1e3 * start, good ? "" : "  FAILED");

        start = seconds();
        caustic_geometry_init(geometry, reduction->cometric, reduction->drift, ctx);
        *geometry_seconds = seconds() - start;
        printf("%ld x %ld head: %-31s %9.1f ms%s%s\n", (long) size, (long) size, "geometry", 1e3 * *geometry_seconds,
            geometry->reason == NULL ? "" : "  given up: ", geometry->reason == NULL ? "" : geometry->reason);

        if (geometry->status == GR_SUCCESS)
        {
            static const slong at[4] = {1, 2, 3, 5};
            caustic_pool * pool = caustic_field_pool(ctx);
            caustic_expr values[4], value;

            for (slong i = 0; i < 4; i++)
                values[i] = caustic_integer(pool, at[i]);
            value = caustic_substitute(pool, caustic_field_get_expr(gr_mat_entry_srcptr(geometry->scalar, 0, 0, ctx), ctx),
                problem->setting->coordinate, values, 4);
            fmpq_set(scalar, caustic_expr_fmpq(pool, value));
        }

        caustic_geometry_clear(geometry);
        GR_TMP_CLEAR(determinant, ctx);
        caustic_reduction_clear(reduction);
    }

    caustic_case_clear(problem);
    return good;
}

/* Another program's scalar curvature and its seconds: a line "opinion VALUE SECONDS". */
static int
opinion(const char * name, const char * command, double ours, const fmpq_t scalar)
{
    char line[2000], text[100] = "";
    double theirs = 0;
    FILE * answer = popen(command, "r");
    fmpq_t value;
    int good, found = 0;

    while (answer != NULL && fgets(line, sizeof(line), answer) != NULL)
        found = found || sscanf(line, "opinion %99s %lf", text, &theirs) == 2;
    if (answer != NULL)
        pclose(answer);

    if (!found)
    {
        printf("%-44s   is not installed, or did not end in time\n", name);
        return 1;
    }

    fmpq_init(value);
    good = fmpq_set_str(value, text, 10) == 0 && fmpq_equal(value, scalar);
    printf("%-44s %9.1f ms  %.0f times as long%s\n", name, 1e3 * theirs, theirs / ours, good ? "" : "  DISAGREES");
    fmpq_clear(value);
    return good;
}

/* In wall-clock seconds: another process. */
static int
shipped_cases(const char * self)
{
    char command[1200];
    const char * program = getenv("CAUSTIC"), * slash = strrchr(self, '/');
    struct timespec start, end;
    int status;

    if (program != NULL)
        snprintf(command, sizeof(command), "'%s' derive --quiet cases > /dev/null", program);
    else
        snprintf(command, sizeof(command), "'%.*s/../../caustic' derive --quiet cases > /dev/null",
            slash == NULL ? 1 : (int) FLINT_MIN(slash - self, 1000), slash == NULL ? "." : self);

    clock_gettime(CLOCK_MONOTONIC, &start);
    status = system(command);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%-44s %9.0f ms%s\n", "derive of the shipped cases", 1e3 * (double) (end.tv_sec - start.tv_sec)
        + 1e-6 * (double) (end.tv_nsec - start.tv_nsec), status == 0 ? "" : "  FAILED");
    return status == 0;
}

int
main(int argc, char ** argv)
{
    double ours = 0, unused = 0;
    fmpq_t scalar;
    int good = 1;

    fmpq_init(scalar);
    for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
        good = derive_preset(presets[i].name, presets[i].preset, presets[i].limit) && good;
    good = shipped_cases(argc > 0 ? argv[0] : "") && good;
    good = time_head(3, &unused, scalar) && good;
    good = time_head(2, &ours, scalar) && good;
    good = opinion("  the same by SymPy", "timeout 100 python3 tests/opinions/geometry.py 2>/dev/null", ours, scalar) && good;
    good = opinion("  the same by Maxima's ctensor",
        "timeout 100 maxima --very-quiet --batch=tests/opinions/geometry.mac 2>/dev/null", ours, scalar) && good;
    fmpq_clear(scalar);
    flint_cleanup();
    return good ? 0 : 1;
}
