/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    moments: v_s from sums over one grid, for every (rho, theta) near those that the grid was made for. With x = y - origin,
    theta = 1/t and rho = (s - origin)/t the solution is that of the densities

        e^(-H(x)/(2 nu)),   H(x) = l(origin + x) + theta x^2/2 - rho x,

    an exponential family: v_s = theta - theta^2 Var(x)/(2 nu), and what is differentiated in rho and theta are cumulants [FRONT-13].
*/

#include <math.h>
#include <string.h>
#include <flint/acb.h>
#include <flint/arb_poly.h>
#include "base/ball.h"
#include "front_internal.h"

#define NODE_LIMIT 200000
#define STRIP_CELLS 128
#define NARROWINGS 40
#define GUARD_NATS 8
#define BLOCK 64          /* nodes */

void
family_init(family_t family)
{
    memset(family, 0, sizeof(family_struct));
    arf_init(family->origin);
    arf_init(family->step);
    arb_init(family->nu);
    arb_init(family->square);
    arb_init(family->reach);
    arb_init(family->bend);
    arb_init(family->height);
    arb_init(family->end);
    arb_init(family->end + 1);
}

static void
remove_nodes(family_t family)
{
    if (family->loss != NULL)
        _arb_vec_clear(family->loss, 2 * family->nodes + 1);
    if (family->block != NULL)
        _arb_vec_clear(family->block, 3 * family->blocks);
    flint_free(family->guess);
    family->loss = NULL;
    family->block = NULL;
    family->guess = NULL;
}

void
family_clear(family_t family)
{
    remove_nodes(family);
    arf_clear(family->origin);
    arf_clear(family->step);
    arb_clear(family->nu);
    arb_clear(family->square);
    arb_clear(family->reach);
    arb_clear(family->bend);
    arb_clear(family->height);
    arb_clear(family->end);
    arb_clear(family->end + 1);
    if (family->derivatives != NULL)
        caustic_tape_free(family->derivatives);
}

static caustic_tape *
loss_derivatives(const caustic_front_t front)
{
    caustic_expr root[3] = {front->loss, CAUSTIC_NONE, CAUSTIC_NONE};

    for (int k = 1; k < 3; k++)
        root[k] = caustic_derivative(front->pool, root[k - 1], front->flat->s);
    return caustic_tape_new(front->pool, root, 3, &front->flat->s, 1);
}

/* bend: l is holomorphic on |Re x| <= reach, |Im x| <= height, and Re l'' <= bend there; 0: not proved. */
static int
bound_strip(family_t family)
{
    acb_ptr value = _acb_vec_init(3);
    acb_t y;
    arb_t end, part;
    int bounded = 1;

    acb_init(y);
    arb_init(end);
    arb_init(part);
    arb_zero(family->bend);
    for (slong i = 0; i < STRIP_CELLS && bounded; i++)
    {
        arb_mul_si(end, family->reach, 2 * i - STRIP_CELLS, family->prec);
        arb_mul_si(part, family->reach, 2 * i + 2 - STRIP_CELLS, family->prec);
        arb_union(end, end, part, family->prec);
        arb_div_si(end, end, STRIP_CELLS, family->prec);
        arb_add_arf(acb_realref(y), end, family->origin, family->prec);
        arb_zero(part);
        arb_union(acb_imagref(y), part, family->height, family->prec);
        caustic_tape_evaluate_acb(value, family->derivatives, y, family->prec);
        bounded = acb_is_finite(value) && acb_is_finite(value + 2);
        ball_upper_end(part, acb_realref(value + 2), 53);
        arb_max(family->bend, family->bend, part, 53);
    }
    acb_clear(y);
    arb_clear(end);
    arb_clear(part);
    _acb_vec_clear(value, 3);
    return bounded && arb_is_finite(family->bend);
}

/* The number nearest to x that has few bits, so that whole multiples of it are exact and short. */
static void
set_short(arf_t res, double x)
{
    arf_set_d(res, x);
    arf_set_round(res, res, 20, ARF_RND_DOWN);
}

/* The strip's height and the step for which the sum's error is about e^(-nats): 2 pi height/step - height^2 (theta + bend)/(4 nu) = nats. */
static int
choose_step(family_t family, double theta)
{
    double nu = ball_guess(family->nu), height = HUGE_VAL, bend = 1;

    for (slong k = 0; k < NARROWINGS; k++)
    {
        double next;

        /* the best height is 2 sqrt(nats nu/(theta + bend)), if l is holomorphic so far up */
        arb_set_d(family->height, fmin(height, 2 * sqrt(family->nats * nu / (theta + bend))));
        if (bound_strip(family))
        {
            double growth, a = ball_guess(family->height);

            next = ball_guess(family->bend);
            if (next > 1.2 * bend)
            {
                bend = next;
                continue;
            }
            growth = a * a * (theta + next) / (4 * nu);
            set_short(family->step, 6.2831853 * a / (family->nats + growth + GUARD_NATS));
            family->nodes = (slong) fmin(ball_guess(family->reach) / arf_get_d(family->step, ARF_RND_NEAR) + 0.5, NODE_LIMIT + 1.0);
            return family->nodes <= NODE_LIMIT && family->nodes > 0;
        }
        height = ball_guess(family->height) * 0.6;
    }
    return 0;
}

static void
fill_nodes(family_t family)
{
    caustic_evaluator * evaluator = caustic_evaluator_new(family->front->tape);
    arb_t y, x;
    slong n = family->nodes;

    arb_init(y);
    arb_init(x);
    family->loss = _arb_vec_init(2 * n + 1);
    family->guess = flint_malloc(sizeof(double) * (2 * n + 1));
    /* the reach that goes with the step: (n + 1/2) step, which bound_strip has covered if it is not larger */
    for (slong j = -n; j <= n; j++)
    {
        arf_mul_si(arb_midref(y), family->step, j, ARF_PREC_EXACT, ARF_RND_DOWN);
        arf_add(arb_midref(y), arb_midref(y), family->origin, ARF_PREC_EXACT, ARF_RND_DOWN);
        caustic_evaluate_arb(x, evaluator, y, family->prec);
        arb_div(x, x, family->nu, family->prec);
        arb_mul_2exp_si(family->loss + n + j, x, -1);
        family->guess[n + j] = ball_guess(family->loss + n + j);
    }
    arf_mul_si(arb_midref(family->reach), family->step, 2 * n + 1, ARF_PREC_EXACT, ARF_RND_DOWN);
    mag_zero(arb_radref(family->reach));
    arb_mul_2exp_si(family->reach, family->reach, -1);
    for (int side = 0; side < 2; side++)
    {
        arb_set(y, family->reach);
        if (side == 0)
            arb_neg(y, y);
        arb_add_arf(y, y, family->origin, ARF_PREC_EXACT);
        caustic_evaluate_arb(family->end + side, evaluator, y, family->prec);
    }
    arb_clear(y);
    arb_clear(x);
    caustic_evaluator_free(evaluator);
}

/* The nodes of a block, and the place and half length of the interval that they span. */
static slong
block_nodes(slong * first, arb_t middle, arb_t radius, const family_struct * family, slong b)
{
    slong last = FLINT_MIN((b + 1) * BLOCK, 2 * family->nodes + 1) - 1;

    *first = b * BLOCK;
    arb_set_si(middle, *first + last - 2 * family->nodes);
    arb_mul_arf(middle, middle, family->step, ARF_PREC_EXACT);
    arb_mul_2exp_si(middle, middle, -1);
    arb_set_si(radius, last - *first);
    arb_mul_arf(radius, radius, family->step, ARF_PREC_EXACT);
    arb_mul_2exp_si(radius, radius, -1);
    return last - *first + 1;
}

static void
fill_blocks(family_t family)
{
    arb_t y, middle, radius;
    slong first;

    arb_init(y);
    arb_init(middle);
    arb_init(radius);
    family->blocks = (2 * family->nodes + BLOCK) / BLOCK;
    family->block = _arb_vec_init(3 * family->blocks);
    for (slong b = 0; b < family->blocks; b++)
    {
        arb_ptr entry = family->block + 3 * b;

        block_nodes(&first, middle, radius, family, b);
        arb_add_arf(y, middle, family->origin, ARF_PREC_EXACT);
        arb_add_error(y, radius);
        caustic_tape_evaluate_series(&entry, family->front->tape, y, 3, family->prec);
        arb_add_arf(y, middle, family->origin, ARF_PREC_EXACT);
        caustic_tape_evaluate_series(&entry, family->front->tape, y, 2, family->prec);
        _arb_vec_scalar_div(entry, entry, 3, family->nu, family->prec);
        _arb_vec_scalar_mul_2exp_si(entry, entry, 3, -1);
    }
    arb_clear(y);
    arb_clear(middle);
    arb_clear(radius);
}

int
family_set(family_t family, const caustic_front_t front, const fmpq_t viscosity, double origin, double square, double reach,
    double theta, double nats)
{
    remove_nodes(family);
    family->front = front;
    family->nats = nats;
    /* the exponents are of the size of 1/nu */
    family->prec = (slong) (1.45 * nats) + 40 + (slong) fmax(0, 2 * log2(1 / fmpq_get_d(viscosity)));
    set_short(family->origin, origin);
    arb_set_fmpq(family->nu, viscosity, family->prec);
    set_short(arb_midref(family->square), square);
    arb_set_d(family->reach, reach);
    if (family->derivatives == NULL)
        family->derivatives = loss_derivatives(front);
    if (family->derivatives == NULL || !isfinite(reach) || !isfinite(theta) || !(reach > 0) || !(theta > 0) || !choose_step(family, theta))
        return 0;
    /* (n + 1/2) step <= reach + step: what was proved of the strip must hold there too */
    arb_set_d(family->reach, ((double) family->nodes + 1) * arf_get_d(family->step, ARF_RND_UP));
    if (!bound_strip(family))
        return 0;
    fill_nodes(family);
    fill_blocks(family);
    return 1;
}

/* Of the terms x^p y^q of a total degree up to `degree`, in rows of equal q, that one's place. */
slong
family_entry(slong degree, slong p, slong q)
{
    return q * (degree + 1) - q * (q - 1) / 2 + p;
}

/* The sums of weight x^i z^j, z = x^2 - square, are those of i + j <= degree. */
static slong
sums_length(slong degree)
{
    return family_entry(degree, 0, degree + 1);
}

typedef struct
{
    const family_struct * family;
    arb_t slope;     /* rho/(2 nu) */
    arb_t square;    /* theta/(4 nu) */
    arb_t least;     /* an exact number near the least exponent */
    double cutoff;
    slong light;     /* nodes whose weight is at most e^(-cutoff) */
}
weights_struct;

/* exponent_j = l_j/(2 nu) + theta z_j/(4 nu) - rho x_j/(2 nu) */
static void
exponent_at(arb_t res, const weights_struct * weights, const arb_t loss, const arb_t x, const arb_t z, slong prec)
{
    arb_set_round(res, loss, prec);
    arb_addmul(res, weights->square, z, prec);
    arb_submul(res, weights->slope, x, prec);
    arb_sub(res, res, weights->least, prec);
}

static double
guess_at(const weights_struct * weights, slong j, double slope, double square, double step)
{
    const family_struct * family = weights->family;
    double x = (double) j * step;

    return family->guess[family->nodes + j] + x * (square * x - slope);
}

static void
add_node(arb_ptr sum, const arb_t weight, const arb_t x, const arb_t z, slong degree, slong prec)
{
    arb_t row, term;

    arb_init(row);
    arb_init(term);
    arb_set(row, weight);
    for (slong j = 0; j <= degree; j++)
    {
        arb_set(term, row);
        for (slong i = 0; i <= degree - j; i++)
        {
            arb_add(sum, sum, term, prec);
            sum++;
            if (i < degree - j)
                arb_mul(term, term, x, prec);
        }
        arb_mul(row, row, z, prec);
    }
    arb_clear(row);
    arb_clear(term);
}

/* The exponents of the block's nodes are all at least the cutoff, by Taylor's formula of second order. */
static int
block_is_light(const weights_struct * weights, arb_srcptr block, const arb_t middle, const arb_t radius, slong prec)
{
    arb_t sum, slope, offset, cutoff;
    int light;

    arb_init(sum);
    arb_init(slope);
    arb_init(offset);
    arb_init(cutoff);
    arb_add_error(offset, radius);
    arb_sqr(slope, middle, prec);
    arb_sub(slope, slope, weights->family->square, prec);
    exponent_at(sum, weights, block, middle, slope, prec);
    arb_mul(slope, weights->square, middle, prec);
    arb_mul_2exp_si(slope, slope, 1);
    arb_sub(slope, slope, weights->slope, prec);
    arb_add(slope, slope, block + 1, prec);
    arb_addmul(sum, slope, offset, prec);
    arb_sqr(offset, offset, prec);
    arb_add(slope, block + 2, weights->square, prec);
    arb_addmul(sum, slope, offset, prec);
    arb_set_d(cutoff, weights->cutoff);
    light = arb_ge(sum, cutoff);
    arb_clear(sum);
    arb_clear(slope);
    arb_clear(offset);
    arb_clear(cutoff);
    return light;
}

static void
sum_nodes(arb_ptr sum, weights_struct * weights, slong degree)
{
    const family_struct * family = weights->family;
    slong n = family->nodes, prec = family->prec;
    double slope = ball_guess(weights->slope), square = ball_guess(weights->square), step = arf_get_d(family->step, ARF_RND_NEAR);
    double least = HUGE_VAL;
    arb_t x, z, weight;

    arb_init(x);
    arb_init(z);
    arb_init(weight);
    for (slong j = -n; j <= n; j++)
        least = fmin(least, guess_at(weights, j, slope, square, step));
    /* the guess has x^2 for z */
    least -= square * ball_guess(family->square);
    arb_set_d(weights->least, isfinite(least) ? least : 0);
    weights->light = 0;
    for (slong j = -n, b = -1; j <= n; j++)
    {
        int light;

        if ((j + n) / BLOCK > b)
        {
            slong first, count;

            b = (j + n) / BLOCK;
            count = block_nodes(&first, x, z, family, b);
            if (block_is_light(weights, family->block + 3 * b, x, z, prec))
            {
                weights->light += count;
                j += count - 1;
                continue;
            }
        }
        light = guess_at(weights, j, slope, square, step) - square * ball_guess(family->square) > least + 1.5 * weights->cutoff;

        arf_mul_si(arb_midref(x), family->step, j, ARF_PREC_EXACT, ARF_RND_DOWN);
        arb_mul(z, x, x, ARF_PREC_EXACT);
        arb_sub(z, z, family->square, ARF_PREC_EXACT);
        exponent_at(weight, weights, family->loss + n + j, x, z, light ? 53 : prec);
        if (light)
        {
            arb_t cutoff;

            arb_init(cutoff);
            arb_set_d(cutoff, weights->cutoff);
            light = arb_ge(weight, cutoff);
            arb_clear(cutoff);
        }
        if (light)
        {
            weights->light++;
            continue;
        }
        arb_neg(weight, weight);
        arb_exp(weight, weight, prec);
        add_node(sum, weight, x, z, degree, prec);
    }
    for (slong k = 0; k < sums_length(degree); k++)
        arb_mul_arf(sum + k, sum + k, family->step, prec);
    arb_clear(x);
    arb_clear(z);
    arb_clear(weight);
}

/* int_R^inf (x + b)^k e^(-(value + d (x - R))/(2 nu)) dx with value the line's height at R in units of 2 nu, rate = d/(2 nu) > 0:
   e^(-value) sum_i k!/(k-i)! (R + b)^(k-i) rate^(-i-1). */
static void
add_tail(arb_t res, const arb_t value, const arb_t rate, const arb_t size, slong power)
{
    arb_t sum, term, factor;

    arb_init(sum);
    arb_init(term);
    arb_init(factor);
    arb_inv(factor, rate, 64);
    for (slong i = 0; i <= power; i++)
    {
        arb_pow_ui(term, size, (ulong) (power - i), 64);
        arb_mul(term, term, factor, 64);
        arb_add(sum, sum, term, 64);
        arb_mul_si(factor, factor, power - i, 64);
        arb_div(factor, factor, rate, 64);
    }
    arb_neg(term, value);
    arb_exp(term, term, 64);
    arb_addmul(res, term, sum, 64);
    arb_clear(sum);
    arb_clear(term);
    arb_clear(factor);
}

/* The errors of all sums [FRONT-13]: |x^i z^j| <= size^i (size^2 + |square|)^j, size = reach + height, and in the tails its powers. 0: no bound. */
static int
add_errors(arb_ptr sum, const weights_struct * weights, const arb_t rho, const arb_t theta, slong degree)
{
    const family_struct * family = weights->family;
    arb_t q, growth, mass, sides, size, x, value, rate, bound, one;
    int bounded = 1;

    arb_init(q);
    arb_init(growth);
    arb_init(mass);
    arb_init(sides);
    arb_init(size);
    arb_init(x);
    arb_init(value);
    arb_init(rate);
    arb_init(bound);
    arb_init(one);
    arb_one(one);

    /* q = 2/(e^(2 pi height/step) - 1), growth = e^(height^2 (theta + bend)/(4 nu)) */
    arb_const_pi(q, 64);
    arb_mul_2exp_si(q, q, 1);
    arb_mul(q, q, family->height, 64);
    arb_div_arf(q, q, family->step, 64);
    arb_expm1(q, q, 64);
    arb_inv(q, q, 64);
    arb_mul_2exp_si(q, q, 1);
    arb_sqr(growth, family->height, 64);
    arb_add(x, theta, family->bend, 64);
    arb_mul(growth, growth, x, 64);
    arb_mul_2exp_si(growth, growth, -2);
    arb_div(growth, growth, family->nu, 64);
    arb_exp(growth, growth, 64);

    /* light nodes */
    arb_set_d(mass, -weights->cutoff);
    arb_exp(mass, mass, 64);
    arb_mul_si(mass, mass, weights->light, 64);
    arb_mul_arf(mass, mass, family->step, 64);

    /* the ends of the grid: step (2 log 2/(2 pi)) growth e^(-H(+-R)/(2 nu)) */
    for (int side = 0; side < 2; side++)
    {
        arb_t z;

        arb_init(z);
        arb_set(x, family->reach);
        if (side == 0)
            arb_neg(x, x);
        arb_sqr(z, x, ARF_PREC_EXACT);
        arb_sub(z, z, family->square, ARF_PREC_EXACT);
        arb_div(value, family->end + side, family->nu, family->prec);
        arb_mul_2exp_si(value, value, -1);
        exponent_at(value, weights, value, x, z, family->prec);
        arb_neg(value, value);
        arb_exp(value, value, 64);
        arb_add(sides, sides, value, 64);

        /* beyond: H >= lower + theta x^2/2 - rho x, which lies above its tangent at the end */
        arb_mul(rate, theta, x, family->prec);
        arb_sub(rate, rate, rho, family->prec);
        if (side == 0)
            arb_neg(rate, rate);
        arb_div(rate, rate, family->nu, 64);
        arb_mul_2exp_si(rate, rate, -1);
        bounded = bounded && arb_is_positive(rate);
        arb_set_arf(value, family->front->lower);
        arb_div(value, value, family->nu, family->prec);
        arb_mul_2exp_si(value, value, -1);
        exponent_at(value, weights, value, x, z, family->prec);
        arb_abs(size, family->square);
        /* |z| <= x^2 + |square| <= (x + sqrt|square|)^2 */
        arb_sqrt(bound, size, 64);
        arb_add(bound, bound, family->reach, 64);
        for (slong j = 0; j <= degree && bounded; j++)
            for (slong i = 0; i <= degree - j; i++)
            {
                arb_zero(x);
                add_tail(x, value, rate, bound, i + 2 * j);
                arb_add_error(sum + family_entry(degree, 0, j) + i, x);
            }
        arb_clear(z);
    }
    arb_mul(sides, sides, growth, 64);
    arb_mul_arf(sides, sides, family->step, 64);
    arb_const_log2(x, 64);
    arb_mul(sides, sides, x, 64);
    arb_const_pi(x, 64);
    arb_div(sides, sides, x, 64);
    arb_add(mass, mass, sides, 64);

    /* the integral over the grid's interval is at most (sum + mass)/(1 - q growth) */
    arb_mul(q, q, growth, 64);
    arb_sub(x, one, q, 64);
    bounded = bounded && arb_is_positive(x);
    arb_add(bound, sum, mass, 64);
    arb_div(bound, bound, x, 64);
    arb_addmul(mass, bound, q, 64);

    arb_add(size, family->reach, family->height, 64);
    arb_sqr(value, size, 64);
    arb_abs(rate, family->square);
    arb_add(value, value, rate, 64);
    for (slong j = 0; j <= degree && bounded; j++)
    {
        arb_set(x, mass);
        for (slong i = 0; i <= degree - j; i++)
        {
            arb_add_error(sum + family_entry(degree, 0, j) + i, x);
            arb_mul(x, x, size, 64);
        }
        arb_mul(mass, mass, value, 64);
    }
    arb_clear(q);
    arb_clear(growth);
    arb_clear(mass);
    arb_clear(sides);
    arb_clear(size);
    arb_clear(x);
    arb_clear(value);
    arb_clear(rate);
    arb_clear(bound);
    arb_clear(one);
    return bounded;
}

static int
family_sums(arb_ptr sum, const family_t family, const arb_t rho, const arb_t theta, slong degree)
{
    weights_struct weights = {.family = family, .cutoff = family->nats + 10};
    int known;

    arb_init(weights.slope);
    arb_init(weights.square);
    arb_init(weights.least);
    arb_div(weights.slope, rho, family->nu, family->prec);
    arb_mul_2exp_si(weights.slope, weights.slope, -1);
    arb_div(weights.square, theta, family->nu, family->prec);
    arb_mul_2exp_si(weights.square, weights.square, -2);
    sum_nodes(sum, &weights, degree);
    known = add_errors(sum, &weights, rho, theta, degree) && arb_is_positive(sum);
    arb_clear(weights.slope);
    arb_clear(weights.square);
    arb_clear(weights.least);
    return known;
}

/* From the sums the Taylor coefficients of log sum_(i,j) E[x^i z^j] a^i b^j/(i! j!): of the joint cumulants of x and z. In b, with m_j and l_j
   the series in a that are the coefficients of b^j: l_0 = log m_0, m_0 l_j = m_j - (1/j) sum_(0 < k < j) k l_k m_(j-k). */
static void
take_logarithm(arb_ptr sum, slong degree, slong prec)
{
    arb_ptr log = _arb_vec_init(sums_length(degree)), product = _arb_vec_init(degree + 1);
    fmpz_t factorial;

    fmpz_init(factorial);
    for (slong j = 0; j <= degree; j++)
        for (slong i = 0; i <= degree - j; i++)
        {
            arb_ptr entry = sum + family_entry(degree, 0, j) + i;

            fmpz_fac_ui(factorial, (ulong) i);
            arb_div_fmpz(entry, entry, factorial, prec);
            fmpz_fac_ui(factorial, (ulong) j);
            arb_div_fmpz(entry, entry, factorial, prec);
        }
    _arb_poly_log_series(log, sum, degree + 1, degree + 1, prec);
    for (slong j = 1; j <= degree; j++)
    {
        slong length = degree + 1 - j;
        arb_ptr rest = sum + family_entry(degree, 0, j);

        for (slong k = 1; k < j; k++)
        {
            _arb_poly_mullow(product, log + family_entry(degree, 0, k), length, sum + family_entry(degree, 0, j - k), length, length, prec);
            _arb_vec_scalar_mul_ui(product, product, length, (ulong) k, prec);
            for (slong i = 0; i < length; i++)
                arb_div_si(product + i, product + i, j, prec);
            _arb_vec_sub(log + family_entry(degree, 0, j), log + family_entry(degree, 0, j), product, length, prec);
        }
        _arb_vec_add(log + family_entry(degree, 0, j), log + family_entry(degree, 0, j), rest, length, prec);
        _arb_poly_div_series(product, log + family_entry(degree, 0, j), length, sum, length, length, prec);
        _arb_vec_set(log + family_entry(degree, 0, j), product, length);
    }
    _arb_vec_set(sum, log, sums_length(degree));
    fmpz_clear(factorial);
    _arb_vec_clear(log, sums_length(degree));
    _arb_vec_clear(product, degree + 1);
}

/* V = <x^2> - <x>^2 = square + L_b - L_a^2, L the logarithm at a = rho/(2 nu), b = -theta/(4 nu), and w = theta - theta^2 V/(2 nu). That V is L_aa too
   is not used: its terms cancel where z is small. */
int
family_slope(arb_ptr w, const family_t family, const arb_t rho, const arb_t theta, slong order)
{
    slong prec = family->prec, degree = order + 1;
    arb_ptr sum = _arb_vec_init(sums_length(degree)), v = _arb_vec_init(family_entry(order, 0, order + 1)), mean = _arb_vec_init(family_entry(order, 0, order + 1));
    arb_t half, quarter, factor, term;
    int known = family->loss != NULL && arb_is_positive(theta) && arb_is_finite(theta) && arb_is_finite(rho)
        && family_sums(sum, family, rho, theta, degree);

    arb_init(half);
    arb_init(quarter);
    arb_init(factor);
    arb_init(term);
    if (known)
        take_logarithm(sum, degree, prec);
    else
        _arb_vec_indeterminate(sum, sums_length(degree));
    arb_inv(half, family->nu, prec);
    arb_mul_2exp_si(half, half, -1);
    arb_mul_2exp_si(quarter, half, -1);
    arb_neg(quarter, quarter);

    /* the coefficients of a^p b^q, then those of (d rho)^p (d theta)^q */
    for (slong q = 0; q <= order; q++)
        for (slong p = 0; p <= order - q; p++)
        {
            arb_mul_si(mean + family_entry(order, p, q), sum + family_entry(degree, p + 1, q), p + 1, prec);
            arb_mul_si(v + family_entry(order, p, q), sum + family_entry(degree, p, q + 1), q + 1, prec);
        }
    arb_add(v, v, family->square, prec);
    for (slong q = 0; q <= order; q++)
        for (slong p = 0; p <= order - q; p++)
        {
            arb_ptr entry = v + family_entry(order, p, q);

            for (slong j = 0; j <= q; j++)
                for (slong i = 0; i <= p; i++)
                    arb_submul(entry, mean + family_entry(order, i, j), mean + family_entry(order, p - i, q - j), prec);
            arb_pow_ui(factor, half, (ulong) p, prec);
            arb_mul(entry, entry, factor, prec);
            arb_pow_ui(factor, quarter, (ulong) q, prec);
            arb_mul(entry, entry, factor, prec);
        }
    /* -1/(2 nu) (theta^2 + 2 theta d + d^2) sum_(p,q) v_(p,q) c^p d^q + theta + d */
    for (slong q = 0; q <= order; q++)
        for (slong p = 0; p <= order - q; p++)
        {
            arb_ptr entry = w + family_entry(order, p, q);

            arb_sqr(factor, theta, prec);
            arb_mul(term, factor, v + family_entry(order, p, q), prec);
            if (q > 0)
            {
                arb_mul_2exp_si(factor, theta, 1);
                arb_addmul(term, factor, v + family_entry(order, p, q - 1), prec);
            }
            if (q > 1)
                arb_add(term, term, v + family_entry(order, p, q - 2), prec);
            arb_mul(term, term, half, prec);
            arb_neg(entry, term);
            if (p == 0 && q == 0)
                arb_add(entry, entry, theta, prec);
            if (p == 0 && q == 1)
                arb_add_ui(entry, entry, 1, prec);
        }
    known = known && _arb_vec_is_finite(w, family_entry(order, 0, order + 1));
    arb_clear(half);
    arb_clear(quarter);
    arb_clear(factor);
    arb_clear(term);
    _arb_vec_clear(sum, sums_length(degree));
    _arb_vec_clear(v, family_entry(order, 0, order + 1));
    _arb_vec_clear(mean, family_entry(order, 0, order + 1));
    return known;
}

int
family_is_convex(const family_t family, arb_srcptr x)
{
    slong prec = family->prec;
    arb_ptr at = _arb_vec_init(6), on = _arb_vec_init(10), middle = _arb_vec_init(2), offset = _arb_vec_init(2);
    arb_t rr, rt, tt, product;
    int convex;

    arb_init(rr);
    arb_init(rt);
    arb_init(tt);
    arb_init(product);
    for (int i = 0; i < 2; i++)
    {
        arb_get_mid_arb(middle + i, x + i);
        arb_sub(offset + i, x + i, middle + i, prec);
    }
    convex = family_slope(at, family, middle, middle + 1, 2) && family_slope(on, family, x, x + 1, 3);
    /* at the midpoint, and by the third derivatives on the box: those in rho rho, rho theta and theta theta */
    arb_mul_si(rr, on + family_entry(3, 3, 0), 6, prec);
    arb_mul(rr, rr, offset, prec);
    arb_mul_2exp_si(product, on + family_entry(3, 2, 1), 1);
    arb_addmul(rr, product, offset + 1, prec);
    arb_addmul_si(rr, at + family_entry(2, 2, 0), 2, prec);
    arb_mul(rt, product, offset, prec);
    arb_mul_2exp_si(product, on + family_entry(3, 1, 2), 1);
    arb_addmul(rt, product, offset + 1, prec);
    arb_add(rt, rt, at + family_entry(2, 1, 1), prec);
    arb_mul_si(tt, on + family_entry(3, 0, 3), 6, prec);
    arb_mul(tt, tt, offset + 1, prec);
    arb_addmul(tt, product, offset, prec);
    arb_addmul_si(tt, at + family_entry(2, 0, 2), 2, prec);
    arb_mul(product, rr, tt, prec);
    arb_submul(product, rt, rt, prec);
    convex = convex && arb_is_positive(rr) && arb_is_positive(product);
    arb_clear(rr);
    arb_clear(rt);
    arb_clear(tt);
    arb_clear(product);
    _arb_vec_clear(at, 6);
    _arb_vec_clear(on, 10);
    _arb_vec_clear(middle, 2);
    _arb_vec_clear(offset, 2);
    return convex;
}
