/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    entropy: the finite sum of kernels and, with the strip error, the local entropy
    u = -2 nu log phi and its derivatives at a point of the flat line.
*/

#include <math.h>
#include <flint/arb_poly.h>
#include "heat_internal.h"

#define SEARCH_PREC 32

caustic_result
caustic_line_init(caustic_line_t line, const caustic_pool * pool, caustic_expr s, caustic_expr loss,
    const fmpq_t viscosity, const arf_t lower)
{
    fmpq_init(line->viscosity);
    fmpq_set(line->viscosity, viscosity);
    arf_init(line->lower);
    arf_set(line->lower, lower);
    line->loss = caustic_tape_new(pool, &loss, 1, &s, 1);
    return line->loss != NULL && fmpq_sgn(viscosity) > 0 && arf_is_finite(lower) ? CAUSTIC_OK
        : CAUSTIC_UNSUPPORTED;
}

void
caustic_line_clear(caustic_line_t line)
{
    fmpq_clear(line->viscosity);
    arf_clear(line->lower);
    if (line->loss != NULL)
    {
        caustic_tape_free(line->loss);
    }
}

/* kappa = 1/(4 nu t) */
static void
set_kappa(arb_t kappa, const caustic_line_t line, const arb_t t, slong prec)
{
    arb_t nu;

    arb_init(nu);
    arb_set_fmpq(nu, line->viscosity, prec);
    arb_mul(kappa, nu, t, prec);
    arb_mul_2exp_si(kappa, kappa, 2);
    arb_inv(kappa, kappa, prec);
    arb_clear(nu);
}

/* sum_i binomial(k, i) sigma^(k - i) (-h)^i N_i for each k, from N_k = sum j^k T_j: the powers of
   w_j = sigma - j h. */
static void
shift_moments(arb_ptr moments, arb_srcptr powers, slong length, const arb_t sigma, const arf_t step,
    slong prec)
{
    arb_t h;
    arb_ptr scaled;
    slong k, i;
    fmpz_t binomial;

    arb_init(h);
    fmpz_init(binomial);
    scaled = _arb_vec_init(2 * length);
    arb_set_arf(h, step);
    arb_neg(h, h);
    arb_one(scaled + length);
    for (k = 1; k < length; k++)
    {
        arb_mul(scaled + length + k, scaled + length + k - 1, sigma, prec);
    }
    for (k = 0; k < length; k++)
    {
        arb_pow_ui(scaled + k, h, k, prec);
        arb_mul(scaled + k, scaled + k, powers + k, prec);
    }
    for (k = 0; k < length; k++)
    {
        arb_zero(moments + k);
        for (i = 0; i <= k; i++)
        {
            fmpz_bin_uiui(binomial, k, i);
            arb_mul_fmpz(h, scaled + i, binomial, prec);
            arb_addmul(moments + k, h, scaled + length + k - i, prec);
        }
    }
    arb_clear(h);
    fmpz_clear(binomial);
    _arb_vec_clear(scaled, 2 * length);
}

void
caustic_strip_moments(arb_ptr moments, slong length, const caustic_strip_t strip,
    const caustic_line_t line, const arb_t s, const arb_t t, slong bits)
{
    arb_t kappa, sigma, half_inverse, y, w, loss, term, h;
    arb_ptr powers;
    arf_t offset;
    caustic_evaluator * evaluator = caustic_evaluator_new(line->loss);
    double k, first, step, scale, top, size = 0, previous = 0;
    slong prec = bits + 32, j, i, local, nearest;

    arb_init(kappa);
    arb_init(sigma);
    arb_init(half_inverse);
    arb_init(y);
    arb_init(w);
    arb_init(loss);
    arb_init(term);
    arb_init(h);
    arf_init(offset);
    powers = _arb_vec_init(length);

    set_kappa(kappa, line, t, prec);
    arb_sub_arf(sigma, s, strip->centre, 2 * prec);
    arb_set_round(sigma, sigma, prec);
    arb_set_fmpq(half_inverse, line->viscosity, prec);
    arb_mul_2exp_si(half_inverse, half_inverse, 1);
    arb_inv(half_inverse, half_inverse, prec);
    arb_set_arf(h, strip->step);

    /* How many bits each term deserves: a guide for speed only, the balls carry the truth. */
    k = arf_get_d(arb_midref(kappa), ARF_RND_NEAR) * 1.4426950408889634;
    first = arf_get_d(arb_midref(sigma), ARF_RND_NEAR);
    step = arf_get_d(strip->step, ARF_RND_NEAR);
    scale = arf_get_d(arb_midref(half_inverse), ARF_RND_NEAR) * 1.4426950408889634;
    /* s - y_j = (sigma - nearest h) - (j - nearest) h: small numbers where the kernel is large */
    nearest = (slong) fmax(fmin(round(first / step), (double) strip->reach), (double) -strip->reach);
    top = 0.5 * log2(fmax(k, 1e-300));
    size = previous = arf_get_d(line->lower, ARF_RND_NEAR) * scale;

    for (j = -strip->reach; j <= strip->reach; j++)
    {
        /* l/(2 nu) in bits, guessed from the two nodes before, with room below */
        double distance = first - j * step, guess = size - 2 * fabs(size - previous) - 2;
        double need = bits + 12 + top - k * distance * distance
            - fmax(guess, arf_get_d(line->lower, ARF_RND_NEAR) * scale);

        local = !(need > 30) ? 30 : need > prec ? prec : (slong) need;
        arf_mul_si(offset, strip->step, j, ARF_PREC_EXACT, ARF_RND_DOWN);
        arb_sub_arf(w, sigma, offset, local);
        arf_add(arb_midref(y), strip->centre, offset, ARF_PREC_EXACT, ARF_RND_DOWN);
        mag_zero(arb_radref(y));
        caustic_evaluate_arb(loss, evaluator, y, local);
        previous = size;
        size = arf_get_d(arb_midref(loss), ARF_RND_NEAR) * scale;
        arb_mul(loss, loss, half_inverse, local);
        arb_sqr(w, w, local);
        arb_addmul(loss, w, kappa, local);
        arb_neg(loss, loss);
        arb_exp(term, loss, local);
        arb_add(powers + 0, powers + 0, term, prec);
        for (i = 1; i < length; i++)
        {
            arb_mul_si(term, term, j - nearest, local);
            arb_add(powers + i, powers + i, term, prec);
        }
    }
    arf_mul_si(offset, strip->step, nearest, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_sub_arf(sigma, sigma, offset, prec);
    shift_moments(moments, powers, length, sigma, strip->step, prec);
    /* h sqrt(kappa/pi) */
    arb_const_pi(term, prec);
    arb_div(term, kappa, term, prec);
    arb_sqrt(term, term, prec);
    arb_mul(term, term, h, prec);
    _arb_vec_scalar_mul(moments, moments, length, term, prec);

    arb_clear(kappa);
    arb_clear(sigma);
    arb_clear(half_inverse);
    arb_clear(y);
    arb_clear(w);
    arb_clear(loss);
    arb_clear(term);
    arb_clear(h);
    arf_clear(offset);
    caustic_evaluator_free(evaluator);
    _arb_vec_clear(powers, length);
}

double
small_nats(const caustic_line_t line, const arb_t s, double kappa)
{
    arb_t y, loss;
    caustic_evaluator * evaluator = caustic_evaluator_new(line->loss);
    double best = HUGE_VAL, nu = fmpq_get_d(line->viscosity), x, value;
    slong i;

    arb_init(y);
    arb_init(loss);
    for (i = -8; i <= 8; i++)
    {
        x = i / (2 * sqrt(kappa));
        arb_set_d(y, x);
        arb_add(y, y, s, 4 * SEARCH_PREC);
        caustic_evaluate_arb(loss, evaluator, y, SEARCH_PREC);
        if (arb_is_finite(loss))
        {
            value = arf_get_d(arb_midref(loss), ARF_RND_NEAR) / (2 * nu) + kappa * x * x;
            best = fmin(best, value);
        }
    }
    arb_clear(y);
    arb_clear(loss);
    caustic_evaluator_free(evaluator);
    return isfinite(best) ? best : 0;
}

/* u and its derivatives from the moments of S and the bound of E: the Taylor coefficients of phi in
   s are sum_m H_m, with d^k/ds^k exp(-kappa w^2) written out for k <= 3. */
static void
entropy_series(arb_ptr res, slong length, arb_srcptr m, const caustic_strip_t strip,
    const caustic_line_t line, const arb_t t, slong prec)
{
    arb_ptr c;
    arb_t kappa, x, bound;
    mag_t radius;
    slong k;

    c = _arb_vec_init(length);
    arb_init(kappa);
    arb_init(x);
    arb_init(bound);
    mag_init(radius);
    set_kappa(kappa, line, t, prec);

    arb_set(c + 0, m + 0);
    if (length > 1) /* -2 kappa w */
    {
        arb_mul(c + 1, kappa, m + 1, prec);
        arb_mul_si(c + 1, c + 1, -2, prec);
    }
    if (length > 2) /* (4 kappa^2 w^2 - 2 kappa)/2 */
    {
        arb_mul(c + 2, kappa, m + 2, prec);
        arb_mul_2exp_si(c + 2, c + 2, 1);
        arb_sub(c + 2, c + 2, m + 0, prec);
        arb_mul(c + 2, c + 2, kappa, prec);
    }
    if (length > 3) /* (-8 kappa^3 w^3 + 12 kappa^2 w)/6 */
    {
        arb_mul(c + 3, kappa, m + 3, prec);
        arb_mul_si(c + 3, c + 3, -2, prec);
        arb_addmul_si(c + 3, m + 1, 3, prec);
        arb_sqr(x, kappa, prec);
        arb_mul(c + 3, c + 3, x, prec);
        arb_mul_2exp_si(c + 3, c + 3, 1);
        arb_div_ui(c + 3, c + 3, 3, prec);
    }
    /* [HEAT-4] the k-th Taylor coefficient of E is at most error/radius^k */
    arb_set(bound, strip->error);
    for (k = 0; k < length; k++)
    {
        arb_get_mag(radius, bound);
        arb_add_error_mag(c + k, radius);
        arb_div_arf(bound, bound, strip->radius_s, 64);
    }
    _arb_poly_log_series(res, c, length, length, prec);
    arb_set_fmpq(x, line->viscosity, prec);
    arb_mul_si(x, x, -2, prec);
    for (k = 0; k < length; k++)
    {
        arb_mul(res + k, res + k, x, prec);
        arb_mul_ui(x, x, k + 1, prec);
    }
    _arb_vec_clear(c, length);
    arb_clear(kappa);
    arb_clear(x);
    arb_clear(bound);
    mag_clear(radius);
}

caustic_result
caustic_local_entropy_1d(arb_ptr res, slong length, const caustic_line_t line, const arb_t s,
    const arb_t t, slong digits)
{
    caustic_strip_t strip;
    arb_t kappa;
    arb_ptr moments;
    arf_t radius_s, radius_t;
    double k, small, nats;
    slong bits, i;
    caustic_result result;

    if (length < 1 || length > 4 || !arb_is_positive(t) || !arb_is_finite(t) || !arb_is_finite(s))
    {
        for (i = 0; i < length; i++)
        {
            arb_indeterminate(res + i);
        }
        return CAUSTIC_NO_RESOURCES;
    }
    caustic_strip_init(strip);
    arb_init(kappa);
    arf_init(radius_s);
    arf_init(radius_t);
    moments = _arb_vec_init(length);

    set_kappa(kappa, line, t, SEARCH_PREC);
    k = arf_get_d(arb_midref(kappa), ARF_RND_NEAR);
    /* A radius below the kernel's width costs little in exp(kappa radius^2) and in 1/radius^k. */
    arf_set_d(radius_s, 0.3 / sqrt(k));
    arf_set_round(radius_s, radius_s, 12, ARF_RND_DOWN);
    small = small_nats(line, s, k);
    nats = 2.302585092994046 * digits + fmax(small, 0) + 1.3 * (length - 1) + 2;
    result = caustic_strip_find(strip, line, s, t, radius_s, radius_t, nats);
    if (result == CAUSTIC_OK)
    {
        bits = (slong) (nats * 1.4426950408889634) + 8;
        caustic_strip_moments(moments, length, strip, line, s, t, bits);
        entropy_series(res, length, moments, strip, line, t, bits + 32);
        for (i = 0; i < length; i++)
        {
            if (!arb_is_finite(res + i))
            {
                result = CAUSTIC_NO_RESOURCES;
            }
        }
    }
    else
    {
        for (i = 0; i < length; i++)
        {
            arb_indeterminate(res + i);
        }
        result = CAUSTIC_NO_RESOURCES;
    }
    caustic_strip_clear(strip);
    arb_clear(kappa);
    arf_clear(radius_s);
    arf_clear(radius_t);
    _arb_vec_clear(moments, length);
    return result;
}
