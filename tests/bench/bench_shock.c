/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What certainty costs: certified shock times against a plain floating-point minimiser of the same h
    (a dense grid, then golden section), in one run.
*/

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <caustic/shock.h>

#define GRID 10000

typedef double (* curvature_function)(double z);

typedef struct
{
    const char * name;
    const char * cometric;
    const char * loss;
    double lower;
    double upper;
    const char * time; /* claim, or NULL */
    curvature_function h;
}
bench_case;

static double
logistic(double z)
{
    double e = exp(-z), s = 1 / (1 + e);
    return 2 * z * z * e * s * s - 2 * z * e * s;
}

static double
leaf(double z)
{
    double g = sqrt(0.01 + 4 * z * z);
    return g + 2 * z / g * (z - 1);
}

static double chain(double z) { return 2 * z * z + 2 * z * (z - 2); }
static double well(double z) { return 3 * z * z - 1; }
static double sine(double z) { return -M_PI * cos(M_PI * z); }

static const bench_case cases[] =
{
    { "relu-chain D = 2", "2*z^2", "(z-2)^2/2", 0.01, 3, "1", chain },
    { "attention, logistic", "2*z^2", "log(1+exp(-z))", 0.01, 10, "3.815467579925027440426265961399646505664", logistic },
    { "leaf c = 1/10", "sqrt(1/100+4*z^2)", "(z-1)^2/2", -1, 2, NULL, leaf },
    { "double well", "1", "(z^2-1)^2/4", -2, 2, "1", well },
    { "v_0 = -sin(pi x)", "1", "cos(pi*z)/pi", -1, 1, "1/pi", sine },
};

static double
now(void)
{
    struct timespec t;
    /* of the process: what other programs do at the same time does not count */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static double
plain_minimum(const bench_case * c)
{
    double best = INFINITY, at = c->lower, step = (c->upper - c->lower) / GRID, a, b, x, y, h;
    const double golden = 0.6180339887498949;
    long i;

    for (i = 0; i <= GRID; i++)
        if ((h = c->h(c->lower + (double) i * step)) < best)
        {
            best = h;
            at = c->lower + (double) i * step;
        }
    for (a = at - step, b = at + step; b - a > 1e-9; )
    {
        x = b - golden * (b - a);
        y = a + golden * (b - a);
        if (c->h(x) < c->h(y))
            b = y;
        else
            a = x;
    }
    return -1 / c->h((a + b) / 2);
}

static caustic_expr
parse(caustic_pool * pool, caustic_expr z, const char * text)
{
    caustic_name name = { "z", z };
    caustic_scope scope = { &name, 1, NULL, 0 };
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;

    if (text == NULL)
        return CAUSTIC_NONE;
    caustic_error_init(error);
    if (caustic_parse(&e, pool, text, &scope, NULL, error) != CAUSTIC_OK)
        printf("%s: %s\n", text, error->message);
    caustic_error_clear(error);
    return e;
}

/* Seconds for one certified answer, in a pool that already holds the case. */
static double
certified(caustic_shock_result_t result, const bench_case * c, slong digits, int runs)
{
    caustic_shock_problem problem;
    double start, total = 0;
    int i;

    for (i = 0; i < runs; i++)
    {
        caustic_pool * pool = caustic_pool_new();

        memset(&problem, 0, sizeof(problem));
        problem.pool = pool;
        problem.z = caustic_symbol(pool, "z");
        caustic_interval_init(problem.domain);
        caustic_interval_init(problem.box);
        problem.box->lower_infinite = problem.box->upper_infinite = 0;
        problem.box->lower_closed = problem.box->upper_closed = 1;
        fmpq_set_si(problem.box->lower, (slong) (c->lower * 100), 100);
        fmpq_canonicalise(problem.box->lower);
        fmpq_set_si(problem.box->upper, (slong) (c->upper * 100), 100);
        fmpq_canonicalise(problem.box->upper);
        problem.cometric = parse(pool, problem.z, c->cometric);
        problem.loss = parse(pool, problem.z, c->loss);
        problem.claimed_time = parse(pool, problem.z, c->time);
        problem.digits = digits;
        problem.precision_limit = 1 << 20;
        problem.box_limit = 1000000;
        start = now();
        caustic_shock_global_1d(result, &problem);
        total += now() - start;
        caustic_interval_clear(problem.domain);
        caustic_interval_clear(problem.box);
        caustic_pool_free(pool);
    }
    return total / runs;
}

int
main(void)
{
    slong i, failures = 0;
    caustic_shock_result_t result;
    int runs = 200, r;

    printf("%-22s %12s %12s %12s %8s  %s\n", "case", "plain [ms]", "30 dig [ms]", "1000 d [ms]", "ratio", "verdict, claim");
    for (i = 0; i < (slong) (sizeof(cases) / sizeof(cases[0])); i++)
    {
        const bench_case * c = cases + i;
        double start = now(), plain, sharp, sharper;
        volatile double time = 0;

        for (r = 0; r < runs; r++)
            time = plain_minimum(c);
        plain = (now() - start) / runs;
        caustic_shock_result_init(result);
        sharper = certified(result, c, 1000, 10);
        failures += result->verdict != CAUSTIC_PROVED;
        sharp = certified(result, c, 30, runs);
        failures += result->verdict != CAUSTIC_PROVED
            || fabs(time - arf_get_d(arb_midref(result->time), ARF_RND_NEAR)) > 1e-6 * time;
        printf("%-22s %12.4f %12.4f %12.4f %8.2f  %s, %s\n", c->name, 1e3 * plain, 1e3 * sharp, 1e3 * sharper, sharp / plain,
            caustic_verdict_name(result->verdict), result->claim_time ? caustic_verdict_name(result->claim_time) : "-");
        caustic_shock_result_clear(result);
    }
    flint_cleanup();
    return failures != 0;
}
