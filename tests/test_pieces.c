/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Losses with kinks, and the half line of the Bessel operator: sums over panels against closed forms, their error bounds against
    sharper sums, whole verifications, and near misses.
*/

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <flint/arb_hypgeom.h>
#include "problem.h"
#include "residual/euclidean.h"
#include "residual/residual_internal.h"

#define PREC 400

/* Sums over panels ***************************************************************************/

typedef struct
{
    caustic_pool * pool;
    caustic_expr s;
    caustic_profile_t profile;
    caustic_panels_t panels;
    arb_t place, time, radius;
    arb_ptr value, slope;
}
world;

/* The loss in s, nu = 1/20, dimension numerator/denominator. */
static void
world_init(world * w, slong numerator, slong denominator, const char * loss)
{
    caustic_expr e;
    fmpq_t dimension, nu;
    arf_t lower;

    w->pool = caustic_pool_new();
    w->s = caustic_symbol(w->pool, "s");
    e = strcmp(loss, "square") == 0 ? caustic_div(w->pool, caustic_power_si(w->pool, w->s, 2), caustic_integer(w->pool, 2))
        : caustic_function(w->pool, CAUSTIC_OP_ABS, caustic_sub(w->pool, caustic_mul(w->pool, caustic_integer(w->pool, 3), w->s),
            caustic_integer(w->pool, 1)));
    fmpq_init(dimension);
    fmpq_init(nu);
    arf_init(lower);
    fmpq_set_si(dimension, numerator, denominator);
    fmpq_set_si(nu, 1, 20);
    assert_int_equal(caustic_profile_init(w->profile, w->pool, dimension, w->s, e, nu, lower, NULL, 1024), CAUSTIC_OK);
    fmpq_clear(dimension);
    fmpq_clear(nu);
    arf_clear(lower);
    caustic_panels_init(w->panels);
    arb_init(w->place);
    arb_init(w->time);
    arb_init(w->radius);
    w->value = _arb_vec_init(4);
    w->slope = _arb_vec_init(2);
}

static void
world_clear(world * w)
{
    caustic_panels_clear(w->panels);
    caustic_profile_clear(w->profile);
    arb_clear(w->place);
    arb_clear(w->time);
    arb_clear(w->radius);
    _arb_vec_clear(w->value, 4);
    _arb_vec_clear(w->slope, 2);
    caustic_pool_free(w->pool);
}

static void
expand(world * w, double s, double t, double nats)
{
    arf_t radius_s, radius_t;

    arf_init(radius_s);
    arf_init(radius_t);
    arb_set_d(w->place, s);
    arb_set_d(w->time, t);
    arf_set_d(radius_s, 0.05);
    arf_set_d(radius_t, t / 16);
    assert_int_equal(caustic_panels_find(w->panels, w->profile, w->place, w->time, radius_s, radius_t, nats), CAUSTIC_OK);
    caustic_panels_expand(w->value, w->slope, w->panels, w->profile, w->place, w->time, PREC);
    arf_clear(radius_s);
    arf_clear(radius_t);
}

/* x and y overlap, and x is narrower than 10^-digits. */
static void
assert_close(const arb_t x, const arb_t y, slong digits)
{
    arb_t r, limit;

    arb_init(r);
    arb_init(limit);
    arb_get_rad_arb(r, x);
    arb_set_ui(limit, 10);
    arb_pow_ui(limit, limit, (ulong) digits, 64);
    arb_inv(limit, limit, 64);
    if (!arb_overlaps(x, y) || !arb_lt(r, limit))
    {
        arb_printn(x, 40, 0);
        arb_printn(y, 40, 0);
        fail();
    }
    arb_clear(r);
    arb_clear(limit);
}

/* phi_t = nu (phi_ss + ((n - 1)/s) phi_s) */
static void
assert_heat_equation(const world * w, slong digits)
{
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_mul_2exp_si(x, w->value + 2, 1);
    if (!fmpq_is_zero(w->profile->dimension))
    {
        arb_set_fmpq(y, w->profile->dimension, PREC);
        arb_sub_ui(y, y, 1, PREC);
        arb_mul(y, y, w->value + 1, PREC);
        arb_div(y, y, w->place, PREC);
        arb_add(x, x, y, PREC);
    }
    arb_div_ui(x, x, 20, PREC);
    assert_close(x, w->slope, digits);
    arb_clear(x);
    arb_clear(y);
}

/* l = r^2/2 gives (1 + t)^(-n/2) exp(-r^2/(4 nu (1 + t))) for every n, whole or not; on the line as for n = 1. */
static void
test_gaussian_data(void ** state)
{
    static const slong dimension[][2] = {{0, 1}, {1, 1}, {2, 1}, {3, 1}, {8, 1}, {3, 2}, {17, 5}};
    static const double place[][2] = {{0.75, 0.5}, {0.01, 1}, {2.5, 0.125}, {0, 0.25}};
    arb_t x, y, t;
    (void) state;

    arb_init(x);
    arb_init(y);
    arb_init(t);
    for (size_t i = 0; i < sizeof(dimension) / sizeof(dimension[0]); i++)
        for (size_t j = 0; j < sizeof(place) / sizeof(place[0]); j++)
        {
            world w;

            world_init(&w, dimension[i][0], dimension[i][1], "square");
            expand(&w, place[j][0], place[j][1], 150);
            arb_add_ui(t, w.time, 1, PREC);
            arb_sqr(x, w.place, PREC);
            arb_mul_ui(x, x, 5, PREC);
            arb_div(x, x, t, PREC);
            arb_neg(x, x);
            arb_log(y, t, PREC);
            arb_mul_si(y, y, i == 0 ? 1 : dimension[i][0], PREC);
            arb_div_si(y, y, 2 * dimension[i][1], PREC);
            arb_sub(x, x, y, PREC);
            arb_exp(x, x, PREC);
            assert_close(w.value, x, 40);
            if (place[j][0] > 0)
                assert_heat_equation(&w, 35);
            else
                assert_true(arb_contains_zero(w.value + 1) && arb_contains_zero(w.value + 3));
            assert_true(arb_le(w.value, w.panels->mass));
            caustic_profile_lower(y, w.profile, w.place, w.time);
            assert_true(arb_is_positive(y) && arb_le(y, x));
            world_clear(&w);
        }
    arb_clear(x);
    arb_clear(y);
    arb_clear(t);
}

/* l = |3 s - 1|: with b = 3/(2 nu), v = 2 nu t and x = s - 1/3, half the sum over both signs of
   exp(+-b x + b^2 v/2) erfc((b v +- x)/sqrt(2 v)). */
static void
test_kinked_data(void ** state)
{
    static const double place[][2] = {{0.25, 0.5}, {1.0 / 3, 0.125}, {-1, 1}, {0.34, 0.0009765625}};
    arb_t b, v, x, y, sum;
    (void) state;

    arb_init(b);
    arb_init(v);
    arb_init(x);
    arb_init(y);
    arb_init(sum);
    for (size_t j = 0; j < sizeof(place) / sizeof(place[0]); j++)
    {
        world w;

        world_init(&w, 0, 1, "kink");
        expand(&w, place[j][0], place[j][1], 200);
        assert_true(w.profile->pieces == 2);
        arb_set_ui(b, 30);
        arb_div_ui(v, w.time, 10, PREC);
        arb_zero(sum);
        for (int sign = -1; sign <= 1; sign += 2)
        {
            arb_set_ui(x, 1);
            arb_div_ui(x, x, 3, PREC);
            arb_sub(x, w.place, x, PREC);
            arb_mul_si(x, x, sign, PREC);
            arb_mul(y, b, v, PREC);
            arb_add(y, y, x, PREC);
            arb_mul_2exp_si(v, v, 1);
            arb_rsqrt(v, v, PREC);
            arb_mul(y, y, v, PREC);
            arb_hypgeom_erfc(y, y, PREC);
            arb_div_ui(v, w.time, 10, PREC);
            arb_mul(x, x, b, PREC);
            arb_addmul_si(x, v, 450, PREC);
            arb_exp(x, x, PREC);
            arb_addmul(sum, x, y, PREC);
        }
        arb_mul_2exp_si(sum, sum, -1);
        assert_close(w.value, sum, 50);
        assert_heat_equation(&w, 40);
        caustic_profile_lower(y, w.profile, w.place, w.time);
        assert_true(arb_is_positive(y) && arb_le(y, sum));
        world_clear(&w);
    }
    arb_clear(b);
    arb_clear(v);
    arb_clear(x);
    arb_clear(y);
    arb_clear(sum);
}

/* The bound holds for coarse rules too: a coarse sum differs from a sharp one by less, and by more than 10^-20 of it somewhere. */
static void
test_error_bounds(void ** state)
{
    arb_t coarse, limit;
    int seen = 0;
    (void) state;

    arb_init(coarse);
    arb_init(limit);
    for (slong n = 0; n <= 4; n++)
        for (double nats = 3; nats < 40; nats += 6)
        {
            world w;

            world_init(&w, n, 1, n % 2 == 0 ? "kink" : "square");
            expand(&w, 0.5, 0.25, nats);
            /* without the bound: S itself */
            arb_set(limit, w.panels->error);
            arb_zero(w.panels->error);
            caustic_panels_expand(w.value, w.slope, w.panels, w.profile, w.place, w.time, PREC);
            arb_set(coarse, w.value);
            expand(&w, 0.5, 0.25, 150);
            arb_sub(coarse, coarse, w.value, PREC);
            arb_abs(coarse, coarse);
            assert_true(arb_le(coarse, limit));
            arb_mul_ui(coarse, coarse, 10000000, 64);
            seen = seen || arb_gt(coarse, limit);
            world_clear(&w);
        }
    assert_true(seen);
    arb_clear(coarse);
    arb_clear(limit);
}

/* An error of 10^-25 in one node's weight, in one panel's order and in the power of the kernel leaves the bound. */
static void
test_planted_errors(void ** state)
{
    arb_t before, factor;
    (void) state;

    arb_init(before);
    arb_init(factor);
    for (slong n = 0; n <= 3; n++)
        for (int plant = 0; plant < 3; plant++)
        {
            world w;
            fmpq_t little;

            world_init(&w, n, 1, "kink");
            expand(&w, 0.5, 0.25, 80);
            arb_set(before, w.value);
            fmpq_init(little);
            fmpq_set_si(little, 1, 10);
            fmpq_pow_si(little, little, 25);
            if (plant == 0)
                w.panels->panel[w.panels->length / 2].order -= w.panels->panel[w.panels->length / 2].order / 2;
            else if (plant == 1)
                arf_mul_2exp_si(w.panels->panel[0].b, w.panels->panel[0].b, -1);
            else
                fmpq_add(w.profile->viscosity, w.profile->viscosity, little);
            caustic_panels_expand(w.value, w.slope, w.panels, w.profile, w.place, w.time, PREC);
            assert_false(arb_overlaps(before, w.value));
            fmpq_clear(little);
            world_clear(&w);
        }
    arb_clear(before);
    arb_clear(factor);
}

static void
test_profile(void ** state)
{
    world w;
    arf_t from, to;
    arb_t slope, jump, highest, x;
    fmpq_t half;
    (void) state;

    arf_init(from);
    arf_init(to);
    arb_init(slope);
    arb_init(jump);
    arb_init(highest);
    arb_init(x);
    world_init(&w, 0, 1, "kink");
    arf_set_d(from, -1);
    arf_set_d(to, 1);
    assert_int_equal(caustic_profile_cover(w.profile, from, to), CAUSTIC_OK);
    assert_true(w.profile->pieces == 2 && arf_cmp(w.profile->from, from) <= 0 && arf_cmp(w.profile->to, to) >= 0);
    /* 1/3 lies between the pieces, strictly */
    arb_set_interval_arf(x, w.profile->end + 1, w.profile->end + 2, 2000);
    arb_mul_ui(x, x, 3, 2000);
    arb_sub_ui(x, x, 1, 2000);
    assert_true(arb_contains_zero(x) && mag_cmp_2exp_si(arb_radref(x), -1000) < 0);
    caustic_profile_shape(slope, jump, highest, w.profile, from, to);
    arb_set_ui(x, 3);
    assert_true(arb_le(x, slope) && arf_cmp_d(arb_midref(slope), 3.001) < 0);
    arb_set_ui(x, 4);
    assert_true(arb_le(x, highest) && arf_cmp_d(arb_midref(highest), 4.5) < 0);
    assert_true(arb_is_finite(jump) && arf_cmp_2exp_si(arb_midref(jump), -900) < 0);
    world_clear(&w);

    /* n < 1 is refused */
    world_init(&w, 1, 1, "square");
    caustic_profile_clear(w.profile);
    fmpq_init(half);
    fmpq_set_si(half, 1, 2);
    {
        fmpq_t nu;
        arf_t lower;

        fmpq_init(nu);
        fmpq_set_si(nu, 1, 20);
        arf_init(lower);
        assert_int_equal(caustic_profile_init(w.profile, w.pool, half, w.s, w.s, nu, lower, NULL, 64), CAUSTIC_UNSUPPORTED);
        fmpq_clear(nu);
        arf_clear(lower);
    }
    fmpq_clear(half);
    world_clear(&w);
    arf_clear(from);
    arf_clear(to);
    arb_clear(slope);
    arb_clear(jump);
    arb_clear(highest);
    arb_clear(x);
}

/* Whole verifications ************************************************************************/

static void
run(caustic_residual_result_t result, caustic_case_t problem, caustic_reduction_t reduction, const char * text, const fmpq_t factor)
{
    caustic_residual_options options;

    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    options = verify_options(problem, 10000);
    caustic_residual_result_init(result);
    if (problem->setting->coordinates == 1)
        verify_1d_planted(result, reduction, CAUSTIC_NONE, &options, factor);
    else
        verify_euclidean_planted(result, reduction, NULL, &options, factor);
}

#define CHAIN "name: kinked\npreset: {kind: relu-chain, depth: 2}\n"
#define LINE "name: kinked\nparameters: [{name: z}]\nmetric: euclidean\nquotient: [{name: z, is: z}]\nsection: [z]\n"
#define PAIR "name: kinked\npreset: {kind: relu-layer, inputs: 1, hidden: 2}\n"
#define BOX "verify: {viscosity: [1/20], box: [[1/4, 3]], time: [1/10, 1]}\n"
#define SIDE "verify: {viscosity: [1/20], box: [[1/4, 9/10]], time: [1/10, 1]}\n"

static void
test_kinked_losses(void ** state)
{
    static const struct
    {
        const char * text;
        caustic_verdict verdict;
        const char * where; /* in the detail of the residual */
    }
    cases[] =
    {
        {CHAIN "loss: relu(z - 1)^2 + abs(z - 2)/3\n" SIDE, CAUSTIC_PROVED, "z = 1, z = 2"},
        {CHAIN "loss: relu(z - 1)^2 + abs(z - 2)/3\n" BOX, CAUSTIC_PROVED, "z = 1, z = 2"},
        {CHAIN "loss: abs(z^2 - 2)\n" BOX, CAUSTIC_PROVED, "z = [1.414213562373095048"},
        {CHAIN "loss: relu(abs(z - 1) - 1/2)\n" BOX, CAUSTIC_PROVED, "z = 1/2, z = 1, z = 3/2"},
        {LINE "loss: relu(-z) + z^2/4\n" BOX, CAUSTIC_PROVED, "z = 0"},
        {LINE "loss: relu(z)\nverify: {viscosity: [1/20], box: [[-1, 1]], time: [1/10, 1]}\n", CAUSTIC_PROVED, "z = 0"},
        /* a loss that jumps has a solution, and no initial data in this sense */
        {LINE "loss: abs(z - 1)/(z - 1) + z^2\n" BOX, CAUSTIC_UNDECIDED, ""},
    };
    fmpq_t one;
    (void) state;

    fmpq_init(one);
    fmpq_one(one);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_residual_result_t result;
        const caustic_residual_check * check;

        run(result, problem, reduction, cases[i].text, one);
        check = find_residual_check(result, "hamilton_jacobi_residual");
        if (result->verdict != cases[i].verdict || strstr(check->detail, cases[i].where) == NULL)
            fail_msg("case %d: %s, %s; %s", (int) i, caustic_verdict_name(result->verdict), check->detail,
                find_residual_check(result, "initial_data")->detail);
        if (result->verdict == CAUSTIC_PROVED)
            assert_int_equal(result->altered_tried, result->altered_refuted);
        caustic_residual_result_clear(result);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
    fmpq_clear(one);
}

/* The kernel's loss times 1 + 10^-25: the initial data are not those of the case. */
static void
test_planted_losses(void ** state)
{
    static const char * const cases[] = {
        CHAIN "loss: relu(z - 1)^2 + abs(z - 2)/3\n" SIDE,
        LINE "loss: relu(-z) + z^2/4\n" BOX,
        PAIR "loss: abs(z1 - 1) + (z2 - 1)^2\nverify: {viscosity: [1/20], box: [[1/2, 3/2], [1/2, 3/2]], time: [1/10, 1/5]}\n"};
    fmpq_t factor;
    (void) state;

    fmpq_init(factor);
    fmpq_set_si(factor, 1, 10);
    fmpq_pow_si(factor, factor, 25);
    fmpq_add_si(factor, factor, 1);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_residual_result_t result;

        run(result, problem, reduction, cases[i], factor);
        if (check_verdict(result, "initial_data") != CAUSTIC_REFUTED)
            fail_msg("case %d: %s", (int) i, find_residual_check(result, "initial_data")->detail);
        caustic_residual_result_clear(result);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
    fmpq_clear(factor);
}

/* The half line ******************************************************************************/

#define PLANE "name: radial\nparameters: [{name: x}, {name: y}]\nmetric: euclidean\nstratum: [x^2 + y^2]\naction: {generators: [[-y, x]]}\n"
#define PLANE_SQUARE PLANE "quotient: [{name: z, is: x^2 + y^2, domain: \"(0, inf)\"}]\nsection: [sqrt(z), 0]\n"
#define PLANE_LOG PLANE "quotient: [{name: z, is: log(x^2 + y^2)/2}]\nsection: [exp(z), 0]\n"
#define FLIP "name: even\nparameters: [{name: x}]\nmetric: euclidean\nstratum: [x]\naction: {elements: [[-x]]}\n" \
    "quotient: [{name: z, is: x^2, domain: \"(0, inf)\"}]\nsection: [sqrt(z)]\n"
/* n - 1 = p/2 for A_yy = x^(-p) */
#define WEIGHT(p) "name: weight\nparameters: [{name: x, domain: \"(0, inf)\"}, {name: y}]\nmetric: [[1, 0], [0, x^(-" p ")]]\n" \
    "action: {generators: [[0, 1]]}\nquotient: [{name: z, is: x, domain: \"(0, inf)\"}]\nsection: [z, 0]\n"
#define FORM(map) "normal_form: {kind: bessel, map: [\"" map "\"]}\n"
#define RUN "verify: {viscosity: [1/20], box: [[1/2, 3/2]], time: [1/10, 1/2]}\n"

static void
run_radial(caustic_residual_result_t result, caustic_case_t problem, caustic_reduction_t reduction, const char * text, const fmpq_t factor)
{
    caustic_residual_options options;

    read_case(problem, text);
    caustic_reduction_init(reduction, problem->setting);
    options = verify_options(problem, 10000);
    caustic_residual_result_init(result);
    if (fmpq_is_one(factor))
        caustic_verify_radial(result, reduction, problem->normal_form_maps == 1 ? problem->normal_form_map[0] : CAUSTIC_NONE, &options);
    else
        verify_radial_planted(result, reduction, CAUSTIC_NONE, &options, factor);
}

static void
test_half_line(void ** state)
{
    static const struct
    {
        const char * text;
        caustic_verdict verdict;
        int is_radial;      /* found without being told */
        const char * why;   /* in the detail of the reduction */
    }
    cases[] =
    {
        {PLANE_SQUARE FORM("sqrt(z)") "loss: (z - 1)^2/4\n" RUN, CAUSTIC_PROVED, 1, "across r = 0"},
        {PLANE_SQUARE "loss: (z - 1)^2/4\n" RUN, CAUSTIC_PROVED, 1, "across r = 0"},
        {PLANE_LOG FORM("exp(z)") "loss: abs(z - 1) + exp(2*z)/2\n" RUN, CAUSTIC_PROVED, 0, "a second sum"},
        {FLIP "loss: (z - 1)^2/4\n" RUN, CAUSTIC_PROVED, 0, "across r = 0"},
        {WEIGHT("3") "loss: z^2 + cos(z)\n" RUN, CAUSTIC_PROVED, 1, "is not reached"},
        /* n = 3/2: whether parameter space reflects cannot be seen, since it ends */
        {WEIGHT("1") "loss: z^2 + cos(z)\n" RUN, CAUSTIC_UNDECIDED, 0, "was not seen"},
        /* near misses */
        {PLANE_SQUARE FORM("sqrt(z)*(1 + 1/10^25)") "loss: (z - 1)^2/4\n" RUN, CAUSTIC_UNDECIDED, 1, "isometry REFUTED"},
        {PLANE_SQUARE FORM("sqrt(z) + 1/10^25") "loss: (z - 1)^2/4\n" RUN, CAUSTIC_UNDECIDED, 1, "drift UNDECIDED"},
        {WEIGHT("(-1/2)") "loss: z^2\n" RUN, CAUSTIC_UNDECIDED, 0, "n < 1"},
        /* a part of the half line is not the half line */
        {"name: part\nparameters: [{name: x, domain: \"(1/2, inf)\"}, {name: y}]\nmetric: [[1, 0], [0, 1/x^2]]\naction: {generators: [[0, 1]]}\n"
            "quotient: [{name: z, is: x, domain: \"(1/2, inf)\"}]\nsection: [z, 0]\n" "loss: z^2\n"
            "verify: {viscosity: [1/20], box: [[1, 2]], time: [1/10, 1/2]}\n", CAUSTIC_UNDECIDED, 0, "onto UNDECIDED"},
    };
    fmpq_t one;
    (void) state;

    fmpq_init(one);
    fmpq_one(one);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_reduction_t reduction;
        caustic_residual_result_t result;
        const char * detail;

        run_radial(result, problem, reduction, cases[i].text, one);
        detail = find_residual_check(result, "reduction")->detail;
        if (result->verdict != cases[i].verdict || strstr(detail, cases[i].why) == NULL)
            fail_msg("case %d: %s, %s; %s; %s", (int) i, caustic_verdict_name(result->verdict), detail,
                find_residual_check(result, "hamilton_jacobi_residual")->detail, find_residual_check(result, "initial_data")->detail);
        assert_int_equal(caustic_is_radial(reduction), cases[i].is_radial);
        if (result->verdict == CAUSTIC_PROVED)
            assert_true(result->altered_tried == result->altered_refuted && result->altered_tried >= 4);
        caustic_residual_result_clear(result);
        caustic_reduction_clear(reduction);
        caustic_case_clear(problem);
    }
    fmpq_clear(one);
}

/* A loss times 1 + 10^-25 in the kernel, and a cometric that is not that of the map: both are found. */
static void
test_planted_on_half_line(void ** state)
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_residual_result_t result;
    fmpq_t factor;
    (void) state;

    fmpq_init(factor);
    fmpq_set_si(factor, 1, 10);
    fmpq_pow_si(factor, factor, 25);
    fmpq_add_si(factor, factor, 1);
    run_radial(result, problem, reduction, PLANE_SQUARE "loss: (z - 1)^2/4\n" RUN, factor);
    assert_int_equal(check_verdict(result, "initial_data"), CAUSTIC_REFUTED);
    assert_int_equal(check_verdict(result, "reduction"), CAUSTIC_REFUTED);
    caustic_residual_result_clear(result);
    caustic_reduction_clear(reduction);
    caustic_case_clear(problem);
    fmpq_clear(factor);
}

/* What is found of the map, and what the checks say. */
static void
test_radial_coordinate(void ** state)
{
    static const struct
    {
        const char * cometric, * drift;
        slong numerator, denominator; /* of n; 0: refused */
    }
    cases[] = {
        {"4*z", "4", 2, 1}, {"4*z", "6", 3, 1}, {"z^4", "2*z^3", 1, 1}, {"1", "1/z", 2, 1}, {"9*z^(4/3)", "7*z^(1/3)", 4, 3},
        {"4*z", "4 + z/10^25", 0, 1}, {"z^2", "z", 0, 1}, {"1", "-1/(2*z)", 0, 1}};
    (void) state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        caustic_case_t problem;
        caustic_flattening_t flat;
        caustic_text_t text;
        int proved;

        /* a case that only serves to read two expressions */
        caustic_text_init(text);
        caustic_text_printf(text, "name: read\nparameters: [{name: z, domain: \"(0, inf)\"}]\nmetric: [[\"%s\"]]\nloss: \"%s\"\n",
            cases[i].cometric, cases[i].drift);
        read_case(problem, text->data);
        caustic_flattening_init(flat);
        proved = caustic_flatten_radial(flat, problem->setting->pool, problem->setting->coordinate[0], problem->setting->coordinate_domain,
            problem->setting->inverse_metric[0], problem->setting->loss, CAUSTIC_NONE) == CAUSTIC_OK
            && caustic_checks_verdict(flat->checks) == CAUSTIC_PROVED;
        if (proved != (cases[i].numerator > 0))
            for (slong k = 0; k < flat->checks->length; k++)
                print_message("%s %s: %s\n", flat->checks->entries[k].name, caustic_verdict_name(flat->checks->entries[k].verdict),
                    flat->checks->entries[k].detail);
        if (proved != (cases[i].numerator > 0)
            || (proved && (fmpz_cmp_si(fmpq_numref(flat->dimension), cases[i].numerator) != 0
                || fmpz_cmp_si(fmpq_denref(flat->dimension), cases[i].denominator) != 0)))
            fail_msg("case %d", (int) i);
        caustic_flattening_clear(flat);
        caustic_case_clear(problem);
        caustic_text_clear(text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaussian_data),
        cmocka_unit_test(test_kinked_data),
        cmocka_unit_test(test_error_bounds),
        cmocka_unit_test(test_planted_errors),
        cmocka_unit_test(test_profile),
        cmocka_unit_test(test_kinked_losses),
        cmocka_unit_test(test_planted_losses),
        cmocka_unit_test(test_radial_coordinate),
        cmocka_unit_test(test_half_line),
        cmocka_unit_test(test_planted_on_half_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
