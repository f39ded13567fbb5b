/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Around and after the shock: closed forms, the textbooks' statements on Burgers' equation, and near misses.
*/

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <caustic/front.h>
#include "base/newton.h"
#include "front/front_internal.h"
#include "problem.h"

#define DIGITS 30
#define PREC 200

/* A case, its reduction and the front of it. */
typedef struct
{
    caustic_case_t problem;
    caustic_reduction_t reduction;
    caustic_front_t front;
    caustic_text_t why;
    arb_t s;
    arb_t t;
    arb_t x;
    arb_t y;
    arb_t z;
}
world_struct;

static caustic_result
world_open(world_struct * w, const char * head, const char * loss)
{
    caustic_text_t text;

    caustic_text_init(text);
    caustic_text_printf(text, "name: front\n%s\nloss: \"%s\"\n", head, loss);
    read_case(w->problem, text->data);
    caustic_text_clear(text);
    caustic_reduction_init(w->reduction, w->problem->setting);
    caustic_text_init(w->why);
    arb_init(w->s);
    arb_init(w->t);
    arb_init(w->x);
    arb_init(w->y);
    arb_init(w->z);
    return caustic_front_init(w->front, w->why, w->reduction);
}

static void
world_clear(world_struct * w)
{
    caustic_front_clear(w->front);
    caustic_reduction_clear(w->reduction);
    caustic_case_clear(w->problem);
    caustic_text_clear(w->why);
    arb_clear(w->s);
    arb_clear(w->t);
    arb_clear(w->x);
    arb_clear(w->y);
    arb_clear(w->z);
}

#define LINE "parameters: [{name: x}]\nmetric: euclidean"
#define WELL "(x^2 - 1)^2/4"

static void
assert_near(const arb_t x, const char * expected, slong digits)
{
    arb_t e, difference;

    arb_init(e);
    arb_init(difference);
    arb_set_str(e, expected, 400);
    if (!arb_overlaps(x, e) || arb_rel_accuracy_bits(x) < 3.3 * digits - 4)
    {
        if (!(arb_contains_zero(x) && arb_overlaps(x, e) && mag_cmp_2exp_si(arb_radref(x), (slong) (-3.3 * digits + 4)) < 0))
            fail_msg("%s is not %s to %ld digits", arb_get_str(x, 40, 0), expected, (long) digits);
    }
    arb_clear(e);
    arb_clear(difference);
}

/* x^2 + y^2 = c and x y = 1: one zero near (1, 1)/... for c > 2, a double one at c = 2. */
static void
circle_and_hyperbola(arb_ptr value, arb_mat_t derivative, arb_srcptr x, const void * data, slong prec)
{
    arb_mul(value, x, x, prec);
    arb_addmul(value, x + 1, x + 1, prec);
    arb_sub(value, value, data, prec);
    arb_mul(value + 1, x, x + 1, prec);
    arb_sub_ui(value + 1, value + 1, 1, prec);
    arb_mul_ui(arb_mat_entry(derivative, 0, 0), x, 2, prec);
    arb_mul_ui(arb_mat_entry(derivative, 0, 1), x + 1, 2, prec);
    arb_set(arb_mat_entry(derivative, 1, 0), x + 1);
    arb_set(arb_mat_entry(derivative, 1, 1), x);
}

static void
test_newton(void ** state)
{
    arb_ptr x = _arb_vec_init(2);
    arb_t c;

    (void) state;
    arb_init(c);
    /* x y = 1, x^2 + y^2 = 17/4: (2, 1/2) */
    arb_set_d(c, 4.25);
    arb_set_d(x, 1.7);
    arb_set_d(x + 1, 0.7);
    assert_true(newton_zero(x, 2, circle_and_hyperbola, c, PREC));
    assert_near(x, "2", 50);
    assert_near(x + 1, "0.5", 50);

    /* every parameter of a ball: c = 17/4 +- 1/100 holds the zeros of both ends */
    mag_set_d(arb_radref(c), 0.01);
    assert_true(newton_zero(x, 2, circle_and_hyperbola, c, PREC));
    for (slong k = -1; k <= 1; k += 2)
    {
        double sum = 4.25 + 0.01 * k, difference = sqrt(sum - 2), total = sqrt(sum + 2);
        arb_t y;

        arb_init(y);
        arb_set_d(y, (total + difference) / 2);
        mag_set_d(arb_radref(y), 1e-12);
        assert_true(arb_overlaps(x, y));
        arb_set_d(y, (total + difference) / 2 + k * 0.02);
        assert_false(arb_contains(x, y));
        arb_clear(y);
    }

    /* a double zero, and none at all, are not proved */
    arb_set_d(c, 2);
    arb_set_d(x, 1.1);
    arb_set_d(x + 1, 0.9);
    assert_false(newton_zero(x, 2, circle_and_hyperbola, c, PREC));
    arb_set_d(c, 1.9);
    assert_false(newton_zero(x, 2, circle_and_hyperbola, c, PREC));
    arb_clear(c);
    _arb_vec_clear(x, 2);
}

/* The quadratic x^2/2: u = s^2/(2 (1 + t)), v = s/(1 + t), foot s/(1 + t). */
static void
test_rarefaction(void ** state)
{
    world_struct w;

    (void) state;
    /* half a line is none, and says so */
    assert_int_equal(world_open(&w, "parameters: [{name: x, domain: \"(0, inf)\"}]\nmetric: euclidean", "x^2/2"), CAUSTIC_UNSUPPORTED);
    assert_false(caustic_flattening_is_proved(w.why, w.front->flat));
    assert_non_null(strstr(w.why->data, "no proved flat coordinate"));
    world_clear(&w);
    assert_int_equal(world_open(&w, LINE, "x^2/2"), CAUSTIC_OK);
    {
        /* neither form of a loss that goes down forever has a bound; one of the two is enough */
        const caustic_setting_struct * setting = w.problem->setting;
        caustic_expr down = caustic_neg(w.front->pool, setting->loss);
        arf_t bound;

        arf_init(bound);
        assert_false(caustic_flattening_lower_bound(bound, w.front->pool, w.front->flat, down, setting->coordinate_domain, down, NULL));
        assert_true(caustic_flattening_lower_bound(bound, w.front->pool, w.front->flat, down, setting->coordinate_domain, w.front->loss, NULL));
        assert_true(arf_sgn(bound) <= 0);
        arf_clear(bound);
    }
    assert_true(caustic_flattening_is_proved(w.why, w.front->flat));
    arb_set_d(w.s, 3);
    arb_set_d(w.t, 0.5);
    assert_int_equal(caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC), CAUSTIC_OK);
    assert_near(w.x, "3", DIGITS);
    assert_near(w.y, "2", DIGITS);
    assert_near(w.z, "2", DIGITS);
    world_clear(&w);
}

/* The double well moves with speed c when c x is added (Galilei): the shock is at c t, its feet at
   +-sqrt(1 - 1/t). */
static void
test_moving_shock(void ** state)
{
    static const char * const speeds[] = {"0", "1", "-3/7"};

    (void) state;
    for (size_t i = 0; i < 3; i++)
    {
        world_struct w;
        caustic_front_shocks_t shocks;
        caustic_text_t loss;
        arb_t speed, expected;
        fmpq_t c;

        arb_init(speed);
        arb_init(expected);
        fmpq_init(c);
        fmpq_set_str(c, speeds[i], 10);
        arb_set_fmpq(speed, c, PREC);
        caustic_text_init(loss);
        caustic_text_printf(loss, WELL " + (%s)*x", speeds[i]);
        caustic_front_shocks_init(shocks);
        assert_int_equal(world_open(&w, LINE, loss->data), CAUSTIC_OK);
        arb_set_si(w.x, -3);
        arb_set_si(w.y, 3);

        arb_set_d(w.t, 0.96875);
        assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_OK);
        assert_int_equal(shocks->length, 0);
        for (double t = 4; t > 1.00000001; t = 1 + (t - 1) / 32)
        {
            arb_set_d(w.t, t);
            if (caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS) != CAUSTIC_OK)
                fail_msg("t = %.17g: %s", t, w.why->data);
            assert_int_equal(shocks->length, 1);
            arb_mul(expected, speed, w.t, PREC);
            assert_true(arb_overlaps(shocks->shock->position, expected));
            assert_true(arb_overlaps(shocks->shock->speed, speed));
            assert_true(mag_cmp_2exp_si(arb_radref(shocks->shock->speed), -80) < 0);
            arb_inv(expected, w.t, PREC);
            arb_sub_ui(expected, expected, 1, PREC);
            arb_neg(expected, expected);
            arb_sqrt(expected, expected, PREC);
            assert_true(arb_overlaps(shocks->shock->right, expected));
            arb_neg(expected, expected);
            assert_true(arb_overlaps(shocks->shock->left, expected));
            assert_true(arb_rel_accuracy_bits(shocks->shock->left) > 80);
        }
        /* all times of an interval at once */
        arb_set_d(w.t, 2);
        mag_set_d(arb_radref(w.t), 0.001);
        assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_OK);
        arb_mul(expected, speed, w.t, PREC);
        assert_true(arb_contains(shocks->shock->position, expected) || arb_is_zero(speed));
        world_clear(&w);
        caustic_front_shocks_clear(shocks);
        caustic_text_clear(loss);
        arb_clear(speed);
        arb_clear(expected);
        fmpq_clear(c);
    }
}

/* A well in the middle that lies higher than its neighbours: two shocks, which by symmetry merge at 0. Before,
   the middle well is a foot of its own; after, the outer ones face each other. */
static void
test_merger(void ** state)
{
    world_struct w;
    caustic_front_shocks_t shocks;
    caustic_front_merger_t merger;
    arb_t early, late;

    (void) state;
    assert_int_equal(world_open(&w, LINE, "x^2*(x^2 - 1)^2 + (1 - x^2)^2/8"), CAUSTIC_OK);
    caustic_front_shocks_init(shocks);
    caustic_front_merger_init(merger);
    arb_init(early);
    arb_init(late);
    arb_set_si(w.x, -3);
    arb_set_si(w.y, 3);
    arb_set_d(w.t, 3);
    assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_OK);
    assert_int_equal(shocks->length, 2);
    assert_int_equal(caustic_front_merge(merger, w.why, w.front, shocks, 0, DIGITS), CAUSTIC_OK);
    assert_near(merger->position, "0", 25);
    assert_near(merger->foot + 1, "0", 25);
    assert_true(arb_rel_accuracy_bits(merger->t) > 90);
    assert_int_equal(caustic_front_merge(merger, w.why, w.front, shocks, 1, DIGITS), CAUSTIC_NO_RESOURCES);

    /* just before there are two, just after one */
    assert_int_equal(caustic_front_merge(merger, w.why, w.front, shocks, 0, DIGITS), CAUSTIC_OK);
    arb_set_d(early, 0.999);
    arb_mul(early, early, merger->t, PREC);
    arb_get_mid_arb(early, early);
    assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, early, DIGITS), CAUSTIC_OK);
    assert_int_equal(shocks->length, 2);
    arb_set_d(late, 1.001);
    arb_mul(late, late, merger->t, PREC);
    arb_get_mid_arb(late, late);
    assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, late, DIGITS), CAUSTIC_OK);
    assert_int_equal(shocks->length, 1);
    arb_clear(early);
    arb_clear(late);
    caustic_front_shocks_clear(shocks);
    caustic_front_merger_clear(merger);
    world_clear(&w);
}

/* The shocks of cos(x) + ... on boxes that are too small for the time, and that hold several. */
static void
test_boxes(void ** state)
{
    world_struct w;
    caustic_front_shocks_t shocks;
    arb_t lower, upper, reach;

    (void) state;
    arb_init(lower);
    arb_init(upper);
    arb_init(reach);
    caustic_front_shocks_init(shocks);
    assert_int_equal(world_open(&w, LINE, "cos(x)"), CAUSTIC_OK);
    arb_set_d(w.x, -4);
    arb_set_d(w.y, 4);
    arb_set_d(reach, 6);
    arb_set_d(w.t, 30);
    assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_NO_RESOURCES);
    caustic_front_guess_feet(lower, upper, w.front, w.x, w.y, reach, w.t);
    assert_true(arb_le(lower, w.x) && arb_le(w.y, upper));
    assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, lower, upper, w.t, DIGITS), CAUSTIC_OK);
    assert_int_equal(shocks->length, 3);
    /* at -2 pi, 0, 2 pi, feet near odd multiples of pi: all three have feet in [-4, 4], one in [-3, 3], two in [-3, 4] */
    caustic_front_shocks_keep(shocks, w.front, w.x, w.y);
    assert_int_equal(shocks->length, 3);
    arb_set_d(w.x, -3);
    caustic_front_shocks_keep(shocks, w.front, w.x, w.y);
    assert_int_equal(shocks->length, 2);
    arb_set_d(w.y, 3);
    caustic_front_shocks_keep(shocks, w.front, w.x, w.y);
    assert_int_equal(shocks->length, 1);
    assert_true(arb_contains_zero(shocks->shock->position));
    world_clear(&w);

    /* An end between the feet of a line that touches twice: the tangent there stays below the deep well at -3, that line does not. Both ways round. */
    for (int side = -1; side <= 1; side += 2)
    {
        assert_int_equal(world_open(&w, LINE, side > 0 ? "-3*exp(-x^2) - 33/2*exp(-(x + 3)^2)" : "-3*exp(-x^2) - 33/2*exp(-(x - 3)^2)"), CAUSTIC_OK);
        arb_set_d(side > 0 ? w.x : w.y, side * 0.65);
        arb_set_d(side > 0 ? w.y : w.x, side * 5);
        arb_set_d(w.t, 1);
        assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_NO_RESOURCES);
        assert_non_null(strstr(w.why->data, "under a shock"));
        caustic_front_guess_feet(lower, upper, w.front, w.x, w.y, reach, w.t);
        assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, lower, upper, w.t, DIGITS), CAUSTIC_OK);
        caustic_front_shocks_keep(shocks, w.front, w.x, w.y);
        assert_int_equal(shocks->length, 1);
        assert_true(fabs(side * arf_get_d(arb_midref(shocks->shock->position), ARF_RND_NEAR) - 2.832284621) < 1e-9);
        world_clear(&w);
    }
    caustic_front_shocks_clear(shocks);
    arb_clear(lower);
    arb_clear(upper);
    arb_clear(reach);
}

/* Births: closed forms, one that is swallowed before, one that is degenerate, and the square root against shocks themselves. */
static void
test_births(void ** state)
{
    static const struct { const char * loss; double lower, upper, last; slong births; int complete; } cases[] =
    {
        {WELL, -3, 3, 4, 1, 1}, {WELL, -3, 3, 0.96875, 0, 1}, {"cos(x)", -10, 10, 4, 3, 1}, {"x^2/2", -3, 3, 100, 0, 1},
        {"x^2*(x^2 - 1)^2 + (1 - x^2)^2/8", -3, 3, 5, 2, 1},
        /* a second, weaker place, which the first has swallowed; with less time, and far away, it has not */
        {"2*exp(-x^2) + exp(-40*(x - 9/10)^2)/300", -6, 6, 1, 1, 1},
        {"2*exp(-x^2) + exp(-40*(x - 5)^2)/30", -6, 6, 1, 2, 1},
        /* k = 0 */
        {"x^6 - x^2/2", -2, 2, 4, 0, 0},
        /* a characteristic from 6 arrives first */
        {"x^2/100 - 50*exp(-(x - 6)^2) + cos(3*x)/9", -1, 1, 2, 0, 1},
    };
    arb_t limit, place, difference;

    (void) state;
    arb_init(limit);
    arb_init(place);
    arb_init(difference);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        world_struct w;
        caustic_front_births_t births;
        caustic_front_shocks_t shocks;

        caustic_front_births_init(births);
        caustic_front_shocks_init(shocks);
        assert_int_equal(world_open(&w, LINE, cases[i].loss), CAUSTIC_OK);
        arb_set_d(w.x, cases[i].lower);
        arb_set_d(w.y, cases[i].upper);
        arb_set_d(w.t, cases[i].last);
        assert_int_equal(caustic_front_births(births, w.front, w.x, w.y, w.t, DIGITS) == CAUSTIC_OK, cases[i].complete);
        assert_int_equal(births->complete, cases[i].complete);
        assert_int_equal(births->length, cases[i].births);
        if (i == 0)
        {
            assert_near(births->birth->t, "1", DIGITS);
            assert_near(births->birth->foot, "0", DIGITS);
            assert_near(births->birth->position, "0", DIGITS);
            assert_near(births->birth->growth, "2", DIGITS);
            assert_int_equal(caustic_front_signature_limit(limit, place, w.why, w.front, w.x, w.y, births->birth->foot, births->birth->t, PREC), CAUSTIC_OK);
            assert_true(arb_overlaps(limit, births->birth->signature));
        }
        if (i == 5)
            assert_true(arf_cmpabs_d(arb_midref(births->birth->foot), 0.01) < 0);
        /* right after it the jump is growth sqrt(t - T): the quotient of the two tends to 1 */
        for (slong k = 0; k < births->length && i < 5; k++)
        {
            const caustic_front_birth * birth = births->birth + k;
            int met = 0;

            arb_get_mid_arb(w.t, birth->t);
            arb_set_d(difference, 0x1p-20);
            arb_add(w.t, w.t, difference, PREC);
            assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_OK);
            for (slong j = 0; j < shocks->length; j++)
            {
                arb_sub(w.z, shocks->shock[j].position, birth->position, PREC);
                if (arf_cmpabs_d(arb_midref(w.z), 0.01) > 0)
                    continue;
                arb_sub(w.z, shocks->shock[j].v_left, shocks->shock[j].v_right, PREC);
                arb_div(w.z, w.z, birth->growth, PREC);
                assert_true(fabs(arf_get_d(arb_midref(w.z), ARF_RND_NEAR) * 1024 - 1) < 1e-3);
                met++;
            }
            assert_int_equal(met, 1);
            arb_get_mid_arb(w.t, birth->t);
            arb_sub(w.t, w.t, difference, PREC);
            assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_OK);
            assert_int_equal(shocks->length, 0);
        }
        caustic_front_births_clear(births);
        caustic_front_shocks_clear(shocks);
        world_clear(&w);
    }
    arb_clear(limit);
    arb_clear(place);
    arb_clear(difference);
}

/* The circle of two normalised weights, unrolled: cos and sin of the angle 2 atan(z), and products of them. */
static void
test_circle(void ** state)
{
    static const char * const circle = "preset: {kind: batchnorm, fan_in: 2}";
    static const char * const losses[] = {"2*w1/sqrt(w1^2 + w2^2)", "2*w2/sqrt(w1^2 + w2^2)"};
    world_struct w;
    caustic_front_shocks_t shocks;
    arb_t s;

    (void) state;
    arb_init(s);
    caustic_front_shocks_init(shocks);
    for (int i = 0; i < 2; i++)
    {
        double a, b;

        assert_int_equal(world_open(&w, circle, losses[i]), CAUSTIC_OK);
        assert_true(w.front->period != CAUSTIC_NONE);
        /* both are harmonic oscillations of period 2 pi and size 2 about 0, also beyond the chart's end at pi */
        for (double at = -9; at < 9; at += 0.7)
        {
            arb_set_d(s, at);
            caustic_tape_evaluate_arb(w.x, w.front->tape, s, PREC);
            a = arf_get_d(arb_midref(w.x), ARF_RND_NEAR);
            arb_set_d(s, at + 1e-3);
            caustic_tape_evaluate_arb(w.y, w.front->tape, s, PREC);
            b = (arf_get_d(arb_midref(w.y), ARF_RND_NEAR) - a) / 1e-3;
            assert_true(fabs(a * a + b * b - 4) < 1e-2);
        }
        /* and at the angle of z it is the loss at z: at z = 1/2 and z = -3 the section's entries are known */
        for (double z = -3; z < 1; z += 3.5)
        {
            double angle;

            arb_set_d(w.z, z);
            caustic_tape_evaluate_arb(s, w.front->map, w.z, PREC);
            angle = arf_get_d(arb_midref(s), ARF_RND_NEAR);
            assert_true(fabs(angle - 2 * atan(z)) < 1e-14);
            caustic_tape_evaluate_arb(w.x, w.front->tape, s, PREC);
            {
                /* the loss in the quotient's coordinate */
                caustic_tape * tape = caustic_tape_new(w.front->pool, &w.reduction->loss, 1, w.problem->setting->coordinate, 1);

                caustic_tape_evaluate_arb(w.y, tape, w.z, PREC);
                assert_true(arb_overlaps(w.x, w.y));
                caustic_tape_free(tape);
            }
        }
        /* one shock a turn: where the loss is greatest, from the time 1/2 on */
        arb_set_d(w.x, -9);
        arb_set_d(w.y, 9);
        arb_set_d(w.t, 2);
        arb_set_d(s, 9);
        caustic_front_guess_feet(w.x, w.y, w.front, w.x, w.y, s, w.t);
        assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_OK);
        assert_true(shocks->length >= 3);
        caustic_front_shocks_keep(shocks, w.front, w.x, w.y);
        assert_int_equal(shocks->length, 1);
        world_clear(&w);
    }
    /* no trigonometric polynomial: says so */
    assert_int_equal(world_open(&w, circle, "exp(w1/sqrt(w1^2 + w2^2))"), CAUSTIC_UNSUPPORTED);
    assert_non_null(strstr(w.why->data, "trigonometric polynomial"));
    world_clear(&w);
    caustic_front_shocks_clear(shocks);
    arb_clear(s);
}

/* What would pass for a shock, or for none, if less were asked. */
static void
test_near_misses(void ** state)
{
    world_struct w;
    caustic_front_shocks_t shocks;

    (void) state;
    caustic_front_shocks_init(shocks);
    /* A deep well far outside of the box: its characteristics arrive from beyond, so nothing may be said of the box alone. */
    assert_int_equal(world_open(&w, LINE, "x^2/100 - 50*exp(-(x - 6)^2)"), CAUSTIC_OK);
    arb_set_si(w.x, -1);
    arb_set_si(w.y, 1);
    arb_set_si(w.t, 2);
    assert_int_equal(caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS), CAUSTIC_NO_RESOURCES);
    assert_non_null(strstr(w.why->data, "outside of the box"));
    assert_int_equal(shocks->length, 0);
    world_clear(&w);

    /* A dent that no sample of the box sees: psi'' < 0 only within 1e-4 of 0.3141. */
    assert_int_equal(world_open(&w, LINE, "x^2/100 - 1e-9*exp(-(x - 3141/10000)^2*1e9)"), CAUSTIC_OK);
    arb_set_si(w.x, -1);
    arb_set_si(w.y, 1);
    arb_set_si(w.t, 4);
    if (caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS) == CAUSTIC_OK)
        assert_int_equal(shocks->length, 1);
    world_clear(&w);

    /* On the shock itself there are two feet, and no v. */
    assert_int_equal(world_open(&w, LINE, WELL), CAUSTIC_OK);
    arb_zero(w.s);
    arb_set_si(w.t, 2);
    assert_int_equal(caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC), CAUSTIC_NO_RESOURCES);
    assert_near(w.x, "0.1875", DIGITS); /* (1/2)^2/4 + (1/2)/4 */
    assert_false(arb_is_finite(w.y));
    /* 1e-40 to its right there is one */
    arb_set_str(w.s, "1e-40", PREC);
    assert_int_equal(caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC), CAUSTIC_OK);
    assert_true(arb_is_positive(w.y) && arb_is_negative(w.z) ? 0 : arb_is_negative(w.y) && arb_is_positive(w.z));
    world_clear(&w);
    caustic_front_shocks_clear(shocks);
}

/* SPEC's value for a chain of depth 2, y = 2; and the double well: k = 6, T* = 1. */
static void
test_signature(void ** state)
{
    static const char * const viscosities[] = {"1/100", "1/10000", "1/1000000", "1/100000000"};
    world_struct w;
    arb_t limit, position, value, previous, distance;
    fmpq_t nu;

    (void) state;
    arb_init(limit);
    arb_init(position);
    arb_init(value);
    arb_init(previous);
    arb_init(distance);
    fmpq_init(nu);
    assert_int_equal(world_open(&w, LINE, WELL), CAUSTIC_OK);
    arb_set_si(w.x, -2);
    arb_set_si(w.y, 2);
    arb_zero(w.z);
    arb_one(w.t);
    assert_int_equal(caustic_front_signature_limit(limit, position, w.why, w.front, w.x, w.y, w.z, w.t, PREC), CAUSTIC_OK);
    assert_near(limit, "0.47798893...", 6);
    assert_near(position, "0", DIGITS);
    arb_pos_inf(previous);
    for (size_t i = 0; i < 4; i++)
    {
        fmpq_set_str(nu, viscosities[i], 10);
        assert_int_equal(caustic_front_signature(value, w.front, position, w.t, w.z, nu, DIGITS), CAUSTIC_OK);
        assert_true(arb_rel_accuracy_bits(value) > 90);
        /* 1/100 of the viscosity, 1/10 of the distance */
        arb_sub(distance, value, limit, PREC);
        arb_abs(distance, distance);
        if (i > 0)
        {
            arb_div(previous, distance, previous, PREC);
            assert_true(arf_cmp_d(arb_midref(previous), 0.08) > 0 && arf_cmp_d(arb_midref(previous), 0.13) < 0);
        }
        arb_set(previous, distance);
    }
    /* not a minimum of l'': the fourth derivative says so; and a place reached by others first */
    arb_set_d(w.z, 0.5);
    world_clear(&w);
    arb_clear(limit);
    arb_clear(position);
    arb_clear(value);
    arb_clear(previous);
    arb_clear(distance);
    fmpq_clear(nu);
}

/* The two ways to the viscous solution share no bound: they meet wherever both have one. */
static void
test_viscous(void ** state)
{
    /* at 60 digits the remainder of the Taylor polynomial is what counts */
    static const struct { const char * loss; double s, t; const char * nu; slong digits; } cases[] =
    {
        {"cos(x)", 1, 0.5, "1/1000", 60}, {"x^2/2", 1, 0.5, "1/300", 0}, {WELL, 0, 1, "1/100", 0}, {WELL, 0, 1, "1/10000", 0}, {WELL, 0.25, 0.5, "1/300", 0},
        /* on a large disc this is bounded, by e^3200 */
        {"2*exp(-x^2) + x^2/100 + exp(-40*(x - 9/10)^2)/300", 0.25, 0.125, "1/10000", 0},
        {"cos(x)", 1, 0.5, "1/1000", 0}, {"softplus(x) - x/2 + x^2/20", 0.5, 1, "1/5000", 0},
    };
    arb_ptr one = _arb_vec_init(3), other = _arb_vec_init(3);
    fmpq_t nu;

    (void) state;
    fmpq_init(nu);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        slong digits = cases[i].digits > 0 ? cases[i].digits : DIGITS;
        world_struct w;
        caustic_line_t line;

        assert_int_equal(world_open(&w, LINE, cases[i].loss), CAUSTIC_OK);
        arb_set_d(w.s, cases[i].s);
        arb_set_d(w.t, cases[i].t);
        fmpq_set_str(nu, cases[i].nu, 10);
        if (caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC) != CAUSTIC_OK)
            arb_zero(w.z);
        if (laplace_solution(one, w.front, w.s, w.t, w.z, nu, digits) != CAUSTIC_OK)
            fail_msg("%s, nu = %s", cases[i].loss, cases[i].nu);
        assert_int_equal(caustic_line_init(line, w.front->pool, w.front->flat->s, w.front->loss, nu, w.front->lower), CAUSTIC_OK);
        assert_int_equal(caustic_local_entropy_1d(other, 3, line, w.s, w.t, digits), CAUSTIC_OK);
        for (slong k = 0; k < 3; k++)
        {
            assert_true(arb_overlaps(one + k, other + k));
            assert_true(arb_rel_accuracy_bits(one + k) > 90 || arb_contains_zero(one + k));
            assert_true(arb_rel_accuracy_bits(other + k) > 60 || arb_contains_zero(other + k));
        }
        caustic_line_clear(line);
        world_clear(&w);
    }
    fmpq_clear(nu);
    _arb_vec_clear(one, 3);
    _arb_vec_clear(other, 3);
}

/* An end that is not known is no end: nothing is proved up to it. */
static void
test_unknown_ends(void ** state)
{
    world_struct w;
    arb_t lower, upper, zero, one, limit;
    arb_ptr psi = _arb_vec_init(2);
    caustic_front_shocks_t shocks;
    arf_t nan, end;

    (void) state;
    arb_init(lower);
    arb_init(upper);
    arb_init(zero);
    arb_init(one);
    arb_init(limit);
    arf_init(nan);
    arf_init(end);
    caustic_front_shocks_init(shocks);
    assert_int_equal(world_open(&w, LINE, "cos(x)"), CAUSTIC_OK);
    arb_one(one);
    arb_set_d(upper, 1.25);
    arb_neg(lower, upper);
    assert_int_equal(caustic_front_signature_limit(limit, w.x, w.why, w.front, lower, upper, zero, one, PREC), CAUSTIC_OK);
    for (int side = 0; side < 2; side++)
    {
        arb_set_d(upper, 1.25);
        arb_neg(lower, upper);
        arb_indeterminate(side == 0 ? lower : upper);
        assert_int_not_equal(caustic_front_signature_limit(limit, w.x, w.why, w.front, lower, upper, zero, one, PREC), CAUSTIC_OK);
        assert_int_not_equal(caustic_front_shocks_at(shocks, w.why, w.front, lower, upper, one, DIGITS), CAUSTIC_OK);
    }
    arf_nan(nan);
    arf_set_d(end, 0.25);
    psi_series(psi, w.front, one, zero, 2, PREC);
    {
        excess_struct excess = {w.front, one, zero, psi, psi + 1, 1};

        assert_false(excess_is_positive(&excess, nan, end, PREC) || excess_is_positive(&excess, end, nan, PREC));
        assert_false(psi_is_convex(w.front, one, nan, end, PREC) || psi_is_convex(w.front, one, end, nan, PREC));
        assert_true(psi_is_convex(w.front, zero, end, end, PREC)); /* nothing is asked for */
    }
    caustic_front_shocks_clear(shocks);
    arb_clear(lower);
    arb_clear(upper);
    arb_clear(zero);
    arb_clear(one);
    arb_clear(limit);
    arf_clear(nan);
    arf_clear(end);
    _arb_vec_clear(psi, 2);
    world_clear(&w);
}

/* The benchmark of Basdevant et al. (1986), v = -sin(pi x) with the viscosity 1/(100 pi), where |v_x| is 152.00516 at pi t = 1.6037, here in
   units of pi; and what must not be called a peak. */
static void
test_steepest(void ** state)
{
    static const double beside[4][2] = {{0.01, 0}, {-0.01, 0}, {0, 0.05}, {0, -0.05}};
    static const struct { const char * loss; const char * nu; caustic_front_scope scope; } cases[] =
    {
        {"cos(x)", "1/100", CAUSTIC_FRONT_GLOBAL}, {"cos(x)", "1/10000", CAUSTIC_FRONT_GLOBAL}, {WELL, "1/200", CAUSTIC_FRONT_STEEPEST},
        {"cos(abs(x - 9))", "1/50", CAUSTIC_FRONT_LOCAL},
    };
    caustic_front_scope scope;
    arb_ptr u = _arb_vec_init(3);
    arb_t s, t, pi;
    fmpq_t nu;

    (void) state;
    fmpq_init(nu);
    arb_init(s);
    arb_init(t);
    arb_init(pi);
    arb_const_pi(pi, PREC);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        world_struct w;
        caustic_line_t line;

        assert_int_equal(world_open(&w, LINE, cases[i].loss), CAUSTIC_OK);
        fmpq_set_str(nu, cases[i].nu, 10);
        arb_set_d(s, 0);
        arb_set_d(t, 1);
        assert_int_equal(caustic_front_steepest(w.x, w.y, w.z, &scope, w.why, w.front, s, t, nu, DIGITS), CAUSTIC_OK);
        assert_int_equal(scope, cases[i].scope);
        assert_true(arb_rel_accuracy_bits(w.x) > 98 && arb_rel_accuracy_bits(w.z) > 98);
        assert_int_equal(caustic_line_init(line, w.front->pool, w.front->flat->s, w.front->loss, nu, w.front->lower), CAUSTIC_OK);
        /* it is a value of the solution, and those beside are certainly less */
        assert_int_equal(caustic_local_entropy_1d(u, 3, line, w.y, w.z, DIGITS), CAUSTIC_OK);
        arb_neg(u + 2, u + 2);
        assert_true(arb_overlaps(u + 2, w.x));
        for (int k = 0; k < 4; k++)
        {
            arb_set_d(s, beside[k][0]);
            arb_add(s, s, w.y, PREC);
            arb_set_d(t, beside[k][1]);
            arb_add(t, t, w.z, PREC);
            assert_int_equal(caustic_local_entropy_1d(u, 3, line, s, t, DIGITS), CAUSTIC_OK);
            arb_neg(u + 2, u + 2);
            assert_true(arb_lt(u + 2, w.x));
        }
        if (i == 0)
        {
            arb_mul(w.x, w.x, pi, PREC);
            assert_near(w.x, "152.00516159795307759 +/- 1e-17", 19);
            assert_near(w.z, "1.60368804565529 +/- 1e-14", 14);
            assert_true(arb_contains_zero(w.y));
        }
        caustic_line_clear(line);
        world_clear(&w);
    }
    /* v_s = 1/(1 + t) > 0 everywhere; constants have no peak */
    {
        static const char * const flat[] = {"x^2/2", "3"};

        for (int i = 0; i < 2; i++)
        {
            world_struct w;

            assert_int_equal(world_open(&w, LINE, flat[i]), CAUSTIC_OK);
            arb_set_d(s, 0.25);
            arb_set_d(t, 1);
            assert_int_equal(caustic_front_steepest(w.x, w.y, w.z, &scope, w.why, w.front, s, t, nu, DIGITS), CAUSTIC_NO_RESOURCES);
            assert_false(arb_is_finite(w.x) || arb_is_finite(w.y) || arb_is_finite(w.z));
            assert_true(w.why->length > 0);
            world_clear(&w);
        }
    }
    fmpq_clear(nu);
    arb_clear(s);
    arb_clear(t);
    arb_clear(pi);
    _arb_vec_clear(u, 3);
}

/* A local maximum that is not the greatest value must never be called one: the weaker shock of two, in the same period, and the peak itself with a
   value that is too low. */
static void
test_not_the_steepest(void ** state)
{
    static const struct { const char * loss; double origin, half, rho, theta; int least; } cases[] =
    {
        {"cos(x)", 0, 1.604, 0, 0.6236, 0}, /* lowered below */
        {"cos(2*x) + cos(x)/10", 3.14159265, 0.8, 0, 2.4, 0},
    };
    fmpq_t nu;
    (void) state;

    fmpq_init(nu);
    fmpq_set_si(nu, 1, 100);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        world_struct w;
        landscape_struct landscape;
        steepest_struct steepest;

        landscape_init(&landscape);
        steepest_init(&steepest);
        assert_int_equal(world_open(&w, LINE, cases[i].loss), CAUSTIC_OK);
        assert_true(landscape_find(&landscape, w.front));
        assert_true(landscape.periodic);
        assert_true(steepest_near(&steepest, w.front, cases[i].origin, cases[i].half * cases[i].half, cases[i].rho, cases[i].theta, nu, 20));
        if (i == 0)
        {
            arb_set_d(w.x, 0.9);
            arb_mul(steepest.least, steepest.least, w.x, PREC);
        }
        assert_int_equal(is_least_slope(w.why, w.front, &landscape, &steepest, nu), cases[i].least);
        assert_int_equal(w.why->length > 0, !cases[i].least);
        landscape_clear(&landscape);
        steepest_clear(&steepest);
        world_clear(&w);
    }
    fmpq_clear(nu);
}

/* |u_viscous - u| <= rate nu and |v_viscous - v| <= rate nu, against the viscous solution itself; for x^2/2 the difference is
   nu log(1 + t) exactly, and 0. The order of the second is right: the difference over nu tends to psi'''/psi''^2. */
static void
test_rate(void ** state)
{
    static const char * const viscosities[] = {"1/20", "1/300", "1/10000"};
    static const struct { const char * loss; double s, t; } cases[] =
    {
        {"x^2/2", 1, 0.5}, {WELL, 0.25, 0.5}, {WELL, 0.5, 3}, {WELL, -1.25, 8}, {"cos(x)", 1, 0.75}, {"cos(x)", 2.5, 4},
    };
    fmpq_t nu, largest;
    arb_ptr u = _arb_vec_init(3), psi = _arb_vec_init(4);
    arb_t rate_u, rate_v, bound;

    (void) state;
    fmpq_init(nu);
    fmpq_init(largest);
    arb_init(rate_u);
    arb_init(rate_v);
    arb_init(bound);
    fmpq_set_si(largest, 1, 20);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        world_struct w;

        assert_int_equal(world_open(&w, LINE, cases[i].loss), CAUSTIC_OK);
        arb_set_d(w.s, cases[i].s);
        arb_set_d(w.t, cases[i].t);
        assert_int_equal(caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC), CAUSTIC_OK);
        assert_int_equal(caustic_front_rate(rate_u, rate_v, w.front, w.s, w.t, largest, PREC), CAUSTIC_OK);
        if (i == 0)
        {
            assert_true(arf_cmp_d(arb_midref(rate_u), (1 - 1e-15) * log(1.5)) >= 0);
            assert_true(arf_cmp_d(arb_midref(rate_u), 1.1 * log(1.5)) < 0);
        }
        for (size_t k = 0; k < 3; k++)
        {
            fmpq_set_str(nu, viscosities[k], 10);
            assert_int_equal(caustic_front_viscous(u, w.front, w.s, w.t, w.z, nu, DIGITS), CAUSTIC_OK);
            arb_sub(u, u, w.x, PREC);
            arb_abs(u, u);
            arb_set_fmpq(bound, nu, PREC);
            arb_mul(bound, bound, rate_u, PREC);
            assert_false(arb_gt(u, bound)); /* equal for x^2/2 */
            arb_sub(u + 1, u + 1, w.y, PREC);
            arb_abs(u + 1, u + 1);
            arb_set_fmpq(bound, nu, PREC);
            arb_mul(bound, bound, rate_v, PREC);
            assert_true(i == 0 ? !arb_gt(u + 1, bound) : arb_le(u + 1, bound)); /* x^2/2: both are 0 but for rounding */
            arb_div(u + 1, u + 1, bound, PREC);
            arb_mul(u + 1, u + 1, rate_v, PREC); /* the difference over nu */
            psi_series(psi, w.front, w.t, w.z, 4, PREC);
            arb_mul_ui(psi + 3, psi + 3, 6, PREC);
            arb_sqr(psi + 2, psi + 2, PREC);
            arb_mul_2exp_si(psi + 2, psi + 2, 2);
            arb_div(psi + 3, psi + 3, psi + 2, PREC);
            arb_abs(psi + 3, psi + 3);
            arb_sub(psi + 3, u + 1, psi + 3, PREC);
            if (k == 2)
                assert_true(arf_cmpabs_d(arb_midref(psi + 3), 0.01) < 0);
        }
        world_clear(&w);
    }
    /* on a shock there is no rate */
    {
        world_struct w;

        assert_int_equal(world_open(&w, LINE, WELL), CAUSTIC_OK);
        arb_zero(w.s);
        arb_set_d(w.t, 2);
        assert_int_equal(caustic_front_rate(rate_u, rate_v, w.front, w.s, w.t, largest, PREC), CAUSTIC_NO_RESOURCES);
        assert_false(arb_is_finite(rate_u));
        world_clear(&w);
    }
    fmpq_clear(nu);
    fmpq_clear(largest);
    arb_clear(rate_u);
    arb_clear(rate_v);
    arb_clear(bound);
    _arb_vec_clear(psi, 4);
    _arb_vec_clear(u, 3);
}

/* Across a shock whose sides differ, the viscous solution tends to the shifted hyperbolic tangent at the rate nu: a fourth of the viscosity,
   about a fourth of the difference. Any other shift would leave a difference that stays. */
static void
test_profile(void ** state)
{
    static const struct { const char * loss; double t; } cases[] = {{WELL, 2}, {"cos(x) + sin(2*x)/5 + x^2/100", 3}};
    arb_ptr u = _arb_vec_init(3);
    arb_t limit, x;
    fmpq_t nu;

    (void) state;
    fmpq_init(nu);
    arb_init(limit);
    arb_init(x);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        world_struct w;
        caustic_front_shocks_t shocks;

        caustic_front_shocks_init(shocks);
        assert_int_equal(world_open(&w, LINE, cases[i].loss), CAUSTIC_OK);
        arb_set_d(w.x, -3);
        arb_set_d(w.y, 3);
        arb_set_d(w.t, cases[i].t);
        if (caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS) != CAUSTIC_OK)
            fail_msg("%s: %s", cases[i].loss, w.why->data);
        assert_true(shocks->length >= 1);
        for (slong k = -1; k <= 1; k++)
        {
            double difference[2];

            arb_set_d(x, 0.75 * (double) k);
            caustic_front_profile(limit, w.front, w.t, shocks->shock, x, PREC);
            for (slong j = 0; j < 2; j++)
            {
                fmpq_set_si(nu, 1, j == 0 ? 400 : 1600);
                arb_sub(w.s, shocks->shock->v_left, shocks->shock->v_right, PREC);
                arb_div(w.s, x, w.s, PREC);
                arb_mul_si(w.s, w.s, 4, PREC);
                arb_div_si(w.s, w.s, j == 0 ? 400 : 1600, PREC);
                arb_add(w.s, w.s, shocks->shock->position, PREC);
                assert_int_equal(caustic_front_viscous(u, w.front, w.s, w.t, shocks->shock->left, nu, 12), CAUSTIC_OK);
                arb_sub(u + 1, u + 1, limit, PREC);
                difference[j] = arf_get_d(arb_midref(u + 1), ARF_RND_NEAR);
            }
            if (i == 0 && k == 0)
                assert_true(fabs(difference[0]) < 1e-9); /* by symmetry */
            else
                assert_true(difference[0] / difference[1] > 3.2 && difference[0] / difference[1] < 5);
        }
        caustic_front_shocks_clear(shocks);
        world_clear(&w);
    }
    fmpq_clear(nu);
    arb_clear(limit);
    arb_clear(x);
    _arb_vec_clear(u, 3);
}

/* Evans, Partial Differential Equations, 3.3 and 3.4, and LeVeque, Numerical Methods for Conservation Laws, chapter 3, on
   v_t + (v^2/2)_s = 0 with a periodic and with a decaying v_0, on certified values. */
static void
test_textbook(void ** state)
{
    static const char * const losses[] = {"cos(x)", "exp(-x^2)", WELL};
    static const double times[] = {0.5, 2, 10, 100};
    enum { PLACES = 25 };
    (void) state;

    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 4; j++)
        {
            world_struct w;
            arb_ptr foot = _arb_vec_init(PLACES), v = _arb_vec_init(PLACES), u = _arb_vec_init(PLACES);
            arb_t bound;
            slong used = 0;

            arb_init(bound);
            assert_int_equal(world_open(&w, LINE, losses[i]), CAUSTIC_OK);
            arb_set_d(w.t, times[j]);
            for (slong k = 0; k < PLACES; k++)
            {
                arb_set_d(w.s, -3 + 0.26 * (double) k);
                if (caustic_front_solution(u + used, v + used, foot + used, w.front, w.s, w.t, PREC) == CAUSTIC_OK)
                    used++;
            }
            assert_true(used > PLACES / 2);
            for (slong k = 1; k < used; k++)
            {
                /* characteristics do not cross: the foot does not decrease with s (Evans, 3.4.2, Theorem 1) */
                assert_true(arb_le(foot + k - 1, foot + k) || arb_overlaps(foot + k - 1, foot + k));
                /* Oleinik's condition, v(s + h) - v(s) <= h/t (Evans, 3.4.3; LeVeque, 3.8.2): as foot, but for v */
                arb_sub(bound, v + k, v + k - 1, PREC);
                arb_mul(bound, bound, w.t, PREC);
                arb_sub(w.x, foot + k, foot + k - 1, PREC);
                arb_add(bound, bound, w.x, PREC); /* = h */
                arb_sub(w.x, v + k, v + k - 1, PREC);
                arb_mul(w.x, w.x, w.t, PREC);
                assert_true(!arb_gt(w.x, bound));
            }
            for (slong k = 0; k < used; k++)
            {
                /* u <= l along the straight line from every y, here y = s (Hopf and Lax) */
                arb_mul(w.x, v + k, w.t, PREC);
                arb_add(w.s, foot + k, w.x, PREC);
                caustic_tape_evaluate_arb(w.y, w.front->tape, w.s, PREC);
                assert_true(!arb_gt(u + k, w.y));
                /* v is l' at the foot: constant along the characteristic (LeVeque, 3.1) */
                {
                    arb_ptr series = _arb_vec_init(2);

                    caustic_tape_evaluate_series(&series, w.front->tape, foot + k, 2, PREC);
                    assert_true(arb_overlaps(series + 1, v + k));
                    _arb_vec_clear(series, 2);
                }
                /* decay (Evans, 3.4.4): |v| <= 2 sqrt(osc l/t) where l has a finite oscillation, here 2 and 1 */
                if (i < 2)
                {
                    arb_set_d(bound, i == 0 ? 2 : 1);
                    arb_mul_2exp_si(bound, bound, 1);
                    arb_div(bound, bound, w.t, PREC);
                    arb_sqr(w.x, v + k, PREC);
                    assert_true(!arb_gt(w.x, bound));
                }
            }
            arb_clear(bound);
            _arb_vec_clear(foot, PLACES);
            _arb_vec_clear(v, PLACES);
            _arb_vec_clear(u, PLACES);
            world_clear(&w);
        }
}

/* The semigroup (Evans, 3.3, Lemma 1): u(s, t1 + t2) = min_y u(y, t1) + (s - y)^2/(2 t2), tested where the minimising y is known:
   on the straight line between foot and s. */
static void
test_semigroup(void ** state)
{
    world_struct w;
    arb_t t1, s1, u1, v1, foot1;

    (void) state;
    arb_init(t1);
    arb_init(s1);
    arb_init(u1);
    arb_init(v1);
    arb_init(foot1);
    assert_int_equal(world_open(&w, LINE, "cos(2*x) + sin(x)/3"), CAUSTIC_OK);
    for (slong k = 0; k < 8; k++)
    {
        arb_set_d(w.s, -2 + 0.55 * (double) k);
        arb_set_d(w.t, 3);
        if (caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC) != CAUSTIC_OK)
            continue;
        arb_set_d(t1, 0.6875);
        arb_mul(s1, w.y, t1, PREC);
        arb_add(s1, s1, w.z, PREC);
        assert_int_equal(caustic_front_solution(u1, v1, foot1, w.front, s1, t1, PREC), CAUSTIC_OK);
        assert_true(arb_overlaps(v1, w.y) && arb_overlaps(foot1, w.z));
        /* + v^2 (t - t1)/2 */
        arb_sub(t1, w.t, t1, PREC);
        arb_sqr(v1, v1, PREC);
        arb_mul_2exp_si(v1, v1, -1);
        arb_addmul(u1, v1, t1, PREC);
        assert_true(arb_overlaps(u1, w.x));
        assert_true(arb_rel_accuracy_bits(u1) > 80);
    }
    arb_clear(t1);
    arb_clear(s1);
    arb_clear(u1);
    arb_clear(v1);
    arb_clear(foot1);
    world_clear(&w);
}

/* u and v of the front at (s, t) in w->x and w->y; 0 on a shock. */
static int
solve_at(world_struct * w, double s, double t)
{
    arb_set_d(w->s, s);
    arb_set_d(w->t, t);
    return caustic_front_solution(w->x, w->y, w->z, w->front, w->s, w->t, PREC) == CAUSTIC_OK;
}

/* Comparison and contraction. From l_1 <= l_2 follows u_1 <= u_2, and |u_1 - u_2| <= sup |l_1 - l_2| (Evans, 10.1 and 3.3); from v_1 <= v_2 at
   time 0 follows v_1 <= v_2; and the integral of |v_1 - v_2| over a period, the variation of u_1 - u_2, does not grow (Evans, 3.4 and 11.4; LeVeque, 3.5). */
static void
test_comparison(void ** state)
{
    static const double times[] = {0.25, 1.5, 6};
    enum { PLACES = 41 };
    world_struct one, lifted, steeper, wavy;
    arb_t variation, before, bound;
    slong decided = 0;

    (void) state;
    arb_init(variation);
    arb_init(before);
    arb_init(bound);
    assert_int_equal(world_open(&one, LINE, "cos(x)"), CAUSTIC_OK);
    assert_int_equal(world_open(&lifted, LINE, "cos(x) + (1 + sin(3*x))/20"), CAUSTIC_OK);
    assert_int_equal(world_open(&steeper, LINE, "cos(x) + softplus(x)/5"), CAUSTIC_OK);
    assert_int_equal(world_open(&wavy, LINE, "cos(x) + sin(2*x)/5"), CAUSTIC_OK);
    for (size_t j = 0; j < 3; j++)
    {
        arb_zero(variation);
        arb_indeterminate(before);
        for (slong k = 0; k < PLACES; k++)
        {
            double s = 6.283185307179586 * (double) k / (PLACES - 1) - 3.1;

            if (!solve_at(&one, s, times[j]))
                continue;
            if (solve_at(&lifted, s, times[j]))
            {
                arb_sub(bound, lifted.x, one.x, PREC);
                assert_true(arb_is_nonnegative(bound) && arf_cmp_d(arb_midref(bound), 0.1 + 1e-12) < 0);
                decided++;
            }
            /* l' is greater everywhere */
            if (solve_at(&steeper, s, times[j]))
                assert_false(arb_gt(one.y, steeper.y));
            if (solve_at(&wavy, s, times[j]))
            {
                arb_sub(bound, wavy.x, one.x, PREC);
                if (arb_is_finite(before))
                {
                    arb_sub(before, bound, before, PREC);
                    arb_abs(before, before);
                    arb_add(variation, variation, before, PREC);
                }
                arb_set(before, bound);
            }
        }
        /* that of sin(2 x)/5 over a period is 8/5 */
        arb_set_d(bound, 1.6);
        assert_true(arb_lt(variation, bound) && arb_is_positive(variation));
    }
    assert_true(decided > PLACES);
    world_clear(&one);
    world_clear(&lifted);
    world_clear(&steeper);
    world_clear(&wavy);
    arb_clear(variation);
    arb_clear(before);
    arb_clear(bound);
}

/* v at (s, t) does not depend on v_0 beyond the distance t sup |v_0|, and does within (LeVeque, 3.3: a finite speed, in a region that is bounded by
   the extreme characteristics). The two losses differ by less than 1e-40 beyond 2 from 6. */
static void
test_domain_of_dependence(void ** state)
{
    world_struct one, other;
    arb_t difference;

    (void) state;
    arb_init(difference);
    assert_int_equal(world_open(&one, LINE, "sin(x)/2"), CAUSTIC_OK);
    assert_int_equal(world_open(&other, LINE, "sin(x)/2 - exp(-25*(x - 6)^2)/10"), CAUSTIC_OK);
    /* |v_0| <= 1/2 for the first, < 2 for the second: from [4, 8] on to [0, 12] within t = 2 */
    for (slong k = 0; k < 6; k++)
    {
        int known = solve_at(&one, -1 - (double) k / 3, 2) && solve_at(&other, -1 - (double) k / 3, 2);

        assert_true(known);
        arb_sub(difference, one.x, other.x, PREC);
        assert_true(arf_cmpabs_d(arb_midref(difference), 1e-40) < 0);
        arb_sub(difference, one.y, other.y, PREC);
        assert_true(arf_cmpabs_d(arb_midref(difference), 1e-37) < 0);
    }
    assert_true(solve_at(&one, 6, 2) && solve_at(&other, 6, 2));
    assert_false(arb_overlaps(one.x, other.x));
    world_clear(&one);
    world_clear(&other);
    arb_clear(difference);
}

/* Equal areas: the multivalued v_0(y) at y + t v_0(y) is cut by the shock in two lobes of the same area, the integral of (y + t l'(y) - s) dl'(y)
   between the feet being 0 (LeVeque, 3.4; Whitham). And there are no other minimisers: beside the shocks all places have one foot (Evans, 3.4.2). */
static void
test_equal_areas(void ** state)
{
    static const char * const losses[] = {WELL " + x/3", "cos(x) + sin(2*x)/5 + x^2/100", "exp(-x^2) + x^2/50 - x/7"};

    (void) state;
    for (size_t i = 0; i < 3; i++)
    {
        world_struct w;
        caustic_front_shocks_t shocks;

        caustic_front_shocks_init(shocks);
        assert_int_equal(world_open(&w, LINE, losses[i]), CAUSTIC_OK);
        arb_set_d(w.x, -3);
        arb_set_d(w.y, 3);
        arb_set_d(w.t, 3);
        if (caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS) != CAUSTIC_OK)
            fail_msg("%s: %s", losses[i], w.why->data);
        assert_true(shocks->length >= 1);
        for (slong k = 0; k < shocks->length; k++)
        {
            const caustic_front_shock * shock = shocks->shock + k;
            arb_ptr area = _arb_vec_init(2), loss = _arb_vec_init(2);

            /* t l'^2/2 + (y - s) l' - l has that derivative times l'' */
            for (int side = 0; side < 2; side++)
            {
                arb_srcptr foot = side == 0 ? shock->left : shock->right;

                caustic_tape_evaluate_series(&loss, w.front->tape, foot, 2, PREC);
                arb_mul(area + side, w.t, loss + 1, PREC);
                arb_mul_2exp_si(area + side, area + side, -1);
                arb_add(area + side, area + side, foot, PREC);
                arb_sub(area + side, area + side, shock->position, PREC);
                arb_mul(area + side, area + side, loss + 1, PREC);
                arb_sub(area + side, area + side, loss, PREC);
            }
            arb_sub(area, area, area + 1, PREC);
            assert_true(arb_contains_zero(area) && mag_cmp_2exp_si(arb_radref(area), -80) < 0);
            /* one foot on each side, however near, and that of the shock */
            for (int side = -1; side <= 1; side += 2)
            {
                arb_set_str(w.s, side < 0 ? "-1e-25" : "1e-25", PREC);
                arb_add(w.s, w.s, shock->position, PREC);
                arb_get_mid_arb(w.s, w.s);
                assert_int_equal(caustic_front_solution(w.x, w.y, w.z, w.front, w.s, w.t, PREC), CAUSTIC_OK);
                arb_sub(w.z, w.z, side < 0 ? shock->left : shock->right, PREC);
                assert_true(arf_cmpabs_d(arb_midref(w.z), 1e-20) < 0);
            }
            _arb_vec_clear(area, 2);
            _arb_vec_clear(loss, 2);
        }
        caustic_front_shocks_clear(shocks);
        world_clear(&w);
    }
}

/* For long times: an N-wave between shocks at +-sqrt(2 t depth), of jumps sqrt(2 depth/t) (Evans, 3.4.5; LeVeque, 3.9), from a well of depth 1; a
   sawtooth s/t with jumps period/t from periodic data, so that v tends to its mean at the rate 1/t (Evans, 3.4, problem; LeVeque, 3.9); and between
   the jumps it is a rarefaction. */
static void
test_long_times(void ** state)
{
    static const double times[] = {1e3, 1e5};

    (void) state;
    for (size_t j = 0; j < 2; j++)
    {
        double t = times[j];
        world_struct w;
        caustic_front_shocks_t shocks;

        caustic_front_shocks_init(shocks);
        assert_int_equal(world_open(&w, LINE, "-exp(-x^2)"), CAUSTIC_OK);
        arb_set_d(w.t, t);
        arb_set_d(w.x, -3 * sqrt(t));
        arb_set_d(w.y, 3 * sqrt(t));
        if (caustic_front_shocks_at(shocks, w.why, w.front, w.x, w.y, w.t, DIGITS) != CAUSTIC_OK)
            fail_msg("t = %g: %s", t, w.why->data);
        assert_int_equal(shocks->length, 2);
        for (slong k = 0; k < 2; k++)
        {
            double place = arf_get_d(arb_midref(shocks->shock[k].position), ARF_RND_NEAR) / sqrt(2 * t);
            double jump;

            arb_sub(w.z, shocks->shock[k].v_left, shocks->shock[k].v_right, PREC);
            jump = arf_get_d(arb_midref(w.z), ARF_RND_NEAR) * sqrt(t / 2);
            assert_true(fabs(place - (k == 0 ? -1 : 1)) < 2 / sqrt(t) && fabs(jump - 1) < 4 / sqrt(t));
        }
        /* s/t between, nothing outside */
        assert_true(solve_at(&w, 0.5 * sqrt(t), t));
        arb_mul(w.y, w.y, w.t, PREC);
        arb_div(w.y, w.y, w.s, PREC);
        assert_true(fabs(arf_get_d(arb_midref(w.y), ARF_RND_NEAR) - 1) < 10 / t);
        assert_true(solve_at(&w, 2 * sqrt(t), t));
        assert_true(arf_cmpabs_d(arb_midref(w.y), 1e-30) < 0);
        world_clear(&w);

        assert_int_equal(world_open(&w, LINE, "cos(x) + sin(2*x)/3"), CAUSTIC_OK);
        t = j == 0 ? 40 : 400;
        arb_set_d(w.t, t);
        arb_set_d(w.x, -1);
        arb_set_d(w.y, 1);
        {
            arb_t lower, upper, reach;

            arb_init(lower);
            arb_init(upper);
            arb_init(reach);
            arb_set_d(reach, 7);
            caustic_front_guess_feet(lower, upper, w.front, w.x, w.y, reach, w.t);
            if (caustic_front_shocks_at(shocks, w.why, w.front, lower, upper, w.t, DIGITS) != CAUSTIC_OK)
                fail_msg("t = %g: %s", t, w.why->data);
            assert_true(shocks->length >= 1);
            arb_sub(w.z, shocks->shock->v_left, shocks->shock->v_right, PREC);
            arb_mul(w.z, w.z, w.t, PREC);
            assert_true(fabs(arf_get_d(arb_midref(w.z), ARF_RND_NEAR) - 6.283185307179586) < 20 / t);
            arb_clear(lower);
            arb_clear(upper);
            arb_clear(reach);
        }
        /* |v| <= period/t, and u tends to the least value of the loss */
        for (slong k = 0; k < 9; k++)
            if (solve_at(&w, -3 + 0.7 * (double) k, t))
                assert_true(fabs(arf_get_d(arb_midref(w.y), ARF_RND_NEAR)) * t < 6.2832);
        caustic_front_shocks_clear(shocks);
        world_clear(&w);
    }
}

/* The semigroup's other half (Evans, 3.3.2, Lemma 1): u(s, t_1 + t_2) <= u(y, t_1) + (s - y)^2/(2 t_2) for every y, not only where it is attained. */
static void
test_semigroup_bound(void ** state)
{
    world_struct w, late;
    arb_t cost;
    slong decided = 0;

    (void) state;
    arb_init(cost);
    assert_int_equal(world_open(&w, LINE, "cos(2*x) + sin(x)/3"), CAUSTIC_OK);
    assert_int_equal(world_open(&late, LINE, "cos(2*x) + sin(x)/3"), CAUSTIC_OK);
    for (slong i = 0; i < 5; i++)
    {
        double s = -2 + 0.83 * (double) i;

        if (!solve_at(&late, s, 1.5))
            continue;
        for (slong k = 0; k < 15; k++)
        {
            double y = s - 1.9 + 0.271 * (double) k;

            if (!solve_at(&w, y, 0.5))
                continue;
            arb_sub(cost, late.s, w.s, PREC);
            arb_sqr(cost, cost, PREC);
            arb_mul_2exp_si(cost, cost, -1);
            arb_add(cost, cost, w.x, PREC);
            assert_false(arb_lt(cost, late.x));
            decided++;
        }
    }
    assert_true(decided > 40);
    arb_clear(cost);
    world_clear(&w);
    world_clear(&late);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_newton),
        cmocka_unit_test(test_rarefaction),
        cmocka_unit_test(test_moving_shock),
        cmocka_unit_test(test_merger),
        cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_births),
        cmocka_unit_test(test_circle),
        cmocka_unit_test(test_near_misses),
        cmocka_unit_test(test_signature),
        cmocka_unit_test(test_viscous),
        cmocka_unit_test(test_unknown_ends),
        cmocka_unit_test(test_steepest),
        cmocka_unit_test(test_not_the_steepest),
        cmocka_unit_test(test_rate),
        cmocka_unit_test(test_profile),
        cmocka_unit_test(test_textbook),
        cmocka_unit_test(test_semigroup),
        cmocka_unit_test(test_semigroup_bound),
        cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_domain_of_dependence),
        cmocka_unit_test(test_equal_areas),
        cmocka_unit_test(test_long_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
