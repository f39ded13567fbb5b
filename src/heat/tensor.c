/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    tensor: the trapezoid sum in N dimensions for a function of one linear combination.
*/

#include <math.h>
#include <flint/arb_hypgeom.h>
#include <flint/arb_poly.h>
#include "heat_internal.h"

#define PROOF_PREC 64
#define GRID_LIMIT 100000

/* The grid: axis i has step h/|weight_i|, reach n_i, and the strip |Im| <= height/|weight_i|. */
typedef struct
{
    const caustic_line_struct * line;
    arb_srcptr weight;
    slong axes;
    arb_srcptr t;
    arf_t centre;
    arf_t step;
    double height;
    double width;  /* covers every sum of weight_i R_i */
    slong * reach;
    arb_t kappa;
    arb_t error;
}
grid_struct;

typedef grid_struct grid_t[1];

static void
grid_init(grid_t grid, const caustic_line_t line, arb_srcptr weight, slong axes, const arb_t t)
{
    grid->line = line;
    grid->weight = weight;
    grid->axes = axes;
    grid->t = t;
    arf_init(grid->centre);
    arf_init(grid->step);
    grid->reach = flint_calloc(axes, sizeof(slong));
    arb_init(grid->kappa);
    arb_init(grid->error);
}

static void
grid_clear(grid_t grid)
{
    arf_clear(grid->centre);
    arf_clear(grid->step);
    flint_free(grid->reach);
    arb_clear(grid->kappa);
    arb_clear(grid->error);
}

/* h/|weight_i| */
static void
axis_step(arb_t res, const grid_t grid, slong i, slong prec)
{
    arb_abs(res, grid->weight + i);
    arb_inv(res, res, prec);
    arb_mul_arf(res, res, grid->step, prec);
}

/* [HEAT-7] error = sup|f| on the rectangle times the sum over the axes of the one-dimensional strip
   bounds, the other axes weighing at most 1 + h_k sqrt(kappa/pi) each, plus the tails of all axes. */
static void
grid_bound(grid_t grid, const mag_t sup)
{
    arb_t h, root, q, x, y, others, strip, tails, pi;
    slong i, k;

    arb_init(h);
    arb_init(root);
    arb_init(q);
    arb_init(x);
    arb_init(y);
    arb_init(others);
    arb_init(strip);
    arb_init(tails);
    arb_init(pi);
    arb_const_pi(pi, PROOF_PREC);
    arb_div(root, grid->kappa, pi, PROOF_PREC);
    arb_sqrt(root, root, PROOF_PREC);
    /* 2 q/(1 - q), q = exp(-2 pi height/step), the same on each axis */
    arb_set_d(q, -2 * grid->height);
    arb_mul(q, q, pi, PROOF_PREC);
    arb_div_arf(q, q, grid->step, PROOF_PREC);
    arb_exp(q, q, PROOF_PREC);
    arb_sub_ui(x, q, 1, PROOF_PREC);
    arb_div(q, q, x, PROOF_PREC);
    arb_mul_si(q, q, -2, PROOF_PREC);
    for (i = 0; i < grid->axes; i++)
    {
        axis_step(h, grid, i, PROOF_PREC);
        /* exp(kappa a_i^2) */
        arb_abs(x, grid->weight + i);
        arb_inv(x, x, PROOF_PREC);
        arb_set_d(y, grid->height);
        arb_mul(x, x, y, PROOF_PREC);
        arb_sqr(x, x, PROOF_PREC);
        arb_mul(x, x, grid->kappa, PROOF_PREC);
        arb_exp(x, x, PROOF_PREC);
        /* exp(-kappa R_i^2), R_i = (n_i + 1/2) h_i, times (2 ln 2/pi) h_i sqrt(kappa/pi) */
        arb_mul_si(y, h, 2 * grid->reach[i] + 1, PROOF_PREC);
        arb_mul_2exp_si(y, y, -1);
        arb_sqrt(others, grid->kappa, PROOF_PREC);
        arb_mul(others, others, y, PROOF_PREC);
        arb_hypgeom_erfc(others, others, PROOF_PREC);
        arb_add(tails, tails, others, PROOF_PREC);
        arb_sqr(y, y, PROOF_PREC);
        arb_mul(y, y, grid->kappa, PROOF_PREC);
        arb_neg(y, y);
        arb_exp(y, y, PROOF_PREC);
        arb_mul(y, y, h, PROOF_PREC);
        arb_mul(y, y, root, PROOF_PREC);
        arb_const_log2(others, PROOF_PREC);
        arb_mul(y, y, others, PROOF_PREC);
        arb_div(y, y, pi, PROOF_PREC);
        arb_mul_2exp_si(y, y, 1);
        arb_add(y, y, q, PROOF_PREC);
        arb_mul(x, x, y, PROOF_PREC);
        for (k = 0; k < grid->axes; k++)
        {
            if (k != i)
            {
                axis_step(h, grid, k, PROOF_PREC);
                arb_mul(others, h, root, PROOF_PREC);
                arb_add_ui(others, others, 1, PROOF_PREC);
                arb_mul(x, x, others, PROOF_PREC);
            }
        }
        arb_add(strip, strip, x, PROOF_PREC);
    }
    arf_set_mag(arb_midref(x), sup);
    mag_zero(arb_radref(x));
    arb_mul(strip, strip, x, PROOF_PREC);
    /* tails: f <= exp(-lower/(2 nu)) */
    arb_set_fmpq(x, grid->line->viscosity, PROOF_PREC);
    arb_mul_si(x, x, -2, PROOF_PREC);
    arb_set_arf(y, grid->line->lower);
    arb_div(y, y, x, PROOF_PREC);
    arb_exp(y, y, PROOF_PREC);
    arb_mul(tails, tails, y, PROOF_PREC);
    arb_add(grid->error, strip, tails, PROOF_PREC);
    arb_clear(h);
    arb_clear(root);
    arb_clear(q);
    arb_clear(x);
    arb_clear(y);
    arb_clear(others);
    arb_clear(strip);
    arb_clear(tails);
    arb_clear(pi);
}

/* Whether sum |weight_i| (n_i + 1/2) h_i = h sum (n_i + 1/2), with the offset of sigma from the
   centre, is certainly within the rectangle of the given width. */
static int
grid_fits(const grid_t grid, const arb_t sigma)
{
    arb_t x, y;
    slong i, total = 0;
    int fits;

    arb_init(x);
    arb_init(y);
    for (i = 0; i < grid->axes; i++)
    {
        total += 2 * grid->reach[i] + 1;
    }
    arb_set_arf(x, grid->step);
    arb_mul_si(x, x, total, 2 * PROOF_PREC);
    arb_mul_2exp_si(x, x, -1);
    arb_sub_arf(y, sigma, grid->centre, 4 * PROOF_PREC);
    arb_abs(y, y);
    arb_add(x, x, y, 2 * PROOF_PREC);
    arb_set_d(y, grid->width);
    fits = arb_le(x, y);
    arb_clear(x);
    arb_clear(y);
    return fits;
}

/* Chooses height, step and reaches for an error of about exp(-nats), and proves the error. */
static int
grid_find(grid_t grid, const arb_t sigma, double nats)
{
    double k = arf_get_d(arb_midref(grid->kappa), ARF_RND_NEAR), width = 0, best = 0, best_cost = HUGE_VAL;
    double height, level, cost, weight, least = HUGE_VAL, sum = 0, floor_level, step, decay = 0;
    slong i, attempt, worse = 0;
    mag_t sup;
    int found = 0;

    mag_init(sup);
    floor_level = -arf_get_d(grid->line->lower, ARF_RND_NEAR) / (2 * fmpq_get_d(grid->line->viscosity));
    for (i = 0; i < grid->axes; i++)
    {
        weight = fabs(arf_get_d(arb_midref(grid->weight + i), ARF_RND_NEAR));
        least = fmin(least, weight);
        sum += weight;
    }
    arf_set_round(grid->centre, arb_midref(sigma), 30, ARF_RND_NEAR);
    height = 1.2 * sqrt(nats / k) * least;
    for (attempt = 0; attempt < 48 && worse < 2; attempt++, height *= 0.8)
    {
        cost = height / least;
        width = sum * (sqrt(cost * cost + (2 * nats + 8) / k) + 0.1 / sqrt(k)) * 1.02;
        level = rectangle_level(grid->line, grid->centre, width, height);
        if (!(level < nats))
        {
            continue;
        }
        cost = (nats + fmax(level, floor_level) + k * cost * cost) / height;
        if (cost < best_cost)
        {
            best_cost = cost;
            best = height;
        }
        else
        {
            worse++;
        }
    }
    for (attempt = 0, height = best; attempt < 12 && height > 0 && !found; attempt++, height *= 0.8)
    {
        double eta = height / least;

        width = sum * (sqrt(eta * eta + (2 * nats + 8) / k) + 0.1 / sqrt(k)) * 1.02;
        level = rectangle_level(grid->line, grid->centre, width, height);
        if (!isfinite(level) || !rectangle_sup(sup, grid->line, grid->centre, width, height, fmax(level, floor_level) + 2))
        {
            continue;
        }
        decay = nats + 3 + log(grid->axes) + fmax(0.6931471805599453 * mag_get_d_log2_approx(sup), floor_level) + k * eta * eta;
        step = 6.283185307179586 * height / fmax(decay, 3);
        arf_set_d(grid->step, step);
        arf_set_round(grid->step, grid->step, 24, ARF_RND_DOWN);
        grid->height = height;
        grid->width = width;
        for (i = 0; i < grid->axes; i++)
        {
            double h = step / fabs(arf_get_d(arb_midref(grid->weight + i), ARF_RND_NEAR));
            double reach = ceil(sqrt(eta * eta + (decay - k * eta * eta) / k) / h);

            if (!(reach < GRID_LIMIT))
            {
                height = 0;
                break;
            }
            grid->reach[i] = (slong) reach;
        }
        found = height > 0 && grid_fits(grid, sigma);
        if (found)
        {
            grid_bound(grid, sup);
        }
    }
    mag_clear(sup);
    return found && arb_is_finite(grid->error);
}

/* The weights h_i sqrt(kappa/pi) exp(-kappa (j h_i)^2), |j| <= n_i. */
static void
axis_weights(arb_poly_t res, const grid_t grid, slong i, const arb_t kappa, slong prec)
{
    arb_t h, factor, x;
    slong j, n = grid->reach[i];

    arb_init(h);
    arb_init(factor);
    arb_init(x);
    axis_step(h, grid, i, prec);
    arb_const_pi(x, prec);
    arb_div(x, kappa, x, prec);
    arb_sqrt(x, x, prec);
    arb_mul(factor, h, x, prec);
    arb_sqr(h, h, prec);
    arb_mul(h, h, kappa, prec);
    arb_neg(h, h);
    arb_poly_fit_length(res, 2 * n + 1);
    _arb_poly_set_length(res, 2 * n + 1);
    for (j = 0; j <= n; j++)
    {
        arb_mul_si(x, h, j * j, prec);
        arb_exp(x, x, prec);
        arb_mul(res->coeffs + n + j, x, factor, prec);
        arb_set(res->coeffs + n - j, res->coeffs + n + j);
    }
    arb_clear(h);
    arb_clear(factor);
    arb_clear(x);
}

/* The whole sum: the number of grid points with j_1 + ... + j_N = m, weighted, is the coefficient of
   X^m of a product of polynomials. */
static void
grid_sum(arb_t res, const grid_t grid, const arb_t sigma, slong prec)
{
    arb_poly_t product, axis;
    arb_t kappa, y, loss, half_inverse;
    arf_t offset;
    slong i, j, reach = 0;

    arb_poly_init(product);
    arb_poly_init(axis);
    arb_init(kappa);
    arb_init(y);
    arb_init(loss);
    arb_init(half_inverse);
    arf_init(offset);
    arb_set_fmpq(half_inverse, grid->line->viscosity, prec);
    arb_mul_2exp_si(half_inverse, half_inverse, 1);
    arb_mul(kappa, half_inverse, grid->t, prec);
    arb_mul_2exp_si(kappa, kappa, 1);
    arb_inv(kappa, kappa, prec);
    arb_inv(half_inverse, half_inverse, prec);
    arb_poly_one(product);
    for (i = 0; i < grid->axes; i++)
    {
        axis_weights(axis, grid, i, kappa, prec);
        arb_poly_mul(product, product, axis, prec);
        reach += grid->reach[i];
    }
    arb_zero(res);
    for (j = -reach; j <= reach; j++)
    {
        arf_mul_si(offset, grid->step, j, ARF_PREC_EXACT, ARF_RND_DOWN);
        arb_add_arf(y, sigma, offset, prec);
        caustic_tape_evaluate_arb(loss, grid->line->loss, y, prec);
        arb_mul(loss, loss, half_inverse, prec);
        arb_neg(loss, loss);
        arb_exp(loss, loss, prec);
        arb_addmul(res, loss, product->coeffs + reach + j, prec);
    }
    arb_poly_clear(product);
    arb_poly_clear(axis);
    arb_clear(kappa);
    arb_clear(y);
    arb_clear(loss);
    arb_clear(half_inverse);
    arf_clear(offset);
}

caustic_result
caustic_local_entropy_collapsed(arb_t res, const caustic_line_t line, arb_srcptr weights,
    slong length, const arb_t sigma, const arb_t t, slong digits)
{
    grid_t grid;
    arb_t x;
    double nats, spread = 0, small, far;
    slong i, prec, attempt;
    int valid = length >= 1 && arb_is_positive(t) && arb_is_finite(t) && arb_is_finite(sigma);
    mag_t radius;

    grid_init(grid, line, weights, length, t);
    arb_init(x);
    mag_init(radius);
    for (i = 0; i < length && valid; i++)
    {
        valid = arb_is_finite(weights + i) && arb_is_nonzero(weights + i);
        spread += valid ? pow(arf_get_d(arb_midref(weights + i), ARF_RND_NEAR), 2) : 0;
    }
    arb_indeterminate(res);
    if (valid)
    {
        arb_set_fmpq(grid->kappa, line->viscosity, PROOF_PREC);
        arb_mul(grid->kappa, grid->kappa, t, PROOF_PREC);
        arb_mul_2exp_si(grid->kappa, grid->kappa, 2);
        arb_inv(grid->kappa, grid->kappa, PROOF_PREC);
        /* the sum of the Gaussians along the axes is one with the sum of the variances */
        arb_set_d(x, spread);
        arb_mul(x, x, t, PROOF_PREC);
        arb_get_mid_arb(x, x);
        small = caustic_line_peak(&far, line, sigma, x);
        nats = 2.302585092994046 * digits + fmax(small, 0) + 2;
        for (attempt = 0; attempt < 2 && !arb_is_finite(res); attempt++, nats *= 1.5)
        {
            if (grid_find(grid, sigma, nats))
            {
                prec = (slong) (nats * 1.4426950408889634) + 64;
                grid_sum(x, grid, sigma, prec);
                arb_get_mag(radius, grid->error);
                arb_add_error_mag(x, radius);
                arb_log(res, x, prec);
                arb_set_fmpq(x, line->viscosity, prec);
                arb_mul_si(x, x, -2, prec);
                arb_mul(res, res, x, prec);
            }
        }
    }
    grid_clear(grid);
    arb_clear(x);
    mag_clear(radius);
    return arb_is_finite(res) ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}
