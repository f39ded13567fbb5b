/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What 10,000 values of a constant cost on one thread, beside the whole answer for each value, and what a theorem
    about all of them costs.
*/

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <flint/fmpq_vec.h>
#include <caustic/report.h>

#define VALUES 10000
#define WHOLE 100
#define A_POOL 100

typedef struct
{
    const char * name;
    const char * text;
    const char * constant;
    slong from; /* hundredths */
    slong to;
}
bench_case;

static const bench_case cases[] =
{
    {"chain of two, closed form", "name: a\npreset: {kind: relu-chain, depth: 2}\nconstants: [{name: y, value: \"2\"}]\nloss: \"(z - y)^2/2\"\n"
        "shock: {box: [[\"1/100\", \"3\"]]}\nclaims: {shock_time: \"4/y^2\"}\n", "y", 100, 300},
    {"leaf of the scalar net", "name: a\nparameters: [{name: z, domain: \"(-inf, inf)\"}]\nconstants: [{name: c, value: \"1/10\"}]\n"
        "metric: [[\"sqrt(c^2 + 4*z^2)\"]]\nloss: \"(z - 1)^2/2\"\nshock: {box: [[\"-2\", \"3\"]]}\n", "c", 1, 50},
    {"logistic attention", "name: a\nparameters: [{name: z, domain: \"(0, inf)\"}]\nconstants: [{name: x, value: \"1\"}]\n"
        "metric: [[\"2*z^2\"]]\nloss: \"log(1 + exp(-x*z))\"\nshock: {box: [[\"1/100\", \"10\"]]}\n", "x", 50, 200},
};

static double
now(void)
{
    struct timespec t;

    /* of the process: what other programs do at the same time does not count */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static void
set_value(fmpq * value, const bench_case * c, slong i, slong count)
{
    /* from + (to - from) i/(count - 1), in hundredths */
    fmpq_set_si(value, c->from * (count - 1) + (c->to - c->from) * i, (ulong) (100 * (count - 1)));
}

/* Seconds for so many values; with values_a_pool == 1 everything is done again for each. */
static double
measure(slong * proved, const bench_case * c, slong count, slong values_a_pool, const caustic_run_options * options)
{
    caustic_interval_t range;
    caustic_constant_as as[1] = {{c->constant, NULL, range}};
    caustic_sweep * sweep = NULL;
    fmpq * value = _fmpq_vec_init(1);
    double start = now();

    caustic_interval_init(range);
    range->lower_infinite = range->upper_infinite = 0;
    range->lower_closed = range->upper_closed = 1;
    fmpq_set_si(range->lower, c->from, 100);
    fmpq_set_si(range->upper, c->to, 100);
    *proved = 0;
    for (slong i = 0; i < count; i++)
    {
        json_t * row;

        if (i % values_a_pool == 0)
        {
            if (sweep != NULL)
                caustic_sweep_free(sweep);
            sweep = caustic_sweep_new(c->text, strlen(c->text), "a.yaml", as, 1, CAUSTIC_COMMAND_SHOCK, options);
        }
        set_value(value, c, i, count);
        row = caustic_sweep_value(sweep, value);
        *proved += strcmp(json_string_value(json_object_get(row, "verdict")), "PROVED") == 0;
        json_decref(row);
    }
    caustic_sweep_free(sweep);
    _fmpq_vec_clear(value, 1);
    caustic_interval_clear(range);
    return now() - start;
}

int
main(void)
{
    caustic_run_options options;

    json_set_alloc_funcs(flint_malloc, flint_free);
    caustic_run_options_init(&options);
    printf("%-28s %12s %12s %14s  %s\n", "case", "10,000 [s]", "each [ms]", "alone [ms]", "PROVED");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        slong proved, proved_alone;
        double swept = measure(&proved, cases + i, VALUES, A_POOL, &options);
        double alone = measure(&proved_alone, cases + i, WHOLE, 1, &options);

        printf("%-28s %12.2f %12.3f %14.3f  %ld of %d\n", cases[i].name, swept, 1e3 * swept / VALUES, 1e3 * alone / WHOLE, (long) proved, VALUES);
    }
    caustic_run_options_clear(&options);
    flint_cleanup_master();
    return EXIT_SUCCESS;
}
