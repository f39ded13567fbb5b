/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Circles: solutions against closed forms, planted errors that each check must find, and quotients that are not circles.
*/

#include "verified.h"
#include <flint/arb_hypgeom.h>

#define CIRCLE "preset: {kind: batchnorm, fan_in: 2}"
#define BOX "verify: {viscosity: [1/20], box: [[-1, 2]], time: [1/10, 1]}"
#define LENGTH "normal_form: {kind: torus, map: [\"2*atan(z)\"]}\n"

/* Expressions in x = tan(angle/2), and in 1/x for the other chart. */
typedef struct
{
    caustic_pool * pool;
    caustic_expr x, cosine, sine, far_cosine;
}
chart_struct;

static chart_struct
chart_new(void)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr x = caustic_symbol(pool, "x"), one = caustic_integer(pool, 1), square = caustic_power_si(pool, x, 2);
    caustic_expr sum = caustic_add(pool, one, square);

    return (chart_struct) {pool, x, caustic_div(pool, caustic_sub(pool, one, square), sum),
        caustic_div(pool, caustic_mul(pool, caustic_integer(pool, 2), x), sum), caustic_div(pool, caustic_sub(pool, square, one), sum)};
}

/* -log(4 + cos(angle) + 2 sin(angle) cos(angle)): with nu = 1/2, f = 4 + cos + sin 2. */
static caustic_expr
trigonometric_loss(const chart_struct * chart, caustic_expr cosine)
{
    caustic_pool * pool = chart->pool;
    caustic_expr e = caustic_mul(pool, caustic_integer(pool, 2), caustic_mul(pool, chart->sine, cosine));

    e = caustic_add(pool, caustic_integer(pool, 4), caustic_add(pool, cosine, e));
    return caustic_neg(pool, caustic_function(pool, CAUSTIC_OP_LOG, e));
}

/* c cos(k angle) exp(-nu rate k^2 t) and its derivatives as caustic_harmonics_evaluate has them; shifted by a quarter: the sine. */
static void
add_wave(arb_ptr res, slong k, slong rate, const arb_t angle, const arb_t t, int sine, slong prec)
{
    arb_t decay, c, s, term;

    arb_init(decay);
    arb_init(c);
    arb_init(s);
    arb_init(term);
    arb_mul_si(decay, t, -rate * k * k, prec);
    arb_mul_2exp_si(decay, decay, -1);
    arb_exp(decay, decay, prec);
    arb_mul_si(c, angle, k, prec);
    arb_sin_cos(s, c, c, prec);
    for (slong m = 0; m < 4; m++)
    {
        /* the m-th derivative of cos or sin */
        slong turn = (m + (sine ? 3 : 0)) % 4;

        arb_set(term, turn % 2 == 0 ? c : s);
        if (turn == 1 || turn == 2)
            arb_neg(term, term);
        for (slong i = 0; i < m; i++)
            arb_mul_si(term, term, k, prec);
        arb_mul(term, term, decay, prec);
        arb_add(res + m, res + m, term, prec);
        if (m < 2)
        {
            arb_mul_si(term, term, -rate * k * k, prec);
            arb_mul_2exp_si(term, term, -1);
            arb_add(res + 4 + m, res + 4 + m, term, prec);
        }
    }
    arb_clear(decay);
    arb_clear(c);
    arb_clear(s);
    arb_clear(term);
}

static void
test_closed_form(void ** state)
{
    chart_struct chart = chart_new();
    (void) state;

    for (slong rate = 1; rate <= 4; rate += 3)
        for (double nats = 5; nats < 400; nats *= 3)
        {
            caustic_angular_t data;
            caustic_harmonics_t harmonics;
            fmpq_t factor, half;
            arb_ptr res = _arb_vec_init(CAUSTIC_HARMONICS_VALUES), expected = _arb_vec_init(CAUSTIC_HARMONICS_VALUES);
            arb_t angle, t;

            fmpq_init(factor);
            fmpq_init(half);
            arb_init(angle);
            arb_init(t);
            fmpq_set_si(factor, rate, 1);
            fmpq_set_si(half, 1, 2);
            assert_int_equal(caustic_angular_init(data, chart.pool, 2, chart.x, trigonometric_loss(&chart, chart.cosine),
                trigonometric_loss(&chart, chart.far_cosine), factor, half), CAUSTIC_OK);
            assert_int_equal(caustic_harmonics_init(harmonics, data, nats, 10000), CAUSTIC_OK);

            for (int i = 0; i < 12; i++)
            {
                arb_set_d(angle, -3 + 0.55 * i);
                arb_set_d(t, i % 4 == 0 ? 0 : 0.125 * i);
                caustic_harmonics_evaluate(res, harmonics, angle, t, 1000);
                _arb_vec_zero(expected, CAUSTIC_HARMONICS_VALUES);
                arb_set_ui(expected, 4);
                add_wave(expected, 1, rate, angle, t, 0, 1200);
                add_wave(expected, 2, rate, angle, t, 1, 1200);
                for (slong m = 0; m < CAUSTIC_HARMONICS_VALUES; m++)
                {
                    assert_true(arb_overlaps(res + m, expected + m));
                    /* as sharp as was asked: mag in units of exp(-nats) */
                    assert_true(mag_cmp_2exp_si(arb_radref(res + m), (slong) (-1.44 * nats) + 8) < 0);
                }
                if (i % 4 != 0 && nats > 100)
                {
                    caustic_circle_theta(res, harmonics, angle, t, 200);
                    assert_true(arb_overlaps(res, expected));
                    assert_true(mag_cmp_2exp_si(arb_radref(res), -150) < 0);
                }
            }
            caustic_harmonics_clear(harmonics);
            caustic_angular_clear(data);
            fmpq_clear(factor);
            fmpq_clear(half);
            arb_clear(angle);
            arb_clear(t);
            _arb_vec_clear(res, CAUSTIC_HARMONICS_VALUES);
            _arb_vec_clear(expected, CAUSTIC_HARMONICS_VALUES);
        }
    caustic_pool_free(chart.pool);
}

/* exp(a cos(angle)) = I_0(a) + 2 sum I_k(a) cos(k angle); the bounds hold it, also where the sum is short. */
static void
test_bessel_coefficients(void ** state)
{
    chart_struct chart = chart_new();
    caustic_angular_t data;
    fmpq_t one, half;
    (void) state;

    fmpq_init(one);
    fmpq_init(half);
    fmpq_one(one);
    fmpq_set_si(half, 1, 2);
    assert_int_equal(caustic_angular_init(data, chart.pool, 2, chart.x, caustic_mul(chart.pool, caustic_integer(chart.pool, -3), chart.cosine),
        caustic_mul(chart.pool, caustic_integer(chart.pool, -3), chart.far_cosine), one, half), CAUSTIC_OK);
    for (double nats = -8; nats < 200; nats += 30)
    {
        caustic_harmonics_t harmonics;
        arb_ptr res = _arb_vec_init(CAUSTIC_HARMONICS_VALUES);
        arb_t expected, a, order, angle, t, bound;

        arb_init(expected);
        arb_init(a);
        arb_init(order);
        arb_init(angle);
        arb_init(t);
        arb_init(bound);
        assert_int_equal(caustic_harmonics_init(harmonics, data, nats, 10000), CAUSTIC_OK);
        arb_set_ui(a, 3);
        for (slong k = 0; k < harmonics->length; k++)
        {
            arb_set_si(order, k);
            arb_hypgeom_bessel_i(expected, order, a, 600);
            if (k > 0)
                arb_mul_2exp_si(expected, expected, 1);
            arb_sub(expected, expected, harmonics->cosine + k, 600);
            arb_abs(expected, expected);
            assert_true(arb_le(expected, harmonics->defect));
        }
        /* exp(-3) <= f, and close */
        arb_neg(a, a);
        arb_exp(a, a, 100);
        assert_true(arb_le(harmonics->least, a));
        arb_mul_2exp_si(expected, harmonics->least, 1);
        assert_true(arb_gt(expected, a));

        /* the least value, where the error weighs most; and the sum alone stays within its size */
        arb_const_pi(angle, 300);
        caustic_harmonics_evaluate(res, harmonics, angle, t, 300);
        assert_true(arb_overlaps(res, a));
        arb_abs(res, res);
        arb_add(bound, harmonics->size, harmonics->defect, 100);
        assert_true(arb_le(res, bound));

        /* |L h| from bounds: rate times the second derivative */
        caustic_harmonics_operator_bound(bound, harmonics, harmonics->size, 1);
        assert_true(arb_ge(bound, harmonics->size + 3));

        arb_clear(expected);
        arb_clear(a);
        arb_clear(order);
        arb_clear(angle);
        arb_clear(t);
        arb_clear(bound);
        caustic_harmonics_clear(harmonics);
        _arb_vec_clear(res, CAUSTIC_HARMONICS_VALUES);
    }
    caustic_angular_clear(data);
    fmpq_clear(one);
    fmpq_clear(half);
    caustic_pool_free(chart.pool);
}

static const char * const losses[] =
{
    "(2*z/(1 + z^2) - 1/2)^2/2",
    "log(1 + exp(3*z^2/(1 + z^2))) + z/(1 + z^2)",
    "(w1/sqrt(w1^2 + w2^2) - 3/5)^2 + (w2/sqrt(w1^2 + w2^2) - 4/5)^2",
    "-2*nu*log(3 + 2*z/(1 + z^2) + ((1 - z^2)/(1 + z^2))^3)",
    "cos(2*atan(z))/2 - sin(-4*atan(z))/3 + exp(sin(2*atan(z)))"
};

static void
write_rest(caustic_text_t out, const char * form, const char * loss)
{
    caustic_text_reset(out);
    caustic_text_printf(out, "%sloss: \"%s\"\n" BOX, form, loss);
}

static void
test_examples(void ** state)
{
    caustic_text_t rest;
    (void) state;

    caustic_text_init(rest);
    for (int i = 0; i < 5; i++)
    {
        verified_t v;

        write_rest(rest, i == 1 ? "normal_form: {kind: torus}\n" : LENGTH, losses[i]);
        verified_read(v, CIRCLE, rest->data);
        verified_run(v, NULL);
        if (v->result->verdict != CAUSTIC_PROVED)
            fail_msg("%s: %s", losses[i], v->result->entries[0].detail);
        assert_int_equal(v->result->altered_tried, 5);
        assert_int_equal(v->result->altered_refuted, 5);
        for (slong k = 0; k < v->result->length; k++)
            assert_true(arf_cmp_d(arb_midref(v->result->entries[k].bound), 1e-30) < 0);
        verified_clear(v);
    }
    /* a constant: nothing to refute */
    {
        verified_t v;

        write_rest(rest, LENGTH, "7");
        verified_read(v, CIRCLE, rest->data);
        verified_run(v, NULL);
        assert_int_equal(v->result->verdict, CAUSTIC_PROVED);
        assert_int_equal(v->result->altered_tried, 0);
        verified_clear(v);
    }
    caustic_text_clear(rest);
}

static void
test_planted(void ** state)
{
    caustic_text_t rest;
    (void) state;

    caustic_text_init(rest);
    for (int i = 0; i < 2; i++)
    {
        write_rest(rest, LENGTH, losses[i]);
        expect_found(CIRCLE, rest->data, plant_eigenvalue, "hamilton_jacobi_residual");
        expect_found(CIRCLE, rest->data, plant_eigenvalue, "burgers_residual");
        expect_found(CIRCLE, rest->data, plant_eigenvalue, "reduction");
        expect_found(CIRCLE, rest->data, plant_coefficient, "reduction");
        expect_found(CIRCLE, rest->data, plant_coefficient, "initial_data");
        expect_found(CIRCLE, rest->data, plant_tail, "initial_data");
    }
    caustic_text_clear(rest);
}

/* The equations, the map or the loss off by a little; intervals and half circles that pose as circles. */
static void
test_not_this_circle(void ** state)
{
    caustic_text_t rest;
    (void) state;

    caustic_text_init(rest);
    write_rest(rest, "normal_form: {kind: torus, map: [\"(2 + 2e-9)*atan(z)\"]}\n", losses[0]);
    expect_verdict(CIRCLE, rest->data, CAUSTIC_REFUTED, "isometry");
    write_rest(rest, "normal_form: {kind: torus, map: [\"2*atan(2*z)\"]}\n", losses[0]);
    expect_verdict(CIRCLE, rest->data, CAUSTIC_REFUTED, "isometry");

    /* losses that have another period, or do not close up smoothly */
    write_rest(rest, LENGTH, "atan(z)");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "strip");
    write_rest(rest, LENGTH, "z/sqrt(1 + z^2)");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "one function");
    write_rest(rest, LENGTH, "1e-25*z/sqrt(1 + z^2) + z/(1 + z^2)");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "one function");
    write_rest(rest, LENGTH, "cos(atan(z))");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "strip");
    write_rest(rest, LENGTH, "cos((2 + 1e-9)*atan(z))");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "strip");
    write_rest(rest, LENGTH, "z^2");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "strip");
    write_rest(rest, LENGTH, "abs(z)/(1 + z^2)");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "");

    /* half a circle, and the same numbers where nothing joins the ends */
    write_rest(rest, "normal_form: {kind: torus, map: [\"atan(z)\"]}\n", losses[0]);
    expect_verdict("preset: {kind: batchnorm, fan_in: 2, chart: gnomonic}", rest->data, CAUSTIC_UNDECIDED, "interval");
    write_rest(rest, LENGTH, losses[0]);
    expect_verdict("parameters: [{name: z}]\nmetric: [[\"(1 + z^2)^2/4\"]]", rest->data, CAUSTIC_UNDECIDED, "interval");
    /* a circle without a second point */
    write_rest(rest, LENGTH, losses[0]);
    expect_verdict("parameters: [{name: w1}, {name: w2}]\nmetric: [[\"w1^2 + w2^2\", 0], [0, \"w1^2 + w2^2\"]]\n"
        "stratum: [\"w2 + sqrt(w1^2 + w2^2)\", \"w1\"]\naction: {generators: [[w1, w2]]}\n"
        "quotient: [{name: z, is: \"w1/(w2 + sqrt(w1^2 + w2^2))\"}]\nsection: [\"2*z/(1 + z^2)\", \"(1 - z^2)/(1 + z^2)\"]",
        rest->data, CAUSTIC_UNDECIDED, "holes");
    /* neither */
    write_rest(rest, "normal_form: {kind: torus}\n", losses[0]);
    expect_verdict("parameters: [{name: z}]\nmetric: euclidean", rest->data, CAUSTIC_UNDECIDED, "a circle is known");
    expect_verdict("parameters: [{name: z, domain: \"(-5, 5)\"}]\nmetric: [[\"(1 + z^2)^2/4\"]]", rest->data, CAUSTIC_UNDECIDED,
        "a circle is known");

    /* the reduction's own numbers, off by 1e-25 */
    for (int plant = 0; plant < 2; plant++)
    {
        verified_t v;
        caustic_pool * pool;
        caustic_expr * e, factor;
        fmpq_t number;

        write_rest(rest, LENGTH, losses[0]);
        verified_read(v, CIRCLE, rest->data);
        pool = v->problem->pool;
        fmpq_init(number);
        fmpz_ui_pow_ui(fmpq_denref(number), 10, 25);
        fmpz_add_ui(fmpq_numref(number), fmpq_denref(number), 1);
        factor = caustic_number(pool, number);
        e = plant == 0 ? v->reduction->cometric_expr : v->reduction->drift_expr;
        *e = caustic_mul(pool, factor, *e);
        verified_run(v, NULL);
        assert_int_equal(v->result->verdict, CAUSTIC_REFUTED);
        fmpq_clear(number);
        verified_clear(v);
    }
    caustic_text_clear(rest);
}

/* Few bits or a wild loss: no answer instead of a wrong one. */
static void
test_limits(void ** state)
{
    caustic_text_t rest;
    (void) state;

    caustic_text_init(rest);
    write_rest(rest, LENGTH, "1/(1e-9 + (2*z/(1 + z^2) - 1/2)^2)");
    expect_verdict(CIRCLE, rest->data, CAUSTIC_UNDECIDED, "strip");

    write_rest(rest, LENGTH, losses[0]);
    for (slong limit = 64; limit <= 20000; limit *= 300)
    {
        verified_t v;

        verified_read(v, CIRCLE, rest->data);
        v->options.precision_limit = limit;
        caustic_verify_harmonic(v->result, v->reduction, "torus", CAUSTIC_NONE, &v->options);
        assert_int_equal(v->result->verdict, limit == 64 ? CAUSTIC_UNDECIDED : CAUSTIC_PROVED);
        assert_int_equal(v->result->length, 4);
        verified_clear(v);
    }
    caustic_text_clear(rest);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_bessel_coefficients),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_not_this_circle),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
