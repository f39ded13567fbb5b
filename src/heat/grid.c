/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    grid: phi = S + E on R^k by the trapezoid sum along each axis, with a proved bound of E on a complex neighbourhood
    of a box [HEAT-12].

    Positions are kept as offsets from the centre: an offset is a double, which is an exact binary number; doubles are
    only ever labels of exact points or guide the search.
*/

#include <math.h>
#include <string.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "heat_internal.h"
#include "kernel.h"

#define PROOF_PREC 64
#define SEARCH_PREC 32
#define AXES CAUSTIC_SPACE_DIMENSION
#define REACH_LIMIT 20000
#define HEIGHTS 40
#define WALL_HEIGHTS 8
#define SLABS 5        /* of a wall, each with its weight */
#define SAMPLES 7      /* along an axis, to guess how large the integrand is */
#define ABOVE_PI 3.1415927 /* a double above pi */
#define SMALLEST 64    /* pieces along the height of a strip */
#define TOP_SAMPLES 33

/* The space ************************************************************************************/

/* Whether no derivative of e by a symbol has a symbol: e is linear, and slope are its coefficients. */
static int
is_linear(arb_ptr slope, caustic_pool * pool, caustic_expr e, const caustic_expr * symbol, slong dimension)
{
    int linear = 1;

    for (slong i = 0; i < dimension && linear; i++)
    {
        caustic_expr derivative = caustic_derivative(pool, e, symbol[i]);
        caustic_tape * tape = caustic_tape_new(pool, &derivative, 1, NULL, 0);

        linear = tape != NULL;
        if (linear)
        {
            caustic_tape_evaluate_arb(slope + i, tape, NULL, 4 * PROOF_PREC);
            linear = arb_is_finite(slope + i);
        }
        caustic_tape_free(tape);
    }
    return linear;
}

static void
append(caustic_expr ** list, slong * length, caustic_expr e)
{
    *list = flint_realloc(*list, (size_t) (*length + 1) * sizeof(caustic_expr));
    (*list)[(*length)++] = e;
}

/* The terms of e: sums and rational multiples of sums are taken apart. */
static void
collect(caustic_expr ** terms, slong * length, caustic_pool * pool, caustic_expr e)
{
    caustic_expr * waiting = NULL;
    slong depth = 0;

    append(&waiting, &depth, e);
    while (depth > 0)
    {
        caustic_expr term = waiting[--depth], sum = term, factor = caustic_integer(pool, 1);

        /* What is too large to be written stays a term, and has no bound. */
        if (term == CAUSTIC_NONE)
        {
            append(terms, length, term);
            continue;
        }
        if (caustic_expr_op(pool, term) == CAUSTIC_OP_PRODUCT && caustic_expr_arity(pool, term) == 2
            && caustic_expr_op(pool, caustic_expr_child(pool, term, 0)) == CAUSTIC_OP_NUMBER)
        {
            factor = caustic_expr_child(pool, term, 0);
            sum = caustic_expr_child(pool, term, 1);
        }
        if (caustic_expr_op(pool, sum) != CAUSTIC_OP_SUM)
            append(terms, length, term);
        else
            for (slong i = 0; i < caustic_expr_arity(pool, sum); i++)
                append(&waiting, &depth, caustic_mul(pool, factor, caustic_expr_child(pool, sum, i)));
    }
    flint_free(waiting);
}

/* [HEAT-13] l >= lower + tilt . y, term by term. */
static int
lower_bound_of_loss(caustic_space_t space, caustic_pool * pool, const caustic_expr * symbol, caustic_expr loss)
{
    caustic_interval_t line;
    caustic_expr * terms = NULL;
    slong length = 0, k = space->dimension + space->angles;
    arb_ptr slope = _arb_vec_init(k);
    range_t input, range;
    int found = 0;

    caustic_interval_init(line);
    range_init(input);
    range_init(range);
    _arb_vec_zero(space->tilt, k);
    if (k == 1)
        found = caustic_lower_bound(space->lower, pool, loss, symbol[0], line);
    if (!found)
    {
        found = 1;
        arf_zero(space->lower);
        collect(&terms, &length, pool, loss);
        for (slong i = 0; i < length && found; i++)
        {
            if (range_of_expression(range, pool, terms[i], CAUSTIC_NONE, input) && arf_is_finite(range->lower))
                arf_add(space->lower, space->lower, range->lower, PROOF_PREC, ARF_RND_FLOOR);
            else if (is_linear(slope, pool, terms[i], symbol, k))
            {
                /* the part without the symbols */
                caustic_expr zeros[AXES], rest;

                for (slong a = 0; a < k; a++)
                    zeros[a] = caustic_integer(pool, 0);
                rest = caustic_substitute(pool, terms[i], symbol, zeros, k);
                found = range_of_expression(range, pool, rest, CAUSTIC_NONE, input) && arf_is_finite(range->lower);
                arf_add(space->lower, space->lower, range->lower, PROOF_PREC, ARF_RND_FLOOR);
                _arb_vec_add(space->tilt, space->tilt, slope, k, 4 * PROOF_PREC);
            }
            else
                found = 0;
        }
    }
    flint_free(terms);
    _arb_vec_clear(slope, k);
    range_clear(input);
    range_clear(range);
    caustic_interval_clear(line);
    return found;
}

static slong
sides_of(const caustic_space_struct * space)
{
    return space->dimension + space->angles;
}

static caustic_result
space_init(caustic_space_t space, caustic_text_t why, caustic_pool * pool, const caustic_expr * symbol, slong dimension, slong angles,
    caustic_expr loss, const fmpq_t viscosity)
{
    slong symbols = dimension + angles;

    space->dimension = dimension;
    space->angles = angles;
    space->loss = NULL;
    fmpq_init(space->viscosity);
    fmpq_set(space->viscosity, viscosity);
    arf_init(space->lower);
    space->tilt = _arb_vec_init(FLINT_MAX(symbols, 0));

    if (dimension < 0 || symbols < 1 || symbols > AXES)
    {
        caustic_text_printf(why, "the loss ties %ld coordinates together, and a kernel sum takes at most %d", (long) symbols, AXES);
        return CAUSTIC_UNSUPPORTED;
    }
    if (fmpq_sgn(viscosity) <= 0)
    {
        caustic_text_append(why, "the viscosity is not positive");
        return CAUSTIC_UNSUPPORTED;
    }
    space->loss = caustic_tape_new(pool, &loss, 1, symbol, symbols);
    if (space->loss == NULL)
    {
        caustic_text_append(why, "the loss depends on something else than the flat coordinates");
        return CAUSTIC_UNSUPPORTED;
    }
    if (!lower_bound_of_loss(space, pool, symbol, loss) || (angles > 0 && !arb_is_zero(space->tilt + dimension)))
    {
        caustic_text_append(why, "no lower bound of the loss on the whole space was found: write it as a sum of terms that"
            " are linear, or bounded below by their form (squares, exponentials, logarithms of 1 + ...)");
        return CAUSTIC_UNSUPPORTED;
    }
    return CAUSTIC_OK;
}

caustic_result
caustic_space_init(caustic_space_t space, caustic_text_t why, caustic_pool * pool, const caustic_expr * symbol,
    slong dimension, caustic_expr loss, const fmpq_t viscosity)
{
    return space_init(space, why, pool, symbol, dimension, 0, loss, viscosity);
}

caustic_result
caustic_space_init_zonal(caustic_space_t space, caustic_text_t why, caustic_pool * pool, const caustic_expr * symbol,
    slong dimension, caustic_expr loss, const fmpq_t viscosity)
{
    return space_init(space, why, pool, symbol, dimension, 1, loss, viscosity);
}

void
caustic_space_clear(caustic_space_t space)
{
    caustic_tape_free(space->loss);
    fmpq_clear(space->viscosity);
    arf_clear(space->lower);
    _arb_vec_clear(space->tilt, FLINT_MAX(sides_of(space), 0));
}

void
caustic_grid_init(caustic_grid_t grid, slong dimension)
{
    memset(grid, 0, sizeof(caustic_grid_struct));
    grid->dimension = dimension;
    for (slong i = 0; i < AXES; i++)
        arf_init(grid->centre + i);
    grid->s = _arb_vec_init(dimension);
    arb_init(grid->t);
    arf_init(grid->radius_s);
    arf_init(grid->radius_t);
    arb_init(grid->error);
    arb_init(grid->mass);
    arb_indeterminate(grid->error);
    arb_indeterminate(grid->mass);
}

void
caustic_grid_clear(caustic_grid_t grid)
{
    for (slong i = 0; i < AXES; i++)
        arf_clear(grid->centre + i);
    _arb_vec_clear(grid->s, grid->dimension);
    arb_clear(grid->t);
    arf_clear(grid->radius_s);
    arf_clear(grid->radius_t);
    arb_clear(grid->error);
    arb_clear(grid->mass);
}

/* The region ***********************************************************************************/

/* What the bounds need of the region; low_i <= Re s_i - c_i <= high_i. */
typedef struct
{
    const caustic_space_struct * space;
    slong dimension;
    slong sides; /* of boxes: the axes, and perhaps an angle in [0, pi] */
    const arf_struct * centre;
    kernel_t kernel;
    arb_ptr low, high;
    caustic_evaluator * evaluator;
    acb_ptr argument;
    acb_t value;
    slong boxes;
    double d_low[AXES], d_high[AXES], d_centre[AXES]; /* for the search */
}
region_struct;

typedef region_struct region_t[1];

static void
region_init(region_t region, const caustic_space_t space)
{
    region->space = space;
    region->dimension = space->dimension;
    region->sides = sides_of(space);
    kernel_init(region->kernel);
    region->low = _arb_vec_init(space->dimension);
    region->high = _arb_vec_init(space->dimension);
    region->evaluator = caustic_evaluator_new(space->loss);
    region->argument = _acb_vec_init(region->sides);
    acb_init(region->value);
    region->boxes = 0;
}

static void
region_clear(region_t region)
{
    kernel_clear(region->kernel);
    _arb_vec_clear(region->low, region->dimension);
    _arb_vec_clear(region->high, region->dimension);
    caustic_evaluator_free(region->evaluator);
    _acb_vec_clear(region->argument, region->sides);
    acb_clear(region->value);
}

/* Returns 0 where 0 <= radius_t < t, radius_s >= 0 is not certain. */
static int
region_set_times(region_t region, const caustic_grid_t grid)
{
    return kernel_set(region->kernel, region->space->viscosity, grid->t, grid->radius_t, grid->radius_s);
}

/* Each centre is a multiple of a power of two, well below the kernel's width, next to the middle of s. */
static void
choose_centre(caustic_grid_t grid, const region_t region)
{
    slong exponent = (slong) floor(-0.5 * log2(region->kernel->k_upper)) - 5;

    for (slong i = 0; i < region->dimension; i++)
    {
        arf_mul_2exp_si(grid->centre + i, arb_midref(grid->s + i), -exponent);
        arf_floor(grid->centre + i, grid->centre + i);
        arf_mul_2exp_si(grid->centre + i, grid->centre + i, exponent);
    }
}

/* The range of s, as offsets from the centre. */
static int
region_set_places(region_t region, const caustic_grid_t grid)
{
    int valid = 1;

    region->centre = grid->centre;
    for (slong i = 0; i < region->dimension && valid; i++)
    {
        kernel_offsets(region->low + i, region->high + i, region->kernel, grid->s + i, grid->centre + i, 8 * PROOF_PREC);
        region->d_low[i] = ball_guess(region->low + i);
        region->d_high[i] = ball_guess(region->high + i);
        region->d_centre[i] = arf_get_d(grid->centre + i, ARF_RND_NEAR);
        valid = arb_is_finite(grid->s + i) && arf_is_finite(grid->centre + i)
            && isfinite(region->d_low[i]) && isfinite(region->d_high[i]);
    }
    return valid;
}

/* The integrand ********************************************************************************/

/* Offsets of a box: real intervals along every axis, and for one axis an interval of imaginary parts. */
typedef struct
{
    double lower[AXES], upper[AXES];
    double y0, y1;
}
box_struct;

/* [HEAT-2] An upper bound of -Re(kappa sum_i (s_i - y_i)^2) for y in the box. */
static void
gaussian_exponent(arb_t res, const region_t region, const box_struct * box, slong axis)
{
    arb_zero(res);
    for (slong i = 0; i < region->dimension; i++)
        kernel_add_axis(res, region->kernel, region->low + i, region->high + i, box->lower[i], box->upper[i],
            i == axis ? fmax(fabs(box->y0), fabs(box->y1)) : 0);
    kernel_exponent(res, region->kernel, res);
}

/* Encloses log |exp(-kappa |s - y|^2) f(y)| from above on the box. Returns 1 if the loss is certainly holomorphic on a
   neighbourhood of the box. */
static int
integrand_exponent(arb_t res, region_t region, const box_struct * box, slong axis)
{
    arb_t loss;
    int holomorphic;

    arb_init(loss);
    for (slong i = 0; i < region->sides; i++)
    {
        arb_ptr real = acb_realref(region->argument + i);

        set_offsets(real, box->lower[i], box->upper[i]);
        if (i < region->dimension)
            arb_add_arf(real, real, region->centre + i, 8 * PROOF_PREC);
        if (i == axis)
            set_offsets(acb_imagref(region->argument + i), box->y0, box->y1);
        else
            arb_zero(acb_imagref(region->argument + i));
    }
    caustic_evaluate_acb(region->value, region->evaluator, region->argument, SEARCH_PREC);
    region->boxes++;
    holomorphic = acb_is_finite(region->value);
    if (holomorphic)
    {
        gaussian_exponent(res, region, box, axis);
        arb_mul(loss, acb_realref(region->value), region->kernel->half_inverse, PROOF_PREC);
        arb_sub(res, res, loss, PROOF_PREC);
    }
    arb_clear(loss);
    return holomorphic;
}

/* Cuts the longest side of the box, in units where the imaginary part is as long as the others. */
static void
halve(box_struct * first, box_struct * second, slong sides)
{
    slong longest = -1;
    double length = first->y1 - first->y0, middle;

    for (slong i = 0; i < sides; i++)
        if (first->upper[i] - first->lower[i] > length)
        {
            longest = i;
            length = first->upper[i] - first->lower[i];
        }
    *second = *first;
    middle = longest < 0 ? first->y0 + length / 2 : first->lower[longest] + length / 2;
    /* Neighbours share the same double, so the union has no gaps. */
    if (longest < 0)
        first->y1 = second->y0 = middle;
    else
        first->upper[longest] = second->lower[longest] = middle;
}

/* The longest side. */
static double
size_of(const box_struct * box, slong sides)
{
    double size = box->y1 - box->y0;

    for (slong i = 0; i < sides; i++)
        size = fmax(size, box->upper[i] - box->lower[i]);
    return size;
}

/* An upper bound of log |exp(-kappa |s - y|^2) f(y)| on the box, on all of which f is proved holomorphic in the axis. Pieces
   above the threshold are cut, down to the smallest. Returns 0 where f is not seen to be holomorphic on a smallest
   piece, or the limit of evaluations was reached. */
static int
integrand_sup(arb_t sup, region_t region, const box_struct * whole, slong axis, double threshold, double smallest)
{
    slong limit = region->boxes + 3000 * (1L << (2 * (region->sides - 1))), length = 1, capacity = 64;
    box_struct * stack = flint_malloc((size_t) capacity * sizeof(box_struct));
    arb_t exponent;
    arf_t end;
    int done = 1;

    arb_init(exponent);
    arf_init(end);
    stack[0] = *whole;
    arb_neg_inf(sup);
    while (length > 0 && done)
    {
        box_struct * box = stack + length - 1;
        int holomorphic = integrand_exponent(exponent, region, box, axis);
        int small = size_of(box, region->sides) < smallest;

        arb_get_ubound_arf(end, exponent, PROOF_PREC);

        /* A piece that cannot be cut further is bounded by what it is bounded by: the others need not be below that. */
        if (holomorphic && small && arf_is_finite(end) && arf_cmp_d(end, threshold) > 0)
            threshold = arf_get_d(end, ARF_RND_UP);
        if (holomorphic && !arf_is_nan(end) && (threshold == HUGE_VAL || arf_cmp_d(end, threshold) <= 0))
        {
            arf_max(arb_midref(sup), arb_midref(sup), end);
            length--;
            continue;
        }
        done = !small && region->boxes < limit;
        if (length == capacity)
        {
            capacity *= 2;
            stack = flint_realloc(stack, (size_t) capacity * sizeof(box_struct));
        }
        halve(stack + length - 1, stack + length, region->sides);
        length++;
    }
    flint_free(stack);
    arb_clear(exponent);
    arf_clear(end);
    return done;
}

/* Tails ****************************************************************************************/

/* [HEAT-14] The integral over the offsets beyond x to one side (1: right, 0: left) of the kernel's modulus along axis i
   without the factor exp(kappa_upper spread radius^2), times exp(-gamma y), gamma = tilt_i/(2 nu), y the offset. With
   x NULL: beyond the edge of the region where the bound of the Gaussian is 1. */
static void
side_mass(arb_t res, const region_t region, slong i, const double * x, int side)
{
    arb_t edge, gamma, gap, y;

    arb_init(edge);
    arb_init(gamma);
    arb_init(gap);
    arb_init(y);
    /* seen from the right: the edge of the region, and the slope */
    arb_mul(gamma, region->space->tilt + i, region->kernel->half_inverse, PROOF_PREC);
    if (side == 1)
        arb_set(edge, region->high + i);
    else
    {
        arb_neg(edge, region->low + i);
        arb_neg(gamma, gamma);
    }
    arb_addmul(edge, region->kernel->delta, region->kernel->radius, PROOF_PREC);
    if (x != NULL)
    {
        arb_set_d(gap, *x);
        arb_sub(gap, gap, edge, PROOF_PREC);
    }
    /* The bound is that beyond the edge only. */
    if (!arb_is_nonnegative(gap))
        arb_indeterminate(gap);
    /* exp(-gamma edge + gamma^2/(4 kappa)) sqrt(pi/kappa)/2 erfc(sqrt(kappa) (gap + gamma/(2 kappa))) */
    arb_div(y, gamma, region->kernel->kappa_lower, PROOF_PREC);
    arb_mul_2exp_si(y, y, -1);
    arb_add(gap, gap, y, PROOF_PREC);
    arb_mul(y, y, gamma, PROOF_PREC);
    arb_mul_2exp_si(y, y, -1);
    arb_submul(y, gamma, edge, PROOF_PREC);
    arb_exp(y, y, PROOF_PREC);
    arb_sqrt(edge, region->kernel->kappa_lower, PROOF_PREC);
    arb_mul(gap, gap, edge, PROOF_PREC);
    arb_hypgeom_erfc(gap, gap, PROOF_PREC);
    arb_mul(y, y, gap, PROOF_PREC);
    arb_div(y, y, edge, PROOF_PREC);
    arb_const_sqrt_pi(gap, PROOF_PREC);
    arb_mul(res, y, gap, PROOF_PREC);
    arb_mul_2exp_si(res, res, -1);
    arb_clear(edge);
    arb_clear(gamma);
    arb_clear(gap);
    arb_clear(y);
}

/* The same integral over the whole axis. */
static void
axis_mass(arb_t res, const region_t region, slong i)
{
    arb_t a, b, gamma, x;

    arb_init(a);
    arb_init(b);
    arb_init(gamma);
    arb_init(x);
    side_mass(res, region, i, NULL, 0);
    side_mass(x, region, i, NULL, 1);
    arb_add(res, res, x, PROOF_PREC);
    /* between the edges: the length times the larger end of exp(-gamma y) */
    arb_mul(x, region->kernel->delta, region->kernel->radius, PROOF_PREC);
    arb_sub(a, region->low + i, x, PROOF_PREC);
    arb_add(b, region->high + i, x, PROOF_PREC);
    arb_sub(x, b, a, PROOF_PREC);
    arb_mul(gamma, region->space->tilt + i, region->kernel->half_inverse, PROOF_PREC);
    arb_mul(a, a, gamma, PROOF_PREC);
    arb_mul(b, b, gamma, PROOF_PREC);
    arb_min(a, a, b, PROOF_PREC);
    arb_neg(a, a);
    arb_exp(a, a, PROOF_PREC);
    arb_addmul(res, a, x, PROOF_PREC);
    arb_clear(a);
    arb_clear(b);
    arb_clear(gamma);
    arb_clear(x);
}

/* (kappa_upper/pi)^(k/2), and the same times exp(k kappa_upper spread radius^2) sup of f exp(gamma . offset). */
static void
prefactors(arb_t plain, arb_t whole, const region_t region)
{
    slong k = region->dimension;
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_const_pi(x, PROOF_PREC);
    arb_div(x, region->kernel->kappa_upper, x, PROOF_PREC);
    arb_sqrt(x, x, PROOF_PREC);
    arb_pow_ui(plain, x, (ulong) k, PROOF_PREC);

    /* l(c + y) >= lower + tilt . c + tilt . y */
    arb_set_arf(y, region->space->lower);
    for (slong i = 0; i < k; i++)
    {
        arb_set_arf(x, region->centre + i);
        arb_addmul(y, x, region->space->tilt + i, PROOF_PREC);
    }
    arb_mul(y, y, region->kernel->half_inverse, PROOF_PREC);
    arb_sqr(x, region->kernel->radius, PROOF_PREC);
    arb_mul(x, x, region->kernel->spread, PROOF_PREC);
    arb_mul(x, x, region->kernel->kappa_upper, PROOF_PREC);
    arb_mul_si(x, x, k, PROOF_PREC);
    arb_sub(x, x, y, PROOF_PREC);
    arb_exp(x, x, PROOF_PREC);
    arb_mul(whole, plain, x, PROOF_PREC);
    arb_clear(x);
    arb_clear(y);
}

/* Bounds of the integral outside the box of the ends, and of that over the whole space. */
static void
tails(arb_t outside, arb_t mass, const region_t region, const double * ends, const arb_t whole)
{
    slong k = region->dimension;
    arb_ptr axis = _arb_vec_init(k);
    arb_t part, x;

    arb_init(part);
    arb_init(x);
    arb_set(mass, whole);
    for (slong i = 0; i < k; i++)
    {
        axis_mass(axis + i, region, i);
        arb_mul(mass, mass, axis + i, PROOF_PREC);
    }
    arb_zero(outside);
    for (slong i = 0; i < k; i++)
    {
        side_mass(part, region, i, ends + i, 0);
        side_mass(x, region, i, ends + i, 1);
        arb_add(part, part, x, PROOF_PREC);
        for (slong j = 0; j < k; j++)
            if (j != i)
                arb_mul(part, part, axis + j, PROOF_PREC);
        arb_addmul(outside, part, whole, PROOF_PREC);
    }
    arb_clear(part);
    arb_clear(x);
    _arb_vec_clear(axis, k);
}

/* The search ***********************************************************************************/

/* Rounds down to 24 bits. */
static double
round_down(double x)
{
    int exponent;
    double mantissa = frexp(x, &exponent);

    return ldexp(floor(ldexp(mantissa, 24)), exponent - 24);
}

/* log |exp(-kappa |s - y|^2) f(y)| about, at one point whose imaginary part is that along the axis. */
static double
sample(region_t region, const double * x, slong axis, double height)
{
    double in[2 * AXES], value[2], square = 0, res, delta = region->kernel->d_delta;

    for (slong i = 0; i < region->dimension; i++)
    {
        double eta = region->kernel->d_radius + (i == axis ? height : 0);
        double d = fmax(x[i] - region->d_high[i], region->d_low[i] - x[i]);

        d = fmax(d, delta * eta) - delta * eta;
        square += d * d - (1 + delta * delta) * eta * eta;
        in[2 * i] = region->d_centre[i] + x[i];
        in[2 * i + 1] = i == axis ? height : 0;
    }
    for (slong i = region->dimension; i < region->sides; i++)
    {
        in[2 * i] = x[i];
        in[2 * i + 1] = 0;
    }
    caustic_evaluate_guess(value, region->evaluator, in);
    res = fmax(-region->kernel->k_lower * square, -region->kernel->k_upper * square)
        - value[0] * region->kernel->d_half_inverse;
    return isfinite(res) ? res : HUGE_VAL;
}

/* Half the width that the grid needs along axis i, to be small beyond on the real space. */
static double
half_width(const region_t region, slong i, double nats)
{
    double eta = region->kernel->d_radius, delta = region->kernel->d_delta;
    double nu_inverse = ball_guess(region->kernel->half_inverse), bound = -arf_get_d(region->space->lower, ARF_RND_NEAR) * nu_inverse;
    double gamma = 0;

    for (slong j = 0; j < region->dimension; j++)
    {
        double slope = ball_guess(region->space->tilt + j) * nu_inverse;

        gamma += fabs(slope);
        bound -= slope * arf_get_d(region->centre + j, ARF_RND_NEAR);
    }
    return fmax(ball_guess(region->high + i), -ball_guess(region->low + i)) + delta * eta
        + gamma / region->kernel->k_lower
        + sqrt(eta * eta * (1 + delta * delta) + (nats + fmax(bound, 0) + 6) / region->kernel->k_lower);
}

/* About the largest exponent on the edge, from samples; infinite where one is not holomorphic. */
static double
edge_level(region_t region, const double * ends, slong axis, double height)
{
    slong count = 1, index;
    double level = -HUGE_VAL, place[AXES];

    for (slong i = 0; i < region->sides; i++)
        count *= SAMPLES;
    for (slong n = 0; n < count && level < HUGE_VAL; n++)
    {
        index = n;
        for (slong i = 0; i < region->sides; i++)
        {
            /* denser towards the middle, where the integrand is large */
            double x = (2.0 * (index % SAMPLES) - (SAMPLES - 1)) / (SAMPLES - 1);

            place[i] = i < region->dimension ? ends[i] * x * fabs(x) : ABOVE_PI * (x + 1) / 2;
            index /= SAMPLES;
        }
        level = fmax(level, sample(region, place, axis, height));
    }
    return level;
}

/* Whether samples on both walls of the strip of that height are below exp(-nats), once the weight of [HEAT-1] for the
   step is on them. */
static int
walls_are_low(region_t region, const double * ends, slong axis, double height, double step, double nats)
{
    double place[AXES];
    slong count = 2;
    int low = 1;

    for (slong i = 1; i < region->sides; i++)
        count *= SAMPLES;
    for (slong n = 0; n < count * WALL_HEIGHTS && low; n++)
    {
        slong index = n / WALL_HEIGHTS;
        double y = height * (1 + n % WALL_HEIGHTS) / WALL_HEIGHTS;

        place[axis] = index % 2 ? ends[axis] : -ends[axis];
        index /= 2;
        for (slong i = 0; i < region->sides; i++)
            if (i != axis)
            {
                double x = (2.0 * (index % SAMPLES) - (SAMPLES - 1)) / (SAMPLES - 1);

                place[i] = i < region->dimension ? ends[i] * x * fabs(x) : ABOVE_PI * (x + 1) / 2;
                index /= SAMPLES;
            }
        low = sample(region, place, axis, y) - 6.283185307179586 * y / step < -nats;
    }
    return low;
}

static box_struct
box_of(const double * ends, const region_struct * region, double y0, double y1)
{
    box_struct box = {{0}, {0}, y0, y1};

    for (slong i = 0; i < region->dimension; i++)
    {
        box.lower[i] = -ends[i];
        box.upper[i] = ends[i];
    }
    for (slong i = region->dimension; i < region->sides; i++)
        box.upper[i] = ABOVE_PI;
    return box;
}

/* The height for which axis i has fewest points, proved holomorphic below it, with a bound of the exponent on the edge. */
static double
find_height(arb_t level, region_t region, const double * ends, slong axis, double first, double nats)
{
    double height = first, best = 0, best_step = 0;
    arb_t bound, unused;
    slong worse = 0;

    arb_init(bound);
    arb_init(unused);
    for (slong attempt = 0; attempt < HEIGHTS && worse < 2; attempt++, height = round_down(0.85 * height))
    {
        double guess = edge_level(region, ends, axis, height), step;
        box_struct solid = box_of(ends, region, 0, height);
        box_struct edge = box_of(ends, region, height, height);

        step = height / fmax(nats + guess, 3);
        if (!(guess < nats) || step <= best_step || !walls_are_low(region, ends, axis, height, 6.283185307179586 * step, nats - 2))
        {
            worse += best > 0;
            continue;
        }
        if (!integrand_sup(unused, region, &solid, axis, HUGE_VAL, height / SMALLEST)
            || !integrand_sup(bound, region, &edge, axis, guess + 3 + 0.04 * nats, first / SMALLEST))
            continue;
        step = height / fmax(nats + ball_guess(bound), 3);
        if (step > best_step)
        {
            best_step = step;
            best = height;
            arb_set(level, bound);
        }
        else
            worse++;
    }
    arb_clear(bound);
    arb_clear(unused);
    return best;
}

/* [HEAT-1] The bound on one wall, its weight included, in slabs. */
static int
wall_error(arb_t res, region_t region, const caustic_grid_t grid, const double * ends, slong i, int side, double nats)
{
    double height = grid->height[i], y0 = 0, y1;
    arb_t q, x, edge;
    int found = 1;

    arb_init(q);
    arb_init(x);
    arb_init(edge);
    arb_zero(res);
    for (slong n = 1; n <= SLABS && found; n++, y0 = y1)
    {
        box_struct slab;

        y1 = n == SLABS ? height : height * (double) n / SLABS;
        slab = box_of(ends, region, y0, y1);
        slab.lower[i] = slab.upper[i] = side * ends[i];
        found = integrand_sup(edge, region, &slab, i, 6.283185307179586 * y0 / grid->step[i] - nats, height / SMALLEST);
        /* q(y0) min(y1 - y0, h/(2 pi)) */
        arb_const_pi(x, PROOF_PREC);
        arb_mul_2exp_si(x, x, 1);
        arb_set_d(q, grid->step[i]);
        arb_div(x, q, x, PROOF_PREC);
        arb_set_d(q, -y0);
        arb_div(q, q, x, PROOF_PREC);
        arb_add(q, q, edge, PROOF_PREC);
        arb_exp(q, q, PROOF_PREC);
        arb_set_d(edge, y1 - y0);
        arb_min(x, x, edge, PROOF_PREC);
        arb_addmul(res, q, x, PROOF_PREC);
    }
    arb_clear(q);
    arb_clear(x);
    arb_clear(edge);
    return found;
}

/* [HEAT-12] What axis i adds to the error, without the prefactor: 2R_j for the others, times
   4 R q/(1 - q) S + 2 (W_left + W_right). */
static int
axis_error(arb_t res, region_t region, const caustic_grid_t grid, const double * ends, slong i, const arb_t level, double nats)
{
    arb_t q, x;
    int found = 1;

    arb_init(q);
    arb_init(x);
    /* 2 q/(1 - q) S, q = exp(-2 pi a/h), times 2 R */
    arb_const_pi(q, PROOF_PREC);
    arb_set_d(x, -2 * grid->height[i]);
    arb_mul(q, q, x, PROOF_PREC);
    arb_set_d(x, grid->step[i]);
    arb_div(q, q, x, PROOF_PREC);
    arb_exp(q, q, PROOF_PREC);
    arb_sub_ui(x, q, 1, PROOF_PREC);
    arb_neg(x, x);
    arb_div(q, q, x, PROOF_PREC);
    arb_exp(x, level, PROOF_PREC);
    arb_mul(q, q, x, PROOF_PREC);
    arb_set_d(x, 4 * ends[i]);
    arb_mul(res, q, x, PROOF_PREC);
    for (int side = -1; side <= 1 && found; side += 2)
    {
        found = wall_error(x, region, grid, ends, i, side, nats);
        arb_mul_2exp_si(x, x, 1);
        arb_add(res, res, x, PROOF_PREC);
    }
    for (slong j = 0; j < region->dimension; j++)
        if (j != i)
        {
            arb_set_d(x, 2 * ends[j]);
            arb_mul(res, res, x, PROOF_PREC);
        }
    arb_clear(q);
    arb_clear(x);
    return found;
}

/* The error of the grid as it stands; levels bound the exponents on the upper edges. */
static int
prove_error(caustic_grid_t grid, region_t region, const double * ends, arb_srcptr levels, double nats)
{
    arb_t plain, whole, x;
    int found = 1;

    arb_init(plain);
    arb_init(whole);
    arb_init(x);
    prefactors(plain, whole, region);
    tails(grid->error, grid->mass, region, ends, whole);
    for (slong i = 0; i < region->dimension && found; i++)
    {
        found = axis_error(x, region, grid, ends, i, levels + i, nats);
        arb_addmul(grid->error, x, plain, PROOF_PREC);
    }
    ball_upper_end(grid->error, grid->error, PROOF_PREC);
    ball_upper_end(grid->mass, grid->mass, PROOF_PREC);
    found = found && arb_is_finite(grid->error) && arb_is_finite(grid->mass);
    if (!found)
        arb_indeterminate(grid->error);
    arb_clear(plain);
    arb_clear(whole);
    arb_clear(x);
    return found;
}

/* Step and reach along axis i; the end (n + 1/2) h is a double and at most the given one. */
static int
choose_steps(caustic_grid_t grid, double * ends, const region_t region, slong i, double level, double nats)
{
    double most = ends[i], width = fmin(half_width(region, i, nats + 3), most);
    double decay = fmax(nats + level + 3, 3), step = 6.283185307179586 * grid->height[i] / decay;

    if (!(width / step < REACH_LIMIT))
        return 0;
    grid->reach[i] = (slong) ceil(width / step - 0.5);
    grid->step[i] = round_down(width / (grid->reach[i] + 0.5));
    ends[i] = (grid->reach[i] + 0.5) * grid->step[i];
    return grid->step[i] > 0 && ends[i] <= most;
}

caustic_result
caustic_grid_find(caustic_grid_t grid, const caustic_space_t space, arb_srcptr s, const arb_t t, const arf_t radius_s,
    const arf_t radius_t, double nats)
{
    slong k = space->dimension;
    arb_ptr levels = _arb_vec_init(k);
    double ends[AXES], first;
    region_t region;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    region_init(region, space);
    for (slong i = 0; i < k; i++)
        arb_set(grid->s + i, s + i);
    arb_set(grid->t, t);
    arf_set(grid->radius_s, radius_s);
    arf_set(grid->radius_t, radius_t);
    arb_indeterminate(grid->error);
    arb_indeterminate(grid->mass);
    if (nats > 0 && nats < 1e6 && region_set_times(region, grid) && _arb_vec_is_finite(grid->s, k))
    {
        choose_centre(grid, region);
        if (region_set_places(region, grid))
            result = CAUSTIC_OK;
    }
    if (result == CAUSTIC_OK)
    {
        /* room for the powers of the widths */
        nats += 3 * k + 2;
        first = round_down(0.9 * sqrt(nats / region->kernel->k_upper));
        for (slong i = 0; i < k; i++)
            ends[i] = round_down(1.01 * half_width(region, i, nats + 3));
        for (slong i = 0; i < k && result == CAUSTIC_OK; i++)
        {
            grid->height[i] = find_height(levels + i, region, ends, i, first, nats);
            if (!(grid->height[i] > 0))
                result = CAUSTIC_NO_RESOURCES;
        }
        /* What was proved on the longer edges holds on the shorter ones. */
        for (slong i = 0; i < k && result == CAUSTIC_OK; i++)
            if (!choose_steps(grid, ends, region, i, ball_guess(levels + i), nats))
                result = CAUSTIC_NO_RESOURCES;
        if (result == CAUSTIC_OK && !prove_error(grid, region, ends, levels, nats))
            result = CAUSTIC_NO_RESOURCES;
    }
    grid->boxes = region->boxes;
    region_clear(region);
    _arb_vec_clear(levels, k);
    return result;
}

/* Whether the end (n + 1/2) h of axis i is a double, and which. */
static int
exact_end(double * end, const caustic_grid_t grid, slong i)
{
    arf_t x, y;
    int exact;

    arf_init(x);
    arf_init(y);
    *end = (grid->reach[i] + 0.5) * grid->step[i];
    arf_set_d(x, grid->step[i]);
    arf_mul_si(x, x, 2 * grid->reach[i] + 1, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_set_d(y, *end);
    arf_mul_2exp_si(y, y, 1);
    exact = isfinite(*end) && grid->reach[i] >= 0 && grid->step[i] > 0 && grid->height[i] > 0 && arf_equal(x, y);
    arf_clear(x);
    arf_clear(y);
    return exact;
}

caustic_result
caustic_grid_bound(caustic_grid_t grid, const caustic_space_t space)
{
    slong k = space->dimension;
    arb_ptr levels = _arb_vec_init(k);
    double ends[AXES], height = 0;
    region_t region;
    caustic_result result = CAUSTIC_UNSUPPORTED;
    int valid;
    arb_t unused;

    arb_init(unused);
    region_init(region, space);
    arb_indeterminate(grid->error);
    arb_indeterminate(grid->mass);
    valid = region_set_times(region, grid) && region_set_places(region, grid);
    for (slong i = 0; i < k && valid; i++)
    {
        valid = exact_end(ends + i, grid, i);
        height = fmax(height, grid->height[i]);
    }
    if (valid)
    {
        result = CAUSTIC_OK;
        for (slong i = 0; i < k && result == CAUSTIC_OK; i++)
        {
            box_struct solid = box_of(ends, region, 0, grid->height[i]), edge = box_of(ends, region, grid->height[i], grid->height[i]);
            double level = edge_level(region, ends, i, grid->height[i]);

            if (!(level < HUGE_VAL) || !integrand_sup(unused, region, &solid, i, HUGE_VAL, grid->height[i] / SMALLEST)
                || !integrand_sup(levels + i, region, &edge, i, level + 1, height / SMALLEST))
                result = CAUSTIC_NO_RESOURCES;
        }
        if (result == CAUSTIC_OK && !prove_error(grid, region, ends, levels, 2 * region->kernel->k_upper * height * height))
            result = CAUSTIC_NO_RESOURCES;
    }
    grid->boxes = region->boxes;
    region_clear(region);
    arb_clear(unused);
    _arb_vec_clear(levels, k);
    return result;
}

/* The sum **************************************************************************************/

void
grid_axis_coefficients(arb_ptr axis, const caustic_grid_struct * grid, slong i, const arb_t kappa, const arb_t s, const arb_t t, slong prec)
{
    slong count = 2 * grid->reach[i] + 1;
    arb_t w, factor, p, x, rate;
    arf_t offset;

    arb_init(w);
    arb_init(factor);
    arb_init(p);
    arb_init(x);
    arb_init(rate);
    arf_init(offset);
    arb_const_pi(x, prec);
    arb_div(x, kappa, x, prec);
    arb_sqrt(factor, x, prec);
    arb_set_d(x, grid->step[i]);
    arb_mul(factor, factor, x, prec);
    arb_div(rate, kappa, t, prec);
    for (slong j = 0; j < count; j++)
    {
        arb_ptr c[COEFFICIENTS];

        for (slong a = 0; a < COEFFICIENTS; a++)
            c[a] = axis + a * count + j;
        arf_set_d(offset, grid->step[i]);
        arf_mul_si(offset, offset, j - grid->reach[i], ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(offset, offset, grid->centre + i, ARF_PREC_EXACT, ARF_RND_DOWN);
        arb_sub_arf(w, s, offset, prec);
        arb_sqr(x, w, prec);
        arb_mul(x, x, kappa, prec);
        arb_neg(x, x);
        arb_exp(x, x, prec);
        arb_mul(c[0], x, factor, prec);
        /* (n + 1) c_(n+1) = -2 kappa (w c_n + c_(n-1)) */
        for (slong n = 0; n < 3; n++)
        {
            arb_mul(x, w, c[n], prec);
            if (n > 0)
                arb_add(x, x, c[n - 1], prec);
            arb_mul(x, x, kappa, prec);
            arb_mul_si(x, x, -2, prec);
            arb_div_si(c[n + 1], x, n + 1, prec);
        }
        /* the kernel's derivative in t is (kappa w^2/t - 1/(2 t)) times the kernel: at w + h, by orders of h */
        for (slong n = 0; n < 2; n++)
        {
            arb_mul(x, w, w, prec);
            arb_mul(p, x, c[n], prec);
            if (n > 0)
            {
                arb_mul(x, w, c[n - 1], prec);
                arb_mul_2exp_si(x, x, 1);
                arb_add(p, p, x, prec);
            }
            arb_mul(p, p, rate, prec);
            arb_div(x, c[n], t, prec);
            arb_mul_2exp_si(x, x, -1);
            arb_sub(c[4 + n], p, x, prec);
        }
    }
    arb_clear(w);
    arb_clear(factor);
    arb_clear(p);
    arb_clear(x);
    arb_clear(rate);
    arf_clear(offset);
}

/* What the sum over the grid runs through. */
typedef struct
{
    const caustic_grid_struct * grid;
    const caustic_space_struct * space;
    caustic_evaluator * evaluator;
    arb_ptr axes[AXES];   /* the kernel's coefficients */
    double * bits[AXES];  /* about log2 of the kernel, a guide for speed */
    arb_ptr place;        /* the point that is next */
    double guess[2 * AXES];
    arb_t half_inverse;   /* -1/(2 nu) */
    arf_t step;           /* of the last axis */
    arb_ptr row;          /* f along the last axis */
    double top;           /* about log2 of the largest term */
    slong prec;
}
sum_struct;

static slong
count_of(const sum_struct * sum, slong axis)
{
    return 2 * sum->grid->reach[axis] + 1;
}

/* Places axis i at its j-th point. */
static void
set_place(sum_struct * sum, slong i, slong j)
{
    arf_t offset;

    arf_init(offset);
    arf_set_d(offset, sum->grid->step[i]);
    arf_mul_si(offset, offset, j - sum->grid->reach[i], ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_add(arb_midref(sum->place + i), offset, sum->grid->centre + i, ARF_PREC_EXACT, ARF_RND_DOWN);
    sum->guess[2 * i] = arf_get_d(arb_midref(sum->place + i), ARF_RND_NEAR);
    arf_clear(offset);
}

/* About the largest term, from no more than TOP_SAMPLES of the points along each axis. */
static double
largest_term(sum_struct * sum)
{
    slong k = sum->grid->dimension, points = 1;
    double top = -HUGE_VAL, scale = -1.4426950408889634 * ball_guess(sum->half_inverse), value[2], level;

    for (slong i = 0; i < k; i++)
        points *= FLINT_MIN(TOP_SAMPLES, count_of(sum, i));
    for (slong n = 0; n < points; n++)
    {
        slong index = n;

        level = 0;
        for (slong i = 0; i < k; i++)
        {
            slong count = count_of(sum, i), samples = FLINT_MIN(TOP_SAMPLES, count);
            slong j = samples > 1 ? (index % samples) * (count - 1) / (samples - 1) : 0;

            index /= samples;
            sum->guess[2 * i] = arf_get_d(sum->grid->centre + i, ARF_RND_NEAR)
                + (double) (j - sum->grid->reach[i]) * sum->grid->step[i];
            level += sum->bits[i][j];
        }
        caustic_evaluate_guess(value, sum->evaluator, sum->guess);
        level -= scale * value[0];
        top = isfinite(level) ? fmax(top, level) : top;
    }
    return isfinite(top) ? top : 0;
}

/* f along the last axis, where the kernel of the others is about 2^outer: each value to as many bits as its term
   deserves. That is a guide for speed only, the balls carry the truth. */
static void
fill_row(sum_struct * sum, double outer)
{
    slong last = sum->grid->dimension - 1, count = count_of(sum, last);
    double scale = -1.4426950408889634 * ball_guess(sum->half_inverse), first, value[2], size, need;

    set_place(sum, last, 0);
    first = sum->guess[2 * last];
    caustic_evaluator_start(sum->evaluator, sum->place, sum->step, sum->prec);
    for (slong j = 0; j < count; j++)
    {
        slong local = sum->prec;

        sum->guess[2 * last] = first + (double) j * sum->grid->step[last];
        caustic_evaluate_guess(value, sum->evaluator, sum->guess);
        size = scale * value[0];
        need = (double) sum->prec + 20 + outer + sum->bits[last][j] - size - sum->top + 1e-12 * fabs(size);
        if (need < (double) sum->prec)
            local = (slong) fmin(fmax(need, 0) + 18 + log2(1 + fabs(size)), (double) sum->prec);
        caustic_evaluator_next(sum->row + j, sum->evaluator, local);
        arb_mul(sum->row + j, sum->row + j, sum->half_inverse, local);
        arb_exp(sum->row + j, sum->row + j, local);
    }
}

/* res has COEFFICIENTS^(k - axis) entries, the last axis running fastest: f summed against every choice of one
   vector an axis. Recursion over the axes, at most CAUSTIC_SPACE_DIMENSION deep. */
static void
contract(arb_ptr res, sum_struct * sum, slong axis, double outer)
{
    slong count = count_of(sum, axis), below = 1;
    arb_ptr part;

    if (axis == sum->grid->dimension - 1)
    {
        fill_row(sum, outer);
        for (slong a = 0; a < COEFFICIENTS; a++)
            arb_dot(res + a, NULL, 0, sum->axes[axis] + a * count, 1, sum->row, 1, count, sum->prec);
        return;
    }
    for (slong i = axis + 1; i < sum->grid->dimension; i++)
        below *= COEFFICIENTS;
    part = _arb_vec_init(below);
    _arb_vec_zero(res, COEFFICIENTS * below);
    for (slong j = 0; j < count; j++)
    {
        set_place(sum, axis, j);
        contract(part, sum, axis + 1, outer + sum->bits[axis][j]);
        for (slong a = 0; a < COEFFICIENTS; a++)
            for (slong b = 0; b < below; b++)
                arb_addmul(res + a * below + b, sum->axes[axis] + a * count + j, part + b, sum->prec);
    }
    _arb_vec_clear(part, below);
}

static void
sum_init(sum_struct * sum, const caustic_grid_t grid, const caustic_space_t space, arb_srcptr s, const arb_t t, slong prec)
{
    slong k = grid->dimension;
    arb_t kappa;

    arb_init(kappa);
    memset(sum, 0, sizeof(sum_struct));
    sum->grid = grid;
    sum->space = space;
    sum->prec = prec;
    sum->evaluator = caustic_evaluator_new(space->loss);
    sum->place = _arb_vec_init(k);
    arb_init(sum->half_inverse);
    arf_init(sum->step);
    arf_set_d(sum->step, grid->step[k - 1]);
    arb_set_fmpq(kappa, space->viscosity, prec);
    arb_mul_si(sum->half_inverse, kappa, -2, prec);
    arb_inv(sum->half_inverse, sum->half_inverse, prec);
    arb_mul(kappa, kappa, t, prec);
    arb_mul_2exp_si(kappa, kappa, 2);
    arb_inv(kappa, kappa, prec);
    for (slong i = 0; i < k; i++)
    {
        slong count = count_of(sum, i);

        sum->axes[i] = _arb_vec_init(COEFFICIENTS * count);
        grid_axis_coefficients(sum->axes[i], grid, i, kappa, s + i, t, prec);
        sum->bits[i] = flint_malloc((size_t) count * sizeof(double));
        for (slong j = 0; j < count; j++)
        {
            double size = -HUGE_VAL;

            for (slong a = 0; a < COEFFICIENTS; a++)
                size = fmax(size, ball_log_guess(sum->axes[i] + a * count + j));
            sum->bits[i][j] = 1.4426950408889634 * size;
        }
    }
    sum->row = _arb_vec_init(count_of(sum, k - 1));
    sum->top = largest_term(sum);
    arb_clear(kappa);
}

static void
sum_clear(sum_struct * sum)
{
    slong k = sum->grid->dimension;

    for (slong i = 0; i < k; i++)
    {
        _arb_vec_clear(sum->axes[i], COEFFICIENTS * count_of(sum, i));
        flint_free(sum->bits[i]);
    }
    _arb_vec_clear(sum->row, count_of(sum, k - 1));
    _arb_vec_clear(sum->place, k);
    arb_clear(sum->half_inverse);
    arf_clear(sum->step);
    caustic_evaluator_free(sum->evaluator);
}

slong
grid_place_of(const slong * choice, slong dimension)
{
    slong place = 0;

    for (slong i = 0; i < dimension; i++)
        place = place * COEFFICIENTS + choice[i];
    return place;
}

/* [HEAT-4] E inside the coefficient: error/(radius_s^order), over radius_t for the derivative in t. */
static void
add_error(arb_t coefficient, const caustic_grid_t grid, slong order, int in_time)
{
    arb_t bound, x;
    mag_t radius;

    arb_init(bound);
    arb_init(x);
    mag_init(radius);
    arb_set_arf(x, grid->radius_s);
    arb_pow_ui(x, x, (ulong) order, PROOF_PREC);
    arb_div(bound, grid->error, x, PROOF_PREC);
    if (in_time)
        arb_div_arf(bound, bound, grid->radius_t, PROOF_PREC);
    arb_get_mag(radius, bound);
    arb_add_error_mag(coefficient, radius);
    arb_clear(bound);
    arb_clear(x);
    mag_clear(radius);
}

void
caustic_grid_expand(arb_ptr value, arb_ptr slope, const caustic_grid_t grid, const caustic_space_t space, arb_srcptr s,
    const arb_t t, slong prec)
{
    slong k = grid->dimension, places = 1;
    sum_struct sum;
    arb_ptr all;

    for (slong i = 0; i < k; i++)
        places *= COEFFICIENTS;
    all = _arb_vec_init(places);
    sum_init(&sum, grid, space, s, t, prec);
    contract(all, &sum, 0, 0);
    sum_clear(&sum);

    for (slong n = 0; n < (1L << (2 * k)); n++)
    {
        slong choice[AXES], order = 0;

        for (slong i = 0; i < k; i++)
            order += choice[i] = (n >> (2 * i)) & 3;
        arb_set(value + n, all + grid_place_of(choice, k));
        add_error(value + n, grid, order, 0);
    }
    for (slong n = 0; n < (1L << k); n++)
    {
        slong choice[AXES], order = 0;

        arb_zero(slope + n);
        for (slong i = 0; i < k; i++)
            order += choice[i] = (n >> i) & 1;
        for (slong i = 0; i < k; i++)
        {
            choice[i] += 4;
            arb_add(slope + n, slope + n, all + grid_place_of(choice, k), prec);
            choice[i] -= 4;
        }
        add_error(slope + n, grid, order, 1);
    }
    _arb_vec_clear(all, places);
}
