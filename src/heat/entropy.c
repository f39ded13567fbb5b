/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    entropy: the finite sum of kernels and, with the strip error, the local entropy
    u = -2 nu log phi and its derivatives at a point of the flat line.
*/

#include <math.h>
#include <flint/arb_poly.h>
#include "base/ball.h"
#include "heat_internal.h"

#define SEARCH_PREC 32
#define REACH_LIMIT 1000000 /* of the sums that are computed; its third power fits a slong three times over */
#define ATTEMPTS 3
#define LEAST_BITS 18

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

/* How many bits each term of the sum deserves for an absolute error of about 2^(-bits), and the most of them: a guide for
   speed only, the balls carry the truth. The exponents of small terms are large, and need bits of their own. */
static slong
bits_of_terms(slong * need, const caustic_strip_t strip, caustic_evaluator * evaluator, double nu, const arb_t kappa,
    const arb_t sigma, slong bits)
{
    double k = ball_guess(kappa), first = ball_guess(sigma), step = arf_get_d(strip->step, ARF_RND_NEAR);
    double centre = arf_get_d(strip->centre, ARF_RND_NEAR), top = bits + 12 + fmax(0, 0.5 * log2(fmax(k, 1e-300)));
    slong most = LEAST_BITS, n = strip->reach;

    for (slong j = -n; j <= n; j++)
    {
        double y[2] = {centre + j * step, 0}, value[2], size, far = first - j * step, bound;

        caustic_evaluate_guess(value, evaluator, y);
        size = 1.4426950408889634 * (k * far * far + value[0] / (2 * nu));
        /* what the guess is not sure of is asked for on top */
        bound = top - size + 1e-12 * fabs(size);
        bound = fmax(isfinite(bound) ? bound : top, 0) + LEAST_BITS + log2(1 + (isfinite(size) ? fabs(size) : 0));
        need[j + n] = (slong) fmin(bound, 1e9);
        most = FLINT_MAX(most, need[j + n]);
    }
    return most;
}

void
caustic_strip_moments(arb_ptr moments, slong length, const caustic_strip_t strip,
    const caustic_line_t line, const arb_t s, const arb_t t, slong bits)
{
    arb_t kappa, sigma, half_inverse, y, w, loss, h;
    arb_ptr powers, terms;
    arf_t offset;
    caustic_evaluator * evaluator;
    slong prec, count = 2 * strip->reach + 1, j, i, nearest;
    slong * need, * factor;

    if (strip->reach > REACH_LIMIT)
    {
        _arb_vec_indeterminate(moments, length);
        return;
    }
    evaluator = caustic_evaluator_new(line->loss);
    need = flint_malloc((size_t) count * sizeof(slong));
    factor = flint_malloc((size_t) count * sizeof(slong));
    arb_init(kappa);
    arb_init(sigma);
    arb_init(half_inverse);
    arb_init(y);
    arb_init(w);
    arb_init(loss);
    arb_init(h);
    arf_init(offset);
    powers = _arb_vec_init(length);
    terms = _arb_vec_init(count);

    set_kappa(kappa, line, t, SEARCH_PREC);
    arb_sub_arf(sigma, s, strip->centre, SEARCH_PREC);
    prec = bits_of_terms(need, strip, evaluator, fmpq_get_d(line->viscosity), kappa, sigma, bits) + 16;
    set_kappa(kappa, line, t, prec);
    arb_sub_arf(sigma, s, strip->centre, 2 * prec);
    arb_set_fmpq(half_inverse, line->viscosity, prec);
    arb_mul_2exp_si(half_inverse, half_inverse, 1);
    arb_inv(half_inverse, half_inverse, prec);
    arb_set_arf(h, strip->step);
    /* s - y_j = (sigma - nearest h) - (j - nearest) h: small numbers where the kernel is large */
    nearest = (slong) fmax(fmin(round(ball_guess(sigma) / ball_guess(h)), (double) strip->reach), (double) -strip->reach);

    arf_mul_si(offset, strip->step, -strip->reach, ARF_PREC_EXACT, ARF_RND_DOWN);
    arf_add(arb_midref(y), strip->centre, offset, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_sub_arf(w, sigma, offset, 2 * prec);
    caustic_evaluator_start(evaluator, y, strip->step, prec);
    for (j = 0; j < count; j++)
    {
        slong local = FLINT_MIN(need[j], prec);

        caustic_evaluator_next(loss, evaluator, local);
        arb_mul(loss, loss, half_inverse, local);
        arb_set_round(y, w, local);
        arb_sqr(y, y, local);
        arb_addmul(loss, y, kappa, local);
        arb_neg(loss, loss);
        arb_exp(terms + j, loss, local);
        arb_sub_arf(w, w, strip->step, 2 * prec);
        factor[j] = 1;
    }
    /* the sums of j^i T_j; a slong holds third powers, after which they go over into the terms */
    for (i = 0; i < length; i++)
    {
        for (j = 0; j < count && i > 0; j++)
        {
            if (i > 1 && i % 3 == 1)
            {
                arb_mul_si(terms + j, terms + j, factor[j], prec);
                factor[j] = 1;
            }
            factor[j] *= j - strip->reach - nearest;
        }
        arb_dot_si(powers + i, NULL, 0, terms, 1, factor, 1, count, prec);
    }
    arf_mul_si(offset, strip->step, nearest, ARF_PREC_EXACT, ARF_RND_DOWN);
    arb_sub_arf(sigma, sigma, offset, prec);
    shift_moments(moments, powers, length, sigma, strip->step, prec);
    /* h sqrt(kappa/pi) */
    arb_const_pi(y, prec);
    arb_div(y, kappa, y, prec);
    arb_sqrt(y, y, prec);
    arb_mul(y, y, h, prec);
    _arb_vec_scalar_mul(moments, moments, length, y, prec);

    arb_clear(kappa);
    arb_clear(sigma);
    arb_clear(half_inverse);
    arb_clear(y);
    arb_clear(w);
    arb_clear(loss);
    arb_clear(h);
    arf_clear(offset);
    caustic_evaluator_free(evaluator);
    flint_free(need);
    flint_free(factor);
    _arb_vec_clear(powers, length);
    _arb_vec_clear(terms, count);
}

/* The k-th Taylor coefficient in s of a sum of exp(-kappa w^2), w = s - y, from its moments m of w. By exp(-2 kappa w h - kappa h^2)
   it is sum_j (-1)^(k - j) 2^(k - 2j) kappa^(k - j)/(j! (k - 2j)!) m_(k - 2j). */
static void
kernel_coefficient(arb_t res, slong k, arb_srcptr m, const arb_t kappa, slong prec)
{
    arb_t term;
    fmpz_t factorial;

    arb_init(term);
    fmpz_init(factorial);
    arb_zero(res);
    for (slong j = 0; 2 * j <= k; j++)
    {
        arb_pow_ui(term, kappa, (ulong) (k - j), prec);
        arb_mul_2exp_si(term, term, k - 2 * j);
        fmpz_fac_ui(factorial, (ulong) j);
        arb_div_fmpz(term, term, factorial, prec);
        fmpz_fac_ui(factorial, (ulong) (k - 2 * j));
        arb_div_fmpz(term, term, factorial, prec);
        if ((k - j) % 2 != 0)
        {
            arb_neg(term, term);
        }
        arb_addmul(res, term, m + k - 2 * j, prec);
    }
    arb_clear(term);
    fmpz_clear(factorial);
}

/* u and its derivatives from the moments of S and the bound of E. */
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

    for (k = 0; k < length; k++)
    {
        kernel_coefficient(c + k, k, m, kappa, prec);
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

/* Where the mass is far from s, the kernel grows by few powers of e on a disc about s only if that is small. */
static void
choose_radius(arf_t radius, const caustic_line_t line, const arb_t s, const arb_t t, double kappa)
{
    double far;

    caustic_line_peak(&far, line, s, t);
    arf_set_d(radius, fmin(0.3 / sqrt(kappa), 2.5 / fmax(kappa * far, 1e-300)));
    arf_set_round(radius, radius, 12, ARF_RND_DOWN);
}

caustic_result
caustic_local_entropy_1d(arb_ptr res, slong length, const caustic_line_t line, const arb_t s,
    const arb_t t, slong digits)
{
    caustic_strip_t strip;
    arb_t kappa;
    arb_ptr moments;
    arf_t radius_s, radius_t;
    double k, nats, shortfall;
    slong bits, i, attempt;
    caustic_result result;

    if (length < 1 || length > CAUSTIC_ENTROPY_LENGTH || !arb_is_positive(t) || !arb_is_finite(t) || !arb_is_finite(s))
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
    nats = 2.302585092994046 * digits + 1.3 * (length - 1) + 2;
    for (attempt = 0, shortfall = 1; attempt < ATTEMPTS && shortfall > 0; attempt++)
    {
        result = caustic_strip_find_relative(strip, line, s, t, radius_s, radius_t, nats);
        _arb_vec_indeterminate(res, length);
        if (result != CAUSTIC_OK)
        {
            break;
        }
        bits = (slong) (strip->aim * 1.4426950408889634) + 8;
        caustic_strip_moments(moments, length, strip, line, s, t, bits);
        entropy_series(res, length, moments, strip, line, t, (slong) (1.5 * nats + log2(1 + strip->aim)) + 64);
        /* The search knew the integrand from samples: where it erred, it aims further. */
        shortfall = ball_log_guess(strip->error) - ball_log_guess(moments) + 2.302585092994046 * digits;
        if (shortfall > 0)
        {
            choose_radius(radius_s, line, s, t, k);
        }
        shortfall = arb_is_finite(moments) && isfinite(shortfall) ? shortfall : 0;
        nats += shortfall + 2;
    }
    result = _arb_vec_is_finite(res, length) ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
    caustic_strip_clear(strip);
    arb_clear(kappa);
    arf_clear(radius_s);
    arf_clear(radius_t);
    _arb_vec_clear(moments, length);
    return result;
}
