/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What validated integration costs: a geodesic of a 2 x 2 attention head with its Jacobi fields, an
    oscillator over 100 periods, and cost against digits and time. The end values stand beside the times, so
    that another program (CAPD, for one: tests/bench/integrator_capd.cpp) can be compared on the same problems.
*/

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <caustic/integrator.h>

#define MOST 8

typedef struct
{
    const char * name;
    slong dimension;
    const char * coordinate[MOST];
    const char * field[MOST];
    const char * start[MOST];
}
bench_flow;

static const bench_flow oscillator =
    {"oscillator", 2, {"x", "y"}, {"y", "-x"}, {"1", "0"}};
static const bench_flow pendulum =
    {"pendulum", 2, {"x", "y"}, {"y", "-sin(x)"}, {"1", "1/2"}};
static const bench_flow kepler =
    {"Kepler, e = 1/2", 4, {"x", "y", "u", "v"},
    {"u", "v", "-x/(x^2 + y^2)^(3/2)", "-y/(x^2 + y^2)^(3/2)"}, {"1/2", "0", "0", "1.75"}};
static const bench_flow lorenz =
    {"Lorenz", 3, {"x", "y", "z"}, {"10*(y - x)", "x*(28 - z) - y", "x*y - 8/3*z"}, {"1", "1", "1"}};

/* The Hamiltonian 1/2 (|P M^T|^2 + |P^T M|^2), M = (a b; c d), P = (p q; r s). */
static const char head[] =
    "((p*a + q*b)^2 + (p*c + q*d)^2 + (r*a + s*b)^2 + (r*c + s*d)^2"
    " + (p*a + r*c)^2 + (p*b + r*d)^2 + (q*a + s*c)^2 + (q*b + s*d)^2)/2";
static const char * const head_names[8] = {"a", "b", "c", "d", "p", "q", "r", "s"};
static const char * const head_start[8] = {"1", "1/5", "-1/4", "4/5", "1/4", "-1/5", "1/10", "3/10"};

static double
now(void)
{
    struct timespec t;
    /* of the process: what other programs do at the same time does not count */
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

static caustic_expr
parse(caustic_pool * pool, const char * text, const char * const * letters, slong length)
{
    caustic_name names[MOST];
    caustic_scope scope = {names, length, NULL, 0};
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;

    for (slong i = 0; i < length; i++)
        names[i] = (caustic_name) {letters[i], caustic_symbol(pool, letters[i])};
    caustic_error_init(error);
    if (caustic_parse(&e, pool, text, &scope, NULL, error) != CAUSTIC_OK)
        flint_throw(FLINT_ERROR, "%s: %s\n", text, error->message);
    caustic_error_clear(error);
    return e;
}

static caustic_flow *
flow_of(const bench_flow * b)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr symbol[MOST], field[MOST];
    caustic_flow * flow;

    for (slong i = 0; i < b->dimension; i++)
    {
        symbol[i] = caustic_symbol(pool, b->coordinate[i]);
        field[i] = parse(pool, b->field[i], b->coordinate, b->dimension);
    }
    flow = caustic_flow_new(pool, field, symbol, b->dimension, NULL, 0);
    caustic_pool_free(pool);
    return flow;
}

static caustic_flow *
flow_of_head(void)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr symbol[8], field[8], h = parse(pool, head, head_names, 8);
    caustic_flow * flow;

    for (slong i = 0; i < 8; i++)
        symbol[i] = caustic_symbol(pool, head_names[i]);
    for (slong i = 0; i < 4; i++)
    {
        field[i] = caustic_derivative(pool, h, symbol[4 + i]);
        field[4 + i] = caustic_neg(pool, caustic_derivative(pool, h, symbol[i]));
    }
    flow = caustic_flow_new(pool, field, symbol, 8, NULL, 0);
    caustic_pool_free(pool);
    return flow;
}

/* Prints a row: the solution after `time`, to the digits; with all of its Jacobian, with the first `columns` of
   it, or alone. */
static void
row(const char * name, const caustic_flow * flow, const char * const * start, const char * time, slong digits,
    slong columns)
{
    slong n = caustic_flow_dimension(flow), steps = 0, precision = 40 + (slong) (3.33 * (double) digits);
    arb_ptr x = _arb_vec_init(n);
    arb_mat_t first;
    arb_t t, rest;
    caustic_orbit_t orbit;
    caustic_error_t error;
    caustic_result result = CAUSTIC_OK;
    double begun = now();

    arb_init(t);
    arb_init(rest);
    caustic_error_init(error);
    for (slong i = 0; i < n; i++)
    {
        fmpq_t q;
        fmpq_init(q);
        if (caustic_parse_fmpq(q, start[i], NULL, error) != CAUSTIC_OK)
            flint_throw(FLINT_ERROR, "%s\n", start[i]);
        arb_set_fmpq(x + i, q, precision);
        fmpq_clear(q);
    }
    arb_set_str(t, time, 64);
    arb_mat_init(first, n, columns);
    for (slong i = 0; i < columns; i++)
    {
        arb_one(arb_mat_entry(first, i, i));
        for (slong j = 0; j < columns && n == 2 * columns; j++)
            arb_set_si(arb_mat_entry(first, columns + i, j), i == j ? -1 : 0);
    }
    caustic_orbit_init(orbit, flow, x, precision);
    caustic_orbit_vary(orbit, first);
    for (arb_set(rest, t); result == CAUSTIC_OK && arb_is_positive(rest); arb_sub(rest, t, orbit->time, 2 * precision))
    {
        result = caustic_orbit_prepare(orbit, rest, error);
        if (result == CAUSTIC_OK)
        {
            arb_min(rest, rest, orbit->step, ARF_PREC_EXACT);
            result = caustic_orbit_advance(orbit, rest, error);
            steps++;
        }
    }
    printf("%-28s %6s %7ld %6ld %6ld %9.4f   ", name, time, (long) digits, (long) (n + n * columns), (long) steps, now() - begun);
    if (result == CAUSTIC_OK)
    {
        slong accurate = arb_rel_accuracy_bits(orbit->state);
        for (slong i = 0; i < n * columns; i++)
            accurate = FLINT_MIN(accurate, arb_rel_accuracy_bits(arb_mat_entry(orbit->variation, i / columns, i % columns)));
        arb_printn(orbit->state, 20, ARB_STR_NO_RADIUS);
        printf("   (%ld digits)\n", (long) ((double) accurate / 3.3219));
    }
    else
        printf("%s\n", error->message);
    caustic_orbit_clear(orbit);
    caustic_error_clear(error);
    arb_mat_clear(first);
    arb_clear(t);
    arb_clear(rest);
    _arb_vec_clear(x, n);
}

int
main(void)
{
    caustic_flow * flow;

    printf("%-28s %6s %7s %6s %6s %9s   %s\n", "flow", "time", "digits", "eqs", "steps", "seconds", "first coordinate at the end");
    flow = flow_of_head();
    for (slong digits = 15; digits <= 120; digits *= 2)
        row("2 x 2 head, Jacobi fields", flow, head_start, "1", digits, 4);
    row("2 x 2 head, Jacobi fields", flow, head_start, "2", 30, 4);
    row("2 x 2 head, Jacobi fields", flow, head_start, "4", 30, 4);
    row("2 x 2 head, alone", flow, head_start, "1", 30, 0);
    caustic_flow_free(flow);

    flow = flow_of(&oscillator);
    row("oscillator, 100 periods", flow, oscillator.start, "628", 50, 0);
    row("oscillator, 100 periods", flow, oscillator.start, "628", 50, 2);
    caustic_flow_free(flow);
    flow = flow_of(&pendulum);
    for (slong digits = 15; digits <= 240; digits *= 2)
        row("pendulum", flow, pendulum.start, "10", digits, 0);
    row("pendulum", flow, pendulum.start, "100", 30, 0);
    row("pendulum", flow, pendulum.start, "1000", 30, 0);
    caustic_flow_free(flow);
    flow = flow_of(&kepler);
    row(kepler.name, flow, kepler.start, "10", 30, 0);
    row(kepler.name, flow, kepler.start, "100", 30, 0);
    caustic_flow_free(flow);
    flow = flow_of(&lorenz);
    row(lorenz.name, flow, lorenz.start, "10", 30, 0);
    row(lorenz.name, flow, lorenz.start, "20", 30, 3);
    caustic_flow_free(flow);
    flint_cleanup_master();
    return 0;
}
