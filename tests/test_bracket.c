/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Shock times in high dimension between two bounds: known eigenvalues, bounds of single terms, near misses of 1e-12.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <caustic/reduction.h>
#include <caustic/shock.h>
#include "problem.h"
#include "shock/bracket.h"
#include "shock_question.h"

#define D 20

static caustic_expr z[D];

static caustic_expr
parse(const char * text, const caustic_name * names, slong length)
{
    caustic_scope scope = { names, length, NULL, 0 };
    caustic_origin origin = { "test", 1, 1 };
    caustic_error_t error;
    caustic_expr e = CAUSTIC_NONE;

    caustic_error_init(error);
    if (caustic_parse(&e, pool, text, &scope, &origin, error) != CAUSTIC_OK)
        fail_msg("%s: %s", text, error->message);
    caustic_error_clear(error);
    return e;
}

/* The sum of a term in x, y, w: z_i and its two neighbours on a circle of D coordinates; all is written for their sum. */
static caustic_expr
loss_of(const char * term, const char * whole)
{
    caustic_expr loss = CAUSTIC_NONE, all = caustic_integer(pool, 0);
    caustic_name names[3] = { {"x", 0}, {"y", 0}, {"w", 0} }, sum = { "all", 0 };

    for (slong i = 0; i < D; i++)
    {
        caustic_expr e;

        for (slong k = 0; k < 3; k++)
            names[k].value = z[(i + k) % D];
        e = parse(term, names, 3);
        loss = i == 0 ? e : caustic_add(pool, loss, e);
        all = caustic_add(pool, all, z[i]);
    }
    sum.value = all;
    return whole == NULL ? loss : caustic_add(pool, loss, parse(whole, &sum, 1));
}

/* On [-1, 1]^D; point: all coordinates, or NULL. spread: the cometric is 1 + spread times the matrix of ones. */
static void
ask(const char * term, const char * whole, const char * point, slong digits, slong spread, const char * claim)
{
    caustic_shock_flat_problem problem;
    caustic_interval_struct domain[D], box[D];
    caustic_expr cometric[D * D], drift[D];
    fmpq points[D];

    forget_answer();
    memset(&problem, 0, sizeof(problem));
    for (slong k = 0; k < D; k++)
    {
        char name[8];

        snprintf(name, sizeof(name), "z%d", (int) k + 1);
        z[k] = caustic_symbol(pool, name);
        caustic_interval_init(domain + k);
        caustic_interval_init(box + k);
        domain[k].lower_infinite = domain[k].upper_infinite = 1;
        fmpq_set_si(box[k].lower, -1, 1);
        fmpq_set_si(box[k].upper, 1, 1);
        box[k].lower_infinite = box[k].upper_infinite = 0;
        box[k].lower_closed = box[k].upper_closed = 1;
        drift[k] = caustic_integer(pool, 0);
        fmpq_init(points + k);
        if (point != NULL)
            fmpq_set_str(points + k, point, 10);
    }
    for (slong i = 0; i < D * D; i++)
        cometric[i] = caustic_integer(pool, spread + (i / D == i % D));
    problem.pool = pool;
    problem.dimension = D;
    problem.z = z;
    problem.domain = domain;
    problem.cometric = cometric;
    problem.drift = drift;
    problem.loss = loss_of(term, whole);
    problem.box = box;
    problem.digits = digits;
    problem.precision_limit = 1 << 14;
    problem.points = point != NULL;
    problem.point = points;
    problem.claimed_time = claim == NULL ? CAUSTIC_NONE : parse(claim, NULL, 0);
    caustic_shock_flat_global(result, &problem);
    for (slong k = 0; k < D; k++)
    {
        caustic_interval_clear(domain + k);
        caustic_interval_clear(box + k);
        fmpq_clear(points + k);
    }
}

static int
time_contains(const char * text)
{
    fmpq_t x;
    int contains;

    fmpq_init(x);
    fmpq_set_str(x, text, 10);
    contains = arb_is_finite(result->time) && arb_contains_fmpq(result->time, x);
    fmpq_clear(x);
    return contains;
}

/* -1, 1: the bound is certainly below or above the number. */
static int
compare(const arf_t bound, const char * text)
{
    arb_t x, y;
    int sign;

    arb_init(x);
    arb_init(y);
    arb_set_str(x, text, 200);
    arb_set_arf(y, bound);
    sign = arb_lt(y, x) ? -1 : arb_gt(y, x) ? 1 : 0;
    arb_clear(x);
    arb_clear(y);
    return sign;
}

#define demand(condition) do { if (!(condition)) { \
    printf("# %s: ", caustic_verdict_name(result->verdict)); arf_printd(result->earliest, 20); printf(" .. "); \
    arf_printd(result->latest, 20); printf(": %s; %s; %s\n", result->detail, result->bracket_detail, result->claim_detail); \
    fail_msg("%s", #condition); } } while (0)

/* A sum of squares has the eigenvalue b across and b - D a along (1, ..., 1). */
static void
test_constant(void ** state)
{
    (void) state;
    ask("x^2/2", "-all^2/20", NULL, 30, 0, "1");
    demand(result->verdict == CAUSTIC_PROVED && result->shock == 1 && time_contains("1"));
    demand(result->claim_time == CAUSTIC_PROVED);
    ask("x^2/2", "-all^2/20", NULL, 30, 0, "1 + 1e-12");
    demand(result->claim_time == CAUSTIC_REFUTED);
    /* the metric counts: L^T H L = -(1 + 11^T) */
    ask("-x^2/2", "0", NULL, 30, 1, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1/21"));
    ask("-x^2/2", "all^2/2", NULL, 30, 1, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1") && !time_contains("1/21"));
}

/* An eigenvalue of 1e-12 is a proof that there is no shock, -1e-12 a shock, and 0 neither. */
static void
test_threshold(void ** state)
{
    (void) state;
    ask("x^2/2", "-all^2/40*(1 - 1e-12)", NULL, 10, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && result->shock == 0);
    ask("x^2/2", "-all^2/40*(1 + 1e-12)", NULL, 10, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && result->shock == 1 && time_contains("1000000000000"));
    ask("x^2/2", "-all^2/40", NULL, 10, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && !arf_is_finite(result->latest));
}

/* The infimum is taken in a corner: the middle of the box says nothing, the corner all, a place beside it not quite. */
static void
test_corner(void ** state)
{
    (void) state;
    ask("x^3/6", "all^2/40", NULL, 30, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && compare(result->earliest, "1") <= 0 && compare(result->earliest, "0.999999") > 0);
    demand(!arf_is_finite(result->latest));
    ask("x^3/6", "all^2/40", "-1", 30, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1"));
    ask("x^3/6", "all^2/40", "-999999999999/1000000000000", 30, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED);
    demand(compare(result->latest, "1.000000000001") > 0 && compare(result->latest, "1.000000000002") < 0);
    ask("x^3/6", "all^2/40", "-999999999999/1000000000000", 10, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1"));
    /* not in the box: it does not count */
    ask("x^3/6", "all^2/40", "-2", 30, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && !arf_is_finite(result->latest));
}

/* All that is negative stands off the diagonal and has the middle 0 there; at (-1, ..., -1) the rows sum to -6. */
static void
test_off_diagonal(void ** state)
{
    (void) state;
    ask("x*y*w", NULL, "-1", 8, 0, NULL); /* radii of balls have 30 bits */
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1/6"));
    ask("x*y*w*(1 - 1e-6)", NULL, "-1", 8, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && !time_contains("1/6"));
    /* the upper bound is sharp */
    ask("x*y*w*(1 - 1e-12)", NULL, "-1", 20, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && compare(result->latest, "0.1666666666668") > 0
        && compare(result->latest, "0.1666666666669") < 0);
    /* at the middle the Hessian is 0 */
    ask("x*y*w", NULL, NULL, 20, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && compare(result->earliest, "0.166667") < 0 && !arf_is_finite(result->latest));
}

/* What depends on differences cancels in the sums of the rows: attraction costs nothing, repulsion does. */
static void
test_differences(void ** state)
{
    (void) state;
    ask("(x^2 - 1)^2/4 + (x - y)^4/100 + (x - w)^4/50", NULL, NULL, 8, 0, "1"); /* radii of balls have 30 bits */
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1") && result->claim_time == CAUSTIC_PROVED);
    ask("(x^2 - 1)^2/4*(1 + 1e-6) + (x - y)^4/100 + (x - w)^4/50", NULL, NULL, 8, 0, "1");
    demand(result->claim_time == CAUSTIC_REFUTED);
    /* at -1, 1, -1, 1, ... -12*4/100 is in each of two neighbours: lambda there is 2 - 4*48/100 > 0, in the middle -1 */
    ask("(x^2 - 1)^2/4 - (x - y)^4/100", NULL, NULL, 10, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && arf_cmp_d(result->latest, 1 + 1e-6) < 0 && arf_cmp_d(result->earliest, 1) < 0);
    demand(arf_cmp_d(result->earliest, 0.3) > 0);
}

/* Functions of one coordinate: inner minima, ends, maxima, a needle that the middle does not see. */
static void
test_terms(void ** state)
{
    (void) state;
    /* l'' = 12 x^2 - 4 - (all)/...: least at 0 */
    ask("(x^2 - 1)^2", "-all^2/20", NULL, 30, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1/6"));
    /* a needle around 1/3, narrower than the parts of the interval, and one that they resolve */
    ask("exp(-1000000*(x - 1/3)^2)/1000", "all^2/40", NULL, 10, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && compare(result->earliest, "0.0005") <= 0 && compare(result->earliest, "0.0004") > 0);
    ask("exp(-10000*(x - 1/3)^2)/1000", "all^2/40", "1/3", 10, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1/20"));
    /* a minimum between binary numbers: l'' = (x - 1/3)^2 - 1 */
    ask("(x - 1/3)^4/12 - x^2/2", "all^2/40", "1/3", 30, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("1"));
    /* concave l'': least at the end -1, where it is -2; -1e-12 beside it is not enough */
    ask("-x^4/12 - x^2/2 + x^3/1000000", "all^2/40", "-1", 30, 0, NULL);
    demand(result->verdict == CAUSTIC_PROVED && time_contains("500000/1000003"));
    ask("-x^4/12 - x^2/2 + x^3/1000000", "all^2/40", "1", 30, 0, NULL);
    demand(result->verdict == CAUSTIC_UNDECIDED && compare(result->latest, "0.5000001") > 0
        && compare(result->earliest, "0.4999985000045") <= 0);
}

/* Each pair of bounds belongs to one infimum. */
static void
test_bounds_do_not_cross(void ** state)
{
    static const char * const points[] = { "-1", "-9/10", "-1/2", "-1/7", "1/3", "4/5", "1" };

    (void) state;
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
    {
        ask("sin(3*x)*cos(2*y) + exp(x*w)/5 - log(x + y + 3)", "sin(all/5)", points[i], 10, (slong) i % 3, NULL);
        demand(result->verdict == CAUSTIC_UNDECIDED && arf_sgn(result->earliest) > 0);
        demand(arf_cmp(result->earliest, result->latest) <= 0);
    }
}

/* Kinks and poles in the box: nothing is said. */
static void
test_not_smooth(void ** state)
{
    static const char * const terms[] = { "abs(x) - x^2", "relu(x*y) - x^2", "log(x + 1/2)", "1/(x + y)", "(x^2)^(3/2) - x^2" };

    (void) state;
    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++)
    {
        ask(terms[i], "-all^2/20", NULL, 10, 0, NULL);
        demand(result->verdict == CAUSTIC_UNDECIDED && result->bracket == 0);
    }
}

/* Fifty particles are a product that is written out when it is asked for; points are read with the box. */
static void
test_case_of_fifty(void ** state)
{
    static const char * const wrong[] = { "[[\"0\"]]", "3", NULL };
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_text_t text, zeros, all, box;

    (void) state;
    caustic_text_init(text);
    caustic_text_init(zeros);
    caustic_text_init(all);
    caustic_text_init(box);
    for (int i = 1; i <= 50; i++)
    {
        caustic_text_printf(all, "%sz%d", i > 1 ? " + " : "", i);
        caustic_text_printf(box, "%s[\"-1\", \"1\"]", i > 1 ? ", " : "");
        if (i < 50)
            caustic_text_append(zeros, "\"0\", ");
    }
    caustic_text_printf(text, "name: fifty\npreset: {kind: particles, count: 50, dimension: 1}\nloss: \"(%s)^2\"\n"
        "shock: {box: [%s], points: ", all->data, box->data);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
    {
        caustic_text_t bad;
        caustic_error_t error;

        caustic_text_init(bad);
        caustic_error_init(error);
        caustic_text_append(bad, text->data);
        if (wrong[i] == NULL)
            caustic_text_printf(bad, "[[%s\"2\"]]", zeros->data); /* outside the box */
        else
            caustic_text_append(bad, wrong[i]);
        caustic_text_append(bad, "}\n");
        assert_int_not_equal(caustic_case_read_text(problem, bad->data, bad->length, "bad.yaml", error), CAUSTIC_OK);
        assert_int_equal(error->line, 4);
        caustic_case_clear(problem);
        caustic_error_clear(error);
        caustic_text_clear(bad);
    }
    caustic_text_printf(text, "[[%s\"1/3\"]]}\n", zeros->data);
    read_case(problem, text->data);
    assert_int_equal(problem->shock.points, 1);
    assert_true(fmpq_is_zero(problem->shock.point) && !fmpq_is_zero(problem->shock.point + 49));
    caustic_reduction_init(reduction, problem->setting);
    assert_true(reduction->derived && !reduction->written_out);
    assert_true(caustic_reduction_write_out(reduction) && reduction->written_out);
    for (slong i = 0; i < 2500; i++)
    {
        const fmpq * g = caustic_expr_fmpq(problem->pool, reduction->cometric_expr[i]);

        assert_true(i / 50 == i % 50 ? fmpq_equal_si((fmpq *) g, 50) : fmpq_is_zero(g));
    }
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    caustic_text_clear(text);
    caustic_text_clear(zeros);
    caustic_text_clear(all);
    caustic_text_clear(box);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_threshold),
        cmocka_unit_test(test_corner),
        cmocka_unit_test(test_off_diagonal),
        cmocka_unit_test(test_differences),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_bounds_do_not_cross),
        cmocka_unit_test(test_not_smooth),
        cmocka_unit_test(test_case_of_fifty),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
