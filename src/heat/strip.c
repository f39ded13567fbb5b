/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    strip: phi = S + E on the flat line, with a proved bound of E on a complex neighbourhood of a box.

    Positions are kept as offsets from the centre c: an offset is a double, which is an exact binary
    number; doubles are only ever labels of exact points or guide the search.
*/

#include <math.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "heat_internal.h"
#include "kernel.h"

#define PROOF_PREC 64
#define SEARCH_PREC 32
#define BOX_LIMIT 6000
#define REACH_LIMIT 500000
#define SEGMENTS 12
#define TAIL_PIECES 8
#define VERTICAL_SAMPLES 4
#define EDGE_SAMPLES 14
#define TRIM_STEPS 12
#define HEIGHT_ATTEMPTS 48
#define DECAY_LIMIT 8
#define FIND_LIMIT 60000

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
    double d_low, d_high; /* for the search */
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

    bound = -arf_get_d(region->line->lower, ARF_RND_NEAR) * region->kernel->d_half_inverse;
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

/* Covering the rectangle ***********************************************************************/

typedef enum
{
    BOX_FULL = 1, /* holomorphy on [0, height] and the upper edge at once */
    BOX_INNER,    /* holomorphy only */
    BOX_EDGE      /* the upper edge only */
}
box_kind;

typedef struct
{
    double x0, x1, y0, y1;
    box_kind kind;
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
push(stack_struct * stack, double x0, double x1, double y0, double y1, box_kind kind)
{
    box_struct box = {x0, x1, y0, y1, kind};

    if (stack->length == stack->capacity)
    {
        stack->capacity = 2 * stack->capacity + 64;
        stack->boxes = flint_realloc(stack->boxes, sizeof(box_struct) * stack->capacity);
    }
    stack->boxes[stack->length++] = box;
}

/* Proves that the loss is holomorphic on |Re y - c| <= radius, 0 <= Im y <= height, and bounds
   |exp(-kappa (s - y)^2) f(y)| on the upper edge: its integral over Re y and its supremum [HEAT-1],
   [HEAT-2]. Pieces whose bound exceeds exp(threshold) are refined. Returns 0 where the limit was
   reached. */
static int
cover(mag_t integral, mag_t sup, region_t region, double radius, double height, double threshold)
{
    stack_struct stack = {NULL, 0, 0};
    box_struct b;
    arb_t exponent;
    acb_t loss;
    mag_t term;
    double middle, smallest = radius / 4096;
    slong i, limit = region->boxes + BOX_LIMIT;
    int holomorphic, small, done = 1;
    arf_t width;

    arb_init(exponent);
    acb_init(loss);
    mag_init(term);
    arf_init(width);
    mag_zero(integral);
    mag_zero(sup);
    for (i = 0; i < SEGMENTS; i++)
    {
        /* Neighbours share the same double, so the union has no gaps. */
        push(&stack, i == 0 ? -radius : -radius + 2 * radius * i / SEGMENTS,
            i == SEGMENTS - 1 ? radius : -radius + 2 * radius * (i + 1) / SEGMENTS, 0, height, BOX_FULL);
    }
    while (stack.length > 0 && done)
    {
        if (region->boxes >= limit)
        {
            done = 0;
            break;
        }
        if (region->boxes % 256 == 255)
        {
            threshold += 1; /* the threshold asks too much: a looser bound is a bound */
        }
        b = stack.boxes[--stack.length];
        middle = b.x0 + (b.x1 - b.x0) / 2;
        holomorphic = loss_exponent(loss, region, b.x0, b.x1, b.y0, b.y1, SEARCH_PREC);
        small = 0;
        if (holomorphic && b.kind != BOX_INNER)
        {
            gaussian_exponent(exponent, region, b.x0, b.x1, height);
            arb_add(exponent, exponent, acb_realref(loss), PROOF_PREC);
            if (b.kind == BOX_EDGE)
            {
                /* The supremum is at least about this: finer pieces cannot get below it. */
                arb_get_lbound_arf(width, exponent, SEARCH_PREC);
                threshold = fmax(threshold, arf_get_d(width, ARF_RND_NEAR) + 1);
            }
            arb_get_ubound_arf(width, exponent, SEARCH_PREC);
            small = arf_cmp_d(width, threshold) <= 0 || (b.kind == BOX_EDGE && b.x1 - b.x0 < smallest);
            if (small)
            {
                exp_upper(term, exponent);
                mag_max(sup, sup, term);
                arb_set_d(exponent, b.x1);
                arf_set_d(width, b.x0);
                arb_sub_arf(exponent, exponent, width, PROOF_PREC);
                arb_get_mag(arb_radref(exponent), exponent);
                mag_mul(term, term, arb_radref(exponent));
                mag_add(integral, integral, term);
            }
        }
        if (b.kind == BOX_FULL && !small)
        {
            push(&stack, b.x0, b.x1, height, height, BOX_EDGE);
            if (!holomorphic)
            {
                push(&stack, b.x0, b.x1, 0, height, BOX_INNER);
            }
        }
        else if (b.kind == BOX_EDGE && !small)
        {
            done = b.x1 - b.x0 >= smallest;
            push(&stack, b.x0, middle, height, height, BOX_EDGE);
            push(&stack, middle, b.x1, height, height, BOX_EDGE);
        }
        else if (b.kind == BOX_INNER && !holomorphic)
        {
            done = b.x1 - b.x0 >= smallest;
            if (b.x1 - b.x0 >= b.y1 - b.y0)
            {
                push(&stack, b.x0, middle, b.y0, b.y1, BOX_INNER);
                push(&stack, middle, b.x1, b.y0, b.y1, BOX_INNER);
            }
            else
            {
                middle = b.y0 + (b.y1 - b.y0) / 2;
                push(&stack, b.x0, b.x1, b.y0, middle, BOX_INNER);
                push(&stack, b.x0, b.x1, middle, b.y1, BOX_INNER);
            }
        }
    }
    flint_free(stack.boxes);
    arf_clear(width);
    mag_clear(term);
    acb_clear(loss);
    arb_clear(exponent);
    return done && !mag_is_inf(integral);
}

/* An upper bound of sup |exp(-kappa (s - y)^2) f(y)| on the vertical edge through the offset x,
   |Im y| <= height. The edge is cut until each piece is below exp(threshold), or 64 pieces. */
static int
vertical_edge(mag_t sup, region_t region, double x, double height, double threshold)
{
    arb_t exponent;
    acb_t loss;
    mag_t term;
    slong pieces, i;
    int done = 0;

    arb_init(exponent);
    acb_init(loss);
    mag_init(term);
    for (pieces = 1; pieces <= 64 && !done; pieces *= 4)
    {
        int holomorphic = 1;

        mag_zero(sup);
        gaussian_exponent(exponent, region, x, x, height);
        for (i = 0; i < pieces && holomorphic; i++)
        {
            arb_t total;

            arb_init(total);
            holomorphic = loss_exponent(loss, region, x, x, height * i / pieces,
                i == pieces - 1 ? height : height * (i + 1) / pieces, SEARCH_PREC);
            arb_add(total, exponent, acb_realref(loss), PROOF_PREC);
            exp_upper(term, total);
            mag_max(sup, sup, term);
            arb_clear(total);
        }
        if (!holomorphic)
        {
            mag_inf(sup);
        }
        done = !mag_is_inf(sup) && (mag_is_zero(sup) || mag_get_d_log2_approx(sup) * 0.6931471805599453 <= threshold);
    }
    mag_clear(term);
    acb_clear(loss);
    arb_clear(exponent);
    return !mag_is_inf(sup);
}

/* The three parts of the error *****************************************************************/

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
        arb_sqrt(factor, region->kernel->kappa_lower, PROOF_PREC);
        arb_mul(gap, gap, factor, PROOF_PREC);
        arb_hypgeom_erfc(res, gap, PROOF_PREC);
        arb_mul_2exp_si(res, res, -1);
        /* (1 + delta^2)^(1/4) exp(kappa_upper (1 + delta^2) radius^2) exp(-lower/(2 nu)) */
        arb_sqr(shift, region->kernel->radius, PROOF_PREC);
        arb_mul(shift, shift, region->kernel->spread, PROOF_PREC);
        arb_mul(shift, shift, region->kernel->kappa_upper, PROOF_PREC);
        arb_mul_arf(factor, region->kernel->half_inverse, region->line->lower, PROOF_PREC);
        arb_sub(shift, shift, factor, PROOF_PREC);
        arb_exp(shift, shift, PROOF_PREC);
        arb_mul(res, res, shift, PROOF_PREC);
        arb_root_ui(shift, region->kernel->spread, 4, PROOF_PREC);
        arb_mul(res, res, shift, PROOF_PREC);
    }
    else
    {
        arb_indeterminate(res);
    }
    arb_clear(gap);
    arb_clear(shift);
    arb_clear(factor);
}

/* [HEAT-9] An upper bound of the integral of |exp(-kappa (s - y)^2) f(y)| over the real offsets between
   x0 and x1, in pieces on each of which f is bounded by the values of the loss there; in more pieces
   until it is below exp(threshold), or in 512. */
static void
piecewise_tail(mag_t res, region_t region, double x0, double x1, double threshold)
{
    arb_t exponent, argument, loss;
    arf_t low, end;
    mag_t term;
    slong pieces, i;
    int done = 0;

    arb_init(exponent);
    arb_init(argument);
    arb_init(loss);
    arf_init(low);
    arf_init(end);
    mag_init(term);
    for (pieces = TAIL_PIECES; pieces <= 512 && !done; pieces *= 4)
    {
        mag_zero(res);
        for (i = 0; i < pieces; i++)
        {
            /* Neighbours share the same double. */
            double a = i == 0 ? x0 : x0 + (x1 - x0) * i / pieces;
            double b = i == pieces - 1 ? x1 : x0 + (x1 - x0) * (i + 1) / pieces;

            set_offsets(argument, a, b);
            arb_add_arf(argument, argument, region->centre, 4 * PROOF_PREC);
            caustic_evaluate_arb(loss, region->evaluator, argument, PROOF_PREC);
            region->boxes++;
            arf_set(low, region->line->lower);
            if (arb_is_finite(loss))
            {
                arb_get_lbound_arf(end, loss, PROOF_PREC);
                arf_max(low, low, end);
            }
            gaussian_exponent(exponent, region, a, b, 0);
            arb_mul_arf(loss, region->kernel->half_inverse, low, PROOF_PREC);
            arb_sub(exponent, exponent, loss, PROOF_PREC);
            exp_upper(term, exponent);
            arb_set_d(exponent, b);
            arf_set_d(end, a);
            arb_sub_arf(exponent, exponent, end, PROOF_PREC);
            arb_get_mag(arb_radref(exponent), exponent);
            mag_addmul(res, term, arb_radref(exponent));
        }
        done = mag_is_zero(res) || mag_get_d_log2_approx(res) * 0.6931471805599453 <= threshold;
    }
    arb_clear(exponent);
    arb_clear(argument);
    arb_clear(loss);
    arf_clear(low);
    arf_clear(end);
    mag_clear(term);
}

/* The integral over the real line outside the rectangle of half width x, which is a double. Where the
   rectangle ends before `reach`, measured from s, the loss has to help [HEAT-9]. */
static void
tail_bound(arb_t res, region_t region, double x, double reach, double threshold)
{
    arb_t part, factor;
    arf_t end;
    mag_t pieces;
    int side;

    arb_init(part);
    arb_init(factor);
    arf_init(end);
    mag_init(pieces);
    arb_zero(res);
    for (side = 0; side < 2; side++)
    {
        double outer = (side == 1 ? region->d_high : -region->d_low) + reach;

        mag_zero(pieces);
        if (outer > x && isfinite(outer))
        {
            piecewise_tail(pieces, region, side == 1 ? x : -outer, side == 1 ? outer : -x, threshold);
            arf_set_d(end, outer);
        }
        else
        {
            arf_set_d(end, x);
        }
        half_line_tail(part, region, end, side);
        arb_add(res, res, part, PROOF_PREC);
        arb_const_pi(factor, PROOF_PREC);
        arb_div(factor, region->kernel->kappa_upper, factor, PROOF_PREC);
        arb_sqrt(factor, factor, PROOF_PREC);
        arf_set_mag(end, pieces);
        arb_mul_arf(factor, factor, end, PROOF_PREC);
        arb_add(res, res, factor, PROOF_PREC);
    }
    arb_clear(part);
    arb_clear(factor);
    arf_clear(end);
    mag_clear(pieces);
}

/* (n + 1/2) h */
static void
grid_end(arf_t res, const caustic_strip_t strip)
{
    arf_mul_si(res, strip->step, 2 * strip->reach + 1, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_mul_2exp_si(res, res, -1);
}

/* [HEAT-1] error = sqrt(kappa/pi) (2 q/(1 - q) I + v (V_left + V_right)) + tails, with I the integral
   over the upper edge, v = min(a, (ln 2/pi) h) and q = exp(-2 pi a/h). The rectangle's half width
   is exactly the grid's end, which must lie within what was covered; I may be over a longer edge.
   Returns 0 where it does not or a part is not finite. */
static int
assemble(caustic_strip_t strip, region_t region, const mag_t integral, double covered, double threshold)
{
    arb_t q, x, y, pi;
    mag_t left, right;
    arf_t end, offset;
    double height = arf_get_d(strip->height, ARF_RND_NEAR), place;
    int finite;

    arb_init(q);
    arb_init(x);
    arb_init(y);
    arb_init(pi);
    mag_init(left);
    mag_init(right);
    arf_init(end);
    arf_init(offset);
    grid_end(end, strip);
    place = arf_get_d(end, ARF_RND_NEAR);
    arf_set_d(offset, place);
    /* The vertical edges stand exactly at the ends of the grid: the end must be a double. */
    finite = arf_equal(offset, end) && place <= covered;
    finite = finite && vertical_edge(left, region, -place, height, threshold)
        && vertical_edge(right, region, place, height, threshold);

    arb_const_pi(pi, PROOF_PREC);
    arb_set_arf(x, strip->height);
    arb_mul(q, pi, x, PROOF_PREC);
    arb_mul_2exp_si(q, q, 1);
    arb_div_arf(q, q, strip->step, PROOF_PREC);
    arb_neg(q, q);
    arb_exp(q, q, PROOF_PREC);
    arb_sub_ui(y, q, 1, PROOF_PREC);
    arb_neg(y, y);
    arb_div(q, q, y, PROOF_PREC);
    arb_mul_2exp_si(q, q, 1);
    arf_set_mag(end, integral);
    arb_mul_arf(q, q, end, PROOF_PREC);

    arb_const_log2(y, PROOF_PREC);
    arb_div(y, y, pi, PROOF_PREC);
    arb_mul_arf(y, y, strip->step, PROOF_PREC);
    arb_min(y, y, x, PROOF_PREC);
    mag_add(left, left, right);
    arf_set_mag(end, left);
    arb_mul_arf(y, y, end, PROOF_PREC);
    arb_add(q, q, y, PROOF_PREC);
    arb_div(x, region->kernel->kappa_upper, pi, PROOF_PREC);
    arb_sqrt(x, x, PROOF_PREC);
    arb_mul(q, q, x, PROOF_PREC);

    tail_bound(x, region, place, kernel_reach(region, 0, fmax(-threshold, 1)), threshold);
    arb_add(q, q, x, PROOF_PREC);
    finite = finite && arb_is_finite(q);
    ball_upper_end(strip->error, q, PROOF_PREC);
    if (!finite)
    {
        arb_indeterminate(strip->error);
    }
    arb_clear(q);
    arb_clear(x);
    arb_clear(y);
    arb_clear(pi);
    mag_clear(left);
    mag_clear(right);
    arf_clear(end);
    arf_clear(offset);
    return finite;
}

/* The search ***********************************************************************************/

/* log |exp(-kappa (s - y)^2) f(y)| about, at one point. */
static double
sample(region_t region, double x, double y)
{
    double d, eta = y + region->kernel->d_radius, b, gaussian, value;
    acb_t loss;

    d = fmax(x - region->d_high, region->d_low - x);
    d = fmax(d, region->kernel->d_delta * eta) - region->kernel->d_delta * eta;
    b = d * d - (1 + region->kernel->d_delta * region->kernel->d_delta) * eta * eta;
    gaussian = fmax(-region->kernel->k_lower * b, -region->kernel->k_upper * b);
    acb_init(loss);
    value = HUGE_VAL;
    if (loss_exponent(loss, region, x, x, y, y, SEARCH_PREC))
    {
        value = gaussian + arf_get_d(arb_midref(acb_realref(loss)), ARF_RND_NEAR);
    }
    acb_clear(loss);
    return value;
}

/* The half width that a strip of the given height needs. */
static double
half_width(const region_t region, double height, double nats)
{
    return fmax(region->d_high, -region->d_low) + kernel_reach(region, height, nats);
}

/* Whether the loss is holomorphic on a few vertical lines; a cheap forecast of what a cover will find. */
static int
lines_are_holomorphic(region_t region, double height, double width)
{
    acb_t loss;
    int good = 1, i;

    acb_init(loss);
    for (i = 0; i < 8 && good; i++)
    {
        /* the upper halves first; on both sides in turn */
        double x = width * ((i % 2) ? -0.3 : 0.3) * (1 + (i / 2) % 2), low = i < 4 ? height / 2 : 0;

        good = loss_exponent(loss, region, x, x, low, low + height / 2, SEARCH_PREC);
    }
    acb_clear(loss);
    return good;
}

/* About the maximum of the logarithm on the upper edge; infinite if it exceeds the limit anywhere
   or if the vertical edges are not below -nats. */
static double
edge_level(region_t region, double height, double width, double nats, double limit)
{
    double level = -HUGE_VAL, value;
    slong i;

    for (i = VERTICAL_SAMPLES; i >= 1; i--)
    {
        double y = height * i / VERTICAL_SAMPLES;

        if (!(sample(region, width, y) < -nats) || !(sample(region, -width, y) < -nats))
        {
            return HUGE_VAL;
        }
    }
    if (limit < HUGE_VAL && !lines_are_holomorphic(region, height, width))
    {
        return HUGE_VAL;
    }
    for (i = 0; i < EDGE_SAMPLES; i++)
    {
        /* the middle first, where the integrand is large */
        double x = width * ((i % 2) ? 1 : -1) * (i + 0.5) / EDGE_SAMPLES;

        value = sample(region, x, height);
        if (!(value < limit))
        {
            return HUGE_VAL;
        }
        level = fmax(level, value);
    }
    return level;
}

/* Moves the centre to the middle of the part of the rectangle where the integrand on the strip is not below
   exp(-nats), as far as samples tell. Returns the half width. */
static double
trim(caustic_strip_t strip, region_t region, double height, double width, double nats)
{
    double end[2], shift, x;
    arf_t offset;
    int side, k;
    slong exponent;

    for (side = 0; side < 2; side++)
    {
        double inner = side == 1 ? region->d_high : -region->d_low;

        end[side] = width;
        for (k = TRIM_STEPS - 1; k > 0; k--)
        {
            x = inner + (width - inner) * k / TRIM_STEPS;
            if (!(sample(region, side == 1 ? x : -x, 0) < -nats)
                || !(sample(region, side == 1 ? x : -x, height / 2) < -nats)
                || !(sample(region, side == 1 ? x : -x, height) < -nats))
            {
                break;
            }
            end[side] = x;
        }
    }
    if (!(end[0] + end[1] < 1.8 * width))
    {
        return width;
    }
    arf_init(offset);
    exponent = (slong) floor(-0.5 * log2(region->kernel->k_upper)) - 5;
    shift = ldexp(floor(ldexp((end[1] - end[0]) / 2, -exponent)), exponent);
    arf_set_d(offset, shift);
    arf_add(strip->centre, strip->centre, offset, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_clear(offset);
    return (end[0] + end[1]) / 2 + ldexp(1, exponent);
}

/* Rounds down to 24 bits. */
static double
round_down(double x)
{
    int exponent;
    double mantissa = frexp(x, &exponent);

    return ldexp(floor(ldexp(mantissa, 24)), exponent - 24);
}

/* The height, at most the given one, for which the grid has fewest points; 0 where none was found. */
static double
search_height(double * best_level, region_t region, double height, double nats)
{
    double width, level, cost, best = 0, least = HUGE_VAL;
    slong attempt, worse = 0;

    *best_level = 0;
    for (attempt = 0; attempt < 48 && worse < 1; attempt++, height *= 0.75)
    {
        width = half_width(region, height, nats);
        level = edge_level(region, height, width, nats, 2 * nats);
        cost = (nats + fmax(level, 3 - nats)) * width / height;
        if (cost < least)
        {
            least = cost;
            best = height;
            *best_level = level;
        }
        else if (best > 0)
        {
            worse++;
        }
    }
    return best;
}

/* The multiple of a power of two, well below the kernel's width, next to the middle of s. */
static void
choose_centre(arf_t centre, const arb_t s, const region_t region)
{
    slong exponent = (slong) floor(-0.5 * log2(region->kernel->k_upper)) - 5;

    arf_mul_2exp_si(centre, arb_midref(s), -exponent);
    arf_floor(centre, centre);
    arf_mul_2exp_si(centre, centre, exponent);
}

caustic_result
caustic_strip_bound(caustic_strip_t strip, const caustic_line_t line)
{
    region_t region;
    mag_t integral, sup;
    arf_t end;
    double height, width, level;
    caustic_result result = CAUSTIC_OK;

    region_init(region);
    mag_init(integral);
    mag_init(sup);
    arf_init(end);
    arb_indeterminate(strip->error);
    height = arf_get_d(strip->height, ARF_RND_NEAR);
    arf_set_d(end, height);
    if (!region_set(region, line, strip) || strip->reach < 0 || arf_sgn(strip->step) <= 0
        || !arf_is_finite(strip->step) || arf_sgn(strip->height) <= 0 || !arf_equal(end, strip->height))
    {
        result = CAUSTIC_UNSUPPORTED;
    }
    else
    {
        grid_end(end, strip);
        width = arf_get_d(end, ARF_RND_UP);
        level = edge_level(region, height, width, -HUGE_VAL, HUGE_VAL);
        level = isfinite(level) ? level : 0;
        if (!cover(integral, sup, region, width, height, level + 2)
            || !assemble(strip, region, integral, width, level - 6.28 * height / arf_get_d(strip->step, ARF_RND_NEAR)))
        {
            result = CAUSTIC_NO_RESOURCES;
        }
    }
    strip->boxes = region->boxes;
    mag_clear(integral);
    mag_clear(sup);
    arf_clear(end);
    region_clear(region);
    return result;
}

caustic_result
caustic_strip_find(caustic_strip_t strip, const caustic_line_t line, const arb_t s, const arb_t t,
    const arf_t radius_s, const arf_t radius_t, double nats)
{
    region_t region;
    mag_t integral, sup;
    arf_t centre;
    double height, width, level, step, decay;
    slong attempt;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    region_init(region);
    mag_init(integral);
    mag_init(sup);
    arf_init(centre);
    arb_set(strip->s, s);
    arb_set(strip->t, t);
    arf_set(strip->radius_s, radius_s);
    arf_set(strip->radius_t, radius_t);
    arf_zero(strip->centre);
    arb_indeterminate(strip->error);
    strip->boxes = 0;
    if (nats > 0 && nats < 1e6 && region_set(region, line, strip))
    {
        choose_centre(centre, s, region);
        result = CAUSTIC_NO_RESOURCES;
        height = 1.2 * sqrt(nats / region->kernel->k_upper);
        for (attempt = 0; attempt < HEIGHT_ATTEMPTS && region->boxes < FIND_LIMIT && result != CAUSTIC_OK; attempt++)
        {
            arf_set(strip->centre, centre);
            region_set(region, line, strip);
            height = search_height(&level, region, attempt > 0 ? 0.8 * height : height, nats);
            if (!(height > 0))
            {
                break;
            }
            height = round_down(height);
            width = trim(strip, region, height, half_width(region, height, nats), nats + 6);
            region_set(region, line, strip);
            /* A looser threshold costs few more points and saves many pieces. */
            if (!cover(integral, sup, region, width, height, level + 2 + 0.04 * nats))
            {
                continue;
            }
            /* 2 q I sqrt(kappa/pi) = exp(-nats)/4 */
            decay = nats + 2.1 + 0.5 * log(region->kernel->k_upper / 3.14159265358979)
                + 0.6931471805599453 * mag_get_d_log2_approx(integral);
            decay = fmax(decay, 3);
            step = 6.283185307179586 * height / decay;
            if (!(decay < DECAY_LIMIT * nats) || !(width / step < REACH_LIMIT))
            {
                /* The samples missed where the integrand is large, between poles or waves: lower. */
                continue;
            }
            strip->reach = (slong) ceil(width / step - 0.5);
            arf_set_d(strip->step, round_down(width / (strip->reach + 0.5)));
            arf_set_d(strip->height, height);
            if (assemble(strip, region, integral, width, -nats - 3))
            {
                result = CAUSTIC_OK;
            }
        }
    }
    strip->boxes = region->boxes;
    mag_clear(integral);
    mag_clear(sup);
    arf_clear(centre);
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
    kernel_set_viscosity(region->kernel, line->viscosity);
    region->d_low = region->d_high = 0;
}

double
rectangle_level(const caustic_line_t line, const arf_t centre, double width, double height)
{
    region_t region;
    double level;
    slong i;

    region_init(region);
    region_set_loss(region, line, centre);
    level = edge_level(region, height, width, -HUGE_VAL, HUGE_VAL);
    for (i = 0; i <= 8; i++)
    {
        level = fmax(level, sample(region, width, height * i / 8));
        level = fmax(level, sample(region, -width, height * i / 8));
    }
    region_clear(region);
    return level;
}

int
rectangle_sup(mag_t sup, const caustic_line_t line, const arf_t centre, double width, double height,
    double threshold)
{
    region_t region;
    mag_t integral, edge;
    int found;

    region_init(region);
    mag_init(integral);
    mag_init(edge);
    region_set_loss(region, line, centre);
    /* By the maximum principle the boundary is enough. */
    found = cover(integral, sup, region, width, height, threshold);
    found = found && vertical_edge(edge, region, width, height, threshold);
    mag_max(sup, sup, edge);
    found = found && vertical_edge(edge, region, -width, height, threshold);
    mag_max(sup, sup, edge);
    mag_clear(integral);
    mag_clear(edge);
    region_clear(region);
    return found && !mag_is_inf(sup);
}
