/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    landscape: what is known of the loss on the whole line: that it repeats, or that l'' is almost nonnegative outside of a core; its
    symmetry about a point, and bounds of l and l''.
*/

#include <math.h>
#include <string.h>
#include <caustic/field.h>
#include "base/ball.h"
#include "shock/tail.h"
#include "front_internal.h"

#define BOUND_PREC 64
#define PIECES 1024
#define DOUBLINGS 24

void
landscape_init(landscape_struct * landscape)
{
    memset(landscape, 0, sizeof(landscape_struct));
    arb_init(landscape->period);
    arb_init(landscape->oscillation);
    arb_init(landscape->bend_least);
    arb_init(landscape->bend_most);
    arb_init(landscape->centre);
}

void
landscape_clear(landscape_struct * landscape)
{
    arb_clear(landscape->period);
    arb_clear(landscape->oscillation);
    arb_clear(landscape->bend_least);
    arb_clear(landscape->bend_most);
    arb_clear(landscape->centre);
}

/* e >= bound from `end` on to the right (side 1) or left (-1); on the whole line for side 0. */
static int
bound_beyond(arf_t bound, const caustic_front_t front, caustic_expr e, double end, int side)
{
    caustic_interval_t interval;
    arf_t x;
    int found;

    caustic_interval_init(interval);
    arf_init(x);
    arf_set_d(x, end);
    if (side > 0)
    {
        interval->lower_infinite = 0;
        interval->lower_closed = 1;
        arf_get_fmpq(interval->lower, x);
    }
    else if (side < 0)
    {
        interval->upper_infinite = 0;
        interval->upper_closed = 1;
        arf_get_fmpq(interval->upper, x);
    }
    found = caustic_lower_bound(bound, front->pool, e, front->flat->s, interval)
        || (side != 0 && expression_tail_bound(bound, front->pool, e, front->flat->s, side > 0 ? interval->lower : interval->upper, side, BOUND_PREC));
    caustic_interval_clear(interval);
    arf_clear(x);
    return found;
}

/* The least distance 2^k from 0 beyond which l'' >= -slack, on the given side. */
static int
find_end(double * end, const caustic_front_t front, caustic_expr bend, double slack, int side)
{
    arf_t bound;
    int found = 0;

    arf_init(bound);
    for (slong k = -2; k < DOUBLINGS && !found; k++)
    {
        *end = side * ldexp(1, (int) k / 2) * (k % 2 == 0 ? 1 : 1.5);
        found = bound_beyond(bound, front, bend, *end, side) && arf_cmp_d(bound, -slack) >= 0;
    }
    arf_clear(bound);
    return found;
}

int
landscape_find_core(landscape_struct * landscape, const caustic_front_t front, double slack)
{
    caustic_expr slope = caustic_derivative(front->pool, front->loss, front->flat->s);
    caustic_expr bend = caustic_derivative(front->pool, slope, front->flat->s);

    landscape->slack = slack;
    landscape->core = bend != CAUSTIC_NONE && isfinite(slack) && slack >= 0 && find_end(&landscape->lower, front, bend, slack, -1)
        && find_end(&landscape->upper, front, bend, slack, 1);
    return landscape->core;
}

/* The least and the greatest value of l (order 0) or l'' (order 2) on [lower, upper], by centred forms. */
static void
bounds_between(arb_t least, arb_t most, const caustic_front_t front, const arb_t lower, const arb_t upper, slong order)
{
    arb_ptr on = _arb_vec_init(order + 2), at = _arb_vec_init(order + 2);
    arb_t piece, end, width;

    arb_init(piece);
    arb_init(end);
    arb_init(width);
    arb_sub(width, upper, lower, BOUND_PREC);
    for (slong i = 0; i < PIECES; i++)
    {
        arb_mul_si(piece, width, i, BOUND_PREC);
        arb_mul_si(end, width, i + 1, BOUND_PREC);
        arb_union(piece, piece, end, BOUND_PREC);
        arb_div_si(piece, piece, PIECES, BOUND_PREC);
        arb_add(piece, piece, lower, BOUND_PREC);
        caustic_tape_evaluate_series(&on, front->tape, piece, order + 2, BOUND_PREC);
        arb_get_mid_arb(end, piece);
        caustic_tape_evaluate_series(&at, front->tape, end, order + 1, BOUND_PREC);
        arb_sub(piece, piece, end, BOUND_PREC);
        /* the k-th derivative is k! times the coefficient */
        arb_mul(piece, piece, on + order + 1, BOUND_PREC);
        arb_mul_si(piece, piece, order + 1, BOUND_PREC);
        arb_add(piece, piece, at + order, BOUND_PREC);
        arb_mul_2exp_si(piece, piece, order == 2 ? 1 : 0);
        if (i == 0)
        {
            ball_lower_end(least, piece, BOUND_PREC);
            ball_upper_end(most, piece, BOUND_PREC);
        }
        else
        {
            ball_lower_end(end, piece, BOUND_PREC);
            arb_min(least, least, end, BOUND_PREC);
            ball_upper_end(end, piece, BOUND_PREC);
            arb_max(most, most, end, BOUND_PREC);
        }
    }
    arb_clear(piece);
    arb_clear(end);
    arb_clear(width);
    _arb_vec_clear(on, order + 2);
    _arb_vec_clear(at, order + 2);
}

/* By form on the whole line; infinite where that gives no bound. */
static void
bound_oscillation(landscape_struct * landscape, const caustic_front_t front)
{
    arf_t bound;

    arf_init(bound);
    arb_pos_inf(landscape->oscillation);
    if (bound_beyond(bound, front, caustic_neg(front->pool, front->loss), 0, 0))
    {
        arb_set_arf(landscape->oscillation, bound);
        arb_neg(landscape->oscillation, landscape->oscillation);
        arb_sub_arf(landscape->oscillation, landscape->oscillation, front->lower, BOUND_PREC);
    }
    arf_clear(bound);
}

static int
find_period(landscape_struct * landscape, const caustic_front_t front)
{
    caustic_expr period = caustic_expr_period(front->pool, &front->loss, 1, front->flat->s);
    caustic_tape * tape = period == CAUSTIC_NONE ? NULL : caustic_tape_new(front->pool, &period, 1, &front->flat->s, 1);
    arb_t zero;

    if (tape == NULL)
        return 0;
    arb_init(zero);
    caustic_tape_evaluate_arb(landscape->period, tape, zero, BOUND_PREC);
    arb_abs(landscape->period, landscape->period);
    arb_clear(zero);
    caustic_tape_free(tape);
    return arb_is_finite(landscape->period) && arb_is_positive(landscape->period);
}

/* l(2 centre - y) = l(y), proved in the exact field, for a centre that is a short number near `guess`. */
static int
is_symmetric(const caustic_front_t front, const fmpq_t centre)
{
    caustic_pool * pool = front->pool;
    caustic_expr y = front->flat->s, mirrored;
    caustic_interval_t line;
    truth_t zero = T_UNKNOWN;
    gr_ctx_t ctx;
    gr_ptr x;
    fmpq_t twice;

    fmpq_init(twice);
    fmpq_mul_2exp(twice, centre, 1);
    mirrored = caustic_sub(pool, caustic_number(pool, twice), y);
    mirrored = caustic_sub(pool, caustic_substitute(pool, front->loss, &y, &mirrored, 1), front->loss);
    fmpq_clear(twice);
    if (mirrored == CAUSTIC_NONE)
        return 0;
    caustic_interval_init(line);
    caustic_field_ctx_init(ctx, pool, &y, line, 1);
    GR_TMP_INIT(x, ctx);
    if (caustic_field_set_expr(x, mirrored, ctx) == GR_SUCCESS)
        zero = caustic_field_is_zero(x, NULL, ctx);
    GR_TMP_CLEAR(x, ctx);
    gr_ctx_clear(ctx);
    caustic_interval_clear(line);
    return zero == T_TRUE;
}

int
landscape_find_symmetry(landscape_struct * landscape, const caustic_front_t front, double guess)
{
    fmpq_t low, high;
    arf_t x;

    fmpq_init(low);
    fmpq_init(high);
    arf_init(x);
    if (isfinite(guess))
    {
        arf_set_d(x, guess - 1e-3);
        arf_get_fmpq(low, x);
        arf_set_d(x, guess + 1e-3);
        arf_get_fmpq(high, x);
        fmpq_simplest_between(low, low, high);
        landscape->symmetric = is_symmetric(front, low);
        arb_set_fmpq(landscape->centre, low, BOUND_PREC);
    }
    fmpq_clear(low);
    fmpq_clear(high);
    arf_clear(x);
    return landscape->symmetric;
}

/* No kink by its form: then an expression of a derivative that is certainly defined is the derivative [HEAT-8]. */
static int
has_no_kinks(const caustic_pool * pool, caustic_expr e)
{
    char * reached = flint_calloc((size_t) e + 1, 1);
    int smooth = 1;

    reached[e] = 1;
    for (caustic_expr node = e; node > 0 && smooth; node--)
    {
        caustic_op op = caustic_expr_op(pool, node);

        if (!reached[node])
            continue;
        smooth = op != CAUSTIC_OP_ABS && op != CAUSTIC_OP_RELU && op != CAUSTIC_OP_SIGN && op != CAUSTIC_OP_STEP;
        for (slong i = 0; i < caustic_expr_arity(pool, node); i++)
            reached[caustic_expr_child(pool, node, i)] = 1;
    }
    flint_free(reached);
    return smooth;
}

/* An upper bound of l'' on the line from that in the core. */
static void
most_beyond(arb_t res, const arb_t most, const caustic_front_t front, const landscape_struct * landscape)
{
    caustic_expr slope = caustic_derivative(front->pool, front->loss, front->flat->s);
    caustic_expr bend = caustic_neg(front->pool, caustic_derivative(front->pool, slope, front->flat->s));
    arf_t bound;
    arb_t x;

    arf_init(bound);
    arb_init(x);
    arb_set(res, most);
    for (int side = -1; side <= 1; side += 2)
    {
        if (bound_beyond(bound, front, bend, side < 0 ? landscape->lower : landscape->upper, side))
        {
            arb_set_arf(x, bound);
            arb_neg(x, x);
            arb_max(res, res, x, BOUND_PREC);
        }
        else
            arb_pos_inf(res);
    }
    arf_clear(bound);
    arb_clear(x);
}

int
landscape_find(landscape_struct * landscape, const caustic_front_t front)
{
    if (!has_no_kinks(front->pool, front->loss))
        return 0;
    bound_oscillation(landscape, front);
    landscape->periodic = find_period(landscape, front);
    if (landscape->periodic)
    {
        arb_t zero, least, most;

        arb_init(zero);
        arb_init(least);
        arb_init(most);
        bounds_between(landscape->bend_least, landscape->bend_most, front, zero, landscape->period, 2);
        bounds_between(least, most, front, zero, landscape->period, 0);
        arb_sub(landscape->oscillation, most, least, BOUND_PREC);
        landscape->lower = -0.5 * ball_guess(landscape->period);
        landscape->upper = -landscape->lower;
        arb_clear(zero);
        arb_clear(least);
        arb_clear(most);
        return 1;
    }
    if (!landscape_find_core(landscape, front, 0) && !landscape_find_core(landscape, front, 1e-3))
        return 0;
    /* inside the core by pieces, outside by the slack */
    {
        arb_t lower, upper, least, most;

        arb_init(lower);
        arb_init(upper);
        arb_init(least);
        arb_init(most);
        arb_set_d(lower, landscape->lower);
        arb_set_d(upper, landscape->upper);
        bounds_between(least, most, front, lower, upper, 2);
        arb_set_d(lower, -landscape->slack);
        arb_min(landscape->bend_least, least, lower, BOUND_PREC);
        most_beyond(landscape->bend_most, most, front, landscape);
        arb_clear(lower);
        arb_clear(upper);
        arb_clear(least);
        arb_clear(most);
    }
    return arb_is_finite(landscape->bend_least);
}
