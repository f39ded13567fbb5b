/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    panels: phi = S + E for piecewise analytic data on the line and for the Bessel operator on the half line. S is a sum of
    kernels at Gauss-Legendre nodes, E is bounded on complex polydiscs by ellipses around the panels [HEAT-51] [HEAT-52].

    Ends of panels are exact; doubles are exact numbers that lie outside of what they stand for, or guide the search.
*/

#include <math.h>
#include <string.h>
#include <flint/acb.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "heat_internal.h"
#include "kernel.h"

#define PREC 64
#define SEARCH_PREC 32
#define PANELS_LIMIT 4000
#define DEPTH_LIMIT 2000
#define RHOS 7
#define LARGEST_ORDER 1000

void
caustic_panels_init(caustic_panels_t panels)
{
    memset(panels, 0, sizeof(caustic_panels_struct));
    arb_init(panels->s);
    arb_init(panels->t);
    arf_init(panels->radius_s);
    arf_init(panels->radius_t);
    arb_init(panels->error);
    arb_init(panels->mass);
    arb_indeterminate(panels->error);
    arb_indeterminate(panels->mass);
}

static void
drop_panels(caustic_panels_t panels)
{
    for (slong i = 0; i < panels->length; i++)
    {
        arf_clear(panels->panel[i].a);
        arf_clear(panels->panel[i].b);
    }
    panels->length = 0;
}

void
caustic_panels_clear(caustic_panels_t panels)
{
    drop_panels(panels);
    flint_free(panels->panel);
    arb_clear(panels->s);
    arb_clear(panels->t);
    arf_clear(panels->radius_s);
    arf_clear(panels->radius_t);
    arb_clear(panels->error);
    arb_clear(panels->mass);
}

static void
add_panel(caustic_panels_t panels, const arf_t a, const arf_t b, slong piece, slong order)
{
    caustic_panel * panel;

    if (panels->length == panels->capacity)
    {
        panels->capacity = 2 * panels->capacity + 8;
        panels->panel = flint_realloc(panels->panel, (size_t) panels->capacity * sizeof(caustic_panel));
    }
    panel = panels->panel + panels->length++;
    arf_init(panel->a);
    arf_init(panel->b);
    arf_set(panel->a, a);
    arf_set(panel->b, b);
    panel->piece = piece;
    panel->order = order;
}

/* The integrand on the region ****************************************************************/

typedef struct
{
    caustic_panels_struct * panels;
    caustic_profile_struct * profile;
    kernel_t kernel;
    arf_t centre;
    arb_t low, high;      /* low <= Re s - centre <= high */
    arb_t log_factor;     /* the logarithm of what stands before the exponential in the kernel, y^(n-1) apart */
    arb_t power;          /* n - 1 on the half line, else 0 */
    int half_line;
    int integral_power;   /* y^(n-1) is a polynomial */
    double scale;         /* the length that the error is spread over */
    double nats;
}
region_struct;

typedef region_struct region_t[1];

static void
region_init(region_t region)
{
    kernel_init(region->kernel);
    arf_init(region->centre);
    arb_init(region->low);
    arb_init(region->high);
    arb_init(region->log_factor);
    arb_init(region->power);
}

static void
region_clear(region_t region)
{
    kernel_clear(region->kernel);
    arf_clear(region->centre);
    arb_clear(region->low);
    arb_clear(region->high);
    arb_clear(region->log_factor);
    arb_clear(region->power);
}

/* log of (kappa/pi)^(1/2), or of 2 kappa^(n/2)/Gamma(n/2) [HEAT-50], for an upper bound kappa of |kappa|. */
static void
log_of_factor(arb_t res, const arb_t kappa, const fmpq_t dimension, slong prec)
{
    arb_t x, half;

    arb_init(x);
    arb_init(half);
    arb_log(res, kappa, prec);
    if (fmpq_is_zero(dimension))
    {
        arb_const_pi(x, prec);
        arb_log(x, x, prec);
        arb_sub(res, res, x, prec);
        arb_mul_2exp_si(res, res, -1);
    }
    else
    {
        arb_set_fmpq(half, dimension, prec);
        arb_mul_2exp_si(half, half, -1);
        arb_mul(res, res, half, prec);
        arb_lgamma(x, half, prec);
        arb_sub(res, res, x, prec);
        arb_const_log2(x, prec);
        arb_add(res, res, x, prec);
    }
    arb_clear(x);
    arb_clear(half);
}

static int
region_set(region_t region, caustic_panels_struct * panels, caustic_profile_struct * profile, double nats)
{
    int valid = kernel_set(region->kernel, profile->viscosity, panels->t, panels->radius_t, panels->radius_s)
        && arb_is_finite(panels->s);

    region->panels = panels;
    region->profile = profile;
    region->nats = nats;
    region->half_line = !fmpq_is_zero(profile->dimension);
    region->integral_power = !region->half_line || fmpz_is_one(fmpq_denref(profile->dimension));
    arf_set_round(region->centre, arb_midref(panels->s), 2 * PREC, ARF_RND_NEAR);
    kernel_offsets(region->low, region->high, region->kernel, panels->s, region->centre, 8 * PREC);
    log_of_factor(region->log_factor, region->kernel->kappa_upper, profile->dimension, PREC);
    if (region->half_line)
    {
        arb_set_fmpq(region->power, profile->dimension, PREC);
        arb_sub_ui(region->power, region->power, 1, PREC);
    }
    return valid && arb_is_finite(region->low) && arb_is_finite(region->high);
}

/* Doubles x0 <= a - centre, x1 >= b - centre. */
static void
offsets(double * x0, double * x1, const region_t region, const arb_t a, const arb_t b)
{
    arb_t x;
    arf_t end;

    arb_init(x);
    arf_init(end);
    arb_sub_arf(x, a, region->centre, PREC);
    arb_get_lbound_arf(end, x, PREC);
    *x0 = arf_get_d(end, ARF_RND_FLOOR);
    arb_sub_arf(x, b, region->centre, PREC);
    arb_get_ubound_arf(end, x, PREC);
    *x1 = arf_get_d(end, ARF_RND_CEIL);
    arb_clear(x);
    arf_clear(end);
}

/* [HEAT-50] An upper bound of log |kernel| for all (s, t) of the region and all y with a <= Re y <= b, |Im y| <= height, but for the
   factor y^(n-1). */
static void
kernel_level(arb_t res, const region_t region, const arb_t a, const arb_t b, double height)
{
    double x0, x1;
    arb_t square, minus;

    arb_init(square);
    arb_init(minus);
    offsets(&x0, &x1, region, a, b);
    kernel_add_axis(square, region->kernel, region->low, region->high, x0, x1, height);
    kernel_exponent(res, region->kernel, square);
    if (region->half_line)
    {
        /* the image at -y */
        arb_zero(square);
        arb_neg(minus, b);
        arb_neg(square, a);
        offsets(&x0, &x1, region, minus, square);
        arb_zero(square);
        kernel_add_axis(square, region->kernel, region->low, region->high, x0, x1, height);
        kernel_exponent(minus, region->kernel, square);
        arb_max(res, res, minus, PREC);
    }
    arb_add(res, res, region->log_factor, PREC);
    if (!isfinite(x0) || !isfinite(x1))
        arb_indeterminate(res);
    arb_clear(square);
    arb_clear(minus);
}

/* Adds (n - 1) log of an upper bound of |y| on a <= Re y <= b, |Im y| <= height. */
static void
add_power(arb_t level, const region_t region, const arb_t a, const arb_t b, double height)
{
    arb_t x, y;

    if (arb_is_zero(region->power))
        return;
    arb_init(x);
    arb_init(y);
    arb_abs(x, a);
    arb_abs(y, b);
    arb_max(x, x, y, PREC);
    arb_set_d(y, height);
    arb_add(x, x, y, PREC);
    ball_upper_end(x, x, PREC);
    arb_log(x, x, PREC);
    arb_addmul(level, x, region->power, PREC);
    arb_clear(x);
    arb_clear(y);
}

/* level - l/(2 nu), the upper end; not finite where it is not. */
static void
with_loss(arb_t level, const region_t region, const arb_t loss)
{
    arb_t x;

    arb_init(x);
    ball_lower_end(x, loss, PREC);
    arb_mul(x, x, region->kernel->half_inverse, PREC);
    arb_sub(level, level, x, PREC);
    if (!arb_is_finite(loss))
        arb_indeterminate(level);
    ball_upper_end(level, level, PREC);
    arb_clear(x);
}

/* An upper bound of log |F|, F the integrand, on the real interval, with the loss's values there or its lower bound. */
static void
real_level(arb_t res, const region_t region, const arf_t a, const arf_t b)
{
    arb_t left, right, x, loss, least;

    arb_init(left);
    arb_init(right);
    arb_init(x);
    arb_init(loss);
    arb_init(least);
    arb_set_arf(left, a);
    arb_set_arf(right, b);
    kernel_level(res, region, left, right, 0);
    add_power(res, region, left, right, 0);

    arb_set_interval_arf(x, a, b, 4 * PREC);
    caustic_tape_evaluate_arb(loss, region->profile->whole, x, PREC);
    arb_mul(least, region->profile->tilt, x, PREC);
    arb_add_arf(least, least, region->profile->lower, PREC);
    ball_lower_end(least, least, PREC);
    if (arb_is_finite(loss))
    {
        ball_lower_end(loss, loss, PREC);
        arb_max(least, least, loss, PREC);
    }
    with_loss(res, region, least);
    arb_clear(left);
    arb_clear(right);
    arb_clear(x);
    arb_clear(loss);
    arb_clear(least);
}

/* [HEAT-51] An upper bound of log |F| on the ellipse with foci a, b and sum of half axes rho h, h = (b - a)/2: on a rectangle around
   it, in parts, on each of which the loss of the piece is holomorphic. Returns 0 where that is not certain. */
static int
ellipse_level(arb_t res, const region_t region, slong piece, const arf_t a, const arf_t b, const fmpq_t rho)
{
    slong columns = 6, rows = 2;
    arb_t middle, half, across, up, left, right, level, x;
    acb_t y, loss;
    double height;
    int holomorphic = 1;

    arb_init(middle);
    arb_init(half);
    arb_init(across);
    arb_init(up);
    arb_init(left);
    arb_init(right);
    arb_init(level);
    arb_init(x);
    acb_init(y);
    acb_init(loss);
    arb_set_arf(middle, a);
    arb_add_arf(middle, middle, b, ARF_PREC_EXACT);
    arb_mul_2exp_si(middle, middle, -1);
    arb_set_arf(half, b);
    arb_sub_arf(half, half, a, PREC);
    arb_mul_2exp_si(half, half, -1);
    /* half axes h (rho +- 1/rho)/2 */
    arb_set_fmpq(x, rho, PREC);
    arb_inv(up, x, PREC);
    arb_add(across, x, up, PREC);
    arb_sub(up, x, up, PREC);
    arb_mul(across, across, half, PREC);
    arb_mul_2exp_si(across, across, -1);
    arb_mul(up, up, half, PREC);
    arb_mul_2exp_si(up, up, -1);
    ball_upper_end(up, up, PREC);

    arb_neg_inf(res);
    for (slong i = 0; i < rows && holomorphic; i++)
        for (slong j = 0; j < columns && holomorphic; j++)
        {
            arb_mul_si(left, across, 2 * j - columns, PREC);
            arb_div_si(left, left, columns, PREC);
            arb_add(left, left, middle, 8 * PREC);
            ball_lower_end(left, left, 8 * PREC);
            arb_mul_si(right, across, 2 * j + 2 - columns, PREC);
            arb_div_si(right, right, columns, PREC);
            arb_add(right, right, middle, 8 * PREC);
            ball_upper_end(right, right, 8 * PREC);
            arb_union(acb_realref(y), left, right, 8 * PREC);
            arb_mul_si(acb_imagref(y), up, i, PREC);
            arb_mul_si(x, up, i + 1, PREC);
            arb_union(acb_imagref(y), acb_imagref(y), x, PREC);
            arb_div_si(acb_imagref(y), acb_imagref(y), rows, PREC);
            arb_div_si(x, x, rows, PREC);
            ball_upper_end(x, x, PREC);
            height = arf_get_d(arb_midref(x), ARF_RND_CEIL);

            caustic_tape_evaluate_acb(loss, region->profile->loss[piece], y, SEARCH_PREC);
            holomorphic = acb_is_finite(loss) && (region->integral_power || arb_is_positive(left));
            kernel_level(level, region, left, right, height);
            add_power(level, region, left, right, height);
            with_loss(level, region, acb_realref(loss));
            arb_max(res, res, level, PREC);
            holomorphic = holomorphic && arb_is_finite(level);
        }
    arb_clear(middle);
    arb_clear(half);
    arb_clear(across);
    arb_clear(up);
    arb_clear(left);
    arb_clear(right);
    arb_clear(level);
    arb_clear(x);
    acb_clear(y);
    acb_clear(loss);
    return holomorphic;
}

/* Panels *************************************************************************************/

/* error += length exp(level) */
static void
add_bound(arb_t sum, const arb_t length, const arb_t level)
{
    arb_t x;

    arb_init(x);
    arb_exp(x, level, PREC);
    arb_mul(x, x, length, PREC);
    ball_upper_end(x, x, PREC);
    arb_add(sum, sum, x, PREC);
    ball_upper_end(sum, sum, PREC);
    arb_clear(x);
}

static double
guess(const arb_t x)
{
    return arf_get_d(arb_midref(x), ARF_RND_UP);
}

/* What the panel [a, b] may add to the error, as a logarithm. */
static double
allowance(const region_t region, double length)
{
    return -region->nats - 1 + log(fmax(length / region->scale, 1e-300));
}

/* [HEAT-51] (64/15) h M rho^(-2 n)/(1 - rho^(-2)) */
static void
add_quadrature_error(caustic_panels_t panels, const arb_t length, const arb_t level, const fmpq_t rho, slong order)
{
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_set_fmpq(x, rho, PREC);
    arb_inv(x, x, PREC);
    arb_sqr(x, x, PREC);
    arb_pow_ui(y, x, (ulong) order, PREC);
    arb_sub_ui(x, x, 1, PREC);
    arb_neg(x, x);
    arb_div(y, y, x, PREC);
    arb_mul(y, y, length, PREC);
    arb_mul_ui(y, y, 32, PREC);
    arb_div_ui(y, y, 15, PREC);
    add_bound(panels->error, y, level);
    arb_clear(x);
    arb_clear(y);
}

/* The ellipse for which fewest nodes are needed, at most `limit`: their number, 0 where there is none. */
static slong
best_order(arb_t level, fmpq_t rho, const region_t region, slong piece, const arf_t a, const arf_t b, double length, slong limit)
{
    static const slong candidate[RHOS][2] = {{13, 10}, {8, 5}, {2, 1}, {5, 2}, {13, 4}, {9, 2}, {13, 2}};
    slong best = 0;
    arb_t x;
    fmpq_t q;

    arb_init(x);
    fmpq_init(q);
    for (slong i = 0; i < RHOS; i++)
    {
        double r = (double) candidate[i][0] / (double) candidate[i][1], order;

        fmpq_set_si(q, candidate[i][0], candidate[i][1]);
        if (!ellipse_level(x, region, piece, a, b, q))
            break;
        order = ceil((guess(x) + log(32.0 / 15 * length / (1 - 1 / (r * r))) - allowance(region, length)) / (2 * log(r)));
        order = fmax(order, 2);
        if (order <= limit && (best == 0 || order < best))
        {
            best = (slong) order;
            arb_set(level, x);
            fmpq_set(rho, q);
        }
    }
    arb_clear(x);
    fmpq_clear(q);
    return best;
}

/* Panels on the part [a, b] of a piece, cut in halves as long as they need too many nodes; parts where the integrand is
   negligible are left to the error. */
static int
cut(region_t region, slong piece, const arf_t a, const arf_t b, slong depth)
{
    caustic_panels_struct * panels = region->panels;
    slong limit = FLINT_MIN(24 + (slong) (0.45 * region->nats), LARGEST_ORDER), order;
    arb_t level, around, length;
    fmpq_t rho;
    arf_t middle;
    double size;
    int done = 1;

    arb_init(level);
    arb_init(around);
    arb_init(length);
    fmpq_init(rho);
    arf_init(middle);
    arb_set_arf(length, b);
    arb_sub_arf(length, length, a, PREC);
    size = guess(length);
    real_level(level, region, a, b);
    if (!arb_is_positive(length))
        ;
    else if (arb_is_finite(level) && guess(level) + log(size) < allowance(region, size))
    {
        add_bound(panels->error, length, level);
        add_bound(panels->mass, length, level);
    }
    else
    {
        order = arb_is_finite(level) ? best_order(around, rho, region, piece, a, b, size, limit) : 0;
        if (order > 0)
        {
            add_bound(panels->mass, length, level);
            add_quadrature_error(panels, length, around, rho, order);
            add_panel(panels, a, b, piece, order);
        }
        else if (depth > DEPTH_LIMIT || panels->length > PANELS_LIMIT)
            done = 0;
        else
        {
            arf_add(middle, a, b, ARF_PREC_EXACT, ARF_RND_DOWN);
            arf_mul_2exp_si(middle, middle, -1);
            done = cut(region, piece, a, middle, depth + 1) && cut(region, piece, middle, b, depth + 1);
        }
    }
    arb_clear(level);
    arb_clear(around);
    arb_clear(length);
    fmpq_clear(rho);
    arf_clear(middle);
    return done;
}

/* [HEAT-53] A bound of the integral of |F| beyond the offset x from the end of the box, on side 1 or -1. */
static void
tail(arb_t res, const region_t region, const arf_t end, int side)
{
    arb_t gap, x, growth, level;

    arb_init(gap);
    arb_init(x);
    arb_init(growth);
    arb_init(level);
    /* X = distance of the end from the box, its discs and delta r_s */
    arb_set_arf(gap, end);
    arb_sub_arf(gap, gap, region->centre, 8 * PREC);
    if (side > 0)
        arb_sub(gap, gap, region->high, PREC);
    else
        arb_sub(gap, region->low, gap, PREC);
    arb_mul(x, region->kernel->delta, region->kernel->radius, PREC);
    arb_sub(gap, gap, x, PREC);

    /* log F at the end */
    arb_sqr(level, region->kernel->radius, PREC);
    arb_mul(level, level, region->kernel->spread, PREC);
    arb_mul(level, level, region->kernel->kappa_upper, PREC);
    arb_sqr(x, gap, PREC);
    arb_submul(level, x, region->kernel->kappa_lower, PREC);
    arb_add(level, level, region->log_factor, PREC);
    arb_set_arf(x, end);
    add_power(level, region, x, x, 0);
    arb_mul(x, x, region->profile->tilt, PREC);
    arb_add_arf(x, x, region->profile->lower, PREC);
    arb_submul(level, x, region->kernel->half_inverse, PREC);

    /* its rate of decay, at least 2 kappa_- X - (n - 1)/end - |tilt|/(2 nu) */
    arb_mul(growth, region->kernel->kappa_lower, gap, PREC);
    arb_mul_2exp_si(growth, growth, 1);
    arb_abs(x, region->profile->tilt);
    arb_submul(growth, x, region->kernel->half_inverse, PREC);
    if (!arb_is_zero(region->power))
    {
        arb_div_arf(x, region->power, end, PREC);
        arb_sub(growth, growth, x, PREC);
    }
    arb_exp(res, level, PREC);
    arb_div(res, res, growth, PREC);
    if (!arb_is_positive(gap) || !arb_is_positive(growth))
        arb_indeterminate(res);
    ball_upper_end(res, res, PREC);
    arb_clear(gap);
    arb_clear(x);
    arb_clear(growth);
    arb_clear(level);
}

/* How far to go on a side: the first end whose tail is small enough. Returns 0 where none was found. */
static int
far_end(arf_t end, arb_t bound, const region_t region, int side)
{
    double k = region->kernel->k_lower, eta = region->kernel->d_radius, delta = region->kernel->d_delta;
    double lower = -arf_get_d(region->profile->lower, ARF_RND_NEAR) * region->kernel->d_half_inverse;
    double reach = 2 * delta * eta + sqrt(eta * eta * (1 + delta * delta) * region->kernel->k_upper / k
        + (region->nats + fmax(lower, 0) + 4) / k);
    int found = 0;

    for (slong attempt = 0; attempt < 24 && !found; attempt++, reach *= 1.25)
    {
        arb_t x;

        arb_init(x);
        arb_set_d(x, side * reach);
        arb_add(x, x, side > 0 ? region->high : region->low, PREC);
        arf_set_round(end, arb_midref(x), 24, side > 0 ? ARF_RND_CEIL : ARF_RND_FLOOR);
        arf_add(end, end, region->centre, ARF_PREC_EXACT, ARF_RND_DOWN);
        arb_clear(x);
        tail(bound, region, end, side);
        found = arb_is_finite(bound) && ball_log_guess(bound) < -region->nats - 1;
    }
    return found && arf_is_finite(end);
}

/* All panels between the two ends, and the gaps around kinks, which are left to the error. */
static int
cut_pieces(region_t region, const arf_t from, const arf_t to)
{
    caustic_profile_struct * profile = region->profile;
    caustic_panels_struct * panels = region->panels;
    arf_t start, end;
    arb_t level, length;
    int done = 1;

    arf_init(start);
    arf_init(end);
    arb_init(level);
    arb_init(length);
    for (slong i = 0; i <= 2 * profile->pieces && done; i++)
    {
        arf_max(start, i == 0 ? profile->from : profile->end + i - 1, from);
        arf_min(end, i == 2 * profile->pieces ? profile->to : profile->end + i, to);
        if (arf_cmp(start, end) >= 0)
            continue;
        if (i % 2 == 1)
        {
            done = cut(region, i / 2, start, end, 0);
            continue;
        }
        real_level(level, region, start, end);
        arb_set_arf(length, end);
        arb_sub_arf(length, length, start, PREC);
        add_bound(panels->error, length, level);
        add_bound(panels->mass, length, level);
    }
    arf_clear(start);
    arf_clear(end);
    arb_clear(level);
    arb_clear(length);
    return done && arb_is_finite(panels->error) && arb_is_finite(panels->mass);
}

caustic_result
caustic_panels_find(caustic_panels_t panels, caustic_profile_t profile, const arb_t s, const arb_t t, const arf_t radius_s,
    const arf_t radius_t, double nats)
{
    region_t region;
    arf_t from, to;
    arb_t bound;
    caustic_result result = CAUSTIC_UNSUPPORTED;

    region_init(region);
    arf_init(from);
    arf_init(to);
    arb_init(bound);
    drop_panels(panels);
    arb_set(panels->s, s);
    arb_set(panels->t, t);
    arf_set(panels->radius_s, radius_s);
    arf_set(panels->radius_t, radius_t);
    arb_zero(panels->error);
    arb_zero(panels->mass);
    if (nats > 0 && nats < 1e6 && region_set(region, panels, profile, nats) && (!region->half_line || !arb_is_negative(s)))
    {
        result = CAUSTIC_NO_RESOURCES;
        if (far_end(to, bound, region, 1))
        {
            arb_add(panels->error, panels->error, bound, PREC);
            if (region->half_line)
                arf_zero(from);
            if (region->half_line || far_end(from, bound, region, -1))
            {
                if (!region->half_line)
                    arb_add(panels->error, panels->error, bound, PREC);
                arb_set(panels->mass, panels->error);
                arf_sub(arb_midref(bound), to, from, PREC, ARF_RND_UP);
                region->scale = arf_get_d(arb_midref(bound), ARF_RND_UP);
                if (caustic_profile_cover(profile, from, to) == CAUSTIC_OK && cut_pieces(region, from, to))
                    result = CAUSTIC_OK;
            }
        }
    }
    if (result != CAUSTIC_OK)
    {
        arb_indeterminate(panels->error);
        arb_indeterminate(panels->mass);
    }
    region_clear(region);
    arf_clear(from);
    arf_clear(to);
    arb_clear(bound);
    return result;
}

/* Values *************************************************************************************/

/* What the sum over the nodes needs. */
typedef struct
{
    arb_t kappa, half_inverse, s, t;
    arb_t half;     /* n/2 */
    int half_line;
    slong prec;
}
place_struct;

/* [HEAT-50] G_j(w) = sum_k w^k/(k! Gamma(n/2 + j + k)), j = 0, ..., 3: two of them and
   G_(j-1) = (n/2 + j - 1) G_j + w G_(j+1). */
static void
bessel_functions(arb_ptr g, const arb_t half, const arb_t w, slong prec)
{
    arb_t a;

    arb_init(a);
    for (slong j = 3; j >= 2; j--)
    {
        arb_add_si(a, half, j, prec);
        arb_hypgeom_0f1(g + j, a, w, 1, prec);
    }
    for (slong j = 2; j >= 1; j--)
    {
        arb_add_si(a, half, j - 1, prec);
        arb_mul(g + j - 1, a, g + j, prec);
        arb_addmul(g + j - 1, w, g + j + 1, prec);
    }
    arb_clear(a);
}

/* The Taylor coefficients of exp(-kappa w^2) at w. */
static void
gaussian_series(arb_ptr c, const arb_t w, const arb_t kappa, slong prec)
{
    for (slong k = 0; k < 3; k++)
    {
        /* (k + 1) c_(k+1) = -2 kappa (w c_k + c_(k-1)) */
        arb_mul(c + k + 1, w, c + k, prec);
        if (k > 0)
            arb_add(c + k + 1, c + k + 1, c + k - 1, prec);
        arb_mul(c + k + 1, c + k + 1, kappa, prec);
        arb_mul_si(c + k + 1, c + k + 1, -2, prec);
        arb_div_si(c + k + 1, c + k + 1, k + 1, prec);
    }
}

/* The Taylor coefficients in s of the kernel at y, and of its derivative by kappa, but for the factor that depends on kappa alone; the
   latter with the derivative of that factor. */
static void
line_kernel(arb_ptr value, arb_ptr slope, const place_struct * place, const arb_t y)
{
    slong prec = place->prec;
    arb_t w, x;

    arb_init(w);
    arb_init(x);
    arb_sub(w, place->s, y, prec);
    arb_sqr(x, w, prec);
    arb_mul(x, x, place->kappa, prec);
    arb_neg(x, x);
    arb_exp(value, x, prec);
    gaussian_series(value, w, place->kappa, prec);

    /* 1/(2 kappa) - (w + h)^2 */
    arb_inv(x, place->kappa, prec);
    arb_mul_2exp_si(x, x, -1);
    arb_submul(x, w, w, prec);
    arb_mul(slope, x, value, prec);
    arb_mul(slope + 1, x, value + 1, prec);
    arb_mul(x, w, value, prec);
    arb_mul_2exp_si(x, x, 1);
    arb_sub(slope + 1, slope + 1, x, prec);
    arb_clear(w);
    arb_clear(x);
}

/* exp(-kappa (s^2 + y^2)) G_0(kappa^2 s^2 y^2), y^(n-1) apart. With W(h) = kappa^2 y^2 (s + h)^2 = W_0 + W_1 h + W_2 h^2,
   G_0(W(h)) = G_0 + G_1 W_1 h + (G_1 W_2 + G_2 W_1^2/2) h^2 + (G_2 W_1 W_2 + G_3 W_1^3/6) h^3 + ... */
static void
half_line_kernel(arb_ptr value, arb_ptr slope, const place_struct * place, const arb_t y)
{
    slong prec = place->prec;
    arb_ptr e = _arb_vec_init(4), g = _arb_vec_init(4), b = _arb_vec_init(4), w = _arb_vec_init(3);
    arb_t x, z;

    arb_init(x);
    arb_init(z);
    arb_sqr(z, y, prec);
    arb_sqr(x, place->s, prec);
    arb_add(x, x, z, prec);
    arb_mul(x, x, place->kappa, prec);
    arb_neg(x, x);
    arb_exp(e, x, prec);
    gaussian_series(e, place->s, place->kappa, prec);

    arb_mul(w + 2, place->kappa, y, prec);
    arb_sqr(w + 2, w + 2, prec);
    arb_mul(w + 1, w + 2, place->s, prec);
    arb_mul(w, w + 1, place->s, prec);
    arb_mul_2exp_si(w + 1, w + 1, 1);
    bessel_functions(g, place->half, w, prec);
    arb_set(b, g);
    arb_mul(b + 1, g + 1, w + 1, prec);
    arb_mul(b + 2, g + 2, w + 1, prec);
    arb_mul(x, b + 2, w + 1, prec);
    arb_mul_2exp_si(x, x, -1);
    arb_mul(b + 3, b + 2, w + 2, prec);
    arb_mul(b + 2, g + 1, w + 2, prec);
    arb_add(b + 2, b + 2, x, prec);
    arb_pow_ui(x, w + 1, 3, prec);
    arb_mul(x, x, g + 3, prec);
    arb_div_ui(x, x, 6, prec);
    arb_add(b + 3, b + 3, x, prec);
    for (slong k = 0; k < 4; k++)
    {
        arb_zero(value + k);
        for (slong j = 0; j <= k; j++)
            arb_addmul(value + k, e + j, b + k - j, prec);
    }

    /* by kappa: (n/(2 kappa) - s^2 - y^2 - 2 s h) value + 2 kappa y^2 (s^2 + 2 s h) (e_0 + e_1 h)(G_1 + G_2 W_1 h) */
    arb_div(x, place->half, place->kappa, prec);
    arb_submul(x, place->s, place->s, prec);
    arb_sub(x, x, z, prec);
    arb_mul(slope, x, value, prec);
    arb_mul(slope + 1, x, value + 1, prec);
    arb_mul(x, place->s, value, prec);
    arb_mul_2exp_si(x, x, 1);
    arb_sub(slope + 1, slope + 1, x, prec);
    arb_mul(z, z, place->kappa, prec);
    arb_mul_2exp_si(z, z, 1);
    arb_mul(z, z, place->s, prec);      /* 2 kappa y^2 s */
    arb_mul(x, e, g + 1, prec);         /* e_0 G_1 */
    arb_mul(b, z, place->s, prec);
    arb_addmul(slope, b, x, prec);
    arb_mul(x, x, z, prec);
    arb_mul_2exp_si(x, x, 1);
    arb_add(slope + 1, slope + 1, x, prec);
    arb_mul(x, g + 2, w + 1, prec);
    arb_mul(x, x, e, prec);
    arb_addmul(x, e + 1, g + 1, prec);
    arb_addmul(slope + 1, b, x, prec);

    arb_clear(x);
    arb_clear(z);
    _arb_vec_clear(e, 4);
    _arb_vec_clear(g, 4);
    _arb_vec_clear(b, 4);
    _arb_vec_clear(w, 3);
}

/* Adds the terms of one panel. */
static void
add_panel_terms(arb_ptr value, arb_ptr slope, const caustic_panel * panel, const caustic_profile_t profile, const place_struct * place)
{
    slong prec = place->prec;
    caustic_evaluator * evaluator = caustic_evaluator_new(profile->loss[panel->piece]);
    arb_ptr term = _arb_vec_init(6);
    arb_t middle, half, y, node, weight, loss, power;

    arb_init(middle);
    arb_init(half);
    arb_init(y);
    arb_init(node);
    arb_init(weight);
    arb_init(loss);
    arb_init(power);
    arb_set_arf(middle, panel->a);
    arb_add_arf(middle, middle, panel->b, ARF_PREC_EXACT);
    arb_mul_2exp_si(middle, middle, -1);
    arb_set_arf(half, panel->b);
    arb_sub_arf(half, half, panel->a, prec);
    arb_mul_2exp_si(half, half, -1);
    arb_sub_ui(power, place->half, 1, prec);
    arb_add(power, power, place->half, prec);
    for (slong k = 0; k < panel->order; k++)
    {
        arb_hypgeom_legendre_p_ui_root(node, weight, (ulong) panel->order, (ulong) k, prec);
        arb_mul(y, node, half, prec);
        arb_add(y, y, middle, 4 * prec);
        if (place->half_line)
            half_line_kernel(term, term + 4, place, y);
        else
            line_kernel(term, term + 4, place, y);
        caustic_evaluate_arb(loss, evaluator, y, prec);
        arb_mul(loss, loss, place->half_inverse, prec);
        arb_neg(loss, loss);
        arb_exp(loss, loss, prec);
        arb_mul(weight, weight, half, prec);
        arb_mul(weight, weight, loss, prec);
        if (place->half_line)
        {
            arb_pow(loss, y, power, prec);
            arb_mul(weight, weight, loss, prec);
        }
        _arb_vec_scalar_addmul(value, term, 4, weight, prec);
        _arb_vec_scalar_addmul(slope, term + 4, 2, weight, prec);
    }
    caustic_evaluator_free(evaluator);
    _arb_vec_clear(term, 6);
    arb_clear(middle);
    arb_clear(half);
    arb_clear(y);
    arb_clear(node);
    arb_clear(weight);
    arb_clear(loss);
    arb_clear(power);
}

/* x +- bound */
static void
widen(arb_t x, const arb_t bound)
{
    mag_t radius;

    mag_init(radius);
    arb_get_mag(radius, bound);
    arb_add_error_mag(x, radius);
    mag_clear(radius);
}

void
caustic_panels_expand(arb_ptr value, arb_ptr slope, const caustic_panels_t panels, const caustic_profile_t profile,
    const arb_t s, const arb_t t, slong prec)
{
    place_struct place;
    arb_t x, bound;

    arb_init(place.kappa);
    arb_init(place.half_inverse);
    arb_init(place.s);
    arb_init(place.t);
    arb_init(place.half);
    arb_init(x);
    arb_init(bound);
    place.prec = prec;
    place.half_line = !fmpq_is_zero(profile->dimension);
    arb_set(place.s, s);
    arb_set(place.t, t);
    arb_set_fmpq(place.half, profile->dimension, prec);
    arb_mul_2exp_si(place.half, place.half, -1);
    /* 1/(2 nu), 1/(4 nu t) */
    arb_set_fmpq(place.half_inverse, profile->viscosity, prec);
    arb_mul_2exp_si(place.half_inverse, place.half_inverse, 1);
    arb_inv(place.half_inverse, place.half_inverse, prec);
    arb_div(place.kappa, place.half_inverse, t, prec);
    arb_mul_2exp_si(place.kappa, place.kappa, -1);

    _arb_vec_zero(value, 4);
    _arb_vec_zero(slope, 2);
    for (slong i = 0; i < panels->length; i++)
        add_panel_terms(value, slope, panels->panel + i, profile, &place);
    log_of_factor(x, place.kappa, profile->dimension, prec);
    if (place.half_line)
    {
        /* the functions G have their 1/Gamma already */
        arb_lgamma(bound, place.half, prec);
        arb_add(x, x, bound, prec);
    }
    arb_exp(x, x, prec);
    _arb_vec_scalar_mul(value, value, 4, x, prec);
    /* d kappa/dt = -kappa/t */
    arb_mul(x, x, place.kappa, prec);
    arb_div(x, x, t, prec);
    arb_neg(x, x);
    _arb_vec_scalar_mul(slope, slope, 2, x, prec);

    /* [HEAT-52] by Cauchy */
    arb_set(bound, panels->error);
    arb_div_arf(x, bound, panels->radius_t, PREC);
    widen(slope, x);
    arb_div_arf(x, x, panels->radius_s, PREC);
    widen(slope + 1, x);
    for (slong k = 0; k < 4; k++)
    {
        widen(value + k, bound);
        arb_div_arf(bound, bound, panels->radius_s, PREC);
    }
    arb_clear(place.kappa);
    arb_clear(place.half_inverse);
    arb_clear(place.s);
    arb_clear(place.t);
    arb_clear(place.half);
    arb_clear(x);
    arb_clear(bound);
}

/* A lower bound ******************************************************************************/

/* The largest loss on [a, b], in parts. */
static void
largest_loss(arb_t res, const caustic_profile_t profile, const arb_t a, const arb_t b)
{
    arb_t part, width, x;

    arb_init(part);
    arb_init(width);
    arb_init(x);
    arb_neg_inf(res);
    arb_sub(width, b, a, PREC);
    arb_mul_2exp_si(width, width, -3);
    for (slong i = 0; i < 8; i++)
    {
        arb_mul_si(part, width, i, 4 * PREC);
        arb_add(part, part, a, 4 * PREC);
        arb_add(x, part, width, 4 * PREC);
        arb_union(part, part, x, 2 * PREC);
        caustic_tape_evaluate_arb(x, profile->whole, part, PREC);
        if (!arb_is_finite(x))
            arb_indeterminate(res);
        ball_upper_end(x, x, PREC);
        arb_max(res, res, x, PREC);
    }
    arb_clear(part);
    arb_clear(width);
    arb_clear(x);
}

/* exp(-x) G_0(x^2/4), a decreasing function of x >= 0. */
static void
scaled_bessel(arb_t res, const arb_t half, const arb_t x)
{
    arb_t w;

    arb_init(w);
    arb_sqr(w, x, 2 * PREC);
    arb_mul_2exp_si(w, w, -2);
    arb_hypgeom_0f1(res, half, w, 1, 2 * PREC);
    arb_neg(w, x);
    arb_exp(w, w, 2 * PREC);
    arb_mul(res, res, w, PREC);
    arb_clear(w);
}

/* The integral of the kernel over [a, b] is at least this, up to the Gaussian exp(-kappa_+ D^2): (kappa_-/pi)^(1/2) (b - a), or
   2 kappa_-^(n/2) (b^n - a^n)/n exp(-x) G_0(x^2/4), x = 2 kappa_+ s_1 b [HEAT-54]. */
static void
weight_of_interval(arb_t res, const caustic_profile_t profile, const arb_t kappa_lower, const arb_t kappa_upper, const arb_t high,
    const arb_t a, const arb_t b)
{
    arb_t n, x, half;

    arb_init(n);
    arb_init(x);
    arb_init(half);
    log_of_factor(x, kappa_lower, profile->dimension, PREC);
    arb_exp(res, x, PREC);
    if (fmpq_is_zero(profile->dimension))
    {
        arb_sub(x, b, a, PREC);
        arb_mul(res, res, x, PREC);
    }
    else
    {
        arb_set_fmpq(n, profile->dimension, PREC);
        arb_mul_2exp_si(half, n, -1);
        /* the factor has the 1/Gamma that is also in G_0 */
        arb_gamma(x, half, PREC);
        arb_mul(res, res, x, PREC);
        arb_pow(x, b, n, PREC);
        arb_div(x, x, n, PREC);
        arb_mul(half, res, x, PREC);
        arb_pow(x, a, n, PREC);
        arb_div(x, x, n, PREC);
        arb_mul(x, res, x, PREC);
        arb_sub(res, half, x, PREC);
        arb_mul(x, kappa_upper, high, PREC);
        arb_mul(x, x, b, PREC);
        arb_mul_2exp_si(x, x, 1);
        arb_mul_2exp_si(half, n, -1);
        scaled_bessel(n, half, x);
        arb_mul(res, res, n, PREC);
    }
    arb_clear(n);
    arb_clear(x);
    arb_clear(half);
}

/* [HEAT-54] Raises best to the lower bound from y in [a, b] alone. */
static void
raise_by_interval(arb_t best, const caustic_profile_t profile, const arb_t s, const arb_t t, const arb_t a, const arb_t b)
{
    arb_t low, high, kappa_lower, kappa_upper, far, level, x;

    arb_init(low);
    arb_init(high);
    arb_init(kappa_lower);
    arb_init(kappa_upper);
    arb_init(far);
    arb_init(level);
    arb_init(x);
    ball_lower_end(low, s, 4 * PREC);
    ball_upper_end(high, s, 4 * PREC);
    arb_set_fmpq(x, profile->viscosity, PREC);
    arb_mul_2exp_si(x, x, 2);
    ball_upper_end(kappa_lower, t, PREC);
    arb_mul(kappa_lower, kappa_lower, x, PREC);
    arb_inv(kappa_lower, kappa_lower, PREC);
    ball_lower_end(kappa_upper, t, PREC);
    arb_mul(kappa_upper, kappa_upper, x, PREC);
    arb_inv(kappa_upper, kappa_upper, PREC);
    arb_sub(far, high, a, PREC);
    arb_sub(x, b, low, PREC);
    arb_max(far, far, x, PREC);

    /* exp(-kappa_+ D^2 - l/(2 nu)) */
    largest_loss(level, profile, a, b);
    arb_div_fmpz(level, level, fmpq_numref(profile->viscosity), PREC);
    arb_mul_fmpz(level, level, fmpq_denref(profile->viscosity), PREC);
    arb_mul_2exp_si(level, level, -1);
    arb_sqr(x, far, PREC);
    arb_addmul(level, x, kappa_upper, PREC);
    arb_neg(level, level);
    arb_exp(level, level, PREC);
    weight_of_interval(x, profile, kappa_lower, kappa_upper, high, a, b);
    arb_mul(x, x, level, PREC);
    ball_lower_end(x, x, PREC);
    if (arb_is_finite(x))
        arb_max(best, best, x, PREC);
    arb_clear(low);
    arb_clear(high);
    arb_clear(kappa_lower);
    arb_clear(kappa_upper);
    arb_clear(far);
    arb_clear(level);
    arb_clear(x);
}

/* The part within `half` of the place; on the half line of that what is there. */
static void
raise_around(arb_t best, const caustic_profile_t profile, const arb_t s, const arb_t t, const arb_t place, double half)
{
    arb_t a, b, x;

    arb_init(a);
    arb_init(b);
    arb_init(x);
    arb_set_d(x, half);
    arb_sub(a, place, x, 4 * PREC);
    arb_add(b, place, x, 4 * PREC);
    ball_lower_end(a, a, 4 * PREC);
    ball_upper_end(b, b, 4 * PREC);
    if (!fmpq_is_zero(profile->dimension))
    {
        arb_zero(x);
        arb_max(a, a, x, 4 * PREC);
    }
    if (arb_lt(a, b))
        raise_by_interval(best, profile, s, t, a, b);
    arb_clear(a);
    arb_clear(b);
    arb_clear(x);
}

/* A place y where (s - y)^2/(2 width^2) + l(y)/(2 nu) is about least: a guide only. */
static void
heaviest_place(arb_t place, const caustic_profile_t profile, const arb_t s, double width)
{
    double nu = fmpq_get_d(profile->viscosity), best = 0, least = HUGE_VAL, step = width;
    arb_t y, loss;

    arb_init(y);
    arb_init(loss);
    for (slong round = 0; round < 4; round++, step /= 6)
    {
        double centre = best;

        for (slong i = -8; i <= 8; i++)
        {
            double x = centre + (double) i * step / 2, value;

            arb_set_d(y, x);
            arb_add_arf(y, y, arb_midref(s), 4 * PREC);
            caustic_tape_evaluate_arb(loss, profile->whole, y, SEARCH_PREC);
            value = guess(loss) / (2 * nu) + 0.5 * x * x / (width * width);
            if (arb_is_finite(loss) && value < least && (fmpq_is_zero(profile->dimension) || arb_is_nonnegative(y)))
            {
                least = value;
                best = x;
            }
        }
    }
    arb_set_d(place, best);
    arb_add_arf(place, place, arb_midref(s), 4 * PREC);
    arb_clear(y);
    arb_clear(loss);
}

void
caustic_profile_lower(arb_t res, const caustic_profile_t profile, const arb_t s, const arb_t t)
{
    double width = sqrt(2 * fmpq_get_d(profile->viscosity) * guess(t));
    arb_t place;

    arb_init(place);
    arb_zero(res);
    heaviest_place(place, profile, s, width);
    for (slong exponent = -5; exponent <= 1 && isfinite(width); exponent++)
    {
        raise_around(res, profile, s, t, s, ldexp(width, (int) exponent));
        raise_around(res, profile, s, t, place, ldexp(width, (int) exponent));
    }
    arb_clear(place);
}
