/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    T* = inf t* on a quotient whose curvature tensor is parallel: spheres, hyperbolic spaces, their products with flat ones and with
    each other.

    At every point the form N_t = sqrt(R) cot(t sqrt(R)) g + Hess l decreases with t, and t* is where it ceases to be positive definite
    [FOCAL-3]. So T* > t if and only if the smallest eigenvalue lambda_t of N_t is positive on the box, and what finds the infimum of the
    smallest eigenvalue of the Hessian on flat quotients finds that of lambda_t here, for a ball of times that contains T* [FOCAL-9]. The
    search is told lambda_t - 1/t, which is the eigenvalue of the Hessian where the curvature is 0.
*/

#include <math.h>
#include <caustic/focal.h>
#include "flat.h"

typedef struct
{
    flat_struct * flat;
    caustic_shock_result_struct * result;
    arb_t best;       /* exact: t* <= best at `place`, hence T* <= best; 0 while no focal time is known */
    arb_ptr place;    /* d: a point of the closed region */
    arb_t from;       /* exact: the search holds for the times [from, best at the time of the search] */
    arb_t lower;      /* exact: T* >= lower */
    arb_ptr corner;   /* room for a point */
}
hunt_struct;

/* Pieces that take some seconds: jets of second order of all entries, and matrices of them. */
#define WORK_LIMIT 200000

static slong
work_precision(const flat_struct * flat)
{
    return flat->goal + 2 * SEARCH_PRECISION;
}

/* Times **************************************************************************************/

static void
set_time(flat_struct * flat, const arb_t time)
{
    arb_set(flat->time, time);
    for (slong i = 0; i < flat->hessian->blocks; i++)
        flat->hessian->block[i].pencil->time = flat->time;
}

/* N at the time flat->time and a point: T_TRUE: positive definite, so t* is later; T_FALSE: some vector is negative, so t* is earlier.
   Times from the first conjugate point on count as unknown. */
static truth_t
block_sign(flat_struct * flat, slong which, arb_srcptr point, slong prec)
{
    const block_struct * block = flat->hessian->block + which;
    arb_ptr here = _arb_vec_init(block->variables);
    arb_mat_t form;
    truth_t sign = T_UNKNOWN;

    arb_mat_init(form, block->size, block->size);
    for (slong k = 0; k < block->variables; k++)
        arb_set(here + k, point + block->variable[k]);
    if (pencil_form(form, block->pencil, here, prec))
        sign = caustic_form_is_positive(NULL, form, prec);
    arb_mat_clear(form);
    _arb_vec_clear(here, block->variables);
    return sign;
}

/* The blocks are orthogonal, of the form as well as of the curvature: t* is the least of theirs. */
static truth_t
sign_at(flat_struct * flat, arb_srcptr point, slong prec)
{
    truth_t answer = T_TRUE;

    for (slong i = 0; i < flat->hessian->blocks && answer != T_FALSE; i++)
    {
        truth_t sign = block_sign(flat, i, point, prec);

        answer = sign == T_TRUE ? answer : sign;
    }
    return answer;
}

static truth_t
sign_at_time(flat_struct * flat, arb_srcptr point, const arb_t time, slong prec)
{
    set_time(flat, time);
    return sign_at(flat, point, prec);
}

/* N > 0 at `lower`, or that is 0; not, as far as is known, at `upper`. */
static int
bracket(arb_t lower, arb_t upper, flat_struct * flat, arb_srcptr point, const arb_t limit, slong prec)
{
    slong steps = 0;

    if (arb_is_positive(limit))
    {
        arb_set(upper, limit);
        if (sign_at_time(flat, point, upper, prec) == T_TRUE)
            return 0;
    }
    else
        for (arb_one(upper); sign_at_time(flat, point, upper, prec) == T_TRUE; arb_mul_2exp_si(upper, upper, 1))
            if (++steps > 40)
                return 0;
    for (steps = 0; steps < 100; steps++)
    {
        arb_mul_2exp_si(lower, upper, -1);
        if (sign_at_time(flat, point, lower, prec) == T_TRUE)
            return 1;
        arb_swap(upper, lower);
    }
    return 0;
}

static int
is_within(const arb_t lower, const arb_t upper, slong bits)
{
    arb_t gap, allowed;
    int within;

    arb_init(gap);
    arb_init(allowed);
    arb_sub(gap, upper, lower, ARF_PREC_EXACT);
    arb_mul_2exp_si(allowed, upper, -bits);
    within = arb_le(gap, allowed);
    arb_clear(gap);
    arb_clear(allowed);
    return within;
}

/* An exact upper bound of t* at the point, closer than about 2^-bits of it, at most `limit` unless that is 0. 0: none. */
static int
focal_time_at(arb_t time, flat_struct * flat, arb_srcptr point, const arb_t limit, slong bits)
{
    slong prec = bits + SEARCH_PRECISION;
    arb_t lower, upper, middle;
    int found;

    arb_init(lower);
    arb_init(upper);
    arb_init(middle);
    found = bracket(lower, upper, flat, point, limit, prec);
    while (found && !is_within(lower, upper, bits))
    {
        arb_add(middle, lower, upper, ARF_PREC_EXACT);
        arb_mul_2exp_si(middle, middle, -1);
        arb_swap(sign_at_time(flat, point, middle, prec) == T_TRUE ? lower : upper, middle);
    }
    /* a little later the sign is certain */
    arb_mul_2exp_si(middle, upper, -bits);
    for (slong i = 0; i < 20 && found && sign_at_time(flat, point, upper, prec) != T_FALSE; i++)
    {
        arb_add(upper, upper, middle, prec);
        mag_zero(arb_radref(upper));
        arb_mul_2exp_si(middle, middle, 1);
    }
    found = found && sign_at_time(flat, point, upper, prec) == T_FALSE;
    if (found)
        arb_set(time, upper);
    arb_clear(lower);
    arb_clear(upper);
    arb_clear(middle);
    return found;
}

/* Keeps the point if its focal time is earlier than the best. 1: by more than 2^-worth of it. */
static int
try_point(hunt_struct * hunt, arb_srcptr point, slong bits, slong worth)
{
    slong d = hunt->flat->hessian->problem->dimension;
    int better = 0;
    arb_t time;

    arb_init(time);
    if (focal_time_at(time, hunt->flat, point, hunt->best, bits) && (arb_is_zero(hunt->best) || arb_lt(time, hunt->best)))
    {
        better = arb_is_zero(hunt->best) || !is_within(time, hunt->best, worth);
        arb_set(hunt->best, time);
        _arb_vec_set(hunt->place, point, d);
    }
    arb_clear(time);
    return better;
}

/* Early focal times **************************************************************************/

/* The i-th of `count` equidistant points of an interval, its ends among them. */
static void
grid_point(arb_t x, const region_struct * region, slong i, slong count, slong prec)
{
    fmpq_t y, part;

    fmpq_init(y);
    fmpq_init(part);
    fmpq_set_si(part, i, (ulong) (count - 1));
    fmpq_sub(y, region->upper, region->lower);
    fmpq_mul(y, y, part);
    fmpq_add(y, y, region->lower);
    arb_set_fmpq(x, y, prec);
    fmpq_clear(y);
    fmpq_clear(part);
}

/* Whether some block depends on the coordinate, and it is not a point. */
static int
is_free(const hessian_t hessian, slong k)
{
    for (slong i = 0; i < hessian->blocks; i++)
        for (slong j = 0; j < hessian->block[i].variables && !hessian->block[i].constant; j++)
            if (hessian->block[i].variable[j] == k)
                return !region_is_point(hessian->region + k);
    return 0;
}

/* An end of the closed region, a ball: where rotations have reduced it, a root. [FOCAL-11] */
static void
region_end(arb_t end, const hessian_t hessian, slong k, int side, slong prec)
{
    const region_struct * region = hessian->region + k;

    if (!hessian->radial || k > 0)
    {
        arb_set_fmpq(end, side < 0 ? region->lower : region->upper, prec);
        return;
    }
    arb_set_fmpq(end, side < 0 && !fmpq_is_zero(hessian->nearest) ? hessian->nearest : hessian->farthest, prec + SEARCH_PRECISION);
    arb_sqrt(end, end, prec + SEARCH_PRECISION);
    if (side < 0 && fmpq_is_zero(hessian->nearest))
        arb_neg(end, end);
}

/* Keeps a number inside: at an end it becomes the ball of the end. */
static void
clamp(arb_t x, const hessian_t hessian, slong k, slong prec)
{
    arb_t end;

    arb_init(end);
    region_end(end, hessian, k, -1, prec);
    if (!arb_gt(x, end))
        arb_set(x, end);
    region_end(end, hessian, k, 1, prec);
    if (!arb_lt(x, end))
        arb_set(x, end);
    arb_clear(end);
}

/* The point of the hunt with the block's variables put in; kept inside the closed region. */
static void
block_point(arb_ptr point, const hunt_struct * hunt, slong which, arb_srcptr variables)
{
    const hessian_struct * hessian = hunt->flat->hessian;
    const block_struct * block = hessian->block + which;

    _arb_vec_set(point, hunt->place, hessian->problem->dimension);
    for (slong j = 0; j < block->variables && !block->constant; j++)
    {
        arb_set_arf(point + block->variable[j], arb_midref(variables + j));
        clamp(point + block->variable[j], hessian, block->variable[j], work_precision(hunt->flat));
    }
}

/* A grid of about a hundred points: guides to where focal times are early. */
static void
look_around(hunt_struct * hunt)
{
    const hessian_struct * hessian = hunt->flat->hessian;
    slong d = hessian->problem->dimension, prec = work_precision(hunt->flat), variables = 0, count = 2, total = 1;
    fmpq_t x;

    fmpq_init(x);
    for (slong k = 0; k < d; k++)
        variables += is_free(hessian, k);
    while (variables > 0 && count < 33 && pow((double) count + 1, (double) variables) <= 130)
        count++;
    for (slong k = 0; k < d; k++)
    {
        region_inner_point(x, hessian->region + k);
        arb_set_fmpq(hunt->corner + k, x, prec);
        total = is_free(hessian, k) && total < 1000 ? total * count : total;
    }
    for (slong i = 0; i < total; i++)
    {
        slong rest = i;

        for (slong k = 0; k < d; k++)
            if (is_free(hessian, k))
            {
                grid_point(hunt->corner + k, hessian->region + k, rest % count, count, prec);
                clamp(hunt->corner + k, hessian, k, prec);
                rest /= count;
            }
        try_point(hunt, hunt->corner, 12, 2);
    }
    fmpq_clear(x);
}

/* A search in the block at the time, which begins with a descent from the best place: for a minimum inside, or only downhill. */
static void
start_in_block(hunt_struct * hunt, slong i, const arb_t time, int inside)
{
    flat_struct * flat = hunt->flat;
    const block_struct * block = flat->hessian->block + i;
    arb_ptr start = _arb_vec_init(block->variables);

    set_time(flat, time);
    flat_start(flat, i);
    for (slong j = 0; j < block->variables; j++)
        arb_set_arf(start + j, arb_midref(hunt->place + block->variable[j]));
    if (inside)
        descent_local(flat->descents + i, start);
    else
        descent_slide(flat->descents + i, start);
    _arb_vec_clear(start, block->variables);
}

/* From the best point downhill in lambda_t at its own time, again and again. */
static void
descend(hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    int better = 1;

    for (slong round = 0; round < 8 && better; round++)
    {
        better = 0;
        flat_forget(flat);
        arf_zero(flat->ceiling);
        for (slong i = 0; i < flat->hessian->blocks; i++)
        {
            const block_struct * block = flat->hessian->block + i;
            descent_struct * descent = flat->descents + i;

            start_in_block(hunt, i, hunt->best, 0);
            if (block->constant || !_arb_vec_is_finite(descent->lowest, block->variables))
                continue;
            block_point(hunt->corner, hunt, i, descent->lowest);
            better = try_point(hunt, hunt->corner, 2 * SEARCH_PRECISION, 20) || better;
        }
    }
    flat_forget(flat);
}

/* Branch and bound ***************************************************************************/

/* -1/t, rounded up: what is above it has lambda_t > 0. */
static void
ceiling_at(arf_t ceiling, const arb_t time, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_inv(x, time, prec);
    arb_neg(x, x);
    arb_get_ubound_arf(ceiling, x, prec);
    arb_clear(x);
}

/* The pencils at `time`; only lambda_t <= 0 for the latest time matters. */
static void
set_stage(flat_struct * flat, const arb_t time, const arb_t latest)
{
    set_time(flat, time);
    ceiling_at(flat->ceiling, latest, work_precision(flat));
    for (slong i = 0; i < flat->started; i++)
        arf_set(flat->descents[i].ceiling, flat->ceiling);
}

/* At the time of the stage. What was known at another time does not hold: a well of which nothing could be said is kept, without a place. */
static void
refine(flat_struct * flat)
{
    for (slong i = 0; i < flat->started; i++)
    {
        descent_struct * descent = flat->descents + i;

        for (slong j = 0; j < descent->wells_length; j++)
            arb_indeterminate(descent->wells[j].value);
        descent_refine(descent, flat->precision);
        for (slong j = 0; j < descent->wells_length; j++)
            if (!arb_is_finite(descent->wells[j].value))
                _arb_vec_indeterminate(descent->wells[j].location, flat->hessian->block[i].variables);
    }
}

static void
hull(arb_t ball, const arb_t from, const arb_t to)
{
    arb_set_interval_arf(ball, arb_midref(from), arb_midref(to), 2 * arb_bits(to) + 2 * arb_bits(from) + SEARCH_PRECISION);
}

/* time = best (1 - 2^-bits), rounded down. */
static void
earlier(arb_t time, const hunt_struct * hunt, slong bits)
{
    arb_t step;

    arb_init(step);
    arb_mul_2exp_si(step, hunt->best, -bits);
    arb_sub(step, hunt->best, step, ARF_PREC_EXACT);
    arf_set_round(arb_midref(time), arb_midref(step), work_precision(hunt->flat) + bits, ARF_RND_FLOOR);
    mag_zero(arb_radref(time));
    arb_clear(step);
}

/* The same, but none that the search did not cover. */
static void
earlier_covered(arb_t time, const hunt_struct * hunt, slong bits)
{
    earlier(time, hunt, bits);
    arb_max(time, time, hunt->from, ARF_PREC_EXACT);
}

/* Pieces for the attempt below. */
#define LATE_LIMIT 200

/* Where no curvature is positive N(t) >= g/t + P: whether P alone shows that the block, begun with the ceiling -1/latest, has no focal time until then. [FOCAL-16] */
static int
is_late(flat_struct * flat, slong which)
{
    pencil_struct * pencil = flat->hessian->block[which].pencil;
    descent_struct * descent = flat->descents + which;
    int late;

    if (flat->hessian->curvature_sign >= 0)
        return 0;
    pencil->time = NULL;
    descent->limit = FLINT_MIN(descent->limit, LATE_LIMIT);
    late = descent_run(descent) == DESCENT_RESOLVED && descent->wells_length == 0;
    pencil->time = flat->time;
    return late;
}

/* What a search in a block is told: only what is below flat->ceiling matters, and so many sixteenths of the pieces are allowed. */
static void
begin_search(hunt_struct * hunt, slong which, slong sixteenths)
{
    flat_struct * flat = hunt->flat;
    descent_struct * descent = flat->descents + which;
    slong m = flat->hessian->block[which].size, n = flat->hessian->block[which].variables;

    descent->ceiling_is_fixed = 1;
    descent->narrow = work_precision(flat);
    if (flat->hessian->problem->box_limit == 0)
        descent->limit = FLINT_MAX(1000, WORK_LIMIT / ((m * (m + 1) / 2) * ((n + 1) * (n + 2) / 2)));
    descent->limit = FLINT_MAX(1, descent->limit * sixteenths / 16);
}

/* The whole region for all times from `from` to `to`, with so many sixteenths of the pieces that are allowed. 1: every point where lambda_t <= 0 for one of them is in a well. [FOCAL-9] */
static int
search_times(hunt_struct * hunt, const arb_t from, const arb_t to, slong sixteenths)
{
    flat_struct * flat = hunt->flat;
    const hessian_struct * hessian = flat->hessian;
    arb_t ball;

    arb_init(ball);
    flat_forget(flat);
    hull(ball, from, to);
    set_stage(flat, ball, to);
    flat->worst = DESCENT_RESOLVED;
    for (slong i = 0; i < hessian->blocks && flat->worst == DESCENT_RESOLVED; i++)
    {
        flat_start(flat, i);
        begin_search(hunt, i, sixteenths);
        if (is_late(flat, i))
            continue;
        flat_restart(flat);
        begin_search(hunt, i, sixteenths);
        flat->worst = descent_run(flat->descents + i);
        hunt->result->cells += flat->descents[i].pieces;
    }
    arb_clear(ball);
    return flat->worst == DESCENT_RESOLVED;
}

/* 1: lambda_t > 0 on the whole region at the time, which the search covers: T* >= time. The wells that say so are dropped. */
static int
is_before(hunt_struct * hunt, const arb_t time)
{
    flat_struct * flat = hunt->flat;
    int before = 1;

    set_stage(flat, time, time);
    refine(flat);
    for (slong i = 0; i < flat->started; i++)
        before = before && flat->descents[i].length == 0 && flat->descents[i].wells_length == 0;
    return before;
}

/* The best point by Newton's method in the wells, each at the best time so far: quadratically. */
static void
polish(hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    int better = 1;

    flat->precision = flat->goal + SEARCH_PRECISION;
    for (slong round = 0; round < 20 && better; round++)
    {
        slong which = -1, well = -1;

        set_stage(flat, hunt->best, hunt->best);
        refine(flat);
        for (slong i = 0; i < flat->started; i++)
            for (slong j = 0; j < flat->descents[i].wells_length; j++)
                if (which < 0 || arf_cmp(arb_midref(flat->descents[i].wells[j].value),
                        arb_midref(flat->descents[which].wells[well].value)) < 0)
                {
                    which = i;
                    well = j;
                }
        if (which < 0)
            break;
        block_point(hunt->corner, hunt, which, flat->descents[which].wells[well].location);
        better = try_point(hunt, hunt->corner, flat->goal, flat->goal);
    }
}

/* The search covers the times from best (1 - 2^-COVERED_BITS) on: shorter than the pieces are wide, longer than descents are wrong. */
#define COVERED_BITS 50

/* The middles of the pieces with the least bounds: where a search has not come to an end there may be an earlier focal time. */
#define LOOKED_AT 40

static int
look_at_pieces(hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    int better = 0;

    for (slong i = 0; i < flat->started; i++)
    {
        const descent_struct * descent = flat->descents + i;
        slong n = flat->hessian->block[i].variables;
        arb_ptr middle = _arb_vec_init(n);

        for (slong j = 0; j < FLINT_MIN(descent->length, LOOKED_AT); j++)
        {
            for (slong k = 0; k < n; k++)
            {
                arb_add(middle + k, descent->heap[j].ends + k, descent->heap[j].ends + n + k, ARF_PREC_EXACT);
                arb_mul_2exp_si(middle + k, middle + k, -1);
            }
            block_point(hunt->corner, hunt, i, middle);
            better = try_point(hunt, hunt->corner, 20, 10) || better;
        }
        _arb_vec_clear(middle, n);
    }
    return better;
}

/* Few pieces are left of many that were looked at: four times as many are worth while, unless somebody has said how many. */
static int
is_nearly_done(const flat_struct * flat)
{
    slong left = 0, pieces = 0;

    for (slong i = 0; i < flat->started; i++)
    {
        left += flat->descents[i].length;
        pieces += flat->descents[i].pieces;
    }
    return 16 * left < pieces && flat->hessian->problem->box_limit == 0;
}

/* A search that covers T*, and the best time to the goal. A search that has not come to an end shows where to look, or goes on. */
static int
enclose(hunt_struct * hunt)
{
    slong sixteenths = 1;

    for (slong round = 0; round < 20; round++)
    {
        earlier(hunt->from, hunt, COVERED_BITS);
        if (search_times(hunt, hunt->from, hunt->best, sixteenths))
        {
            polish(hunt);
            if (arb_ge(hunt->best, hunt->from))
                return 1;
        }
        else if (look_at_pieces(hunt))
            descend(hunt);
        else if (sixteenths < 16 || (sixteenths == 16 && is_nearly_done(hunt->flat)))
            sixteenths *= 4;
        else
            return 0;
    }
    return 0;
}

/* Without wells: larger and larger times before which there is no focal time. */
static void
climb(hunt_struct * hunt)
{
    static const slong steps[] = {2, 5, 9, 14, 20, 28, 40, 60, 80, 100, 120};
    arb_t time;

    arb_init(time);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
    {
        earlier(time, hunt, steps[i]);
        hunt->flat->precision = SEARCH_PRECISION + steps[i];
        if (!search_times(hunt, time, time, 16) || !is_before(hunt, time))
            break;
        arb_set(hunt->lower, time);
    }
    arb_clear(time);
}

/* Results ************************************************************************************/

static void
hunt_init(hunt_struct * hunt, caustic_shock_result_t result, flat_t flat)
{
    slong d = flat->hessian->problem->dimension;

    hunt->flat = flat;
    hunt->result = result;
    arb_init(hunt->best);
    arb_init(hunt->from);
    arb_init(hunt->lower);
    hunt->place = _arb_vec_init(2 * d);
    hunt->corner = hunt->place + d;
    flat_make_room(flat);
    flat->goal = (slong) (6.65 * (double) flat->hessian->problem->digits) + 16;
    flat->subject = "the smallest eigenvalue of the form of Jacobi fields at T*";
}

static void
hunt_clear(hunt_struct * hunt)
{
    arb_clear(hunt->best);
    arb_clear(hunt->from);
    arb_clear(hunt->lower);
    _arb_vec_clear(hunt->place, 2 * hunt->flat->hessian->problem->dimension);
}

static int
is_closed(const hessian_t hessian)
{
    int closed = 1;

    for (slong k = 0; k < hessian->problem->dimension; k++)
        closed = closed && hessian->region[k].lower_included && hessian->region[k].upper_included;
    return closed;
}

static void
set_result_time(hunt_struct * hunt)
{
    hull(hunt->result->time, hunt->lower, hunt->best);
}

/* All wells are on the face of that side. */
static int
wells_are_on_face(const flat_struct * flat, int side)
{
    int on_face = 1;

    for (slong i = 0; i < flat->started; i++)
        for (slong j = 0; j < flat->descents[i].wells_length; j++)
            on_face = on_face && flat->descents[i].wells[j].zone.face[0] == side;
    return on_face;
}

/* The end of an interval that is nearest to 0, or 0 inside; and the one that is farthest. */
static void
nearest_number(fmpq_t x, const caustic_interval_struct * interval)
{
    fmpq_zero(x);
    if (fmpq_sgn(interval->lower) > 0)
        fmpq_set(x, interval->lower);
    else if (fmpq_sgn(interval->upper) < 0)
        fmpq_set(x, interval->upper);
}

static void
farthest_number(fmpq_t x, const caustic_interval_struct * interval)
{
    fmpq_add(x, interval->lower, interval->upper);
    fmpq_set(x, fmpq_sgn(x) < 0 ? interval->lower : interval->upper);
}

/* A point of the box where the focal time is that of the best place. For rotations that is not on the axis: a hole of the quotient that its
   characteristic does not meet may be met by that of every point of the box. Between a nearest point n and a farthest point n + w:
   |n + s w|^2 = rho^2, and n.w >= 0. */
static void
set_place(hunt_struct * hunt)
{
    const hessian_struct * hessian = hunt->flat->hessian;
    slong d = hessian->problem->dimension, prec = work_precision(hunt->flat);
    arb_ptr room = _arb_vec_init(2 * d + 4), n = room, w = room + d, a = room + 2 * d, b = a + 1, s = a + 2, c = a + 3;
    fmpq_t x, y;

    _arb_vec_set(hunt->result->at, hunt->place, d);
    fmpq_init(x);
    fmpq_init(y);
    for (slong k = 0; k < d && hessian->radial; k++)
    {
        nearest_number(x, hessian->problem->box + k);
        farthest_number(y, hessian->problem->box + k);
        fmpq_sub(y, y, x);
        arb_set_fmpq(n + k, x, prec);
        arb_set_fmpq(w + k, y, prec);
    }
    if (hessian->radial)
    {
        arb_sqr(c, hunt->place, prec);
        arb_dot(c, c, 1, n, 1, n, 1, d, prec);
        arb_dot(a, NULL, 0, w, 1, w, 1, d, prec);
        arb_dot(b, NULL, 0, n, 1, w, 1, d, prec);
        arb_sqr(s, b, prec);
        arb_addmul(s, a, c, prec);
        arb_sqrtpos(s, s, prec);
        arb_sub(s, s, b, prec);
        if (arb_is_zero(a))
            arb_zero(s);
        else
            arb_div(s, s, a, prec);
        for (slong k = 0; k < d; k++)
        {
            arb_set(hunt->result->at + k, n + k);
            arb_addmul(hunt->result->at + k, s, w + k, prec);
        }
    }
    fmpq_clear(x);
    fmpq_clear(y);
    _arb_vec_clear(room, 2 * d + 4);
}

/* An even function that is strictly convex on an interval around 0, or from 0 on, has its minimum over it at 0. */
static int
zone_contains_origin(const well_struct * well)
{
    return well->zone.face[0] == 0 && arf_sgn(arb_midref(well->zone.ends)) <= 0 && arf_sgn(arb_midref(well->zone.ends + 1)) >= 0;
}

/* The points of the box at the distance of the wells: the nearest or the farthest points, the origin, or part of a sphere. [FOCAL-11] */
static void
describe_orbit(hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    const hessian_struct * hessian = flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_shock_result_struct * result = hunt->result;
    slong d = problem->dimension, prec = work_precision(flat);
    slong wells = 0;
    int far = 1, near = !fmpq_is_zero(hessian->nearest) && wells_are_on_face(flat, -1), centre = fmpq_is_zero(hessian->nearest), counted = 1;

    for (slong i = 0; i < flat->started; i++)
        for (slong j = 0; j < flat->descents[i].wells_length; j++, wells++)
        {
            const well_struct * well = flat->descents[i].wells + j;

            if (hessian->block[i].constant) /* at all distances */
                far = near = centre = 0;
            far = far && (well->zone.face[0] == 1 || (well->zone.face[0] == -1 && fmpq_is_zero(hessian->nearest)));
            centre = centre && zone_contains_origin(well);
        }
    if (wells == 0)
        far = near = centre = 0;
    result->minimisers = -1;
    if (!far && !near && !centre)
        set_place(hunt);
    for (slong k = 0; k < d && (far || near || centre); k++)
    {
        const caustic_interval_struct * box = problem->box + k;
        fmpq_t x, sum;

        fmpq_init(x);
        fmpq_init(sum);
        fmpq_add(sum, box->lower, box->upper);
        counted = counted && (!fmpq_is_zero(sum) || fmpq_equal(box->lower, box->upper));
        if (far)
            farthest_number(x, box);
        else if (near)
            nearest_number(x, box);
        arb_set_fmpq(result->at + k, x, prec);
        fmpq_clear(x);
        fmpq_clear(sum);
    }
    if ((far && counted) || near || centre)
        result->minimisers = 1;
    caustic_text_append(flat->hessian->detail, "; rotations about the origin keep cometric and loss: focal times depend on the distance alone");
}

/* The search covers T*: it lies in [lower, best], and the minimisers in the wells that are left for these times. [FOCAL-9] */
static int
conclude(hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    caustic_shock_result_struct * result = hunt->result;
    slong digits = flat->hessian->problem->digits;
    arb_t ball, time;
    int sharp = 0;

    arb_init(ball);
    arb_init(time);
    earlier_covered(time, hunt, flat->goal - 6);
    hull(ball, time, hunt->best);
    set_stage(flat, ball, hunt->best);
    refine(flat);
    flat_collect(flat);
    flat->resolved = 1;
    flat_describe_minimisers(result, flat);
    if (flat->hessian->radial)
        describe_orbit(hunt);
    for (slong bits = flat->goal - 6; bits > 0 && !sharp; bits -= 16)
    {
        earlier_covered(time, hunt, bits);
        sharp = is_before(hunt, time);
        if (sharp)
            arb_set(hunt->lower, time);
        else if (arb_equal(time, hunt->from))
            break;
    }
    if (sharp)
        set_result_time(hunt);
    arb_clear(ball);
    arb_clear(time);
    return sharp && time_is_sharp(result->time, digits);
}

static void
forget_minimisers(caustic_shock_result_t result)
{
    result->attained = -1;
    result->minimisers = 0;
    _arb_vec_indeterminate(result->at, result->dimension);
}

/* The times proved by climbing. */
static void
conclude_without_wells(hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    caustic_shock_result_struct * result = hunt->result;
    slong digits = flat->hessian->problem->digits;

    forget_minimisers(result);
    climb(hunt);
    set_result_time(hunt);
    flat->resolved = 0;
    if (time_is_sharp(result->time, digits))
    {
        result->verdict = CAUSTIC_PROVED;
        result->shock = 1;
        result->attained = is_closed(flat->hessian) ? 1 : -1;
        result->minimisers = -1;
        set_place(hunt);
        caustic_text_append(flat->hessian->detail, "closed formula of parallel curvature; T* enclosed by branch and bound; where it is taken is"
            " not isolated");
        return;
    }
    caustic_text_printf(flat->hessian->detail, "the search for the first focal time on the box stopped after %ld boxes with the bracket so far; a"
        " smaller box or fewer digits may do", (long) result->cells);
}

/* The same time everywhere *******************************************************************/

/* An expression whose square is e, of whatever sign: the roots of the factors of a product, squares among them. */
static caustic_expr
some_root(caustic_pool * pool, caustic_expr e)
{
    caustic_expr root = caustic_integer(pool, 1);
    fmpq_t half;

    if (caustic_expr_op(pool, e) == CAUSTIC_OP_PRODUCT)
    {
        for (slong i = 0; i < caustic_expr_arity(pool, e); i++)
            root = caustic_mul(pool, root, some_root(pool, caustic_expr_child(pool, e, i)));
        return root;
    }
    fmpq_init(half);
    fmpq_set_si(half, 1, 2);
    if (caustic_expr_op(pool, e) == CAUSTIC_OP_POWER)
    {
        fmpq_mul(half, half, caustic_expr_fmpq(pool, e));
        e = caustic_expr_child(pool, e, 0);
    }
    root = caustic_power(pool, e, half);
    fmpq_clear(half);
    return root;
}

/* sqrt(kappa q) cot(c sqrt(kappa q)), with coth for negative kappa: an even function of the root. */
static caustic_expr
cotangent(caustic_pool * pool, const fmpq_t kappa, caustic_expr q, caustic_expr c)
{
    fmpq_t number;
    caustic_expr omega, e;

    fmpq_init(number);
    fmpq_abs(number, kappa);
    omega = caustic_mul(pool, some_root(pool, caustic_number(pool, number)), some_root(pool, q));
    fmpq_clear(number);
    e = caustic_mul(pool, c, omega);
    if (fmpq_sgn(kappa) > 0)
        return caustic_div(pool, caustic_mul(pool, omega, caustic_function(pool, CAUSTIC_OP_COS, e)), caustic_function(pool, CAUSTIC_OP_SIN, e));
    e = caustic_function(pool, CAUSTIC_OP_EXP, caustic_mul(pool, caustic_integer(pool, 2), e));
    return caustic_div(pool, caustic_mul(pool, omega, caustic_add(pool, e, caustic_integer(pool, 1))),
        caustic_sub(pool, e, caustic_integer(pool, 1)));
}

/* The exact field's form of e, a product of powers; e where it has none. */
static caustic_expr
in_field(hessian_t hessian, caustic_expr e)
{
    gr_ctx_struct * field = hessian->field;
    caustic_expr other = CAUSTIC_NONE;
    gr_ptr x = gr_heap_init(field);

    if (caustic_field_set_expr(x, e, field) == GR_SUCCESS)
        other = caustic_field_get_expr(x, field);
    gr_heap_clear(x, field);
    return other == CAUSTIC_NONE ? e : other;
}

static int
is_defined_at(const caustic_shock_flat_problem * problem, caustic_expr e, arb_srcptr point, slong prec)
{
    caustic_tape * tape = e == CAUSTIC_NONE ? NULL : caustic_tape_new(problem->pool, &e, 1, problem->z, problem->dimension);
    arb_t value;
    int defined;

    arb_init(value);
    if (tape != NULL)
        caustic_tape_evaluate_arb(value, tape, point, prec);
    defined = tape != NULL && arb_is_finite(value);
    caustic_tape_free(tape);
    arb_clear(value);
    return defined;
}

/* q N_c = q (phi g + P) + (1/c - phi) v v^T vanishes identically, by the exact field, and q does not: N_c = 0 everywhere. The field speaks of places
   where phi is defined, of which one must be in the box. [FOCAL-12] */
static int
vanishes_at(const hunt_struct * hunt, caustic_expr c)
{
    hessian_struct * hessian = hunt->flat->hessian;
    const caustic_shock_flat_problem * problem = hessian->problem;
    caustic_pool * pool = problem->pool;
    slong d = problem->dimension;
    caustic_expr * v = flint_calloc((size_t) d, sizeof(caustic_expr)), q = caustic_integer(pool, 0), phi, rest;
    int vanishes = 1;

    for (slong i = 0; i < d; i++)
    {
        v[i] = caustic_integer(pool, 0);
        for (slong j = 0; j < d; j++)
            v[i] = caustic_add(pool, v[i], caustic_mul(pool, problem->cometric[i * d + j],
                caustic_derivative(pool, problem->loss, problem->z[j])));
        q = caustic_add(pool, q, caustic_mul(pool, v[i], caustic_derivative(pool, problem->loss, problem->z[i])));
    }
    q = in_field(hessian, q);
    phi = cotangent(pool, hessian->constant, q, c);
    vanishes = hessian_is_zero(hessian, q) == T_FALSE && is_defined_at(problem, phi, hunt->result->at, work_precision(hunt->flat));
    rest = caustic_sub(pool, caustic_div(pool, caustic_integer(pool, 1), c), phi);
    for (slong i = 0; i < d && vanishes; i++)
        for (slong j = i; j < d && vanishes; j++)
            vanishes = hessian_is_zero(hessian, caustic_add(pool, caustic_mul(pool, q, caustic_add(pool, hessian->raised[i * d + j],
                caustic_mul(pool, phi, problem->cometric[i * d + j]))), caustic_mul(pool, rest, caustic_mul(pool, v[i], v[j])))) == T_TRUE;
    flint_free(v);
    return vanishes;
}

/* Whether the time, a ball, is before the first conjugate point at the best place. */
static int
is_before_conjugate(hunt_struct * hunt, const arb_t time)
{
    flat_struct * flat = hunt->flat;
    int before = 1;

    set_time(flat, time);
    for (slong i = 0; i < flat->hessian->blocks && before; i++)
    {
        const block_struct * block = flat->hessian->block + i;
        arb_ptr here = _arb_vec_init(block->variables);
        arb_mat_t form;

        arb_mat_init(form, block->size, block->size);
        for (slong k = 0; k < block->variables; k++)
            arb_set(here + k, hunt->place + block->variable[k]);
        before = pencil_form(form, block->pencil, here, work_precision(flat));
        arb_mat_clear(form);
        _arb_vec_clear(here, block->variables);
    }
    return before;
}

/* The simplest number that is close to the focal time at the best place. */
static caustic_expr
simplest_time(hunt_struct * hunt)
{
    const caustic_shock_flat_problem * problem = hunt->flat->hessian->problem;
    caustic_expr e = CAUSTIC_NONE;
    fmpq_t simple;
    arb_t time, limit;

    fmpq_init(simple);
    arb_init(time);
    arb_init(limit);
    if (focal_time_at(time, hunt->flat, hunt->place, limit, 3 * SEARCH_PRECISION))
    {
        arb_mul_2exp_si(limit, time, 4 - 3 * SEARCH_PRECISION);
        arb_add_error(time, limit);
        if (exact_simplest(simple, time) && fmpq_height_bits(simple) < SEARCH_PRECISION)
            e = caustic_number(problem->pool, simple);
    }
    fmpq_clear(simple);
    arb_clear(time);
    arb_clear(limit);
    return e;
}

/* Every characteristic focuses at the time c. */
static int
focuses_at(hunt_struct * hunt, caustic_expr c)
{
    flat_struct * flat = hunt->flat;
    caustic_shock_result_struct * result = hunt->result;
    slong prec = work_precision(flat);
    arb_t time;
    int at_once;

    if (c == CAUSTIC_NONE)
        return 0;
    set_place(hunt);
    arb_init(time);
    at_once = flat_evaluate_constant(time, flat->hessian->problem->pool, c, prec) && arb_is_positive(time)
        && is_before_conjugate(hunt, time) && vanishes_at(hunt, c);
    if (at_once)
    {
        arb_set(result->time, time);
        result->verdict = CAUSTIC_PROVED;
        result->shock = result->attained = 1;
        result->minimisers = -1;
        flat->common_time = c;
        caustic_text_append(flat->hessian->detail, "by algebra: the form of Jacobi fields vanishes identically at this time, at which all characteristics focus");
    }
    arb_clear(time);
    return at_once;
}

/* At the claimed time, or at the simplest number that it may be. */
static int
focuses_at_once(hunt_struct * hunt)
{
    const hessian_struct * hessian = hunt->flat->hessian;

    return hessian->has_constant && (focuses_at(hunt, hessian->problem->claimed_time) || focuses_at(hunt, simplest_time(hunt)));
}

void
curved_solve(caustic_shock_result_t result, flat_t flat)
{
    hunt_struct hunt;

    hunt_init(&hunt, result, flat);
    if (flat_has_finite_blocks(flat))
    {
        look_around(&hunt);
        if (arb_is_zero(hunt.best))
        {
            if (!never_prove(result, flat))
                caustic_text_append(flat->hessian->detail, "no focal time was found, and that there is none could not be proved");
        }
        else if (!focuses_at_once(&hunt))
        {
            descend(&hunt);
            if (enclose(&hunt) && conclude(&hunt))
            {
                result->verdict = CAUSTIC_PROVED;
                result->shock = 1;
            }
            else
                conclude_without_wells(&hunt);
        }
    }
    result->precision = flat->precision;
    hunt_clear(&hunt);
}

/* Local **************************************************************************************/

/* Newton's method for a local minimum of t*: the minimum of lambda_t at the time of the last point, again and again. 1: it settled, at
   hunt->place with the time hunt->best, in the block that is returned in `which`. */
static int
settle(slong * which, hunt_struct * hunt)
{
    flat_struct * flat = hunt->flat;
    int settled = 0, found = 1;
    arb_t time, before;

    arb_init(time);
    arb_init(before);
    for (slong round = 0; round < 12 && found && !settled; round++)
    {
        slong well = -1;

        arb_set(before, hunt->best);
        flat_forget(flat);
        arf_zero(flat->ceiling);
        *which = -1;
        for (slong i = 0; i < flat->hessian->blocks; i++)
        {
            slong deepest;

            start_in_block(hunt, i, hunt->best, 1);
            deepest = flat_deepest_well(flat->descents + i);
            if (deepest >= 0 && (*which < 0 || arf_cmp(arb_midref(flat->descents[i].wells[deepest].value),
                    arb_midref(flat->descents[*which].wells[well].value)) < 0))
            {
                *which = i;
                well = deepest;
            }
        }
        found = *which >= 0;
        if (found)
        {
            block_point(hunt->corner, hunt, *which, flat->descents[*which].wells[well].location);
            arb_zero(time);
            found = focal_time_at(time, flat, hunt->corner, time, 2 * SEARCH_PRECISION);
        }
        if (found)
        {
            _arb_vec_set(hunt->place, hunt->corner, flat->hessian->problem->dimension);
            arb_set(hunt->best, time);
            settled = is_within(time, before, 24) && is_within(before, time, 24);
        }
    }
    arb_clear(time);
    arb_clear(before);
    return settled;
}

/* The starting points: the claimed place, or the middle of the region and those of its 2^n parts, for at most four coordinates. */
static slong
starting_points(const hessian_t hessian)
{
    return hessian->problem->claimed_at != NULL ? 1 : 1 + (WORD(1) << FLINT_MIN(hessian->problem->dimension, 4));
}

static int
starting_point(arb_ptr point, const hessian_t hessian, slong which, slong prec)
{
    const caustic_shock_flat_problem * problem = hessian->problem;
    fmpq_t x, width;
    int known = 1;

    fmpq_init(x);
    fmpq_init(width);
    for (slong k = 0; k < problem->dimension && known; k++)
    {
        if (problem->claimed_at != NULL)
        {
            known = flat_evaluate_constant(point + k, problem->pool, problem->claimed_at[k], prec);
            continue;
        }
        region_inner_point(x, hessian->region + k);
        fmpq_sub(width, hessian->region[k].upper, hessian->region[k].lower);
        fmpq_div_2exp(width, width, 2);
        if (which > 0 && k < 4)
            ((which - 1) >> k & 1 ? fmpq_add : fmpq_sub)(x, x, width);
        arb_set_fmpq(point + k, x, prec);
    }
    fmpq_clear(x);
    fmpq_clear(width);
    return known;
}

/* The earliest local minimum that was found from the starting points. */
static int
settle_somewhere(slong * which, hunt_struct * hunt)
{
    const hessian_struct * hessian = hunt->flat->hessian;
    slong d = hessian->problem->dimension, prec = work_precision(hunt->flat), there = -1;
    arb_ptr place = _arb_vec_init(d);
    arb_t best;

    arb_init(best);
    for (slong i = 0; i < starting_points(hessian); i++)
    {
        int known = starting_point(hunt->corner, hessian, i, prec);

        arb_zero(hunt->best);
        for (slong k = 0; k < d && known; k++)
            clamp(hunt->corner + k, hessian, k, prec);
        if (known && try_point(hunt, hunt->corner, SEARCH_PRECISION / 2, 2)
            && settle(which, hunt) && (there < 0 || arb_lt(hunt->best, best)))
        {
            there = *which;
            arb_set(best, hunt->best);
            _arb_vec_set(place, hunt->place, d);
        }
    }
    arb_swap(hunt->best, best);
    _arb_vec_set(hunt->place, place, d);
    *which = there;
    arb_clear(best);
    _arb_vec_clear(place, d);
    return there >= 0;
}

/* One well of lambda_t for all times near the best, and that of no other block; the best time is then that of a point in its zone. */
static int
keep_well(hunt_struct * hunt, slong which)
{
    flat_struct * flat = hunt->flat;
    arb_t ball, last, time;
    slong well;
    int kept;

    arb_init(ball);
    arb_init(last);
    arb_init(time);
    earlier(hunt->from, hunt, 20);
    arb_sub(last, hunt->best, hunt->from, ARF_PREC_EXACT);
    arb_add(last, hunt->best, last, ARF_PREC_EXACT);
    hull(ball, hunt->from, last);
    flat_forget(flat);
    arf_zero(flat->ceiling);
    for (slong i = 0; i <= which; i++)
        start_in_block(hunt, i, ball, 1);
    well = flat_deepest_well(flat->descents + which);
    for (slong i = 0; i <= which; i++)
    {
        descent_keep(flat->descents + i, i == which ? well : -1);
        flat->descents[i].ceiling_is_fixed = 1;
    }
    kept = well >= 0;
    if (kept)
    {
        block_point(hunt->corner, hunt, which, flat->descents[which].wells[0].location);
        kept = focal_time_at(time, flat, hunt->corner, time, 2 * SEARCH_PRECISION) && arb_le(time, last);
    }
    if (kept)
    {
        arb_set(hunt->best, time);
        _arb_vec_set(hunt->place, hunt->corner, flat->hessian->problem->dimension);
    }
    arb_clear(ball);
    arb_clear(last);
    arb_clear(time);
    return kept;
}

/* The other blocks focus later where this one's minimum is, at all points of the balls of its place; where it does not say, at the best place. */
static int
others_are_later(hunt_struct * hunt, slong which)
{
    flat_struct * flat = hunt->flat;
    const block_struct * block = flat->hessian->block + which;
    arb_ptr at = hunt->result->at;
    slong prec = work_precision(flat);
    int later = 1;

    _arb_vec_set(hunt->corner, hunt->place, flat->hessian->problem->dimension);
    for (slong k = 0; k < block->variables && !block->constant; k++)
        arb_swap(hunt->corner + block->variable[k], at + block->variable[k]);
    _arb_vec_set(at, hunt->corner, flat->hessian->problem->dimension);
    set_time(flat, hunt->best);
    for (slong i = 0; i < flat->hessian->blocks && later; i++)
        later = i == which || block_sign(flat, i, at, prec) == T_TRUE;
    return later;
}

int
curved_solve_local(caustic_shock_result_t result, flat_t flat)
{
    hunt_struct hunt;
    slong which = -1;
    int proved, whole = flat_has_finite_blocks(flat);

    hunt_init(&hunt, result, flat);
    for (slong k = 0; k < flat->hessian->problem->dimension; k++)
        flat_make_finite(flat->hessian->region + k);
    proved = settle_somewhere(&which, &hunt) && keep_well(&hunt, which);
    if (proved)
    {
        polish(&hunt);
        proved = arb_ge(hunt.best, hunt.from) && conclude(&hunt) && others_are_later(&hunt, which);
    }
    caustic_text_reset(flat->hessian->detail);
    if (proved)
    {
        result->verdict = CAUSTIC_PROVED;
        result->shock = result->attained = 1;
        caustic_text_append(flat->hessian->detail, "a local minimum of the focal time: around it the smallest eigenvalue of the form of Jacobi"
            " fields is simple and strictly convex; nothing is said about other places");
    }
    else
    {
        forget_minimisers(result);
        proved = whole && arb_is_zero(hunt.best) && never_prove(result, flat);
        if (!proved)
            caustic_text_append(flat->hessian->detail, "no isolated minimum of the focal time with a simple eigenvalue was found inside the box");
    }
    hunt_clear(&hunt);
    return proved;
}

/* Claims *************************************************************************************/

/* To the digits; the bracket has twice as many, so that near misses are seen. */
static caustic_verdict
decide_time(const caustic_shock_result_t result, const flat_t flat, const arb_t claim, slong prec)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;

    if (result->verdict == CAUSTIC_PROVED && !result->shock)
        return CAUSTIC_REFUTED;
    if (arb_is_finite(result->time) && arb_is_finite(claim) && !arb_overlaps(claim, result->time))
        return CAUSTIC_REFUTED;
    return compare_balls(claim, result->time, problem->digits, result->verdict == CAUSTIC_PROVED, prec);
}

/* The claimed coordinate is certainly not in the box or not in the domain. */
static int
is_outside(const caustic_shock_flat_problem * problem, slong k, const arb_t x)
{
    region_struct region;
    int outside;

    region_init(&region);
    outside = !region_set(&region, problem->box + k, problem->domain + k) || region_contains(&region, x) == -1;
    region_clear(&region);
    return outside;
}

/* The point of the first axis at the same distance from the origin. */
static void
move_to_axis(arb_ptr point, slong d, slong prec)
{
    arb_dot(point, NULL, 0, point, 1, point, 1, d, prec);
    arb_sqrtpos(point, point, prec);
    _arb_vec_zero(point + 1, d - 1);
}

/* The claimed place is the minimiser to the digits; or it focuses later, or lies elsewhere. */
static caustic_verdict
decide_place(caustic_shock_result_t result, flat_t flat)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    slong d = problem->dimension, prec = work_precision(flat);
    arb_ptr where = _arb_vec_init(d);
    arb_t latest;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    int proved = result->verdict == CAUSTIC_PROVED, known = 1, equal = 1, apart = 0;

    arb_init(latest);
    for (slong k = 0; k < d && known; k++)
    {
        known = flat_evaluate_constant(where + k, problem->pool, problem->claimed_at[k], prec);
        apart = apart || (known && is_outside(problem, k, where + k));
        equal = equal && known && result->minimisers == 1
            && compare_balls(where + k, result->at + k, problem->digits, 1, prec) == CAUSTIC_PROVED;
    }
    if (known && proved && result->shock)
    {
        arb_get_ubound_arf(arb_midref(latest), result->time, prec);
        if (flat->hessian->radial)
            move_to_axis(where, d, prec);
        apart = apart || sign_at_time(flat, where, latest, prec) == T_TRUE;
        verdict = apart ? CAUSTIC_REFUTED : equal ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    }
    else if (known && proved)
        verdict = CAUSTIC_REFUTED;
    _arb_vec_clear(where, d);
    arb_clear(latest);
    return verdict;
}

void
curved_claims_decide(caustic_shock_result_t result, flat_t flat)
{
    const caustic_shock_flat_problem * problem = flat->hessian->problem;
    slong prec = work_precision(flat);
    int proved = result->verdict == CAUSTIC_PROVED;
    caustic_text_t detail;
    arb_t claim;

    caustic_text_init(detail);
    arb_init(claim);
    result->claim_exact = 0;
    if (problem->claimed_none)
    {
        result->claim_time = proved ? (result->shock ? CAUSTIC_REFUTED : CAUSTIC_PROVED) : CAUSTIC_UNDECIDED;
        caustic_text_printf(detail, "the claim that there is no shock is %s", caustic_verdict_name(result->claim_time));
    }
    else if (problem->claimed_time != CAUSTIC_NONE)
    {
        int known = flat_evaluate_constant(claim, problem->pool, problem->claimed_time, prec);

        result->claim_exact = flat->common_time == problem->claimed_time;
        result->claim_time = known ? decide_time(result, flat, claim, prec) : CAUSTIC_UNDECIDED;
        caustic_text_append(detail, !known ? "the claimed time is not a number that can be evaluated"
            : result->claim_time == CAUSTIC_PROVED ? result->claim_exact ? "equal to T*, by algebra" : "equal to T* to the digits"
            : result->claim_time == CAUSTIC_REFUTED ? "outside the enclosure of T*" : "not told apart from T*");
    }
    if (problem->claimed_at != NULL)
    {
        result->claim_at = decide_place(result, flat);
        caustic_text_printf(detail, "%splace: %s", detail->length > 0 ? "; " : "", result->claim_at == CAUSTIC_PROVED
            ? "the minimiser to the digits" : result->claim_at == CAUSTIC_REFUTED ? "not a minimiser" : "not decided whether it is a minimiser");
    }
    flint_free(result->claim_detail);
    result->claim_detail = caustic_text_take(detail);
    caustic_text_clear(detail);
    arb_clear(claim);
}
