/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Spheres: zonal solutions against closed forms, planted errors that each check must find, and losses that are not zonal.
*/

#include "verified.h"
#include <flint/arb_hypgeom.h>

#define SPHERE "preset: {kind: batchnorm, fan_in: 3}"
#define BOX "verify: {viscosity: [1/20], box: [[-1/2, 1], [0, 1]], time: [1/10, 1]}"
#define POLE "(1 - z1^2 - z2^2)/(1 + z1^2 + z2^2)"
#define AXIS "normal_form: {kind: sphere, map: [\"" POLE "\"]}\n"

static void
sphere_data(caustic_angular_t data, caustic_pool * pool, slong n, caustic_expr loss, caustic_expr x)
{
    fmpq_t one, half;

    fmpq_init(one);
    fmpq_init(half);
    fmpq_one(one);
    fmpq_set_si(half, 1, 2);
    assert_int_equal(caustic_angular_init(data, pool, n, x, loss, CAUSTIC_NONE, one, half), CAUSTIC_OK);
    fmpq_clear(one);
    fmpq_clear(half);
}

/* With nu = 1/2 and f = 5 + x + x^3: phi = 5 + (1 + 3/(n+2)) e^(-(n-1)t/2) x + e^(-3(n+1)t/2) (x^3 - 3x/(n+2)). */
static void
cubic_solution(arb_ptr res, slong n, const arb_t x, const arb_t t, slong prec)
{
    arb_ptr mode = _arb_vec_init(4);
    arb_t c, decay;
    slong rate[2] = {n - 1, 3 * (n + 1)};

    arb_init(c);
    arb_init(decay);
    _arb_vec_zero(res, CAUSTIC_HARMONICS_VALUES);
    arb_set_ui(res, 5);
    arb_set_ui(c, 3);
    arb_div_si(c, c, n + 2, prec);
    for (int i = 0; i < 2; i++)
    {
        _arb_vec_zero(mode, 4);
        arb_mul(mode, x, c, prec);
        arb_set(mode + 1, c);
        if (i == 0)
        {
            arb_add(mode, mode, x, prec);
            arb_add_ui(mode + 1, mode + 1, 1, prec);
        }
        else
        {
            arb_pow_ui(mode + 3, x, 3, prec);
            arb_sub(mode, mode + 3, mode, prec);
            arb_sqr(mode + 2, x, prec);
            arb_mul_ui(mode + 2, mode + 2, 3, prec);
            arb_sub(mode + 1, mode + 2, mode + 1, prec);
            arb_mul_ui(mode + 2, x, 6, prec);
            arb_set_ui(mode + 3, 6);
        }
        arb_mul_si(decay, t, -rate[i], prec);
        arb_mul_2exp_si(decay, decay, -1);
        arb_exp(decay, decay, prec);
        for (slong m = 0; m < 4; m++)
            arb_addmul(res + m, mode + m, decay, prec);
        arb_mul_si(decay, decay, -rate[i], prec);
        arb_mul_2exp_si(decay, decay, -1);
        for (slong m = 0; m < 2; m++)
            arb_addmul(res + 4 + m, mode + m, decay, prec);
    }
    arb_clear(c);
    arb_clear(decay);
    _arb_vec_clear(mode, 4);
}

static void
test_closed_form(void ** state)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr x = caustic_symbol(pool, "x"), loss;
    (void) state;

    loss = caustic_add(pool, caustic_integer(pool, 5), caustic_add(pool, x, caustic_power_si(pool, x, 3)));
    loss = caustic_neg(pool, caustic_function(pool, CAUSTIC_OP_LOG, loss));
    for (slong n = 3; n <= 8; n++)
        for (double nats = 5; nats < 200; nats *= 4)
        {
            caustic_angular_t data;
            caustic_harmonics_t harmonics;
            arb_ptr res = _arb_vec_init(CAUSTIC_HARMONICS_VALUES), expected = _arb_vec_init(CAUSTIC_HARMONICS_VALUES);
            arb_t s, t;

            arb_init(s);
            arb_init(t);
            sphere_data(data, pool, n, loss, x);
            assert_int_equal(caustic_harmonics_init(harmonics, data, nats, 10000), CAUSTIC_OK);
            for (int i = 0; i <= 8; i++)
            {
                arb_set_d(s, -1 + 0.25 * i);
                arb_set_d(t, i % 4 == 1 ? 0 : 0.125 * i);
                caustic_harmonics_evaluate(res, harmonics, s, t, 600);
                cubic_solution(expected, n, s, t, 800);
                for (slong m = 0; m < CAUSTIC_HARMONICS_VALUES; m++)
                {
                    assert_true(arb_overlaps(res + m, expected + m));
                    assert_true(mag_cmp_2exp_si(arb_radref(res + m), (slong) (-1.44 * nats) + 10) < 0);
                }
                /* the next dimension is another operator */
                cubic_solution(expected, n + 1, s, t, 800);
                if (nats > 50 && !arb_is_zero(t) && !arb_is_zero(s))
                    assert_false(arb_overlaps(res, expected));

                /* a ball of x holds the value at each of its points; x beyond 1 by rounding counts as 1 */
                arb_add_error_2exp_si(s, -20);
                caustic_harmonics_evaluate(res, harmonics, s, t, 600);
                arb_set_d(s, FLINT_MIN(-1 + 0.25 * i + 0x1p-21, 1));
                cubic_solution(expected, n, s, t, 800);
                for (slong m = 0; m < CAUSTIC_HARMONICS_VALUES; m++)
                    assert_true(arb_overlaps(res + m, expected + m));
            }
            /* (L h)' from bounds of the derivatives */
            caustic_harmonics_operator_bound(s, harmonics, harmonics->size, 1);
            arb_sub(s, s, harmonics->size + 3, 64);
            assert_true(arb_is_positive(s));
            /* there is no theta kernel */
            caustic_circle_theta(res, harmonics, s, t, 64);
            assert_false(arb_is_finite(res));

            caustic_harmonics_clear(harmonics);
            caustic_angular_clear(data);
            arb_clear(s);
            arb_clear(t);
            _arb_vec_clear(res, CAUSTIC_HARMONICS_VALUES);
            _arb_vec_clear(expected, CAUSTIC_HARMONICS_VALUES);
        }
    caustic_pool_free(pool);
}

/* On S^2: exp(a x) = sum (2l + 1) i_l(a) P_l(x), i_l(a) = sqrt(pi/(2a)) I_(l+1/2)(a). */
static void
test_plane_wave(void ** state)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_expr x = caustic_symbol(pool, "x");
    caustic_angular_t data;
    caustic_harmonics_t harmonics;
    arb_ptr res = _arb_vec_init(CAUSTIC_HARMONICS_VALUES);
    arb_t s, t, a, term, sum, order;
    (void) state;

    arb_init(s);
    arb_init(t);
    arb_init(a);
    arb_init(term);
    arb_init(sum);
    arb_init(order);
    sphere_data(data, pool, 3, caustic_mul(pool, caustic_integer(pool, -8), x), x);
    assert_int_equal(caustic_harmonics_init(harmonics, data, 120, 10000), CAUSTIC_OK);
    arb_set_ui(a, 8);
    for (int i = 0; i < 5; i++)
    {
        arb_set_d(s, -0.9 + 0.45 * i);
        arb_set_d(t, 0.2 * i);
        caustic_harmonics_evaluate(res, harmonics, s, t, 400);
        arb_zero(sum);
        for (ulong l = 0; l < 120; l++)
        {
            arb_set_ui(order, 2 * l + 1);
            arb_mul_2exp_si(order, order, -1);
            arb_hypgeom_bessel_i(term, order, a, 500);
            arb_mul_ui(term, term, 2 * l + 1, 500);
            arb_hypgeom_legendre_p_ui(order, NULL, l, s, 500);
            arb_mul(term, term, order, 500);
            arb_mul_ui(order, t, l * (l + 1), 500);
            arb_mul_2exp_si(order, order, -1);
            arb_neg(order, order);
            arb_exp(order, order, 500);
            arb_addmul(sum, term, order, 500);
        }
        arb_const_pi(term, 500);
        arb_div(term, term, a, 500);
        arb_mul_2exp_si(term, term, -1);
        arb_sqrt(term, term, 500);
        arb_mul(sum, sum, term, 500);
        arb_add_error_2exp_si(sum, -200);
        assert_true(arb_overlaps(res, sum));
        assert_true(mag_cmp_2exp_si(arb_radref(res), -160) < 0);
    }
    caustic_harmonics_clear(harmonics);
    caustic_angular_clear(data);
    arb_clear(s);
    arb_clear(t);
    arb_clear(a);
    arb_clear(term);
    arb_clear(sum);
    arb_clear(order);
    _arb_vec_clear(res, CAUSTIC_HARMONICS_VALUES);
    caustic_pool_free(pool);
}

typedef struct
{
    const char * preset;
    const char * rest;
}
example_struct;

static const example_struct examples[] =
{
    {SPHERE, AXIS "loss: \"(" POLE " - 1/2)^2/2\"\n" BOX},
    /* another axis, in the parameters, and not a polynomial */
    {SPHERE, "normal_form: {kind: sphere, map: [\"2*z1/(1 + z1^2 + z2^2)\"]}\n"
        "loss: \"log(1 + exp(3*w1/sqrt(w1^2 + w2^2 + w3^2)))\"\n" BOX},
    /* an axis without zeros */
    {SPHERE, "normal_form: {kind: sphere, map: [\"(2*z1 + 4*z2 + 2*(1 - z1^2 - z2^2))/(3*(1 + z1^2 + z2^2))\"]}\n"
        "loss: \"(2*z1 + 4*z2 + 2*(1 - z1^2 - z2^2))/(1 + z1^2 + z2^2)\"\n" BOX},
    /* three dimensions */
    {"preset: {kind: batchnorm, fan_in: 4}", "normal_form: {kind: sphere, map: [\"2*z3/(1 + z1^2 + z2^2 + z3^2)\"]}\n"
        "loss: \"z3^2/(1 + z1^2 + z2^2 + z3^2)^2\"\n"
        "verify: {viscosity: [1/20], box: [[-1/2, 1], [0, 1], [1/3, 1/2]], time: [1/10, 1]}"},
    /* a polynomial in the ambient coordinate: with nu in the loss */
    {SPHERE, AXIS "loss: \"-2*nu*log(2 + (" POLE ")^3)\"\nverify: {viscosity: [1/20, 1/7], box: [[-1/2, 1], [0, 1]], time: [1/10, 1]}"},
    /* a trivial group: a sphere does not miss a point */
    {"parameters: [{name: z1}, {name: z2}]\nmetric: [[\"(1 + z1^2 + z2^2)^2/4\", 0], [0, \"(1 + z1^2 + z2^2)^2/4\"]]",
        AXIS "loss: \"exp(" POLE ")\"\n" BOX},
};

static void
test_examples(void ** state)
{
    (void) state;

    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
    {
        verified_t v;

        verified_read(v, examples[i].preset, examples[i].rest);
        verified_run(v, NULL);
        if (v->result->verdict != CAUSTIC_PROVED)
            fail_msg("%s: %s, %s", examples[i].rest, v->result->entries[0].detail, v->result->entries[1].detail);
        assert_int_equal(v->result->altered_refuted, v->result->altered_tried);
        assert_true(v->result->altered_tried >= 5);
        for (slong k = 0; k < v->result->length; k++)
            assert_true(arf_cmp_d(arb_midref(v->result->entries[k].bound), 1e-30) < 0);
        verified_clear(v);
    }
}

static void
test_planted(void ** state)
{
    (void) state;

    for (int i = 0; i < 2; i++)
    {
        expect_found(examples[i].preset, examples[i].rest, plant_eigenvalue, "hamilton_jacobi_residual");
        expect_found(examples[i].preset, examples[i].rest, plant_eigenvalue, "burgers_residual");
        expect_found(examples[i].preset, examples[i].rest, plant_eigenvalue, "reduction");
        expect_found(examples[i].preset, examples[i].rest, plant_coefficient, "reduction");
        expect_found(examples[i].preset, examples[i].rest, plant_coefficient, "initial_data");
        expect_found(examples[i].preset, examples[i].rest, plant_tail, "initial_data");
    }
}

static void
test_not_this_sphere(void ** state)
{
    (void) state;

    /* the map */
    expect_verdict(SPHERE, "normal_form: {kind: sphere, map: [\"(1 + 1e-9)*" POLE "\"]}\nloss: \"" POLE "\"\n" BOX, CAUSTIC_REFUTED, "|dx|^2");
    expect_verdict(SPHERE, "normal_form: {kind: sphere, map: [\"" POLE " + 1e-25*z1\"]}\nloss: \"" POLE "\"\n" BOX, CAUSTIC_REFUTED, "|dx|^2");
    expect_verdict(SPHERE, "normal_form: {kind: sphere, map: [\"2*(" POLE ")^2 - 1\"]}\nloss: \"" POLE "\"\n" BOX, CAUSTIC_REFUTED, "|dx|^2");
    expect_verdict(SPHERE, "normal_form: {kind: sphere}\nloss: \"" POLE "\"\n" BOX, CAUSTIC_UNDECIDED, "needs a map");
    /* the loss: another axis, almost zonal, singular at the pole that the chart leaves out */
    expect_verdict(SPHERE, AXIS "loss: \"z1/(1 + z1^2 + z2^2)\"\n" BOX, CAUSTIC_UNDECIDED, "map alone fails");
    expect_verdict(SPHERE, AXIS "loss: \"" POLE " + 1e-25*z1/(1 + z1^2 + z2^2)\"\n" BOX, CAUSTIC_UNDECIDED, "map alone fails");
    expect_verdict(SPHERE, AXIS "loss: \"z1^2 + z2^2\"\n" BOX, CAUSTIC_UNDECIDED, "strip");
    expect_verdict(SPHERE, AXIS "loss: \"sqrt(1 + z1^2 + z2^2)^(-1)\"\n" BOX, CAUSTIC_UNDECIDED, "");
    /* a stratum that cuts the sphere in two, or takes out points that the chart has */
    expect_verdict("parameters: [{name: z1}, {name: z2}]\nstratum: [\"z1\"]\n"
        "metric: [[\"(1 + z1^2 + z2^2)^2/4\", 0], [0, \"(1 + z1^2 + z2^2)^2/4\"]]", AXIS "loss: \"" POLE "\"\n" BOX,
        CAUSTIC_UNDECIDED, "holes");
    /* a hemisphere, a circle, and other spaces */
    expect_verdict("preset: {kind: batchnorm, fan_in: 3, chart: gnomonic}",
        "normal_form: {kind: sphere, map: [\"1/sqrt(1 + z1^2 + z2^2)\"]}\nloss: \"1/sqrt(1 + z1^2 + z2^2)\"\n" BOX, CAUSTIC_UNDECIDED,
        "stereographic");
    expect_verdict("preset: {kind: batchnorm, fan_in: 2}", "normal_form: {kind: sphere, map: [\"(1 - z^2)/(1 + z^2)\"]}\n"
        "loss: \"(1 - z^2)/(1 + z^2)\"\nverify: {viscosity: [1/20], box: [[-1, 2]], time: [1/10, 1]}", CAUSTIC_UNDECIDED, "torus");
    expect_verdict("parameters: [{name: z1}, {name: z2}]\nmetric: euclidean", AXIS "loss: \"" POLE "\"\n" BOX, CAUSTIC_UNDECIDED, "stereographic");
    expect_verdict("parameters: [{name: z1, domain: \"(0, inf)\"}, {name: z2}]\n"
        "metric: [[\"(1 + z1^2 + z2^2)^2/4\", 0], [0, \"(1 + z1^2 + z2^2)^2/4\"]]",
        AXIS "loss: \"" POLE "\"\nverify: {viscosity: [1/20], box: [[1/2, 1], [0, 1]], time: [1/10, 1]}", CAUSTIC_UNDECIDED, "stereographic");
}

/* The dimension off by one: the drift of the 2-sphere in three dimensions. The cometric off by 1e-25. */
static void
test_wrong_quotient(void ** state)
{
    (void) state;

    for (int plant = 0; plant < 3; plant++)
    {
        verified_t v;
        caustic_pool * pool;
        fmpq_t number;

        verified_read(v, examples[3].preset, examples[3].rest);
        pool = v->problem->pool;
        fmpq_init(number);
        fmpz_ui_pow_ui(fmpq_denref(number), 10, 25);
        fmpz_add_ui(fmpq_numref(number), fmpq_denref(number), 1);
        if (plant == 0)
            for (int i = 0; i < 3; i++)
                v->reduction->drift_expr[i] = caustic_integer(pool, 0);
        else if (plant == 1)
            v->reduction->cometric_expr[4] = caustic_mul(pool, caustic_number(pool, number), v->reduction->cometric_expr[4]);
        else
            v->reduction->drift_expr[2] = caustic_mul(pool, caustic_number(pool, number), v->reduction->drift_expr[2]);
        verified_run(v, NULL);
        assert_int_not_equal(v->result->verdict, CAUSTIC_PROVED);
        assert_non_null(strstr(v->result->entries[0].detail, "stereographic chart fails"));
        fmpq_clear(number);
        verified_clear(v);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_closed_form),
        cmocka_unit_test(test_plane_wave),
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_not_this_sphere),
        cmocka_unit_test(test_wrong_quotient),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
