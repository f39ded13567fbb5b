/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    excess: that psi stays above a line, or convex, on an interval, by bisection.
*/

#include "base/ball.h"
#include "front_internal.h"

#define CELL_LIMIT 20000
#define DEPTH_LIMIT 200
#define TOUCHING_STEPS 60

typedef struct
{
    const excess_struct * excess; /* with foot == NULL: convexity is asked for */
    slong prec;
    arb_ptr series; /* room for 3 balls on the cell, 2 at its centre */
    arb_t middle;   /* m of a tangent's foot; l and l' there; (l''(foot) + 1/t) (foot - m), and 1/t */
    arb_ptr line;
    arb_t turn;
    arb_t rate;
}
bisection_struct;

static void
cell_ball(arb_t y, const arf_t lower, const arf_t upper, slong prec)
{
    arb_set_interval_arf(y, lower, upper, prec);
}

/* Over t, from the loss at y: the excess over a tangent of psi is that of l, and (y - foot)^2/2. With m in the middle of the foot's ball

       l(y) - l(m) - l'(m) (y - m) + (y - m)^2/(2t) - (l''(foot) + 1/t) (y - foot) (foot - m),

   by the mean value in foot: as narrow as the balls of t and foot allow. */
static void
set_tangent(bisection_struct * work)
{
    const caustic_tape * tape = work->excess->front->tape;
    arb_ptr on = _arb_vec_init(3);

    arb_get_mid_arb(work->middle, work->excess->foot);
    caustic_tape_evaluate_series(&work->line, tape, work->middle, 2, work->prec);
    caustic_tape_evaluate_series(&on, tape, work->excess->foot, 3, work->prec);
    arb_mul_2exp_si(on + 2, on + 2, 1);
    arb_add(on + 2, on + 2, work->rate, work->prec);
    arb_sub(work->turn, work->excess->foot, work->middle, work->prec);
    arb_mul(work->turn, work->turn, on + 2, work->prec);
    _arb_vec_clear(on, 3);
}

static void
tangent_series(arb_ptr res, const bisection_struct * work, const arb_t y)
{
    slong prec = work->prec;
    arb_t offset, square;

    arb_init(offset);
    arb_init(square);
    caustic_tape_evaluate_series(&res, work->excess->front->tape, y, 2, prec);
    _arb_vec_sub(res, res, work->line, 2, prec);
    arb_sub(res + 1, res + 1, work->turn, prec);
    arb_sub(offset, y, work->excess->foot, prec);
    arb_submul(res, work->turn, offset, prec);
    arb_sub(offset, y, work->middle, prec);
    arb_submul(res, work->line + 1, offset, prec);
    arb_addmul(res + 1, work->rate, offset, prec);
    arb_sqr(square, offset, prec);
    arb_mul(square, square, work->rate, prec);
    arb_mul_2exp_si(square, square, -1);
    arb_add(res, res, square, prec);
    arb_clear(offset);
    arb_clear(square);
}

/* The excess over t at y, and its first derivative. */
static void
excess_series(arb_ptr res, const bisection_struct * work, const arb_t y)
{
    const excess_struct * excess = work->excess;
    slong prec = work->prec;
    arb_t offset;

    if (excess->tangent)
    {
        tangent_series(res, work, y);
        return;
    }
    arb_init(offset);
    psi_series(res, excess->front, excess->t, y, 2, prec);
    arb_sub(offset, y, excess->foot, prec);
    arb_submul(res, offset, excess->slope, prec);
    arb_sub(res, res, excess->value, prec);
    arb_sub(res + 1, res + 1, excess->slope, prec);
    _arb_vec_scalar_mul(res, res, 2, work->rate, prec);
    arb_clear(offset);
}

/* Second-order Taylor form about the centre. */
static int
is_positive_on(void * data, const arf_t lower, const arf_t upper)
{
    bisection_struct * work = data;
    arb_ptr on = work->series, at = work->series + 3;
    arb_t y, centre, offset;
    int positive;

    arb_init(y);
    arb_init(centre);
    arb_init(offset);
    cell_ball(y, lower, upper, work->prec);
    /* psi''/(2t) = l''/2 + 1/(2t) */
    caustic_tape_evaluate_series(&on, work->excess->front->tape, y, 3, work->prec);
    arb_mul_2exp_si(offset, work->rate, -1);
    arb_add(on + 2, on + 2, offset, work->prec);
    if (work->excess->foot == NULL)
        positive = arb_is_positive(on + 2) && arb_is_positive(work->rate);
    else
    {
        arb_get_mid_arb(centre, y);
        arb_sub(offset, y, centre, work->prec);
        excess_series(at, work, centre);
        arb_addmul(at, at + 1, offset, work->prec);
        arb_sqr(offset, offset, work->prec);
        arb_addmul(at, on + 2, offset, work->prec);
        positive = arb_is_positive(at) && arb_is_positive(work->rate);
    }
    arb_clear(y);
    arb_clear(centre);
    arb_clear(offset);
    return positive;
}

int
walk_cells(const arf_t lower, const arf_t upper, slong prec, slong limit, int (* settle)(void *, const arf_t, const arf_t), void * data)
{
    arf_t left, right, width;
    slong cells = 0, depth = 0;
    /* comparisons with what is not a number would end the walk at once */
    int complete = arf_is_finite(lower) && arf_is_finite(upper);

    arf_init(left);
    arf_init(right);
    arf_init(width);
    arf_set(left, lower);
    arf_sub(width, upper, lower, 30, ARF_RND_UP);
    while (arf_cmp(left, upper) < 0 && complete)
    {
        arf_add(right, left, width, prec, ARF_RND_UP);
        if (arf_cmp(right, upper) > 0)
            arf_set(right, upper);
        if (settle(data, left, right))
        {
            arf_set(left, right);
            arf_mul_2exp_si(width, width, 1);
            depth -= depth > 0;
        }
        else
        {
            arf_mul_2exp_si(width, width, -1);
            depth++;
        }
        complete = ++cells <= limit && depth <= DEPTH_LIMIT && arf_is_finite(right);
    }
    arf_clear(left);
    arf_clear(right);
    arf_clear(width);
    return complete;
}

static int
bisect(const excess_struct * excess, const arf_t lower, const arf_t upper, slong prec)
{
    bisection_struct work = {.excess = excess, .prec = prec, .series = _arb_vec_init(5), .line = _arb_vec_init(2)};
    int proved;

    arb_init(work.middle);
    arb_init(work.turn);
    arb_init(work.rate);
    arb_inv(work.rate, excess->t, prec);
    if (excess->tangent)
        set_tangent(&work);
    proved = walk_cells(lower, upper, prec, CELL_LIMIT, is_positive_on, &work);
    arb_clear(work.middle);
    arb_clear(work.turn);
    arb_clear(work.rate);
    _arb_vec_clear(work.series, 5);
    _arb_vec_clear(work.line, 2);
    return proved;
}

int
excess_is_positive(const excess_struct * excess, const arf_t lower, const arf_t upper, slong prec)
{
    return bisect(excess, lower, upper, prec);
}

int
psi_is_convex(const caustic_front_t front, const arb_t t, const arf_t lower, const arf_t upper, slong prec)
{
    excess_struct excess = {front, t, NULL, NULL, NULL, 0};

    return bisect(&excess, lower, upper, prec);
}

int
excess_is_nonnegative(const excess_struct * excess, const arf_t end, slong prec)
{
    arb_t near, far;
    arf_t lower, upper, reach;
    int side, proved = 0;

    arb_init(near);
    arb_init(far);
    arf_init(lower);
    arf_init(upper);
    arf_init(reach);
    arb_set_arf(far, end);
    arb_sub(far, far, excess->foot, prec);
    side = arf_sgn(arb_midref(far));
    arf_abs(reach, arb_midref(far));

    /* convex from the foot's own ball to the place at `reach` from it, positive from there on */
    for (slong k = 0; k < TOUCHING_STEPS && !proved && arf_sgn(reach) > 0; k++)
    {
        arb_get_interval_arf(lower, upper, excess->foot, prec);
        arf_addmul_si(side > 0 ? upper : lower, reach, side, prec, side > 0 ? ARF_RND_CEIL : ARF_RND_FLOOR);
        if (psi_is_convex(excess->front, excess->t, lower, upper, prec))
        {
            arf_set(reach, side > 0 ? upper : lower);
            if (side * arf_cmp(reach, end) >= 0)
                proved = 1;
            else
                proved = side > 0 ? excess_is_positive(excess, reach, end, prec) : excess_is_positive(excess, end, reach, prec);
            break;
        }
        arf_mul_2exp_si(reach, reach, -1);
    }
    arb_clear(near);
    arb_clear(far);
    arf_clear(lower);
    arf_clear(upper);
    arf_clear(reach);
    return proved;
}

/* psi(y) - (value + slope (y - foot)) >= (y - slope)^2/2 - q, q = value - slope foot + slope^2/2 - t lower. */
void
excess_radius(arf_t radius, const excess_struct * excess, slong prec)
{
    arb_t q, x;

    arb_init(q);
    arb_init(x);
    arb_sqr(q, excess->slope, prec);
    arb_mul_2exp_si(q, q, -1);
    arb_submul(q, excess->slope, excess->foot, prec);
    arb_add(q, q, excess->value, prec);
    arb_set_arf(x, excess->front->lower);
    arb_submul(q, x, excess->t, prec);
    arb_mul_2exp_si(q, q, 1);
    arb_nonnegative_part(q, q);
    arb_sqrt(q, q, prec);
    arb_get_ubound_arf(radius, q, prec);
    arb_clear(q);
    arb_clear(x);
}

int
excess_is_nonnegative_beyond(const excess_struct * excess, int side, slong prec)
{
    arf_t radius, end;
    arb_t edge;
    int proved;

    arf_init(radius);
    arf_init(end);
    arb_init(edge);
    excess_radius(radius, excess, prec);
    arb_set_arf(edge, radius);
    if (side < 0)
        arb_neg(edge, edge);
    arb_add(edge, edge, excess->slope, prec);
    if (side > 0)
        arb_get_ubound_arf(end, edge, prec);
    else
        arb_get_lbound_arf(end, edge, prec);
    arb_sub_arf(edge, excess->foot, end, prec);
    /* Where the foot itself lies beyond that end, there is nothing between. */
    proved = arf_is_finite(end) && (side > 0 ? arb_is_nonnegative(edge) : arb_is_nonpositive(edge)) ? 1
        : arf_is_finite(end) && excess_is_nonnegative(excess, end, prec);
    arf_clear(radius);
    arf_clear(end);
    arb_clear(edge);
    return proved;
}
