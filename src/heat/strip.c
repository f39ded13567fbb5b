/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    strip: phi = S + E on the flat line, with a proved bound of E on a complex neighbourhood of a box.

    Positions are kept as offsets from the centre c: an offset is a double, which is an exact binary
    number; doubles are only ever labels of exact points or guide the search.
*/

#include <math.h>
#include <string.h>
#include "base/ball.h"
#include "heat_internal.h"
#include "kernel.h"

#define PROOF_PREC 64
#define SEARCH_PREC 32
#define BOX_LIMIT 6000        /* of the rectangle */
#define EDGE_LIMIT 20000      /* of its upper edge */
#define REACH_LIMIT 1e12
#define STEP_BITS 24
#define PIECE_LIMIT 20000     /* of a tail or a wall */
#define SCAN 64               /* samples along the line, to find where the integrand is large */
#define PEAKS 6
#define LINES 12              /* pairs of samples along the upper edge */
#define SEGMENTS 6            /* of the upper edge, to begin with */
#define HEIGHTS 40            /* that the search compares */
#define HEIGHT_RATIO 0.86
#define FIND_ATTEMPTS 8

void
caustic_strip_init(caustic_strip_t strip)
{
    arf_init(strip->centre);
    arf_init(strip->step);
    strip->reach = 0;
    arf_init(strip->height);
    arb_init(strip->s);
    arb_init(strip->t);
    arf_init(strip->radius_s);
    arf_init(strip->radius_t);
    arb_init(strip->error);
    arb_indeterminate(strip->error);
    strip->aim = 0;
    strip->boxes = 0;
}

void
caustic_strip_clear(caustic_strip_t strip)
{
    arf_clear(strip->centre);
    arf_clear(strip->step);
    arf_clear(strip->height);
    arb_clear(strip->s);
    arb_clear(strip->t);
    arf_clear(strip->radius_s);
    arf_clear(strip->radius_t);
    arb_clear(strip->error);
}

/* The integrand on the region ******************************************************************/

/* What the bounds of [HEAT-2] and [HEAT-3] need of the region; low <= Re s - c <= high. */
typedef struct
{
    const caustic_line_struct * line;
    arf_t centre;
    kernel_t kernel;
    arb_t low;
    arb_t high;
    caustic_evaluator * evaluator; /* of the loss */
    acb_t argument;     /* room for evaluations */
    acb_t value;
    slong boxes;        /* evaluations of the loss so far */
    double d_low, d_high, d_centre, d_lower; /* for the search */
    double peak[PEAKS]; /* places where the integrand is large on the real line, from 0 */
    slong peaks;
}
region_struct;

typedef region_struct region_t[1];

static void
region_init(region_t region)
{
    arf_init(region->centre);
    kernel_init(region->kernel);
    arb_init(region->low);
    arb_init(region->high);
    acb_init(region->argument);
    acb_init(region->value);
    region->evaluator = NULL;
    region->boxes = 0;
    region->d_low = region->d_high = region->d_centre = 0;
    region->peaks = 0;
}

static void
region_clear(region_t region)
{
    arf_clear(region->centre);
    kernel_clear(region->kernel);
    arb_clear(region->low);
    arb_clear(region->high);
    acb_clear(region->argument);
    acb_clear(region->value);
    caustic_evaluator_free(region->evaluator);
}

static void
region_set_line(region_t region, const caustic_line_t line)
{
    region->line = line;
    region->d_lower = arf_get_d(line->lower, ARF_RND_NEAR);
    if (region->evaluator == NULL)
    {
        region->evaluator = caustic_evaluator_new(line->loss);
    }
}

/* Returns 0 where the precondition 0 <= radius_t < t, radius_s >= 0 is not certain. */
static int
region_set(region_t region, const caustic_line_t line, const caustic_strip_t strip)
{
    int valid = kernel_set(region->kernel, line->viscosity, strip->t, strip->radius_t, strip->radius_s) && arb_is_finite(strip->s);

    region_set_line(region, line);
    arf_set(region->centre, strip->centre);
    kernel_offsets(region->low, region->high, region->kernel, strip->s, strip->centre, 4 * PROOF_PREC);
    region->d_low = ball_guess(region->low);
    region->d_high = ball_guess(region->high);
    region->d_centre = arf_get_d(strip->centre, ARF_RND_NEAR);
    return valid && isfinite(region->d_low) && isfinite(region->d_high);
}

/* [HEAT-2] An upper bound of -Re(kappa (s - y)^2) for all (s, t) of the region and all y with
   x0 <= Re y - c <= x1, |Im y| <= height. */
static void
gaussian_exponent(arb_t res, const region_t region, double x0, double x1, double height)
{
    arb_zero(res);
    kernel_add_axis(res, region->kernel, region->low, region->high, x0, x1, height);
    kernel_exponent(res, region->kernel, res);
}

/* How far from s the kernel on a strip of the given height reaches. */
static double
kernel_reach(const region_t region, double height, double nats)
{
    double eta = height + region->kernel->d_radius, delta = region->kernel->d_delta, bound;

    bound = -region->d_lower * region->kernel->d_half_inverse;
    return delta * eta + sqrt(eta * eta * (1 + delta * delta) + (nats + fmax(bound, 0) + 4) / region->kernel->k_lower);
}

/* Encloses -l(y)/(2 nu) on the box c + [x0, x1] + i [y0, y1]. Returns 1 if the loss is certainly
   holomorphic on a neighbourhood of the box. */
static int
loss_exponent(acb_t res, region_t region, double x0, double x1, double y0, double y1, slong prec)
{
    set_offsets(acb_realref(region->argument), x0, x1);
    arb_add_arf(acb_realref(region->argument), acb_realref(region->argument), region->centre,
        4 * PROOF_PREC);
    set_offsets(acb_imagref(region->argument), y0, y1);
    caustic_evaluate_acb(res, region->evaluator, region->argument, prec);
    region->boxes++;
    acb_mul_arb(res, res, region->kernel->half_inverse, prec);
    acb_neg(res, res);
    return acb_is_finite(res);
}

/* An upper bound of exp of every number of the ball. */
static void
exp_upper(mag_t res, const arb_t x)
{
    arf_t end;
    mag_t m;

    arf_init(end);
    mag_init(m);
    arb_get_ubound_arf(end, x, PROOF_PREC);
    if (arf_is_nan(end) || arf_is_pos_inf(end))
    {
        mag_inf(res);
    }
    else if (arf_sgn(end) <= 0)
    {
        arf_get_mag_lower(m, end);
        mag_expinv(res, m);
    }
    else
    {
        arf_get_mag(m, end);
        mag_exp(res, m);
    }
    arf_clear(end);
    mag_clear(m);
}

/* The bounds on a path *************************************************************************/

typedef struct
{
    double x0, x1, y0, y1;
}
box_struct;

typedef struct
{
    box_struct * boxes;
    slong length;
    slong capacity;
}
stack_struct;

static void
push(stack_struct * stack, double x0, double x1, double y0, double y1)
{
    box_struct box = {x0, x1, y0, y1};

    if (stack->length == stack->capacity)
    {
        stack->capacity = 2 * stack->capacity + 64;
        stack->boxes = flint_realloc(stack->boxes, sizeof(box_struct) * stack->capacity);
    }
    stack->boxes[stack->length++] = box;
}

/* An upper bound of b - a. */
static void
length_upper(mag_t res, double a, double b)
{
    arf_t x, y;

    arf_init(x);
    arf_init(y);
    arf_set_d(x, a);
    arf_set_d(y, b);
    arf_sub(x, y, x, MAG_BITS, ARF_RND_UP);
    arf_get_mag(res, x);
    arf_clear(x);
    arf_clear(y);
}

/* The largest height, up to the given one and about, for which the loss is seen to be holomorphic near every point of
   |Re y - c| <= end, 0 <= Im y <= height: boxes cover it, and on each the loss is finite. Boxes on which it is not are
   halved; those that are small enough lower the height. 0 where the limit of boxes was reached. */
static double
holomorphic_height(region_t region, double end, double height, double fineness)
{
    stack_struct stack = {NULL, 0, 0};
    acb_t loss;
    slong limit = region->boxes + BOX_LIMIT;

    acb_init(loss);
    push(&stack, -end, end, 0, height);
    while (stack.length > 0)
    {
        box_struct b = stack.boxes[--stack.length];
        /* Neighbours share the same double, so the union has no gaps. */
        double middle = b.x0 + (b.x1 - b.x0) / 2, above = b.y0 + (b.y1 - b.y0) / 2;
        int flat = b.y1 - b.y0 < fineness * b.y1;

        if (b.y0 >= height || loss_exponent(loss, region, b.x0, b.x1, b.y0, b.y1, SEARCH_PREC))
        {
            continue;
        }
        if (region->boxes >= limit)
        {
            height = 0;
        }
        else if (flat && b.x1 - b.x0 < 2 * fineness * b.y1)
        {
            height = b.y0;
        }
        else if (flat || b.x1 - b.x0 > 2 * (b.y1 - b.y0))
        {
            push(&stack, middle, b.x1, b.y0, b.y1);
            push(&stack, b.x0, middle, b.y0, b.y1);
        }
        else
        {
            push(&stack, b.x0, b.x1, above, b.y1);
            push(&stack, b.x0, b.x1, b.y0, above);
        }
    }
    flint_free(stack.boxes);
    acb_clear(loss);
    return height;
}

/* Bounds |exp(-kappa (s - y)^2) f(y)| on |Re y - c| <= end, Im y = height: its integral over Re y and its supremum [HEAT-2].
   Pieces whose bound exceeds exp(threshold) are refined. Returns 0 where the loss is not finite on a smallest piece, or
   the limit of boxes was reached. */
static int
upper_edge(mag_t integral, mag_t sup, region_t region, double end, double height, double threshold)
{
    stack_struct stack = {NULL, 0, 0};
    box_struct b;
    arb_t exponent;
    acb_t loss;
    mag_t term, length;
    arf_t bound;
    double middle, smallest = ldexp(end, -16);
    slong start = region->boxes, i;
    int done = 1, finite;

    arb_init(exponent);
    acb_init(loss);
    mag_init(term);
    mag_init(length);
    arf_init(bound);
    mag_zero(integral);
    mag_zero(sup);
    for (i = 0; i < SEGMENTS; i++)
    {
        push(&stack, i == 0 ? -end : end * (2 * i - SEGMENTS) / SEGMENTS,
            i == SEGMENTS - 1 ? end : end * (2 * i + 2 - SEGMENTS) / SEGMENTS, height, height);
    }
    while (stack.length > 0 && done)
    {
        b = stack.boxes[--stack.length];
        finite = loss_exponent(loss, region, b.x0, b.x1, height, height, SEARCH_PREC);
        if ((region->boxes - start) % 1024 == 1023)
        {
            threshold += 1; /* the threshold asks too much: a looser bound is a bound */
        }
        if (finite)
        {
            gaussian_exponent(exponent, region, b.x0, b.x1, height);
            arb_add(exponent, exponent, acb_realref(loss), PROOF_PREC);
            /* The supremum is at least about this: finer pieces cannot get below it. */
            arb_get_lbound_arf(bound, exponent, SEARCH_PREC);
            threshold = fmax(threshold, arf_get_d(bound, ARF_RND_NEAR) + 1);
            arb_get_ubound_arf(bound, exponent, SEARCH_PREC);
        }
        if (finite && (arf_cmp_d(bound, threshold) <= 0 || b.x1 - b.x0 < smallest))
        {
            exp_upper(term, exponent);
            mag_max(sup, sup, term);
            length_upper(length, b.x0, b.x1);
            mag_addmul(integral, term, length);
            continue;
        }
        done = b.x1 - b.x0 >= smallest && region->boxes - start < EDGE_LIMIT;
        middle = b.x0 + (b.x1 - b.x0) / 2;
        push(&stack, b.x0, middle, height, height);
        push(&stack, middle, b.x1, height, height);
    }
    flint_free(stack.boxes);
    arf_clear(bound);
    mag_clear(term);
    mag_clear(length);
    acb_clear(loss);
    arb_clear(exponent);
    return done && !mag_is_inf(integral);
}

/* An upper bound of q = exp(-2 pi y/h). */
static void
decay_upper(mag_t q, double y, double step)
{
    mag_t x;

    mag_init(x);
    mag_const_pi_lower(q);
    mag_set_d_lower(x, 2 * y);
    mag_mul_lower(q, q, x);
    mag_set_d(x, step);
    mag_div_lower(q, q, x);
    mag_expinv(q, q);
    mag_clear(x);
}

/* An upper bound of q/(1 - q). */
static void
inner_weight(mag_t res, double y, double step)
{
    mag_t x;

    mag_init(x);
    decay_upper(res, y, step);
    mag_one(x);
    mag_sub_lower(x, x, res);
    mag_div(res, res, x);
    mag_clear(x);
}

/* [HEAT-1] An upper bound of the integral of q/(1 + q) over y0 <= Im y <= y1: q at y0 times the length or h/(2 pi). */
static void
wall_weight(mag_t res, double y0, double y1, double step)
{
    mag_t x, pi;

    mag_init(x);
    mag_init(pi);
    length_upper(x, y0, y1);
    mag_set_d(res, step / 2);
    mag_const_pi_lower(pi);
    mag_div(res, res, pi);
    mag_min(x, x, res);
    decay_upper(res, y0, step);
    mag_mul(res, res, x);
    mag_clear(x);
    mag_clear(pi);
}

static double
log_of(const mag_t x)
{
    return mag_is_zero(x) ? -HUGE_VAL : mag_get_d_log2_approx(x) * 0.6931471805599453;
}

/* Adds to `sum` a bound of the integrand times its weight on the vertical line through the offset x, 0 <= Im y <= height;
   for step 0 its supremum. Pieces above exp(threshold) are halved. Returns 0 where the loss was not seen to be
   holomorphic. */
static int
wall(mag_t sum, region_t region, double x, double height, double step, double threshold)
{
    stack_struct stack = {NULL, 0, 0};
    box_struct b;
    arb_t exponent;
    acb_t loss;
    mag_t term, weight;
    double middle;
    slong pieces = 0;
    int holomorphic = 1;

    arb_init(exponent);
    acb_init(loss);
    mag_init(term);
    mag_init(weight);
    push(&stack, x, x, 0, height);
    while (stack.length > 0 && holomorphic)
    {
        b = stack.boxes[--stack.length];
        mag_inf(term);
        if (loss_exponent(loss, region, x, x, b.y0, b.y1, SEARCH_PREC))
        {
            gaussian_exponent(exponent, region, x, x, b.y1);
            arb_add(exponent, exponent, acb_realref(loss), PROOF_PREC);
            exp_upper(term, exponent);
            if (step > 0)
            {
                wall_weight(weight, b.y0, b.y1, step);
                mag_mul(term, term, weight);
            }
        }
        if (++pieces > PIECE_LIMIT || b.y1 - b.y0 <= height / 64 || (!mag_is_inf(term) && log_of(term) <= threshold))
        {
            holomorphic = !mag_is_inf(term);
            if (step > 0)
            {
                mag_add(sum, sum, term);
            }
            else
            {
                mag_max(sum, sum, term);
            }
            continue;
        }
        middle = b.y0 + (b.y1 - b.y0) / 2;
        push(&stack, x, x, middle, b.y1);
        push(&stack, x, x, b.y0, middle);
    }
    flint_free(stack.boxes);
    mag_clear(term);
    mag_clear(weight);
    acb_clear(loss);
    arb_clear(exponent);
    return holomorphic;
}

/* The tails ************************************************************************************/

/* [HEAT-3] The integral over the real line beyond the offset x > 0 (side 1) or -x (side 0) of the
   kernel's modulus, times sup f = exp(-lower/(2 nu)). */
static void
half_line_tail(arb_t res, const region_t region, const arf_t x, int side)
{
    arb_t gap, shift, factor;

    arb_init(gap);
    arb_init(shift);
    arb_init(factor);
    arb_mul(shift, region->kernel->delta, region->kernel->radius, PROOF_PREC);
    /* from the far end of s (its radius is already in low and high) to the end of the grid */
    arb_set_arf(gap, x);
    if (side == 1)
    {
        arb_sub(gap, gap, region->high, PROOF_PREC);
    }
    else
    {
        arb_add(gap, gap, region->low, PROOF_PREC);
    }
    arb_sub(gap, gap, shift, PROOF_PREC);
    if (arb_is_positive(gap))
    {
        /* (1 + delta^2)^(1/4)/2 exp(kappa_upper (1 + delta^2) radius^2 - lower/(2 nu) - kappa_lower gap^2) */
        arb_sqr(shift, region->kernel->radius, PROOF_PREC);
        arb_mul(shift, shift, region->kernel->spread, PROOF_PREC);
        arb_mul(shift, shift, region->kernel->kappa_upper, PROOF_PREC);
        arb_mul_arf(factor, region->kernel->half_inverse, region->line->lower, PROOF_PREC);
        arb_sub(shift, shift, factor, PROOF_PREC);
        arb_sqr(gap, gap, PROOF_PREC);
        arb_submul(shift, gap, region->kernel->kappa_lower, PROOF_PREC);
        arb_exp(res, shift, PROOF_PREC);
        if (!arb_is_zero(region->kernel->delta))
        {
            arb_root_ui(shift, region->kernel->spread, 4, PROOF_PREC);
            arb_mul(res, res, shift, PROOF_PREC);
        }
        arb_mul_2exp_si(res, res, -1);
    }
    else
    {
        arb_indeterminate(res);
    }
    arb_clear(gap);
    arb_clear(shift);
    arb_clear(factor);
}

/* [HEAT-9] Adds an upper bound of the integral of |exp(-kappa (s - y)^2) f(y)| over the real offsets between
   x0 and x1, in pieces on each of which f is bounded by the values of the loss there; pieces above exp(threshold)
   are halved while they are wider than `smallest`. */
static void
piecewise_tail(mag_t sum, region_t region, double x0, double x1, double smallest, double threshold)
{
    stack_struct stack = {NULL, 0, 0};
    box_struct b;
    arb_t exponent, argument, loss;
    arf_t low, end;
    mag_t term, length;
    double middle;
    slong pieces = 0;

    arb_init(exponent);
    arb_init(argument);
    arb_init(loss);
    arf_init(low);
    arf_init(end);
    mag_init(term);
    mag_init(length);
    push(&stack, x0, x1, 0, 0);
    while (stack.length > 0)
    {
        b = stack.boxes[--stack.length];
        middle = b.x0 + (b.x1 - b.x0) / 2;
        set_offsets(argument, b.x0, b.x1);
        arb_add_arf(argument, argument, region->centre, 4 * PROOF_PREC);
        caustic_evaluate_arb(loss, region->evaluator, argument, PROOF_PREC);
        region->boxes++;
        arf_set(low, region->line->lower);
        if (arb_is_finite(loss))
        {
            arb_get_lbound_arf(end, loss, PROOF_PREC);
            arf_max(low, low, end);
        }
        gaussian_exponent(exponent, region, b.x0, b.x1, 0);
        arb_set_arf(loss, low);
        arb_submul(exponent, loss, region->kernel->half_inverse, PROOF_PREC);
        exp_upper(term, exponent);
        length_upper(length, b.x0, b.x1);
        mag_mul(term, term, length);
        if (++pieces > PIECE_LIMIT || b.x1 - b.x0 <= smallest || log_of(term) <= threshold)
        {
            mag_add(sum, sum, term);
            continue;
        }
        push(&stack, b.x0, middle, 0, 0);
        push(&stack, middle, b.x1, 0, 0);
    }
    flint_free(stack.boxes);
    arb_clear(exponent);
    arb_clear(argument);
    arb_clear(loss);
    arf_clear(low);
    arf_clear(end);
    mag_clear(term);
    mag_clear(length);
}

/* The integral over the real line outside the grid, which ends at the offsets -x and x. What lies within `reach` of s
   is left to the loss [HEAT-9]; `pieces` bounds it without the factor sqrt(kappa/pi), `rest` the whole of what is beyond. */
static void
tail_bound(arb_t rest, mag_t pieces, region_t region, double x, double reach, double threshold)
{
    arb_t part;
    arf_t end;

    arb_init(part);
    arf_init(end);
    arb_zero(rest);
    for (int side = 0; side < 2; side++)
    {
        double outer = fmax(x, (side == 1 ? region->d_high : -region->d_low) + reach);

        if (outer > x)
        {
            piecewise_tail(pieces, region, side == 1 ? x : -outer, side == 1 ? outer : -x, ldexp(x, -20), threshold);
        }
        arf_set_d(end, outer);
        half_line_tail(part, region, end, side);
        arb_add(rest, rest, part, PROOF_PREC);
    }
    arb_clear(part);
    arf_clear(end);
}

/* (n + 1/2) h, where that is a double; else 0 */
static double
grid_end(const caustic_strip_t strip)
{
    arf_t end, same;
    double x;

    arf_init(end);
    arf_init(same);
    arf_mul_si(end, strip->step, 2 * strip->reach + 1, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(end, end, -1);
    x = arf_get_d(end, ARF_RND_NEAR);
    arf_set_d(same, x);
    x = arf_equal(end, same) ? x : 0;
    arf_clear(end);
    arf_clear(same);
    return x;
}

/* [HEAT-4] The error of the strip as it stands, below whose height the loss has been proved to be holomorphic:
   sqrt(kappa/pi) times the integral over the path and the tails, aiming at exp(-nats). Returns 0 where it is not finite. */
static int
prove_error(caustic_strip_t strip, region_t region, double nats)
{
    arb_t factor, rest;
    mag_t path, sup, weight, tail;
    double end = grid_end(strip), step = arf_get_d(strip->step, ARF_RND_NEAR), height = arf_get_d(strip->height, ARF_RND_NEAR), aim;
    int finite;

    arb_init(factor);
    arb_init(rest);
    mag_init(path);
    mag_init(sup);
    mag_init(weight);
    mag_init(tail);
    /* what multiplies the supremum, and as many parts as there are about */
    aim = nats + 2 + fmax(0, log(2 * end * sqrt(region->kernel->k_upper)));
    inner_weight(weight, height, step);
    finite = upper_edge(path, sup, region, end, height, -aim - log_of(weight));
    mag_mul(path, path, weight);
    finite = finite && wall(path, region, -end, height, step, -aim) && wall(path, region, end, height, step, -aim);
    mag_mul_2exp_si(path, path, 1);
    tail_bound(rest, tail, region, end, kernel_reach(region, 0, nats + 2), -aim);
    mag_add(path, path, tail);
    arb_const_pi(factor, PROOF_PREC);
    arb_div(factor, region->kernel->kappa_upper, factor, PROOF_PREC);
    arb_sqrt(factor, factor, PROOF_PREC);
    arf_set_mag(arb_midref(strip->error), path);
    mag_zero(arb_radref(strip->error));
    arb_mul(strip->error, strip->error, factor, PROOF_PREC);
    arb_add(strip->error, strip->error, rest, PROOF_PREC);
    ball_upper_end(strip->error, strip->error, PROOF_PREC);
    finite = finite && arb_is_finite(strip->error);
    if (!finite)
    {
        arb_indeterminate(strip->error);
    }
    arb_clear(factor);
    arb_clear(rest);
    mag_clear(path);
    mag_clear(sup);
    mag_clear(weight);
    mag_clear(tail);
    return finite;
}

/* The search ***********************************************************************************/

/* log |exp(-kappa (s - y)^2) f(y)| about, at one point: the largest for s in the region. */
static double
sample(region_t region, double x, double y)
{
    double d, eta = y + region->kernel->d_radius, delta = region->kernel->d_delta, b, argument[2], value[2], res;

    d = fmax(x - region->d_high, region->d_low - x);
    d = fmax(d, delta * eta) - delta * eta;
    b = d * d - (1 + delta * delta) * eta * eta;
    argument[0] = region->d_centre + x;
    argument[1] = y;
    caustic_evaluate_guess(value, region->evaluator, argument);
    res = fmax(-region->kernel->k_lower * b, -region->kernel->k_upper * b) - value[0] * region->kernel->d_half_inverse;
    return isfinite(res) ? res : HUGE_VAL;
}

/* Where the integrand is large on the real line: its peak, and the interval outside which it is below exp(-nats). */
typedef struct
{
    double top, place;
    double left, right; /* offsets */
}
mass_struct;

/* The offset between `inside` and `outside` where the integrand falls below the level, rounded outward. */
static double
crossing(region_t region, double inside, double outside, double level)
{
    for (int k = 0; k < 10; k++)
    {
        double middle = inside + (outside - inside) / 2;

        if (sample(region, middle, 0) < level)
        {
            outside = middle;
        }
        else
        {
            inside = middle;
        }
    }
    return outside;
}

/* A local maximum next to x, where the neighbours at distance `width` are lower. */
static double
climb_peak(region_t region, double x, double width, double * value)
{
    for (int round = 0; round < 4; round++)
    {
        double centre = x;

        width /= 4;
        for (int i = -3; i <= 3; i++)
        {
            double here = sample(region, centre + i * width, 0);

            if (i != 0 && here > *value)
            {
                *value = here;
                x = centre + i * width;
            }
        }
    }
    return x;
}

/* nats counts from 1, or where `relative` is set from the peak. */
static void
find_mass(mass_struct * mass, region_t region, double nats, int relative)
{
    double value[SCAN + 1], place[PEAKS], height[PEAKS], reach, left, right, width, level;
    slong peaks = 0, i, k;

    region->peaks = 0;
    /* what is farther than this is below the value at s, or below exp(-nats) */
    level = fmax(0, -sample(region, (region->d_low + region->d_high) / 2, 0));
    reach = kernel_reach(region, 0, fmax(isfinite(level) ? level : 0, nats) + 3);
    left = region->d_low - reach;
    right = region->d_high + reach;
    width = (right - left) / SCAN;
    for (i = 0; i <= SCAN; i++)
    {
        value[i] = sample(region, left + i * width, 0);
    }
    for (i = 0; i <= SCAN; i++)
    {
        double here = value[i];

        if ((i > 0 && value[i - 1] > here) || (i < SCAN && value[i + 1] >= here))
        {
            continue;
        }
        /* the highest ones */
        for (k = 0; k < peaks && height[k] >= here; k++)
        {
        }
        if (k < PEAKS)
        {
            peaks = FLINT_MIN(peaks + 1, PEAKS);
            memmove(height + k + 1, height + k, (size_t) (peaks - k - 1) * sizeof(double));
            memmove(place + k + 1, place + k, (size_t) (peaks - k - 1) * sizeof(double));
            height[k] = here;
            place[k] = left + i * width;
        }
    }
    mass->top = -HUGE_VAL;
    mass->place = 0;
    for (k = 0; k < peaks; k++)
    {
        place[k] = climb_peak(region, place[k], width, height + k);
        if (height[k] > mass->top)
        {
            mass->top = height[k];
            mass->place = place[k];
        }
    }
    level = -nats - 2 + (relative ? fmin(mass->top, 0) : 0);
    mass->left = HUGE_VAL;
    mass->right = -HUGE_VAL;
    for (i = 0; i <= SCAN; i++)
    {
        double x = left + i * width;

        if (value[i] >= level)
        {
            mass->left = fmin(mass->left, x);
            mass->right = fmax(mass->right, x);
        }
    }
    for (k = 0; k < peaks; k++)
    {
        if (height[k] >= level)
        {
            region->peak[region->peaks++] = region->d_centre + place[k];
            mass->left = fmin(mass->left, place[k]);
            mass->right = fmax(mass->right, place[k]);
        }
    }
    if (mass->left <= mass->right)
    {
        mass->left = crossing(region, mass->left, mass->left - width, level);
        mass->right = crossing(region, mass->right, mass->right + width, level);
    }
    else
    {
        mass->left = region->d_low - width;
        mass->right = region->d_high + width;
    }
}

double
caustic_line_peak(double * distance, const caustic_line_t line, const arb_t s, const arb_t t)
{
    caustic_strip_t strip;
    region_t region;
    mass_struct mass = {0, 0, 0, 0};

    caustic_strip_init(strip);
    region_init(region);
    arb_set(strip->s, s);
    arb_set(strip->t, t);
    arf_set_round(strip->centre, arb_midref(s), 53, ARF_RND_NEAR);
    if (region_set(region, line, strip))
    {
        find_mass(&mass, region, 0, 0);
    }
    region_clear(region);
    caustic_strip_clear(strip);
    *distance = isfinite(mass.top) ? fabs(mass.place) : 0;
    return isfinite(mass.top) ? -mass.top : 0;
}

/* Rounds down to so many bits. */
static double
round_down(double x, int bits)
{
    int exponent;
    double mantissa = frexp(x, &exponent);

    return ldexp(floor(ldexp(mantissa, bits)), exponent - bits);
}

/* A step for so many nodes, short enough that (n + 1/2) h is a double and at most the half width. */
static double
step_of(double half, slong reach)
{
    int bits = FLINT_MIN(STEP_BITS, 52 - (int) FLINT_BIT_COUNT(2 * reach + 1));

    return round_down(half * (1 - 1e-12) / (reach + 0.5), bits);
}

/* The largest step for which a sample at that height is below exp(-nats), once it has its weight. */
static double
step_for(double level, double height, double nats)
{
    return 6.283185307179586 * height / fmax(nats + level, 3);
}

/* The same for all samples on the upper edge. */
static double
edge_step(region_t region, double end, double height, double nats)
{
    double level = -HUGE_VAL;

    for (slong i = 0; i < LINES; i++)
    {
        double x = end * (2 * i + 1) / (2 * LINES);

        level = fmax(level, fmax(sample(region, x, height), sample(region, -x, height)));
    }
    for (slong k = 0; k < region->peaks; k++)
    {
        level = fmax(level, sample(region, region->peak[k] - region->d_centre, height));
    }
    return step_for(level, height, nats);
}

/* The height, at most the given one, with about the largest step: on its edge, and on the walls up to there. */
static double
choose_height(double * step, region_t region, double end, double highest, double nats)
{
    double height[HEIGHTS], walls[HEIGHTS], best = 0, least = HUGE_VAL;
    slong worse = 0;

    for (slong j = HEIGHTS - 1; j >= 0; j--)
    {
        double level;

        height[j] = round_down(highest * pow(HEIGHT_RATIO, (double) j), STEP_BITS);
        level = fmax(sample(region, end, height[j]), sample(region, -end, height[j]));
        least = fmin(least, level < 3 - nats ? HUGE_VAL : step_for(level, height[j], nats));
        walls[j] = least;
    }
    *step = 0;
    for (slong j = 0; j < HEIGHTS && worse < 4; j++)
    {
        double here = walls[j] > *step ? fmin(walls[j], edge_step(region, end, height[j], nats)) : 0;

        if (here > *step)
        {
            *step = here;
            best = height[j];
            worse = 0;
        }
        else if (walls[j] > *step)
        {
            worse++;
        }
    }
    return best;
}

/* The multiple of a power of two, well below the width, next to the place. */
static void
choose_centre(arf_t centre, const arf_t origin, double offset, double width)
{
    slong exponent = (slong) floor(log2(width)) - 6;
    arf_t x;

    arf_init(x);
    arf_set_d(x, offset);
    arf_add(x, x, origin, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(x, x, -exponent);
    arf_floor(x, x);
    arf_mul_2exp_si(centre, x, exponent);
    arf_clear(x);
}

/* Places the centre in the middle of the mass, and returns half its width; `digits` is how far below the peak the aim is. */
static double
place_strip(double * digits, caustic_strip_t strip, region_t region, const caustic_line_t line, double nats, int relative)
{
    mass_struct mass;
    double half;

    arf_set_round(strip->centre, arb_midref(strip->s), 53, ARF_RND_NEAR);
    if (!region_set(region, line, strip))
    {
        return 0;
    }
    find_mass(&mass, region, nats, relative);
    strip->aim = nats + (relative ? fmax(-mass.top, 0) : 0);
    *digits = fmax(strip->aim + fmin(mass.top, 0), 4);
    half = (mass.right - mass.left) / 2;
    if (!(half > 0) || !isfinite(half) || !isfinite(strip->aim))
    {
        return 0;
    }
    choose_centre(strip->centre, strip->centre, (mass.left + mass.right) / 2, half);
    region_set(region, line, strip);
    return half * (1 + 1.0 / 32);
}

static caustic_result
find_strip(caustic_strip_t strip, const caustic_line_t line, double nats, int relative)
{
    region_t region;
    double half, highest, height, aim, step, digits = 0;
    slong attempt;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    region_init(region);
    arb_indeterminate(strip->error);
    strip->boxes = 0;
    if (nats > 0 && kernel_set(region->kernel, line->viscosity, strip->t, strip->radius_t, strip->radius_s)
        && arb_is_finite(strip->s))
    {
        half = place_strip(&digits, strip, region, line, nats, relative);
        result = CAUSTIC_NO_RESOURCES;
        /* A looser threshold costs few more points and saves many pieces. */
        aim = strip->aim + 2.5 + 0.03 * digits + fmax(0, log(2 * half * sqrt(region->kernel->k_upper)));
        highest = 1.2 * sqrt(digits / region->kernel->k_upper);
        for (attempt = 0; attempt < FIND_ATTEMPTS && half > 0 && result != CAUSTIC_OK; attempt++)
        {
            /* the best height as if there were no poles, then below the poles */
            height = choose_height(&step, region, half, highest, aim);
            highest = height > 0 ? holomorphic_height(region, half, height, 0.1) : 0;
            if (highest < height && highest > 0)
            {
                /* not too near the poles */
                height = choose_height(&step, region, half, 0.94 * highest, aim);
            }
            if (!(height > 0) || !(highest > 0) || !(half / step < REACH_LIMIT))
            {
                break;
            }
            strip->reach = (slong) ceil(half / step - 0.5);
            arf_set_d(strip->step, step_of(half, strip->reach));
            arf_set_d(strip->height, height);
            /* the grid ends within what holomorphic_height has covered */
            result = grid_end(strip) > 0 && grid_end(strip) <= half && prove_error(strip, region, strip->aim) ? CAUSTIC_OK
                : CAUSTIC_NO_RESOURCES;
            highest = 0.7 * height;
        }
    }
    strip->boxes = region->boxes;
    region_clear(region);
    return result;
}

caustic_result
caustic_strip_find(caustic_strip_t strip, const caustic_line_t line, const arb_t s, const arb_t t,
    const arf_t radius_s, const arf_t radius_t, double nats)
{
    arb_set(strip->s, s);
    arb_set(strip->t, t);
    arf_set(strip->radius_s, radius_s);
    arf_set(strip->radius_t, radius_t);
    return find_strip(strip, line, nats, 0);
}

caustic_result
caustic_strip_find_relative(caustic_strip_t strip, const caustic_line_t line, const arb_t s, const arb_t t,
    const arf_t radius_s, const arf_t radius_t, double nats)
{
    arb_set(strip->s, s);
    arb_set(strip->t, t);
    arf_set(strip->radius_s, radius_s);
    arf_set(strip->radius_t, radius_t);
    return find_strip(strip, line, nats, 1);
}

caustic_result
caustic_strip_bound(caustic_strip_t strip, const caustic_line_t line)
{
    region_t region;
    double end = grid_end(strip), step = arf_get_d(strip->step, ARF_RND_NEAR), height, level;
    arf_t same;
    int valid;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    region_init(region);
    arf_init(same);
    arf_set_d(same, step);
    arb_indeterminate(strip->error);
    strip->boxes = 0;
    valid = region_set(region, line, strip) && strip->reach >= 0 && end > 0 && isfinite(end) && arf_equal(same, strip->step);
    height = arf_get_d(strip->height, ARF_RND_NEAR);
    arf_set_d(same, height);
    valid = valid && height > 0 && isfinite(height) && arf_equal(same, strip->height);
    if (valid)
    {
        level = sample(region, 0, height) - 6.283185307179586 * height / step;
        result = holomorphic_height(region, end, height, 0.001) == height
            && prove_error(strip, region, isfinite(level) ? -level : 0) ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
    }
    strip->boxes = region->boxes;
    arf_clear(same);
    region_clear(region);
    return result;
}

/* Without the Gaussian ************************************************************************/

/* A region with kappa = 0, as it was made: the bounds above are then those of f alone. */
static void
region_set_loss(region_t region, const caustic_line_t line, const arf_t centre)
{
    region_set_line(region, line);
    arf_set(region->centre, centre);
    region->d_centre = arf_get_d(centre, ARF_RND_NEAR);
    kernel_set_viscosity(region->kernel, line->viscosity);
}

double
rectangle_level(const caustic_line_t line, const arf_t centre, double width, double height)
{
    region_t region;
    double level = -HUGE_VAL;

    region_init(region);
    region_set_loss(region, line, centre);
    for (slong i = 0; i <= 16; i++)
    {
        level = fmax(level, sample(region, width * (i - 8) / 8, height));
        level = fmax(level, sample(region, width, height * i / 16));
        level = fmax(level, sample(region, -width, height * i / 16));
    }
    region_clear(region);
    return level;
}

int
rectangle_sup(mag_t sup, const caustic_line_t line, const arf_t centre, double width, double height,
    double threshold)
{
    region_t region;
    mag_t integral;
    int found;

    region_init(region);
    mag_init(integral);
    region_set_loss(region, line, centre);
    /* By the maximum principle the boundary is enough. */
    found = holomorphic_height(region, width, height, 0.001) == height
        && upper_edge(integral, sup, region, width, height, threshold)
        && wall(sup, region, width, height, 0, threshold)
        && wall(sup, region, -width, height, 0, threshold);
    mag_clear(integral);
    region_clear(region);
    return found && !mag_is_inf(sup);
}
