/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    laplace: the viscous solution where one foot has all the mass. With y = foot + x,

        phi(s,t) = (4 pi nu t)^(-1/2) e^(-(s^2/2 + psi(foot) - s foot)/(2 nu t)) int e^(-D(x)/(2 nu t)) dx,

    D(x) = psi(foot + x) - psi(foot) - s x, so that u, v and v_s are those of a density whose size does not depend on nu. A
    trapezoid sum near the foot, where D is its Taylor polynomial and a small remainder [FRONT-7].
*/

#include <math.h>
#include <flint/acb.h>
#include <flint/arb_poly.h>
#include "base/ball.h"
#include "front_internal.h"

#define TERMS 128        /* of the Taylor polynomial */
#define USABLE 0.45      /* of the radius; 0.45^TERMS is small */
#define PIECES 96        /* of an edge */
#define HEIGHTS 20
#define REACHES 6         /* up to 13/8 of the least one */
#define SAMPLES 12
#define NODE_LIMIT 100000
#define GUESS_PREC 64

typedef struct
{
    const caustic_front_struct * front;
    arb_srcptr s;
    arb_srcptr t;
    slong prec;
    double nats;       /* accuracy aimed at */
    arb_t foot;        /* an exact number */
    arb_t rate;        /* 1/(2 nu t) */
    arb_ptr term;      /* the Taylor coefficients of D; the constant one is 0 */
    arb_t value;       /* psi(foot) - s foot */
    arf_t radius;      /* psi is holomorphic on |x| <= radius, */
    arb_t bound;       /* and |psi| <= bound there */
    arb_t reach;       /* R: the sum is over |x| <= R; an exact number */
    arb_t height;      /* a */
    arb_t step;        /* R = (nodes + 1/2) step */
    slong nodes;
    arb_ptr error;     /* of the three moments */
    arb_ptr moment;
}
laplace_struct;

static void
laplace_init(laplace_struct * work)
{
    arb_init(work->foot);
    arb_init(work->rate);
    work->term = _arb_vec_init(TERMS);
    arb_init(work->value);
    arf_init(work->radius);
    arb_init(work->bound);
    arb_init(work->reach);
    arb_init(work->height);
    arb_init(work->step);
    work->error = _arb_vec_init(3);
    work->moment = _arb_vec_init(3);
}

static void
laplace_clear(laplace_struct * work)
{
    arb_clear(work->foot);
    arb_clear(work->rate);
    _arb_vec_clear(work->term, TERMS);
    arb_clear(work->value);
    arf_clear(work->radius);
    arb_clear(work->bound);
    arb_clear(work->reach);
    arb_clear(work->height);
    arb_clear(work->step);
    _arb_vec_clear(work->error, 3);
    _arb_vec_clear(work->moment, 3);
}

static void
expand(laplace_struct * work)
{
    psi_series(work->term, work->front, work->t, work->foot, TERMS, work->prec);
    arb_submul(work->term, work->s, work->foot, work->prec);
    arb_sub(work->term + 1, work->term + 1, work->s, work->prec);
    arb_set(work->value, work->term);
    arb_zero(work->term);
}

/* |sum_{k >= TERMS} of the Taylor series| <= bound q^TERMS/(1 - q), q = |x|/radius. */
static void
series_remainder(mag_t res, const laplace_struct * work, const mag_t x)
{
    mag_t q, one;

    mag_init(q);
    mag_init(one);
    arf_get_mag_lower(q, work->radius);
    mag_div(q, x, q);
    mag_one(one);
    if (mag_cmp(q, one) >= 0)
        mag_inf(res);
    else
    {
        mag_sub_lower(one, one, q);
        mag_pow_ui(q, q, TERMS);
        arb_get_mag(res, work->bound);
        mag_mul(res, res, q);
        mag_div(res, res, one);
    }
    mag_clear(q);
    mag_clear(one);
}

/* D on the complex ball x; res may be x. */
static void
distance(acb_t res, const laplace_struct * work, const acb_t x, slong prec)
{
    mag_t size, rest;

    mag_init(size);
    mag_init(rest);
    acb_get_mag(size, x); /* before: res may be x */
    series_remainder(rest, work, size);
    _arb_poly_evaluate_acb(res, work->term, TERMS, x, prec);
    acb_add_error_mag(res, rest);
    mag_clear(size);
    mag_clear(rest);
}

/* An upper bound of |e^(-D/(2 nu t))| on the rectangle x0 <= Re x <= x1, y0 <= Im x <= y1. */
static void
density_bound(arb_t res, const laplace_struct * work, const arb_t real, const arb_t imaginary)
{
    acb_t x;

    acb_init(x);
    arb_set(acb_realref(x), real);
    arb_set(acb_imagref(x), imaginary);
    distance(x, work, x, work->prec);
    arb_mul(res, acb_realref(x), work->rate, work->prec);
    arb_neg(res, res);
    arb_exp(res, res, 64);
    arb_get_ubound_arf(arb_midref(res), res, 64);
    mag_zero(arb_radref(res));
    acb_clear(x);
}

static double
exponent_guess(const laplace_struct * work, double x, double y)
{
    acb_t z;
    double guess;

    acb_init(z);
    acb_set_d_d(z, x, y);
    _arb_poly_evaluate_acb(z, work->term, TERMS, z, GUESS_PREC);
    guess = ball_guess(acb_realref(z)) * ball_guess(work->rate);
    acb_clear(z);
    return guess;
}

/* Whether psi is proved to be bounded on |x| <= radius, and by what. */
static int
bound_on(arb_t bound, const laplace_struct * work, const arf_t radius)
{
    acb_t x, y;
    int found;

    acb_init(x);
    acb_init(y);
    acb_set_arb(x, work->foot);
    arf_get_mag(arb_radref(acb_realref(x)), radius);
    mag_set(arb_radref(acb_imagref(x)), arb_radref(acb_realref(x)));
    caustic_tape_evaluate_acb(y, work->front->tape, x, GUESS_PREC);
    acb_mul_arb(y, y, work->t, GUESS_PREC);
    acb_sqr(x, x, GUESS_PREC);
    acb_mul_2exp_si(x, x, -1);
    acb_add(y, y, x, GUESS_PREC);
    acb_abs(bound, y, GUESS_PREC);
    found = acb_is_finite(y) && arb_is_finite(bound);
    acb_clear(x);
    acb_clear(y);
    return found;
}

/* The largest of some radii on which psi is bounded, or that for which the remainder of the Taylor polynomial has the least bound: an entire
   psi may be bounded by very much on a large disc. */
static int
find_radius(laplace_struct * work, int least_remainder)
{
    double best = HUGE_VAL;
    arb_t bound;
    mag_t size;
    arf_t radius;
    int found = 0;

    arb_init(bound);
    mag_init(size);
    arf_init(radius);
    for (slong k = 24; k >= -160 && (least_remainder || !found); k--)
    {
        double score;

        arf_set_d(radius, pow(2, (double) k / 8));
        if (!bound_on(bound, work, radius))
            continue;
        arb_get_mag(size, bound);
        score = mag_get_d_log2_approx(size) - TERMS * (double) k / 8;
        if (!found || score < best)
        {
            best = score;
            arf_set(work->radius, radius);
            arb_set(work->bound, bound);
        }
        found = 1;
    }
    arb_clear(bound);
    mag_clear(size);
    arf_clear(radius);
    return found;
}

/* Where the density has become small on both sides, if that is well inside the radius. */
static int
find_reach(laplace_struct * work)
{
    double limit = arf_get_d(work->radius, ARF_RND_DOWN) * USABLE, x = limit * 0x1p-60;

    while (x < limit && (exponent_guess(work, x, 0) < work->nats || exponent_guess(work, -x, 0) < work->nats))
        x *= 1.0625;
    if (x >= limit)
        return 0;
    arb_set_d(work->reach, x);
    return 1;
}

/* Nodes for the reach x and the height a; HUGE_VAL where the density is not small on the vertical edges. */
static double
nodes_needed(const laplace_struct * work, double x, double a)
{
    double growth = 0;

    for (slong i = 0; i <= SAMPLES; i++)
        if (exponent_guess(work, x, i * a / SAMPLES) < work->nats || exponent_guess(work, -x, i * a / SAMPLES) < work->nats)
            return HUGE_VAL;
    for (slong i = -SAMPLES; i <= SAMPLES; i++)
        growth = fmax(growth, -exponent_guess(work, i * x / SAMPLES, a));
    return x * (work->nats + growth) / (6.283185307179586 * a);
}

/* The height, and a reach that may be larger, for which the fewest nodes are needed. */
static int
find_step(laplace_struct * work)
{
    double limit = arf_get_d(work->radius, ARF_RND_DOWN) * (USABLE + 0.1);
    double least = ball_guess(work->reach), best = HUGE_VAL, height = 0;
    arb_t odd;

    for (slong i = 0; i < REACHES; i++)
        for (slong k = 0; k < HEIGHTS; k++)
        {
            double reach = least * (1 + 0.125 * (double) i), a = reach * pow(0.8, (double) k);
            double nodes = hypot(reach, a) < limit ? nodes_needed(work, reach, a) : HUGE_VAL;

            if (nodes < best)
            {
                best = nodes;
                height = a;
                arb_set_d(work->reach, reach);
            }
        }
    if (!(best < NODE_LIMIT))
        return 0;
    work->nodes = (slong) best + 2;
    arb_set_d(work->height, height);
    arb_init(odd);
    arb_set_si(odd, 2 * work->nodes + 1);
    arb_mul_2exp_si(work->step, work->reach, 1);
    arb_div(work->step, work->step, odd, work->prec);
    /* an exact step, and the reach that goes with it */
    arb_get_mid_arb(work->step, work->step);
    arf_set_round(arb_midref(work->step), arb_midref(work->step), 40, ARF_RND_DOWN);
    arb_mul(work->reach, work->step, odd, ARF_PREC_EXACT);
    arb_mul_2exp_si(work->reach, work->reach, -1);
    arb_clear(odd);
    return 1;
}

/* The i-th of PIECES equal parts of [-end, end]. */
static void
piece(arb_t res, const arb_t end, slong i, slong prec)
{
    arb_t next;

    arb_init(next);
    arb_mul_si(res, end, 2 * i - PIECES, prec);
    arb_mul_si(next, end, 2 * i + 2 - PIECES, prec);
    arb_union(res, res, next, prec);
    arb_div_si(res, res, PIECES, prec);
    arb_clear(next);
}

/* [HEAT-1] for x^k e^(-D/(2 nu t)): |x| <= |R + i a|. */
static void
add_sum_error(laplace_struct * work)
{
    arb_t part, bound, edges, sides, q, size;

    arb_init(part);
    arb_init(bound);
    arb_init(edges);
    arb_init(sides);
    arb_init(q);
    arb_init(size);
    for (slong i = 0; i < PIECES; i++)
    {
        piece(part, work->reach, i, work->prec);
        density_bound(bound, work, part, work->height);
        arb_add(edges, edges, bound, 64);
    }
    arb_mul(edges, edges, work->reach, 64);
    arb_mul_2exp_si(edges, edges, 1);
    arb_div_si(edges, edges, PIECES, 64);
    for (slong side = -1; side <= 1; side += 2)
    {
        arb_zero(size);
        for (slong i = 0; i < PIECES; i++)
        {
            piece(part, work->height, i, work->prec);
            arb_mul_si(q, work->reach, side, work->prec);
            density_bound(bound, work, q, part);
            arb_max(size, size, bound, 64);
        }
        arb_add(sides, sides, size, 64);
    }
    arb_mul(sides, sides, work->height, 64);

    /* the edges above and below are conjugate: 2 q/(1 - q) */
    arb_const_pi(q, 64);
    arb_mul(q, q, work->height, 64);
    arb_div(q, q, work->step, 64);
    arb_mul_si(q, q, -2, 64);
    arb_exp(q, q, 64);
    arb_sub_ui(bound, q, 1, 64);
    arb_neg(bound, bound);
    arb_div(q, q, bound, 64);
    arb_mul_2exp_si(q, q, 1);
    arb_addmul(sides, q, edges, 64);

    arb_hypot(size, work->reach, work->height, 64);
    for (slong k = 0; k < 3; k++)
    {
        arb_add(work->error + k, work->error + k, sides, 64);
        arb_mul(sides, sides, size, 64);
    }
    arb_clear(part);
    arb_clear(bound);
    arb_clear(edges);
    arb_clear(sides);
    arb_clear(q);
    arb_clear(size);
}

/* [FRONT-7] Beyond the reach D >= least out to `far` from s, and D >= least + (y - s)^2/4 from there on. */
static int
add_tails(laplace_struct * work)
{
    arb_t least, level, far, x;
    arf_t radius, lower, upper;
    excess_struct excess = {work->front, work->t, work->foot, level, work->s, 0};
    int proved;

    arb_init(least);
    arb_init(level);
    arb_init(far);
    arb_init(x);
    arf_init(radius);
    arf_init(lower);
    arf_init(upper);

    /* least: nine tenths of what is aimed at */
    arb_set_d(least, 0.9 * work->nats);
    arb_div(least, least, work->rate, work->prec);
    arb_get_mid_arb(least, least);
    arb_mul(level, work->s, work->foot, work->prec);
    arb_add(level, level, work->value, work->prec); /* psi(foot) */
    arb_add(level, level, least, work->prec);
    /* D - least >= (y - s)^2/2 - r^2/2 with r = excess_radius, so from sqrt(2) r on it is >= (y - s)^2/4 */
    excess_radius(radius, &excess, work->prec);
    arf_mul_si(radius, radius, 3, 64, ARF_RND_UP);
    arf_mul_2exp_si(radius, radius, -1);
    arb_set_arf(far, radius);

    arb_add(x, work->foot, work->reach, work->prec);
    arb_get_lbound_arf(lower, x, work->prec);
    arb_add(x, work->s, far, work->prec);
    arb_get_ubound_arf(upper, x, work->prec);
    proved = arf_is_finite(upper) && (arf_cmp(lower, upper) >= 0 || excess_is_positive(&excess, lower, upper, work->prec));
    arb_sub(x, work->foot, work->reach, work->prec);
    arb_get_ubound_arf(upper, x, work->prec);
    arb_sub(x, work->s, far, work->prec);
    arb_get_lbound_arf(lower, x, work->prec);
    proved = proved && arf_is_finite(lower) && (arf_cmp(lower, upper) >= 0 || excess_is_positive(&excess, lower, upper, work->prec));

    if (proved)
    {
        arb_t distance_bound, gauss, small;

        arb_init(distance_bound);
        arb_init(gauss);
        arb_init(small);
        /* e^(-least rate) times: (2 X)^(k + 1) within X of the foot, and int (|w| + |s - foot|)^k e^(-w^2 rate/4) dw
           <= 2^k (int |w|^k + |s - foot|^k) for what is farther, with int |w|^k e^(-w^2 r/4) dw = 2 sqrt(pi/r), 4/r, 4 sqrt(pi) r^(-3/2) */
        arb_mul(small, least, work->rate, 64);
        arb_neg(small, small);
        arb_exp(small, small, 64);
        arb_sub(x, work->s, work->foot, 64);
        arb_abs(x, x);
        arb_add(distance_bound, x, far, 64);
        arb_add(distance_bound, distance_bound, work->reach, 64);
        for (slong k = 0; k < 3; k++)
        {
            arb_t power, term;

            arb_init(power);
            arb_init(term);
            arb_const_pi(gauss, 64);
            if (k == 1)
                arb_one(gauss);
            arb_sqrt(gauss, gauss, 64);
            arb_sqrt(term, work->rate, 64);
            arb_pow_ui(term, term, k + 1, 64);
            arb_div(gauss, gauss, term, 64);
            arb_mul_2exp_si(gauss, gauss, k == 0 ? 1 : 2);
            arb_pow_ui(power, x, k, 64);
            /* the powers of |s - foot| come with the integral of order 0 */
            arb_const_pi(term, 64);
            arb_div(term, term, work->rate, 64);
            arb_sqrt(term, term, 64);
            arb_mul_2exp_si(term, term, 1);
            arb_addmul(gauss, power, term, 64);
            arb_mul_2exp_si(gauss, gauss, k);
            arb_mul_2exp_si(term, distance_bound, 1);
            arb_pow_ui(term, term, k + 1, 64);
            arb_add(term, term, gauss, 64);
            arb_addmul(work->error + k, term, small, 64);
            arb_clear(power);
            arb_clear(term);
        }
        arb_clear(distance_bound);
        arb_clear(gauss);
        arb_clear(small);
    }
    arb_clear(least);
    arb_clear(level);
    arb_clear(far);
    arb_clear(x);
    arf_clear(radius);
    arf_clear(lower);
    arf_clear(upper);
    return proved;
}

static void
sum(laplace_struct * work)
{
    acb_t x, d;
    arb_t weight;

    acb_init(x);
    acb_init(d);
    arb_init(weight);
    for (slong j = -work->nodes; j <= work->nodes; j++)
    {
        arb_mul_si(acb_realref(x), work->step, j, ARF_PREC_EXACT);
        distance(d, work, x, work->prec);
        arb_mul(weight, acb_realref(d), work->rate, work->prec);
        arb_neg(weight, weight);
        arb_exp(weight, weight, work->prec);
        for (slong k = 0; k < 3; k++)
        {
            arb_add(work->moment + k, work->moment + k, weight, work->prec);
            arb_mul(weight, weight, acb_realref(x), work->prec);
        }
    }
    for (slong k = 0; k < 3; k++)
    {
        arb_mul(work->moment + k, work->moment + k, work->step, work->prec);
        arb_add_error(work->moment + k, work->error + k);
    }
    acb_clear(x);
    acb_clear(d);
    arb_clear(weight);
}

/* u, v and v_s from the mean m and the variance of x: v = (s - foot - m)/t, v_s = 1/t - variance/(2 nu t^2). */
static void
conclude(arb_ptr res, const laplace_struct * work, const fmpq_t viscosity)
{
    slong prec = work->prec;
    arb_t mean, x, nu;

    arb_init(mean);
    arb_init(x);
    arb_init(nu);
    arb_set_fmpq(nu, viscosity, prec);
    arb_div(mean, work->moment + 1, work->moment, prec);

    /* u = -2 nu log(M_0/sqrt(4 pi nu t)) + (s^2/2 + value)/t */
    arb_const_pi(x, prec);
    arb_div(x, x, work->rate, prec);
    arb_mul_2exp_si(x, x, 1);
    arb_sqrt(x, x, prec);
    arb_div(x, work->moment, x, prec);
    arb_log(x, x, prec);
    arb_mul(x, x, nu, prec);
    arb_mul_2exp_si(x, x, 1);
    arb_sqr(res, work->s, prec);
    arb_mul_2exp_si(res, res, -1);
    arb_add(res, res, work->value, prec);
    arb_div(res, res, work->t, prec);
    arb_sub(res, res, x, prec);

    arb_sub(res + 1, work->s, work->foot, prec);
    arb_sub(res + 1, res + 1, mean, prec);
    arb_div(res + 1, res + 1, work->t, prec);

    arb_div(x, work->moment + 2, work->moment, prec);
    arb_submul(x, mean, mean, prec);
    arb_mul(x, x, work->rate, prec);
    arb_sub_ui(x, x, 1, prec);
    arb_neg(x, x);
    arb_div(res + 2, x, work->t, prec);
    arb_clear(mean);
    arb_clear(x);
    arb_clear(nu);
}

caustic_result
laplace_solution(arb_ptr res, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits)
{
    laplace_struct work = {front, s, t, (slong) (3.33 * digits) + 128, 2.303 * (double) digits + 40, .nodes = 0};
    caustic_result result = CAUSTIC_NO_RESOURCES;

    laplace_init(&work);
    if (fmpq_sgn(viscosity) > 0 && arb_is_positive(t) && arb_is_finite(t) && arb_is_finite(s) && arb_is_finite(foot))
    {
        arb_get_mid_arb(work.foot, foot);
        arb_set_fmpq(work.rate, viscosity, work.prec);
        arb_mul(work.rate, work.rate, t, work.prec);
        arb_mul_2exp_si(work.rate, work.rate, 1);
        arb_inv(work.rate, work.rate, work.prec);
        expand(&work);
        for (int least = 0; least < 2 && result != CAUSTIC_OK; least++)
        {
            _arb_vec_zero(work.error, 3);
            _arb_vec_zero(work.moment, 3);
            if (find_radius(&work, least) && find_reach(&work) && find_step(&work) && add_tails(&work))
            {
                add_sum_error(&work);
                sum(&work);
                conclude(res, &work, viscosity);
                if (_arb_vec_is_finite(res, 3))
                    result = CAUSTIC_OK;
            }
        }
    }
    if (result != CAUSTIC_OK)
        _arb_vec_indeterminate(res, 3);
    laplace_clear(&work);
    return result;
}
