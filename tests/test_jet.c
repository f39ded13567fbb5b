/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Tests of jets and series: containment of exact derivatives, identities, corners.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <caustic/jet.h>
#include "jet/series_internal.h"
#include "letters.h"

#define PREC 128

static uint64_t state;

/* splitmix64: the same numbers with every version of every library */
static ulong random_below(ulong bound)
{
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (ulong) ((z ^ (z >> 31)) % bound);
}

static unsigned long chosen_seed(void)
{
    const char * text = getenv("CAUSTIC_TEST_SEED");
    return text == NULL ? 20260618UL : strtoul(text, NULL, 10);
}

static caustic_expr
parse(caustic_pool * pool, const char * text)
{
    static const char * const letters[] = {"x", "y", "w"};

    return parse_letters(pool, text, letters, 3);
}

static arb_ptr * jets_new(slong count, slong length)
{
    arb_ptr * jets = flint_malloc(sizeof(arb_ptr) * (size_t) count);
    slong i;
    for (i = 0; i < count; i++)
    {
        jets[i] = _arb_vec_init(length);
    }
    return jets;
}

static void jets_free(arb_ptr * jets, slong count, slong length)
{
    slong i;
    for (i = 0; i < count; i++)
    {
        _arb_vec_clear(jets[i], length);
    }
    flint_free(jets);
}

/* d^alpha e / alpha! at a point, through symbolic derivatives. */
static void exact_coefficient(arb_t res, caustic_pool * pool, caustic_expr e, const slong * alpha,
    const caustic_expr * symbols, slong variables, arb_srcptr point)
{
    caustic_tape * tape;
    slong i, j;
    for (i = 0; i < variables; i++)
    {
        for (j = 0; j < alpha[i]; j++)
        {
            e = caustic_derivative(pool, e, symbols[i]);
        }
    }
    tape = caustic_tape_new(pool, &e, 1, symbols, variables);
    assert_non_null(tape);
    caustic_tape_evaluate_arb(res, tape, point, 2 * PREC);
    caustic_tape_free(tape);
    for (i = 0; i < variables; i++)
    {
        for (j = 2; j <= alpha[i]; j++)
        {
            arb_div_si(res, res, j, 2 * PREC);
        }
    }
}

static const char * const expressions[] =
{
    "x*y", "x^3 - 2*x*y^2 + y", "exp(x*y)", "log(2 + x^2 + y)", "sin(x + y^2)", "cos(x*y)",
    "tan((x + y)/4)", "atan(x - 3*y)", "sinh(x)*cosh(y)", "tanh(x + y)", "sigmoid(3*x - y)",
    "softplus(x*y - 1)", "erf(x - y)", "abs(3 + x + y)", "relu(x + y - 9)", "sqrt(4 + x + y)",
    "(3 + x*y)^(-3)", "(5 + x + y)^(5/3)", "(x + y)^5", "1/(4 + x)/(4 + y)", "pi*x/(3 + y) + 7/3",
    "(x^2 + y^2 + 1)^(-1/2)*exp(-x^2)", "abs(x - 9)*y", "x*x*y*y", "(x - y)^7 + 2", "3"
};

#define EXPRESSIONS ((slong) (sizeof(expressions) / sizeof(expressions[0])))

/* At every point of the balls: the jet of a ball contains the exact coefficients at points of it. */
static void containment_one(caustic_pool * pool, const char * text, const caustic_jet_shape * shape,
    slong radius_exponent)
{
    slong length = caustic_jet_length(shape), i, j, point;
    caustic_expr symbols[2] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y")};
    caustic_expr e = parse(pool, text);
    caustic_tape * tape = caustic_tape_new(pool, &e, 1, symbols, 2);
    arb_ptr * in = jets_new(2, length), * out = jets_new(1, length);
    arb_ptr ball = _arb_vec_init(2), inside = _arb_vec_init(2);
    arb_t exact;
    arf_t shift;

    assert_non_null(tape);
    arb_init(exact);
    arf_init(shift);
    for (i = 0; i < 2; i++)
    {
        /* corners: zero and small integers, else anything in [-2, 2] */
        arb_set_si(ball + i, (slong) random_below(65) - 32);
        arb_mul_2exp_si(ball + i, ball + i, random_below(3) == 0 ? -5 : -4);
        if (random_below(4) == 0)
        {
            arb_zero(ball + i);
        }
        mag_set_ui_2exp_si(arb_radref(ball + i), radius_exponent == 0 ? 0 : 1, radius_exponent);
        caustic_jet_variable(in[i], ball + i, i, shape);
    }
    caustic_tape_evaluate_jet(out, tape, (const arb_srcptr *) in, shape, PREC);
    for (point = 0; point < 3; point++)
    {
        for (i = 0; i < 2; i++)
        {
            /* the middle and both ends */
            arf_set_mag(shift, arb_radref(ball + i));
            arf_mul_si(shift, shift, point == 0 ? 0 : (random_below(2) ? 1 : -1), ARF_PREC_EXACT, ARF_RND_DOWN);
            arf_add(arb_midref(inside + i), arb_midref(ball + i), shift, ARF_PREC_EXACT, ARF_RND_DOWN);
        }
        for (j = 0; j < length; j++)
        {
            exact_coefficient(exact, pool, e, caustic_jet_exponents(shape, j), symbols, 2, inside);
            if (!arb_is_finite(exact) || !arb_is_finite(out[0] + j))
            {
                fail_msg("%s: coefficient %ld is not finite", text, (long) j);
            }
            if (!arb_overlaps(exact, out[0] + j))
            {
                fail_msg("%s: coefficient %ld does not contain the exact one", text, (long) j);
            }
            if (radius_exponent == 0 && arb_rel_accuracy_bits(out[0] + j) < PREC / 2
                && mag_cmp_2exp_si(arb_radref(out[0] + j), -PREC / 2) > 0)
            {
                fail_msg("%s: coefficient %ld is needlessly wide", text, (long) j);
            }
        }
    }
    arb_clear(exact);
    arf_clear(shift);
    _arb_vec_clear(ball, 2);
    _arb_vec_clear(inside, 2);
    jets_free(in, 2, length);
    jets_free(out, 1, length);
    caustic_tape_free(tape);
}

static void test_containment(void ** unused)
{
    slong i, order;
    (void) unused;
    for (i = 0; i < EXPRESSIONS; i++)
    {
        caustic_pool * pool = caustic_pool_new();
        for (order = 0; order <= 3; order++)
        {
            caustic_jet_shape * shape = caustic_jet_shape_new(2, order);
            containment_one(pool, expressions[i], shape, 0);
            containment_one(pool, expressions[i], shape, -20);
            containment_one(pool, expressions[i], shape, -90);
            caustic_jet_shape_free(shape);
        }
        caustic_pool_free(pool);
    }
}

/* The univariate fast path and the several-variable path agree, and both contain the truth. */
static void test_series(void ** unused)
{
    static const slong lengths[] = {1, 2, 3, 6, 17};
    slong i, j, l;
    (void) unused;
    for (i = 0; i < EXPRESSIONS; i++)
    {
        caustic_pool * pool = caustic_pool_new();
        caustic_expr x = caustic_symbol(pool, "x"), y = caustic_symbol(pool, "y");
        caustic_expr third = caustic_number(pool, (fmpq[]) {{1, 3}});
        caustic_expr e = caustic_substitute(pool, parse(pool, expressions[i]), &y, &third, 1);
        caustic_tape * tape = caustic_tape_new(pool, &e, 1, &x, 1);
        arb_t centre, exact;
        assert_non_null(tape);
        arb_init(centre);
        arb_init(exact);
        for (l = 0; l < 5; l++)
        {
            slong length = lengths[l];
            arb_ptr series = _arb_vec_init(length), again = _arb_vec_init(length);
            caustic_jet_shape * shape = caustic_jet_shape_new(1, length - 1);
            arb_srcptr in[1];

            arb_set_si(centre, (slong) random_below(33) - 16);
            arb_mul_2exp_si(centre, centre, -3);
            caustic_tape_evaluate_series(&series, tape, centre, length, PREC);
            /* output may be the same vector as the input */
            caustic_jet_variable(again, centre, 0, shape);
            in[0] = again;
            caustic_tape_evaluate_jet(&again, tape, in, shape, PREC);
            for (j = 0; j < length; j++)
            {
                assert_true(arb_is_finite(series + j));
                assert_true(arb_equal(series + j, again + j));
                if (j <= 5)
                {
                    exact_coefficient(exact, pool, e, &j, &x, 1, centre);
                    assert_true(arb_overlaps(exact, series + j));
                }
            }
            caustic_jet_shape_free(shape);
            _arb_vec_clear(series, length);
            _arb_vec_clear(again, length);
        }
        arb_clear(centre);
        arb_clear(exact);
        caustic_tape_free(tape);
        caustic_pool_free(pool);
    }
}

static void test_shape(void ** unused)
{
    slong variables, order, i, j;
    (void) unused;
    for (variables = 1; variables <= 5; variables++)
    {
        for (order = 0; order <= 4; order++)
        {
            caustic_jet_shape * shape = caustic_jet_shape_new(variables, order);
            slong last = 0;
            assert_int_equal(caustic_jet_order(shape), order);
            assert_int_equal(caustic_jet_variables(shape), variables);
            for (i = 0; i < caustic_jet_length(shape); i++)
            {
                const slong * exponents = caustic_jet_exponents(shape, i);
                slong degree = 0;
                for (j = 0; j < variables; j++)
                {
                    degree += exponents[j];
                }
                assert_int_equal(caustic_jet_index(shape, exponents), i);
                assert_true(degree >= last && degree <= order);
                last = degree;
            }
            assert_int_equal(last, order);
            caustic_jet_shape_free(shape);
        }
    }
    {
        caustic_jet_shape * shape = caustic_jet_shape_new(3, 4);
        assert_int_equal(caustic_jet_length(shape), 35); /* C(7, 3) */
        caustic_jet_shape_free(shape);
    }
}

static void random_jet(arb_ptr a, const caustic_jet_shape * shape)
{
    slong i;
    for (i = 0; i < caustic_jet_length(shape); i++)
    {
        arb_set_si(a + i, (slong) random_below(7) - 3);
    }
}

/* (a + b)^2 = a^2 + 2ab + b^2 and (ab)' = a'b + ab' exactly on small integers; aliasing. */
static void test_ring(void ** unused)
{
    slong round, i;
    (void) unused;
    for (round = 0; round < 60; round++)
    {
        slong variables = 1 + (slong) random_below(4), order = (slong) random_below(5);
        caustic_jet_shape * shape = caustic_jet_shape_new(variables, order);
        slong length = caustic_jet_length(shape), variable = (slong) random_below((ulong) variables);
        arb_ptr * j = jets_new(6, length);
        arb_t two;

        arb_init(two);
        arb_set_si(two, 2);
        random_jet(j[0], shape);
        random_jet(j[1], shape);
        caustic_jet_add(j[2], j[0], j[1], shape, PREC);
        caustic_jet_mul(j[2], j[2], j[2], shape, PREC); /* all three the same vector */
        caustic_jet_mul(j[3], j[0], j[1], shape, PREC);
        caustic_jet_scalar_mul(j[3], j[3], two, shape, PREC);
        caustic_jet_sub(j[2], j[2], j[3], shape, PREC);
        _arb_vec_set(j[4], j[0], length);
        caustic_jet_mul(j[4], j[4], j[0], shape, PREC); /* res is the left factor */
        _arb_vec_set(j[5], j[1], length);
        caustic_jet_mul(j[5], j[1], j[5], shape, PREC); /* res is the right factor */
        caustic_jet_add(j[4], j[4], j[5], shape, PREC);
        for (i = 0; i < length; i++)
        {
            assert_true(arb_is_exact(j[2] + i));
            assert_true(arb_equal(j[2] + i, j[4] + i));
        }

        caustic_jet_mul(j[2], j[0], j[1], shape, PREC);
        caustic_jet_derivative(j[2], j[2], variable, shape, PREC);
        caustic_jet_derivative(j[3], j[0], variable, shape, PREC);
        caustic_jet_mul(j[3], j[3], j[1], shape, PREC);
        caustic_jet_derivative(j[4], j[1], variable, shape, PREC);
        caustic_jet_mul(j[4], j[0], j[4], shape, PREC);
        caustic_jet_add(j[3], j[3], j[4], shape, PREC);
        for (i = 0; i < length; i++)
        {
            slong degree = 0, v;
            for (v = 0; v < variables; v++)
            {
                degree += caustic_jet_exponents(shape, i)[v];
            }
            assert_int_equal(arb_is_finite(j[2] + i), degree < order);
            if (degree < order)
            {
                assert_true(arb_equal(j[2] + i, j[3] + i));
            }
        }

        /* a monomial by hand: h_variable^order, and nothing else */
        caustic_jet_constant(j[0], two, shape);
        arb_zero(two);
        caustic_jet_variable(j[1], two, variable, shape);
        for (i = 0; i < order; i++)
        {
            caustic_jet_mul(j[0], j[0], j[1], shape, PREC);
        }
        for (i = 0; i < length; i++)
        {
            int top = caustic_jet_exponents(shape, i)[variable] == order;
            assert_true(arb_equal_si(j[0] + i, top ? 2 : 0));
        }
        arb_clear(two);
        jets_free(j, 6, length);
        caustic_jet_shape_free(shape);
    }
}

static void assert_close(arb_srcptr a, arb_srcptr b, slong length)
{
    slong i;
    arb_t difference;
    arb_init(difference);
    for (i = 0; i < length; i++)
    {
        arb_sub(difference, a + i, b + i, PREC);
        assert_true(arb_contains_zero(difference));
        assert_true(mag_cmp_2exp_si(arb_radref(difference), -60) < 0);
    }
    arb_clear(difference);
}

/* exp(log a) = a, sqrt(a)^2 = a, a/a = 1, tan(atan a) = a, all in place. */
static void test_identities(void ** unused)
{
    slong round;
    fmpq_t half, two;
    (void) unused;
    fmpq_init(half);
    fmpq_init(two);
    fmpq_set_si(half, 1, 2);
    fmpq_set_si(two, 2, 1);
    for (round = 0; round < 40; round++)
    {
        slong variables = 1 + (slong) random_below(3), order = (slong) random_below(6);
        caustic_jet_shape * shape = caustic_jet_shape_new(variables, order);
        slong length = caustic_jet_length(shape);
        arb_ptr a = _arb_vec_init(length), b = _arb_vec_init(length);

        random_jet(a, shape);
        arb_set_si(a, 3 + (slong) random_below(3));
        arb_div_si(a, a, 3, PREC);

        _arb_vec_set(b, a, length);
        caustic_jet_function(b, CAUSTIC_OP_LOG, b, shape, PREC);
        caustic_jet_function(b, CAUSTIC_OP_EXP, b, shape, PREC);
        assert_close(a, b, length);

        caustic_jet_power(b, b, half, shape, PREC);
        caustic_jet_power(b, b, two, shape, PREC);
        assert_close(a, b, length);

        caustic_jet_function(b, CAUSTIC_OP_ATAN, b, shape, PREC);
        caustic_jet_function(b, CAUSTIC_OP_TAN, b, shape, PREC);
        assert_close(a, b, length);

        caustic_jet_inv(b, b, shape, PREC);
        caustic_jet_mul(b, b, a, shape, PREC);
        arb_one(a);
        _arb_vec_zero(a + 1, length - 1);
        assert_close(a, b, length);

        /* the geometric series composed with h_0 + ... is 1/(1 - a) */
        random_jet(a, shape);
        arb_zero(a);
        {
            arb_ptr ones = _arb_vec_init(order + 1);
            slong k;
            for (k = 0; k <= order; k++)
            {
                arb_one(ones + k);
            }
            _arb_vec_set(b, a, length);
            caustic_jet_compose_series(b, ones, b, shape, PREC);
            _arb_vec_neg(a, a, length);
            arb_one(a);
            caustic_jet_inv(a, a, shape, PREC);
            assert_close(a, b, length);
            _arb_vec_clear(ones, order + 1);
        }
        _arb_vec_clear(a, length);
        _arb_vec_clear(b, length);
        caustic_jet_shape_free(shape);
    }
    fmpq_clear(half);
    fmpq_clear(two);
}

/* The ball 0 +/- 1/2 and what is certain there: `value` of the constant term, `rest` of the others. */
static void check_at_zero(const char * text, const char * centre, int value, int rest)
{
    slong variables;
    for (variables = 1; variables <= 2; variables++)
    {
        caustic_pool * pool = caustic_pool_new();
        caustic_expr symbols[2] = {caustic_symbol(pool, "x"), caustic_symbol(pool, "y")};
        caustic_expr e = parse(pool, text);
        caustic_tape * tape = caustic_tape_new(pool, &e, 1, symbols, variables);
        caustic_jet_shape * shape = caustic_jet_shape_new(variables, 2);
        slong length = caustic_jet_length(shape), i;
        arb_ptr * in = jets_new(2, length), * out = jets_new(1, length);
        arb_t ball;

        arb_init(ball);
        arb_set_str(ball, centre, PREC);
        for (i = 0; i < variables; i++)
        {
            caustic_jet_variable(in[i], ball, i, shape);
        }
        caustic_tape_evaluate_jet(out, tape, (const arb_srcptr *) in, shape, PREC);
        assert_int_equal(arb_is_finite(out[0]) != 0, value);
        /* d/dx: coefficient 1; d^2/dx^2: index 2 or 3, the first of degree 2 */
        assert_int_equal(arb_is_finite(out[0] + 1) != 0, rest);
        assert_int_equal(arb_is_finite(out[0] + 1 + variables) != 0, rest);
        arb_clear(ball);
        jets_free(in, 2, length);
        jets_free(out, 1, length);
        caustic_jet_shape_free(shape);
        caustic_tape_free(tape);
        caustic_pool_free(pool);
    }
}

static void test_undefined(void ** unused)
{
    (void) unused;
    check_at_zero("log(x)", "[0 +/- 0.5]", 0, 0);
    check_at_zero("log(x)", "[0.5 +/- 0.5]", 0, 0);
    check_at_zero("log(x)", "-1", 0, 0);
    check_at_zero("1/x", "[0 +/- 0.5]", 0, 0);
    check_at_zero("x^(-2)", "0", 0, 0);
    check_at_zero("sqrt(x)", "[-1 +/- 0.5]", 0, 0);
    check_at_zero("sqrt(x)", "0", 1, 0);
    check_at_zero("x^(5/2)", "0", 1, 0);
    check_at_zero("abs(x)", "[0 +/- 0.5]", 1, 0);
    check_at_zero("relu(x)", "[0 +/- 0.5]", 1, 0);
    check_at_zero("relu(x)", "0", 1, 0);
    check_at_zero("abs(x)/x", "[0 +/- 0.5]", 0, 0);
    check_at_zero("relu(x)", "[1 +/- 0.5]", 1, 1);
    check_at_zero("relu(x)", "[-1 +/- 0.5]", 1, 1);
    check_at_zero("abs(x)", "[-1 +/- 0.5]", 1, 1);
    check_at_zero("x^3", "[0 +/- 0.5]", 1, 1);
    check_at_zero("x^4 - x^9", "[0 +/- 0.5]", 1, 1);
    check_at_zero("tan(x)", "[1.57 +/- 0.5]", 0, 0);
    /* an undefined factor is not saved by a zero */
    check_at_zero("x*log(x)", "0", 0, 0);
    check_at_zero("x*log(x - 5)", "0", 0, 0);
    check_at_zero("x*sqrt(x - 5) + exp(x)", "0", 0, 0);
    check_at_zero("exp(log(x - 5))", "1", 0, 0);
}

/* What abs and relu enclose on a ball with the kink, and sign and step beside it. */
static void test_kinks(void ** unused)
{
    caustic_jet_shape * shape = caustic_jet_shape_new(2, 1);
    arb_ptr a = _arb_vec_init(3);
    arb_t ball;
    (void) unused;
    arb_init(ball);
    arb_set_str(ball, "[0.25 +/- 0.5]", PREC);
    caustic_jet_variable(a, ball, 0, shape);
    caustic_jet_function(a, CAUSTIC_OP_RELU, a, shape, PREC);
    assert_true(arb_contains_si(a, 0));
    arb_set_str(ball, "0.74", PREC);
    assert_true(arb_contains(a, ball));
    arb_set_str(ball, "[0.25 +/- 0.5]", PREC);
    caustic_jet_variable(a, ball, 0, shape);
    caustic_jet_function(a, CAUSTIC_OP_SIGN, a, shape, PREC);
    assert_false(arb_is_finite(a));
    arb_set_si(ball, -2);
    caustic_jet_variable(a, ball, 0, shape);
    caustic_jet_function(a, CAUSTIC_OP_STEP, a, shape, PREC);
    assert_true(arb_is_zero(a) && arb_is_zero(a + 1));
    caustic_jet_variable(a, ball, 1, shape);
    caustic_jet_function(a, CAUSTIC_OP_SIGN, a, shape, PREC);
    assert_true(arb_equal_si(a, -1) && arb_is_zero(a + 2));
    caustic_jet_variable(a, ball, 1, shape);
    caustic_jet_function(a, CAUSTIC_OP_ABS, a, shape, PREC);
    assert_true(arb_equal_si(a, 2) && arb_is_zero(a + 1) && arb_equal_si(a + 2, -1));
    arb_clear(ball);
    _arb_vec_clear(a, 3);
    caustic_jet_shape_free(shape);
}

/* Large arguments: no overflow of the intermediate exponential, full relative accuracy. */
static void test_stable_functions(void ** unused)
{
    static const caustic_op ops[] = {CAUSTIC_OP_SIGMOID, CAUSTIC_OP_SOFTPLUS, CAUSTIC_OP_TANH};
    static const slong points[] = {-1000, -60, 0, 60, 1000};
    slong i, j, k;
    arb_ptr a = _arb_vec_init(4);
    caustic_jet_shape * shape = caustic_jet_shape_new(1, 3);
    (void) unused;
    for (i = 0; i < 3; i++)
    {
        for (j = 0; j < 5; j++)
        {
            arb_t x;
            arb_init(x);
            arb_set_si(x, points[j]);
            caustic_jet_variable(a, x, 0, shape);
            caustic_jet_function(a, ops[i], a, shape, PREC);
            for (k = 0; k <= 1; k++)
            {
                assert_true(arb_is_finite(a + k));
                assert_true(arb_is_zero(a + k) || arb_rel_accuracy_bits(a + k) > PREC - 30);
            }
            assert_true(arb_is_positive(a + 1)); /* all three increase */
            arb_clear(x);
        }
    }
    /* a wide ball: sigmoid stays in [0, 1] */
    arb_set_str(a, "[0 +/- 30]", PREC);
    caustic_jet_variable(a, a, 0, shape);
    caustic_jet_function(a, CAUSTIC_OP_SIGMOID, a, shape, PREC);
    arb_sub_ui(a + 1, a, 1, PREC);
    assert_true(mag_cmp_2exp_si(arb_radref(a), 0) < 0);
    _arb_vec_clear(a, 4);
    caustic_jet_shape_free(shape);
}

/* Expressions of jets *************************************************************************/

/* The jets of expressions that are jets of balls: the same coefficients by caustic_tape_evaluate_jet, which shares none of the formulas. Inputs are full
   jets, not variables. */
static void test_expressions(void ** unused)
{
    static const char * const texts[] = {"x*y + w^3 - 2*x^2*y^2", "1/(x + y^2) + x^(-3)", "sqrt(x*y + w^2)*x^(5/3)", "exp(x*w)/(1 + y^2)",
        "log(x + y^2)", "sin(x*y)*cos(w)", "tan(w/3)", "atan(x*w)", "sinh(w)*cosh(x)", "tanh(x*y)", "sigmoid(w*y)", "softplus(x - w)", "erf(x*w)",
        "abs(w - 7)*relu(x)", "7/3", "pi*w"};
    static const char * const letters[] = {"x", "y", "w"};
    caustic_jet_shape * shape = caustic_jet_shape_new(2, 3);
    slong length = caustic_jet_length(shape), i, j, k;
    caustic_pool * pool = caustic_pool_new();
    caustic_expr symbol[3], in[30], coefficient[30], * out = flint_malloc(sizeof(caustic_expr) * (size_t) length);
    arb_ptr value = _arb_vec_init(3 * length), found = _arb_vec_init(length), truth = _arb_vec_init(length);
    arb_srcptr jets[3];
    (void) unused;

    assert_int_equal(length, 10);
    state = chosen_seed();
    for (i = 0; i < 3; i++)
    {
        symbol[i] = caustic_symbol(pool, letters[i]);
        jets[i] = value + i * length;
        for (k = 0; k < length; k++)
        {
            char name[24];
            snprintf(name, sizeof(name), "c%ld", (long) (i * length + k));
            coefficient[i * length + k] = in[i * length + k] = caustic_symbol(pool, name);
            arb_set_ui(value + i * length + k, 40 + random_below(60));
            arb_div_ui(value + i * length + k, value + i * length + k, 100, PREC);
        }
    }
    /* a coefficient that is 0 by form */
    in[5] = caustic_integer(pool, 0);
    arb_zero(value + 5);
    for (i = 0; i < (slong) (sizeof(texts) / sizeof(texts[0])); i++)
    {
        caustic_expr e = parse(pool, texts[i]);
        caustic_tape * tape = caustic_tape_new(pool, &e, 1, symbol, 3), * written;

        caustic_expr_jets(out, pool, &e, 1, symbol, in, 3, shape);
        written = caustic_tape_new(pool, out, length, coefficient, 3 * length);
        assert_non_null(written);
        caustic_tape_evaluate_jet(&truth, tape, jets, shape, PREC);
        caustic_tape_evaluate_arb(found, written, value, PREC);
        for (j = 0; j < length; j++)
        {
            if (!arb_is_finite(found + j) || !arb_overlaps(found + j, truth + j) || mag_cmp_2exp_si(arb_radref(found + j), -80) > 0)
            {
                fail_msg("%s, coefficient %ld: %s and %s", texts[i], (long) j, arb_get_str(found + j, 30, 0), arb_get_str(truth + j, 30, 0));
            }
        }
        caustic_tape_free(tape);
        caustic_tape_free(written);
    }
    _arb_vec_clear(value, 3 * length);
    _arb_vec_clear(found, length);
    _arb_vec_clear(truth, length);
    flint_free(out);
    caustic_jet_shape_free(shape);
    caustic_pool_free(pool);
}

/* What is left out ***************************************************************************/

#define CUT 6       /* K */
#define INPUT 12    /* the degree of the inputs */
#define FAR 48      /* as far as tails are summed */

/* The tail of root 0 beyond CUT as bounded from its first coefficients, and sum_(CUT < k <= FAR) |y_k| r^k from all. */
static void tail_and_truth(mag_t bound, mag_t truth, const caustic_tape * tape, arb_srcptr x, arb_srcptr y, const mag_t radius)
{
    slong k, i;
    caustic_series_t series;
    caustic_tails_t tails;
    mag_t power, t;
    mag_init(power);
    mag_init(t);
    caustic_series_init(series, tape, FAR + 1, 400);
    _arb_vec_set(caustic_series_input(series, 0), x, INPUT + 1);
    _arb_vec_set(caustic_series_input(series, 1), y, INPUT + 1);
    for (k = 0; k <= FAR; k++)
    {
        caustic_series_step(series, k);
    }
    caustic_tails_init(tails, series, CUT, radius);
    for (i = 0; i < 2; i++)
    {
        mag_ptr input = caustic_tails_input(tails, i);
        mag_zero(input);
        for (k = CUT + 1; k <= INPUT; k++)
        {
            mag_pow_ui(power, radius, (ulong) k);
            arb_get_mag(t, (i == 0 ? x : y) + k);
            mag_addmul(input, t, power);
        }
    }
    caustic_tails_run(tails);
    mag_set(bound, caustic_tails_root(tails, 0).tail);
    mag_zero(truth);
    for (k = CUT + 1; k <= FAR; k++)
    {
        mag_pow_ui_lower(power, radius, (ulong) k);
        arb_get_mag_lower(t, caustic_series_root(series, 0) + k);
        mag_mul_lower(t, t, power);
        mag_add_lower(truth, truth, t);
    }
    caustic_tails_clear(tails);
    caustic_series_clear(series);
    mag_clear(power);
    mag_clear(t);
}

static caustic_tape * tape_of(caustic_pool * pool, const char * text)
{
    caustic_expr symbols[2], root = parse(pool, text);
    caustic_tape * tape;
    symbols[0] = parse(pool, "x");
    symbols[1] = parse(pool, "y");
    tape = caustic_tape_new(pool, &root, 1, symbols, 2);
    assert_non_null(tape);
    return tape;
}

/* Every operation, on series that go beyond the cut, of any signs and of one sign: the bound is no less than the tail [JET-3], and the tail is no
   small part of it, or a bound that is too small would pass. */
static void test_tails(void ** unused)
{
    static const char * const text[] = {"2*x - y/3 + 1", "x*y", "x*y*(x + y)", "x^2", "x^5", "1/x", "y/x", "x^(-2)", "x^(-3)*y", "y/(x^2 + y^2)",
        "sqrt(x)", "x^(-3/2)", "x^(5/2)", "exp(y)", "log(x)", "sin(y)", "cos(x)", "tan(y/4)", "atan(y)", "sinh(y)", "cosh(x)", "tanh(y)",
        "sigmoid(y)", "softplus(x)", "erf(y)", "abs(x)", "relu(x)", "relu(-x) + y", "abs(-x)/x", "exp(sin(y)/x)*log(x)"};
    slong count = (slong) (sizeof(text) / sizeof(text[0])), trial, i, k, sharp;
    caustic_pool * pool = caustic_pool_new();
    arb_ptr x = _arb_vec_init(INPUT + 1), y = _arb_vec_init(INPUT + 1);
    mag_t bound, truth, radius;
    (void) unused;
    mag_init(bound);
    mag_init(truth);
    mag_init(radius);
    for (i = 0; i < count; i++)
    {
        caustic_tape * tape = tape_of(pool, text[i]);
        sharp = 0;
        for (trial = 0; trial < 24; trial++)
        {
            for (k = 0; k <= INPUT; k++)
            {
                /* at most 2^(2-2k), of all signs or, in half of the trials, all positive */
                slong a = (slong) random_below(65) - 32, b = (slong) random_below(65) - 32;
                arb_set_si(x + k, k == 0 ? 48 : trial % 2 == 0 ? a : FLINT_ABS(a));
                arb_set_si(y + k, trial % 2 == 0 ? b : FLINT_ABS(b));
                arb_mul_2exp_si(x + k, x + k, -5 - 2 * k);
                arb_mul_2exp_si(y + k, y + k, -5 - 2 * k);
            }
            mag_set_ui_2exp_si(radius, 3 + random_below(6), -2);
            tail_and_truth(bound, truth, tape, x, y, radius);
            if (mag_cmp(bound, truth) < 0)
            {
                fail_msg("%s: the tail is more than its bound", text[i]);
            }
            mag_mul_2exp_si(truth, truth, 9);
            sharp += mag_cmp(bound, truth) <= 0;
        }
        if (sharp < 6)
        {
            fail_msg("%s: the bounds are far from the tails in all but %ld trials", text[i], (long) sharp);
        }
        caustic_tape_free(tape);
    }
    _arb_vec_clear(x, INPUT + 1);
    _arb_vec_clear(y, INPUT + 1);
    mag_clear(bound);
    mag_clear(truth);
    mag_clear(radius);
    caustic_pool_free(pool);
}

/* With no signs to lose, the bound of a product is the tail: one that is smaller by a millionth would fail. */
static void test_sharp_tails(void ** unused)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_tape * tape = tape_of(pool, "3*x*y + 2*x^2");
    arb_ptr x = _arb_vec_init(INPUT + 1), y = _arb_vec_init(INPUT + 1);
    slong k;
    mag_t bound, truth, radius;
    (void) unused;
    mag_init(bound);
    mag_init(truth);
    mag_init(radius);
    for (k = 0; k <= INPUT; k++)
    {
        arb_set_si(x + k, k + 1);
        arb_set_si(y + k, 7 - k % 3);
    }
    mag_set_ui_2exp_si(radius, 3, -2);
    tail_and_truth(bound, truth, tape, x, y, radius);
    assert_true(mag_cmp(bound, truth) >= 0);
    mag_mul_ui(truth, truth, 1000001);
    mag_div_ui(truth, truth, 1000000);
    assert_true(mag_cmp(bound, truth) <= 0);
    caustic_tape_free(tape);
    _arb_vec_clear(x, INPUT + 1);
    _arb_vec_clear(y, INPUT + 1);
    mag_clear(bound);
    mag_clear(truth);
    mag_clear(radius);
    caustic_pool_free(pool);
}

/* x = 1 - t: what has a singularity at t = 1 has bounds in no disc that reaches it, and has them in smaller ones. */
static void test_tails_at_poles(void ** unused)
{
    static const char * const text[] = {"1/x", "y/x", "x^(-2)", "sqrt(x)", "x^(-1/2)", "log(x)", "abs(x)", "relu(x)", "relu(-x)", "atan(y)", "0*log(-x)"};
    caustic_pool * pool = caustic_pool_new();
    arb_ptr x = _arb_vec_init(INPUT + 1), y = _arb_vec_init(INPUT + 1);
    slong i;
    mag_t bound, truth, radius;
    (void) unused;
    mag_init(bound);
    mag_init(truth);
    mag_init(radius);
    arb_one(x);
    arb_set_si(x + 1, -1);
    arb_one(y + 1); /* y = t, and atan has a pole at i */
    for (i = 0; i < (slong) (sizeof(text) / sizeof(text[0])); i++)
    {
        caustic_tape * tape = tape_of(pool, text[i]);
        int undefined = i == (slong) (sizeof(text) / sizeof(text[0])) - 1;
        mag_set_ui_2exp_si(radius, 65, -6);
        tail_and_truth(bound, truth, tape, x, y, radius);
        if (!mag_is_inf(bound) || (mag_set_ui_2exp_si(radius, 1, -1), tail_and_truth(bound, truth, tape, x, y, radius),
            mag_is_finite(bound) == undefined))
        {
            fail_msg("%s: bounded where it has a singularity, or not where it has none", text[i]);
        }
        caustic_tape_free(tape);
    }
    _arb_vec_clear(x, INPUT + 1);
    _arb_vec_clear(y, INPUT + 1);
    mag_clear(bound);
    mag_clear(truth);
    mag_clear(radius);
    caustic_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_ring),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_containment),
        cmocka_unit_test(test_series),
        cmocka_unit_test(test_undefined),
        cmocka_unit_test(test_kinks),
        cmocka_unit_test(test_stable_functions),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_tails),
        cmocka_unit_test(test_sharp_tails),
        cmocka_unit_test(test_tails_at_poles)
    };
    int failed;
    state = chosen_seed();
    printf("CAUSTIC_TEST_SEED=%lu\n", (unsigned long) state);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    flint_cleanup();
    return failed;
}
