/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    First focal times of boxes where the curvature tensor is parallel: closed forms, needles, corners, near misses, no shock, local
    minima, and each answer against focal times at points, by integration too.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <flint/fmpq_vec.h>
#include <caustic/focal.h>
#include <caustic/shock.h>
#include "shock_question.h"

#define SPHERE "(1 + x^2 + y^2)^2/4", "0", "0", "(1 + x^2 + y^2)^2/4"
#define SPHERE_3 "(1 + x^2 + y^2 + z^2)^2/4", "0", "0", "0", "(1 + x^2 + y^2 + z^2)^2/4", "0", "0", "0", "(1 + x^2 + y^2 + z^2)^2/4"
#define DISC "(1 - x^2 - y^2)^2/4", "0", "0", "(1 - x^2 - y^2)^2/4"
#define HYPERBOLOID "1 + x^2", "x*y", "x*y", "1 + y^2"
/* of a ReLU neuron with three inputs: a line times a sphere */
#define NEURON_3 "2*x^2 + y^2 + z^2", "x*y", "x*z", "x*y", "x^2 + 2*y^2 + z^2", "y*z", "x*z", "y*z", "x^2 + y^2 + 2*z^2"

static const char * const letter[MOST] = {"x", "y", "z", "w"};

static fmpq *
read_numbers(const char * const * text, slong length)
{
    fmpq * x = _fmpq_vec_init(length);
    caustic_error_t error;

    caustic_error_init(error);
    for (slong i = 0; i < length; i++)
        assert_int_equal(caustic_parse_fmpq(x + i, text[i], NULL, error), CAUSTIC_OK);
    caustic_error_clear(error);
    return x;
}

static void
ask(question q)
{
    caustic_shock_flat_global(result, pose(letter, q));
}

#define demand(condition) do { if (!(condition)) { char * text = arb_get_str(result->time, 40, 0); \
    print_message("%s, shock %d, T* = %s, attained %d, minimisers %ld, claims %d %d: %s\n", caustic_verdict_name(result->verdict), \
    result->shock, text, result->attained, (long) result->minimisers, (int) result->claim_time, (int) result->claim_at, \
    result->detail); flint_free(text); fail_msg("%s", #condition); } } while (0)

/* t* at a point by the other module, by its closed formula or by integration: no form of cotangents, no search. */
static void
focal_time(arb_t time, question q, const char * const * where, int integrate)
{
    caustic_focal_problem problem;
    caustic_focal_options options = {NULL, 400, 8, 1024};
    caustic_expr z[MOST], cometric[MOST * MOST];
    caustic_focal_t focal;
    caustic_error_t error;
    slong d = q.dimension;
    fmpq * point = read_numbers(where, d);
    arb_ptr foot = _arb_vec_init(d);

    for (slong k = 0; k < d; k++)
        arb_set_fmpq(foot + k, point + k, 256);
    set_characteristics(&problem, z, cometric, letter, q);
    caustic_focal_init(focal);
    caustic_error_init(error);
    if ((integrate ? caustic_focal_integrate(focal, &problem, foot, &options, error)
            : caustic_focal_symmetric(focal, &problem, 1, foot, &options, error)) == CAUSTIC_OK)
        arb_set(time, focal->time);
    else
        arb_pos_inf(time);
    caustic_error_clear(error);
    caustic_focal_clear(focal);
    _fmpq_vec_clear(point, d);
    _arb_vec_clear(foot, d);
}

/* No point of a grid focuses before the lower bound, and at `where`, by integration, it is within the bounds. */
static void
expect_first(question q, const char * const * where)
{
    slong d = q.dimension, total = d == 2 ? 25 : 27, side = d == 2 ? 5 : 3;
    fmpq * ends = read_numbers(q.box, 2 * d);
    arb_t time;

    arb_init(time);
    for (slong i = 0; i < total; i++)
    {
        char * text[MOST];
        fmpq_t x, part;
        slong rest = i;

        fmpq_init(x);
        fmpq_init(part);
        for (slong k = 0; k < d; k++, rest /= side)
        {
            fmpq_set_si(part, rest % side, (ulong) side - 1);
            fmpq_sub(x, ends + 2 * k + 1, ends + 2 * k);
            fmpq_mul(x, x, part);
            fmpq_add(x, x, ends + 2 * k);
            text[k] = fmpq_get_str(NULL, 10, x);
        }
        focal_time(time, q, (const char * const *) text, 0);
        demand(!arb_lt(time, result->time));
        for (slong k = 0; k < d; k++)
            flint_free(text[k]);
        fmpq_clear(x);
        fmpq_clear(part);
    }
    if (where != NULL)
    {
        focal_time(time, q, where, 1);
        demand(arb_overlaps(time, result->time));
    }
    _fmpq_vec_clear(ends, 2 * d);
    arb_clear(time);
}

/* Closed forms *******************************************************************************/

/* a theta^2/2 on S^2: (pi - theta)/(a theta), least at the corner farthest from the pole; and claims that are off a little. */
static void
test_sphere(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "(2*atan(sqrt(x^2 + y^2)))^2/4", .box = {"1/4", "1", "1/4", "1/2"},
        .time = "(pi - 2*atan(sqrt(5)/2))/atan(sqrt(5)/2)", .at = {"1", "1/2"}};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->shock && result->attained == 1 && result->minimisers == 1);
    demand(result->curved);
    demand(result->claim_time == CAUSTIC_PROVED && result->claim_at == CAUSTIC_PROVED);
    expect_first(q, NULL); /* on the way to the other pole the chart ends */
    q.time = "(pi - 2*atan(sqrt(5)/2))/atan(sqrt(5)/2)*(1 + 1e-40)";
    q.at[1] = "1/2 - 1e-20";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED && result->claim_at == CAUSTIC_REFUTED);
    q.time = NULL;
    q.none = 1; /* what the flat formula says of a convex loss */
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED);
}

/* Few digits are no reason to lose the place: what the search covers is sharper than they are. */
static void
test_few_digits(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "(2*atan(sqrt(x^2 + y^2)))^2/4 + x/50", .box = {"1/4", "1", "1/4", "1/2"}};
    arb_t sharp;

    (void) state;
    arb_init(sharp);
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == 1);
    arb_set(sharp, result->time);
    for (q.digits = 2; q.digits <= 7; q.digits++)
    {
        ask(q);
        demand(result->verdict == CAUSTIC_PROVED && result->minimisers == 1 && arb_overlaps(result->time, sharp));
        demand(arb_rel_accuracy_bits(result->time) >= 3 * q.digits);
    }
    arb_clear(sharp);
}

/* -cos theta: (pi - theta)/sin theta. On S^3 two directions focus at once, at the corner too: what is proved is a bracket. */
static void
test_double_zero(void ** state)
{
    question q = {.dimension = 3, .cometric = {SPHERE_3}, .loss = "-(1 - x^2 - y^2 - z^2)/(1 + x^2 + y^2 + z^2)",
        .box = {"1/8", "1/2", "1/8", "1/2", "1/8", "1/4"}, .digits = 2, .box_limit = 400, .time = "(pi - 2*atan(3/4))/(24/25)"};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->shock);
    demand(result->claim_time != CAUSTIC_REFUTED);
    expect_first(q, NULL);
    q.time = "(pi - 2*atan(3/4))/(24/25)*(1 - 1/10)";
    ask(q);
    demand(result->claim_time == CAUSTIC_REFUTED);
}

/* Losses of the polar angle alone: along a circle, at the pole, at the farthest point, which is one of four if the box is symmetric. */
static void
test_rotations(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "sin(3*(1 - x^2 - y^2)/(1 + x^2 + y^2))", .box = {"-1", "3/2", "-1/2", "1"}};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == -1 && result->attained == 1);
    expect_first(q, NULL);
    q.loss = "(1 - x^2 - y^2)/(1 + x^2 + y^2)";
    q.time = "1";
    q.at[0] = q.at[1] = "0";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == 1);
    demand(result->claim_time == CAUSTIC_PROVED && result->claim_at == CAUSTIC_PROVED);
    q = (question) {.dimension = 2, .cometric = {SPHERE}, .loss = "-(1 - x^2 - y^2)/(1 + x^2 + y^2)", .box = {"-1", "1/2", "-1/2", "1/2"},
        .time = "(pi - 2*atan(sqrt(5)/2))*9/(4*sqrt(5))", .at = {"-1/2", "1/2"}};
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == -1 && result->claim_time == CAUSTIC_PROVED);
    demand(result->claim_at == CAUSTIC_REFUTED);
    expect_first(q, NULL);
    /* what only looks zonal */
    q.loss = "-(1 - x^2 - y^2)/(1 + x^2 + y^2) + x^5/1000000";
    q.at[0] = NULL;
    q.digits = 10;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED && result->minimisers == 2);
}

#define HYPERBOLIC_LINE "(1 - x^2 - y^2)^2/4", "0", "0", "0", "(1 - x^2 - y^2)^2/4", "0", "0", "0", "1"
#define HYPERBOLIC_AND(factor) "(1 - x^2 - y^2)^2/4", "0", "0", "0", "0", "(1 - x^2 - y^2)^2/4", "0", "0", "0", "0", factor, "0", "0", "0", "0", factor
#define COSH "(1 + x^2 + y^2)/(1 - x^2 - y^2)"

/* Products that are nowhere positively curved, but not of constant curvature; a hair's breadth of a hill on the line, and a sphere. */
static void
test_no_shock_on_products(void ** state)
{
    question q = {.dimension = 3, .cometric = {HYPERBOLIC_LINE}, .loss = COSH " + z^4 + z/3", .box = {"-1/2", "1/2", "-1/2", "1/2", "-1", "1"},
        .none = 1};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_PROVED);
    q.loss = COSH;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock);
    q.loss = COSH " + z/3 - z^2/1000000";
    ask(q);
    demand(result->claim_time == CAUSTIC_REFUTED && result->shock);
    q.time = "500000";
    q.none = 0;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_PROVED);
    /* the hill and the plane: the plane's is the earlier focus, though the line alone would be late */
    q.loss = COSH " - 60*exp(-40*((x - 1/3)^2 + y^2)) + z/3 - z^2/1000000";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED && arb_is_positive(result->time));
    q = (question) {.dimension = 4, .cometric = {HYPERBOLIC_AND("(1 - z^2 - w^2)^2*3/4")}, .loss = COSH " + (1 + z^2 + w^2)/(1 - z^2 - w^2)",
        .box = {"-1/2", "1/2", "-1/2", "1/2", "-1/4", "1/4", "-1/4", "1/4"}, .none = 1};
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_PROVED);
    /* convex at its pole too, but the sphere makes it focus, late */
    q.cometric[10] = q.cometric[15] = "(1 + z^2 + w^2)^2/4";
    q.loss = COSH " + 2*atan(sqrt(z^2 + w^2))^2/100";
    q.box[4] = q.box[6] = "1/8";
    q.box_limit = 200;
    ask(q);
    demand(result->claim_time != CAUSTIC_PROVED && (result->verdict != CAUSTIC_PROVED || result->shock));
}

#define SURFACE(profile) "1", "0", "0", "1/(" profile ")^2"

/* A surface of revolution: where the profile is convex everywhere nothing focuses that begins convex. Where it is not, far from the box, or where the
   loss is not quite convex, that is not said. */
static void
test_no_shock_on_surfaces(void ** state)
{
    question q = {.dimension = 2, .cometric = {SURFACE("1 + x^2")}, .loss = "x^2/2 + x*y^2/20 + y^2", .box = {"1/4", "1", "-1", "1"}, .none = 1};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_PROVED && !result->curved && result->general);
    caustic_shock_flat_local(result, pose(letter, q));
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_PROVED);
    q.none = 0;
    q.time = "5";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_REFUTED);
    q.none = 1;
    q.time = NULL;
    q.cometric[3] = "1/(1 + x^2/(1 + x^2/1000000))^2";
    ask(q);
    demand(result->verdict == CAUSTIC_UNDECIDED && result->claim_time == CAUSTIC_UNDECIDED);
    q.cometric[3] = "1/(1 + x^2)^2";
    q.loss = "x^2/2 + x*y^2/20 + y^2 - x*y*3";
    ask(q);
    demand(result->verdict == CAUSTIC_UNDECIDED && result->claim_time == CAUSTIC_UNDECIDED);
    caustic_shock_flat_local(result, pose(letter, q));
    demand(result->verdict == CAUSTIC_UNDECIDED && result->claim_time == CAUSTIC_UNDECIDED);
    /* a kink */
    q.loss = "x^2/2 + y^2 + abs(y - 1/3)";
    ask(q);
    demand(result->verdict == CAUSTIC_UNDECIDED && result->claim_time == CAUSTIC_UNDECIDED);
    /* what only the flat formula would call convex: the second derivatives are not negative, the covariant ones are */
    q.loss = "-x + y^2/1000";
    ask(q);
    demand(result->verdict == CAUSTIC_UNDECIDED && result->claim_time == CAUSTIC_UNDECIDED);
}

/* No characteristic of the box focuses: then none does locally. On a sphere, where one may outside the box, that is not said. */
static void
test_no_local_shock(void ** state)
{
    question q = {.dimension = 2, .cometric = {DISC}, .loss = COSH, .box = {"-1/2", "1/2", "-1/2", "1/2"}, .none = 1};

    (void) state;
    caustic_shock_flat_local(result, pose(letter, q));
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_PROVED);
    q.loss = COSH " - 60*exp(-40*((x - 1/3)^2 + y^2))";
    caustic_shock_flat_local(result, pose(letter, q));
    demand(result->claim_time != CAUSTIC_PROVED && (result->verdict != CAUSTIC_PROVED || result->shock));
    q = (question) {.dimension = 2, .cometric = {SPHERE}, .loss = "2*atan(sqrt(x^2 + y^2))^2", .box = {"1/4", "1/2", "1/4", "1/2"}, .none = 1};
    caustic_shock_flat_local(result, pose(letter, q));
    demand(result->claim_time != CAUSTIC_PROVED && (result->verdict != CAUSTIC_PROVED || result->shock));
}

/* The sign of x times a convex function of the distance: all small rotations keep it, but on the axis, where x > 0, nothing focuses, and on the box
   characteristics do. */
static void
test_rotations_across_a_jump(void ** state)
{
    question q = {.dimension = 2, .cometric = {HYPERBOLOID}, .loss = "sqrt(1 + x^2 + y^2)*sqrt(x^2)/x", .box = {"-2", "-1", "-1", "1"},
        .none = 1};

    (void) state;
    ask(q);
    demand(result->claim_time != CAUSTIC_PROVED && (result->verdict != CAUSTIC_PROVED || result->shock));
    q.none = 0;
    q.digits = 10;
    q.time = "1/sqrt(6)";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->shock && result->minimisers == 2);
    demand(result->claim_time == CAUSTIC_PROVED);
}

/* The loss is no function of the distance's square that is smooth at the origin, which the box does not contain. The place is one of the box, not of
   the axis. */
static void
test_rotations_around_a_kink(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "exp(-(2*atan(sqrt(x^2 + y^2)) - 1)^2) + atan(sqrt(x^2 + y^2))",
        .box = {"-3/5", "-1/2", "-1/16", "1/16"}, .time = "1/2"};
    arb_t distance, radius;

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == -1 && result->attained == 1);
    demand(result->claim_time == CAUSTIC_PROVED);
    arb_init(distance);
    arb_init(radius);
    arb_set_d(radius, -0.5);
    demand(arb_lt(result->at, radius));
    arb_set_d(radius, -0.6);
    demand(arb_gt(result->at, radius));
    arb_set_d(radius, 0.0625);
    arb_abs(distance, result->at + 1);
    demand(arb_le(distance, radius));
    /* at the polar angle 1 */
    arb_dot(distance, NULL, 0, result->at, 1, result->at, 1, 2, 200);
    arb_sqrt(distance, distance, 200);
    arb_atan(distance, distance, 200);
    arb_set_d(radius, 0.5);
    arb_sub(distance, distance, radius, 200);
    arb_set_d(radius, 1e-9);
    arb_abs(distance, distance);
    demand(arb_lt(distance, radius));
    arb_clear(distance);
    arb_clear(radius);
}

/* A line times a sphere: curvature acts on two of three directions. */
static void
test_product(void ** state)
{
    question q = {.dimension = 3, .cometric = {NEURON_3}, .loss = "((x - 1)^2 + (y + x/2)^2 + (z - y)^2)/2",
        .box = {"1/2", "3/4", "1/4", "1/2", "1/4", "1/2"}};
    const char * const corner[] = {"3/4", "1/2", "1/4"};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->shock && result->minimisers == 1);
    expect_first(q, corner);
}

/* The sign of curvature ***********************************************************************/

/* cosh of the distance is convex: on the disc nothing focuses; a little less convex far away, something may. */
static void
test_no_shock(void ** state)
{
    question q = {.dimension = 2, .cometric = {DISC}, .loss = "(1 + x^2 + y^2)/(1 - x^2 - y^2)", .box = {"-1/2", "1/2", "-1/2", "1/2"},
        .none = 1};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock && result->claim_time == CAUSTIC_PROVED);
    /* a plane's formula with the sphere's sign: the same height on the sphere does focus */
    q.cometric[0] = q.cometric[3] = "(1 + x^2 + y^2)^2/4";
    q.loss = "-(1 - x^2 - y^2)/(1 + x^2 + y^2)";
    ask(q);
    demand(result->claim_time == CAUSTIC_REFUTED);
    /* a constant: no direction at all, no focus */
    q.cometric[0] = q.cometric[3] = "(1 - x^2 - y^2)^2/4";
    q.loss = "3";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && !result->shock);
    q.loss = "(1 + x^2 + y^2)/(1 - x^2 - y^2) - 60*exp(-40*((x - 1/3)^2 + y^2))";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->shock && result->claim_time == CAUSTIC_REFUTED);
    expect_first(q, NULL);
}

/* Negative curvature delays: -r^2 focuses at 1/2 from every point, by algebra, later than -1 over the least eigenvalue. A loss that is a little
   different does not. */
static void
test_hyperbolic(void ** state)
{
    question q = {.dimension = 2, .cometric = {DISC}, .loss = "-log((1 + sqrt(x^2 + y^2))/(1 - sqrt(x^2 + y^2)))^2",
        .box = {"1/4", "1/2", "1/4", "1/2"}, .time = "1/2"};
    const char * const where[] = {"1/3", "1/3"};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == -1 && result->claim_time == CAUSTIC_PROVED && result->claim_exact);
    expect_first(q, where);
    q.time = "1/2 + 1e-40";
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED);
    q.time = "1/2";
    q.loss = "-log((1 + sqrt(x^2 + y^2))/(1 - sqrt(x^2 + y^2)))^2 - x^2/1000000";
    q.box_limit = 50;
    ask(q);
    demand(!(result->verdict == CAUSTIC_PROVED && result->claim_time == CAUSTIC_PROVED));
    /* the same function on the sphere's metric is no distance */
    q = (question) {.dimension = 2, .cometric = {SPHERE}, .loss = "-log((1 + sqrt(x^2 + y^2))/(1 - sqrt(x^2 + y^2)))^2",
        .box = {"1/4", "1/2", "1/4", "1/2"}, .time = "1/2", .digits = 10};
    ask(q);
    demand(result->claim_time == CAUSTIC_REFUTED);
}

/* Searches ***********************************************************************************/

/* A needle between the points of any coarse grid. */
static void
test_needle(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "x/10 - exp(-4000*((x - 11/170)^2 + (y - 7/130)^2))/800",
        .box = {"-1/2", "1/2", "-1/2", "1/2"}, .digits = 20};
    arb_t early;

    (void) state;
    ask(q);
    arb_init(early);
    arb_set_d(early, 1.0);
    demand(arb_lt(result->time, early));
    arb_clear(early);
}

/* Two places by an exchange of the coordinates, and one on each side of a symmetric loss. */
static void
test_several_minimisers(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "-exp(-4*(x - 1/2)^2 - 4*(y + 1/4)^2) - exp(-4*(y - 1/2)^2 - 4*(x + 1/4)^2)",
        .box = {"-1", "1", "-1", "1"}, .digits = 12};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_PROVED && result->minimisers == 2);
    expect_first(q, NULL);
}

static void
test_local(void ** state)
{
    question q = {.dimension = 2, .cometric = {SPHERE}, .loss = "-exp(-((x - 1/5)^2 + 2*(y + 1/10)^2))", .box = {"-2", "2", "-2", "2"}};
    arb_t here;
    char * text[2];

    (void) state;
    caustic_shock_flat_local(result, pose(letter, q));
    demand(result->verdict == CAUSTIC_PROVED && result->shock && result->minimisers == 1);
    /* around the place it is later, at the place it is that time */
    arb_init(here);
    for (int i = 0; i < 9; i++)
    {
        fmpq_t x, step;

        fmpq_init(x);
        fmpq_init(step);
        for (int k = 0; k < 2; k++)
        {
            arf_get_fmpq(x, arb_midref(result->at + k));
            fmpq_set_si(step, (k == 0 ? i % 3 : i / 3) - 1, 50);
            fmpq_add(x, x, step);
            text[k] = fmpq_get_str(NULL, 10, x);
        }
        focal_time(here, q, (const char * const *) text, 0);
        demand(i == 4 ? arb_overlaps(here, result->time) : arb_gt(here, result->time));
        fmpq_clear(x);
        fmpq_clear(step);
        flint_free(text[0]);
        flint_free(text[1]);
    }
    arb_clear(here);
}

/* What is not locally symmetric, and a box that goes on for ever, are said so. */
static void
test_undecided(void ** state)
{
    question q = {.dimension = 2, .cometric = {"1 + x^4", "0", "0", "1 + x^2*y^2"}, .loss = "-x^2 - y^2/2", .box = {"0", "1", "0", "1"}};

    (void) state;
    ask(q);
    demand(result->verdict == CAUSTIC_UNDECIDED && strstr(result->detail, "symmetric") != NULL);
    q = (question) {.dimension = 2, .cometric = {SPHERE}, .loss = "-exp(-x^2 - y^2)/(1 + abs(x - 1/3))", .box = {"0", "1", "0", "1"}};
    ask(q);
    demand(result->verdict == CAUSTIC_UNDECIDED);
}

/* Without parallel curvature characteristics are integrated. The geodesics of this surface are an anharmonic oscillator; those along y = 0 focus after a quarter of its
   period, pi/2/(1 + x/5), and all others later. */
static caustic_verdict
ask_integrated(question q, slong steps)
{
    static const char * const letter[] = {"x", "y"};
    const caustic_shock_flat_problem * problem;
    caustic_focal_problem characteristics;

    problem = pose(letter, q);
    caustic_shock_flat_global(result, problem);
    demand(result->general && result->verdict == CAUSTIC_UNDECIDED && !result->integrated);
    memset(&characteristics, 0, sizeof(characteristics));
    characteristics.pool = pool;
    characteristics.dimension = characteristics.feet = 2;
    characteristics.coordinate = characteristics.foot = characteristics.start = problem->z;
    characteristics.domain = problem->domain;
    characteristics.cometric = problem->cometric;
    characteristics.function = problem->loss;
    caustic_shock_integrated_global(result, problem, &characteristics, steps);
    return result->verdict;
}

static void
test_integrated(void ** state)
{
    question q = {.dimension = 2, .cometric = {"1 + y^2 - y^4/4", "0", "0", "1"}, .loss = "x + x^2/10", .box = {"0", "1", "-1/4", "1/2"}, .digits = 3,
        .time = "5*pi/12"};

    (void) state;
    demand(ask_integrated(q, 3000) == CAUSTIC_PROVED && result->shock == 1 && result->integrated && result->attained == -1);
    demand(result->claim_time == CAUSTIC_PROVED && result->claim_at == 0 && !result->claim_exact);
    demand(arf_cmp_d(result->earliest, 1.30899693) <= 0 && arf_cmp_d(result->latest, 1.30899694) >= 0);
    demand(strstr(result->bracket_detail, "x = ") != NULL);
    /* near misses: a claim outside the enclosure, one inside but not the time to the digits, and no shock at all */
    q.time = "1.303";
    demand(ask_integrated(q, 3000) == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED);
    q.time = NULL;
    q.none = 1;
    demand(ask_integrated(q, 3000) == CAUSTIC_PROVED && result->claim_time == CAUSTIC_REFUTED);
    /* a bracket that is too wide decides what it can */
    q.none = 0;
    q.time = "5*pi/12";
    demand(ask_integrated(q, 5) == CAUSTIC_UNDECIDED && result->bracket && result->claim_time == CAUSTIC_UNDECIDED);
    demand(arf_cmp_d(result->earliest, 1.30899693) <= 0 && arf_cmp_d(result->latest, 1.30899694) >= 0);
    q.time = "2";
    demand(ask_integrated(q, 5) == CAUSTIC_UNDECIDED && result->claim_time == CAUSTIC_REFUTED);
    /* an infinite box */
    q.box[1] = NULL;
    demand(ask_integrated(q, 5) == CAUSTIC_UNDECIDED && !result->bracket && strstr(result->detail, "finite box") != NULL);
    demand(result->claim_time == CAUSTIC_UNDECIDED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sphere),
        cmocka_unit_test(test_few_digits),
        cmocka_unit_test(test_double_zero),
        cmocka_unit_test(test_rotations),
        cmocka_unit_test(test_rotations_across_a_jump),
        cmocka_unit_test(test_rotations_around_a_kink),
        cmocka_unit_test(test_product),
        cmocka_unit_test(test_no_shock),
        cmocka_unit_test(test_no_shock_on_products),
        cmocka_unit_test(test_no_shock_on_surfaces),
        cmocka_unit_test(test_no_local_shock),
        cmocka_unit_test(test_hyperbolic),
        cmocka_unit_test(test_needle),
        cmocka_unit_test(test_several_minimisers),
        cmocka_unit_test(test_local),
        cmocka_unit_test(test_undecided),
        cmocka_unit_test(test_integrated),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
