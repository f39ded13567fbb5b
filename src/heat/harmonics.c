/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    harmonics: solutions on circles, and zonal ones on spheres, as sums of eigenfunctions with all errors.
*/

#include <math.h>
#include <string.h>
#include <flint/acb_dft.h>
#include "base/ball.h"
#include "angular.h"
#include "heat_internal.h"

#define PREC 64             /* of bounds */
#define CIRCLE_TERMS 8192
#define SPHERE_TERMS 1600   /* the conversion takes their square */
#define SPREAD_BITS 4       /* a term: what the recurrences of P_l lose */

static const double heights[] = {4, 3, 2.25, 1.7, 1.3, 1, 0.75, 0.56, 0.42, 0.3, 0.2, 0.14, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01};
#define HEIGHTS ((slong) (sizeof(heights) / sizeof(heights[0])))

/* A derivative of cos(k angle) brings a factor k, one of T_k on [-1, 1] at most k^2. */
static slong
growth(const caustic_angular_struct * data)
{
    return data->sphere == 2 ? 1 : 2;
}

/* Bounds *************************************************************************************/

/* [HEAT-22] sum_{k >= K} q^k k^e <= K^e q^K/(1 - q (1 + 1/K)^e), q = exp(-height). Not finite where the ratio is not below 1. */
static void
geometric_tail(arb_t res, double height, slong terms, slong e)
{
    arb_t q, ratio;

    arb_init(q);
    arb_init(ratio);
    arb_set_d(q, -height);
    arb_exp(q, q, PREC);
    arb_set_si(ratio, terms + 1);
    arb_div_si(ratio, ratio, terms, PREC);
    arb_pow_ui(ratio, ratio, (ulong) e, PREC);
    arb_mul(ratio, ratio, q, PREC);
    arb_sub_ui(ratio, ratio, 1, PREC);
    arb_neg(ratio, ratio);
    if (!arb_is_positive(ratio))
        arb_indeterminate(ratio);

    arb_pow_ui(q, q, (ulong) terms, PREC);
    arb_set_si(res, terms);
    arb_pow_ui(res, res, (ulong) e, PREC);
    arb_mul(res, res, q, PREC);
    arb_div(res, res, ratio, PREC);
    arb_clear(q);
    arb_clear(ratio);
}

/* res_m += c k^(growth m) */
static void
add_powers(arb_struct * res, slong length, const arb_t c, slong k, slong growth_of_one)
{
    arb_t power, factor;

    arb_init(power);
    arb_init(factor);
    arb_set_si(factor, k);
    arb_pow_ui(factor, factor, (ulong) growth_of_one, PREC);
    arb_set(power, c);
    for (slong m = 0; m < length; m++)
    {
        arb_add(res + m, res + m, power, PREC);
        arb_mul(power, power, factor, PREC);
    }
    arb_clear(power);
    arb_clear(factor);
}

/* Coefficients *******************************************************************************/

/* The midpoint of x, rounded; what was cut off, and the width, go to the error. */
static void
split(arb_t middle, arb_t error, const arb_t x, slong prec)
{
    arb_t width;

    arb_init(width);
    arb_set_round(middle, x, prec);
    arb_get_rad_arb(width, middle);
    arb_add(error, error, width, PREC);
    arb_get_mid_arb(middle, middle);
    arb_clear(width);
}

/* [HEAT-22] The coefficients from samples: exact numbers, with rounding and aliasing in the defects. */
static int
set_coefficients(caustic_harmonics_t harmonics, slong prec)
{
    const caustic_angular_struct * data = harmonics->data;
    slong terms = harmonics->length;
    int depth = FLINT_BIT_COUNT(2 * terms + 2), finite = 1;
    slong samples = WORD(1) << depth;
    acb_ptr values = _acb_vec_init(samples), modes = _acb_vec_init(samples);
    arb_t alias, error, x;

    arb_init(alias);
    arb_init(error);
    arb_init(x);
    angular_samples(values, data, samples, prec);
    acb_dft_rad2(modes, values, depth, prec);

    for (slong k = 0; k < terms && finite; k++)
    {
        /* The first sample is at -pi: mode k has the sign (-1)^k. */
        acb_mul_2exp_si(modes + k, modes + k, (k > 0) - depth);
        if (k % 2 == 1)
            acb_neg(modes + k, modes + k);

        /* |alias| <= 2 M (q^(N-k) + q^(N+k) + ...) <= 4 M q^(N-k)/(1 - q^N) */
        arb_set_d(alias, -harmonics->height);
        arb_mul_si(x, alias, samples, PREC);
        arb_expm1(x, x, PREC);
        arb_neg(x, x);
        arb_mul_si(alias, alias, samples - k, PREC);
        arb_exp(alias, alias, PREC);
        arb_div(alias, alias, x, PREC);
        arb_mul(alias, alias, harmonics->edge, PREC);
        arb_mul_2exp_si(alias, alias, 2);

        arb_set(error, alias);
        split(harmonics->cosine + k, error, acb_realref(modes + k), prec);
        if (harmonics->sine != NULL && k > 0)
        {
            arb_add(error, error, alias, PREC);
            arb_neg(x, acb_imagref(modes + k));
            split(harmonics->sine + k, error, x, prec);
        }
        finite = acb_is_finite(modes + k) && arb_is_finite(error);
        add_powers(harmonics->defect, 4, error, k, growth(data));

        arb_abs(x, harmonics->cosine + k);
        add_powers(harmonics->size, 5, x, k, growth(data));
        if (harmonics->sine != NULL)
        {
            arb_abs(x, harmonics->sine + k);
            add_powers(harmonics->size, 5, x, k, growth(data));
        }
    }

    /* What the sum leaves out. */
    for (slong m = 0; m < 4; m++)
    {
        geometric_tail(x, harmonics->height, terms, growth(data) * m);
        arb_mul(x, x, harmonics->edge, PREC);
        arb_mul_2exp_si(x, x, 1);
        arb_add(harmonics->defect + m, harmonics->defect + m, x, PREC);
        ball_upper_end(harmonics->defect + m, harmonics->defect + m, PREC);
        finite = finite && arb_is_finite(harmonics->defect + m);
    }
    for (slong m = 0; m < 5; m++)
        ball_upper_end(harmonics->size + m, harmonics->size + m, PREC);

    _acb_vec_clear(values, samples);
    _acb_vec_clear(modes, samples);
    arb_clear(alias);
    arb_clear(error);
    arb_clear(x);
    return finite;
}

/* Polynomials on spheres *********************************************************************/

void
sphere_recurrence(arb_t res, slong l, slong n, slong prec)
{
    arb_set_si(res, l);
    arb_mul_si(res, res, l + n - 3, prec);
    arb_div_si(res, res, 2 * l + n - 2, prec);
    arb_div_si(res, res, 2 * l + n - 4, prec);
}

/* res += c x v in the basis P_l; v has `length` entries, res one more. */
static void
add_times_x(arb_ptr res, arb_srcptr v, slong length, slong c, arb_srcptr recurrence, slong prec)
{
    arb_t term;

    arb_init(term);
    for (slong l = 0; l < length; l++)
    {
        arb_addmul_si(res + l + 1, v + l, c, prec);
        if (l > 0)
        {
            arb_mul(term, v + l, recurrence + l, prec);
            arb_addmul_si(res + l - 1, term, c, prec);
        }
    }
    arb_clear(term);
}

/* sum_k cosine_k T_k in the basis P_l, by Clenshaw's recurrence b_k = a_k + 2 x b_{k+1} - b_{k+2}; the sum is
   a_0 + x b_1 - b_2. */
static void
set_amplitudes(caustic_harmonics_t harmonics, slong prec)
{
    slong terms = harmonics->length, n = harmonics->data->sphere;
    arb_ptr recurrence = _arb_vec_init(terms + 1), b = _arb_vec_init(terms + 2), c = _arb_vec_init(terms + 2), swap;

    for (slong l = 1; l <= terms; l++)
        sphere_recurrence(recurrence + l, l, n, prec);

    for (slong k = terms - 1; k >= 0; k--)
    {
        /* b is b_{k+1}, of length terms - 1 - k; c is b_{k+2} and becomes b_k. */
        _arb_vec_neg(c, c, terms + 2);
        add_times_x(c, b, terms - 1 - k, k > 0 ? 2 : 1, recurrence, prec);
        arb_add(c, c, harmonics->cosine + k, prec);
        swap = b;
        b = c;
        c = swap;
    }
    _arb_vec_set(harmonics->amplitude, b, terms);

    _arb_vec_clear(b, terms + 2);
    _arb_vec_clear(c, terms + 2);
    _arb_vec_clear(recurrence, terms + 1);
}

/* Making *************************************************************************************/

/* About log x. */
static double
natural_log(const arb_t x)
{
    arb_t y;
    double res;

    arb_init(y);
    arb_log(y, x, PREC);
    res = arf_get_d(arb_midref(y), ARF_RND_NEAR);
    arb_clear(y);
    return res;
}

static slong
terms_for(double height, double level, double nats, slong sphere)
{
    double k = (nats + level) / height;

    /* the powers of k in the third derivative */
    k += (sphere == 2 ? 3 : 6) * log(fmax(k, 3)) / height + 4 / height + 4;
    return k < 1e9 ? (slong) k : 1000000000;
}

/* The height with the fewest terms among those not yet excluded; -1 where there is none. exp(aim - nats) is to be reached. */
static slong
best_height(const double * level, double aim, double nats, const caustic_angular_struct * data)
{
    slong best = -1;

    for (slong i = 0; i < HEIGHTS; i++)
        if (level[i] < HUGE_VAL && (best < 0 || terms_for(heights[i], level[i] - aim, nats, data->sphere)
                < terms_for(heights[best], level[best] - aim, nats, data->sphere)))
            best = i;
    return best;
}

/* The strip, and how many terms it takes. */
static int
choose_strip(caustic_harmonics_t harmonics, double aim, double nats)
{
    const caustic_angular_struct * data = harmonics->data;
    double level[HEIGHTS];
    slong best;

    for (slong i = 0; i < HEIGHTS; i++)
        level[i] = angular_level(data, heights[i]);
    while ((best = best_height(level, aim, nats, data)) >= 0)
    {
        harmonics->height = heights[best];
        if (angular_strip_sup(harmonics->edge, &harmonics->boxes, data, heights[best], level[best] + 2))
        {
            harmonics->length = terms_for(heights[best], level[best] + 2 - aim, nats, data->sphere);
            return harmonics->length <= (data->sphere == 2 ? CIRCLE_TERMS : SPHERE_TERMS);
        }
        level[best] = HUGE_VAL;
    }
    return 0;
}

static slong
working_precision(const caustic_harmonics_t harmonics, slong prec)
{
    return prec + 64 + (harmonics->data->sphere == 2 ? 0 : SPREAD_BITS * harmonics->length);
}

caustic_result
caustic_harmonics_init(caustic_harmonics_t harmonics, const caustic_angular_t data, double nats, slong precision_limit)
{
    double base = angular_level(data, 0), aim = base;
    slong prec, sphere = data->sphere;

    memset(harmonics, 0, sizeof(caustic_harmonics_struct));
    harmonics->data = data;
    for (slong m = 0; m < 4; m++)
        arb_init(harmonics->defect + m);
    for (slong m = 0; m < 5; m++)
        arb_init(harmonics->size + m);
    arb_init(harmonics->least);
    arb_init(harmonics->edge);

    if (angular_least(harmonics->least, data))
        aim = 2 * natural_log(harmonics->least) - base;
    if (!isfinite(aim) || !(nats + base - aim < 1e6) || arb_is_zero(harmonics->least) || !choose_strip(harmonics, aim, nats))
    {
        harmonics->length = 0;
        return CAUSTIC_NO_RESOURCES;
    }
    prec = (slong) (1.45 * (nats + base - aim)) + 8 * FLINT_BIT_COUNT(harmonics->length) + 64;
    if (working_precision(harmonics, prec) > precision_limit)
    {
        harmonics->length = 0;
        return CAUSTIC_NO_RESOURCES;
    }

    harmonics->cosine = _arb_vec_init(harmonics->length);
    harmonics->eigenvalue = _arb_vec_init(harmonics->length);
    if (sphere == 2)
        harmonics->sine = _arb_vec_init(harmonics->length);
    for (slong k = 0; k < harmonics->length; k++)
        arb_set_si(harmonics->eigenvalue + k, k * (k + sphere - 2));
    if (!set_coefficients(harmonics, prec))
        return CAUSTIC_NO_RESOURCES;
    if (sphere > 2)
    {
        harmonics->amplitude = _arb_vec_init(harmonics->length);
        set_amplitudes(harmonics, working_precision(harmonics, prec));
    }
    return CAUSTIC_OK;
}

void
caustic_harmonics_clear(caustic_harmonics_t harmonics)
{
    slong terms = harmonics->length;

    if (harmonics->cosine != NULL)
        _arb_vec_clear(harmonics->cosine, terms);
    if (harmonics->sine != NULL)
        _arb_vec_clear(harmonics->sine, terms);
    if (harmonics->amplitude != NULL)
        _arb_vec_clear(harmonics->amplitude, terms);
    if (harmonics->eigenvalue != NULL)
        _arb_vec_clear(harmonics->eigenvalue, terms);
    for (slong m = 0; m < 4; m++)
        arb_clear(harmonics->defect + m);
    for (slong m = 0; m < 5; m++)
        arb_clear(harmonics->size + m);
    arb_clear(harmonics->least);
    arb_clear(harmonics->edge);
}

/* Values *************************************************************************************/

/* decay = exp(-nu rate eigenvalue t), slope its derivative in t. */
static void
decay_of_mode(arb_t decay, arb_t slope, const caustic_harmonics_t harmonics, slong k, const arb_t t, slong prec)
{
    arb_set_fmpq(slope, harmonics->data->viscosity, prec);
    arb_mul_fmpz(slope, slope, fmpq_numref(harmonics->data->rate), prec);
    arb_div_fmpz(slope, slope, fmpq_denref(harmonics->data->rate), prec);
    arb_mul(slope, slope, harmonics->eigenvalue + k, prec);
    arb_neg(slope, slope);
    arb_mul(decay, slope, t, prec);
    arb_exp(decay, decay, prec);
    arb_mul(slope, slope, decay, prec);
}

/* res_0..3 += decay mode, mode', ..; res_4, res_5 += slope mode, slope mode' */
static void
add_mode(arb_ptr res, const arb_struct * mode, const arb_t decay, const arb_t slope, slong prec)
{
    for (slong m = 0; m < 4; m++)
        arb_addmul(res + m, decay, mode + m, prec);
    for (slong m = 0; m < 2; m++)
        arb_addmul(res + 4 + m, slope, mode + m, prec);
}

static void
evaluate_circle(arb_ptr res, const caustic_harmonics_t harmonics, const arb_t angle, const arb_t t, slong prec)
{
    arb_ptr mode = _arb_vec_init(4);
    arb_t decay, slope, c, s;

    arb_init(decay);
    arb_init(slope);
    arb_init(c);
    arb_init(s);
    for (slong k = 0; k < harmonics->length; k++)
    {
        arb_mul_si(c, angle, k, prec);
        arb_sin_cos(s, c, c, prec);
        arb_mul(mode, harmonics->cosine + k, c, prec);
        arb_addmul(mode, harmonics->sine + k, s, prec);
        arb_mul(mode + 1, harmonics->sine + k, c, prec);
        arb_submul(mode + 1, harmonics->cosine + k, s, prec);
        arb_mul_si(mode + 1, mode + 1, k, prec);
        arb_mul_si(mode + 2, mode, -k * k, prec);
        arb_mul_si(mode + 3, mode + 1, -k * k, prec);
        decay_of_mode(decay, slope, harmonics, k, t, prec);
        add_mode(res, mode, decay, slope, prec);
    }
    arb_clear(decay);
    arb_clear(slope);
    arb_clear(c);
    arb_clear(s);
    _arb_vec_clear(mode, 4);
}

/* P^(m)_{l+1} = x P^(m)_l + m P^(m-1)_l - b_l P^(m)_{l-1} at an exact x of [-1, 1]. */
static void
evaluate_sphere(arb_ptr res, const caustic_harmonics_t harmonics, const arb_t x, const arb_t t, slong prec)
{
    arb_ptr last = _arb_vec_init(4), mode = _arb_vec_init(4), next = _arb_vec_init(4), swap;
    arb_t decay, slope, b;

    arb_init(decay);
    arb_init(slope);
    arb_init(b);
    arb_one(mode);
    for (slong l = 0; l < harmonics->length; l++)
    {
        decay_of_mode(decay, slope, harmonics, l, t, prec);
        arb_mul(decay, decay, harmonics->amplitude + l, prec);
        arb_mul(slope, slope, harmonics->amplitude + l, prec);
        add_mode(res, mode, decay, slope, prec);

        if (l > 0)
            sphere_recurrence(b, l, harmonics->data->sphere, prec);
        for (slong m = 0; m < 4; m++)
        {
            arb_mul(next + m, x, mode + m, prec);
            if (m > 0)
                arb_addmul_si(next + m, mode + m - 1, m, prec);
            arb_submul(next + m, b, last + m, prec);
        }
        swap = last;
        last = mode;
        mode = next;
        next = swap;
    }
    arb_clear(decay);
    arb_clear(slope);
    arb_clear(b);
    _arb_vec_clear(last, 4);
    _arb_vec_clear(mode, 4);
    _arb_vec_clear(next, 4);
}

void
caustic_harmonics_operator_bound(arb_t res, const caustic_harmonics_t harmonics, const arb_struct * bound, slong order)
{
    slong n = harmonics->data->sphere;
    const fmpq * rate = harmonics->data->rate;

    if (n == 2)
    {
        arb_mul_fmpz(res, bound + order + 2, fmpq_numref(rate), PREC);
        arb_div_fmpz(res, res, fmpq_denref(rate), PREC);
    }
    else
    {
        /* (1 - x^2) h'' - (n - 1) x h', and (1 - x^2) h''' - (n + 1) x h'' - (n - 1) h' */
        arb_set(res, bound + order + 2);
        if (order == 1)
            arb_addmul_si(res, bound + 2, n + 1, PREC);
        arb_addmul_si(res, bound + 1, n - 1, PREC);
    }
    ball_upper_end(res, res, PREC);
}

/* The factor nu in front of L. */
static void
times_viscosity(arb_t x, const caustic_harmonics_t harmonics)
{
    arb_mul_fmpz(x, x, fmpq_numref(harmonics->data->viscosity), PREC);
    arb_div_fmpz(x, x, fmpq_denref(harmonics->data->viscosity), PREC);
}

/* [HEAT-23] E inside every value. */
static void
add_defects(arb_ptr res, const caustic_harmonics_t harmonics)
{
    arb_t bound;

    arb_init(bound);
    for (slong m = 0; m < 4; m++)
        arb_add_error(res + m, harmonics->defect + m);
    for (slong m = 0; m < 2; m++)
    {
        caustic_harmonics_operator_bound(bound, harmonics, harmonics->defect, m);
        times_viscosity(bound, harmonics);
        arb_add_error(res + 4 + m, bound);
    }
    arb_clear(bound);
}

/* [HEAT-24] What a distance of `width` in x changes at most, on spheres. */
static void
add_width(arb_ptr res, const caustic_harmonics_t harmonics, const arb_t width)
{
    slong n = harmonics->data->sphere;
    arb_t bound;

    arb_init(bound);
    for (slong m = 0; m < 4; m++)
    {
        arb_mul(bound, width, harmonics->size + m + 1, PREC);
        arb_add_error(res + m, bound);
    }
    caustic_harmonics_operator_bound(bound, harmonics, harmonics->size, 1);
    times_viscosity(bound, harmonics);
    arb_mul(bound, bound, width, PREC);
    arb_add_error(res + 4, bound);

    /* (L h)'' = (1 - x^2) h'''' - (n + 3) x h''' - 2 n h'' */
    arb_set(bound, harmonics->size + 4);
    arb_addmul_si(bound, harmonics->size + 3, n + 3, PREC);
    arb_addmul_si(bound, harmonics->size + 2, 2 * n, PREC);
    times_viscosity(bound, harmonics);
    arb_mul(bound, bound, width, PREC);
    arb_add_error(res + 5, bound);
    arb_clear(bound);
}

/* An exact number of [-1, 1] and its distance from all numbers of [-1, 1] in x. */
static void
middle_of(arb_t middle, arb_t width, const arb_t x)
{
    arb_get_mid_arb(middle, x);
    arb_get_rad_arb(width, x);
    if (arf_cmpabs_ui(arb_midref(middle), 1) > 0)
        arb_set_si(middle, arf_sgn(arb_midref(middle)));
}

void
caustic_harmonics_evaluate(arb_ptr res, const caustic_harmonics_t harmonics, const arb_t s, const arb_t t, slong prec)
{
    slong working = working_precision(harmonics, prec);

    _arb_vec_zero(res, CAUSTIC_HARMONICS_VALUES);
    if (!arb_is_finite(s) || !arb_is_finite(t) || arb_contains_negative(t))
    {
        _arb_vec_indeterminate(res, CAUSTIC_HARMONICS_VALUES);
        return;
    }
    if (harmonics->data->sphere == 2)
        evaluate_circle(res, harmonics, s, t, working);
    else
    {
        arb_t middle, width;

        arb_init(middle);
        arb_init(width);
        middle_of(middle, width, s);
        evaluate_sphere(res, harmonics, middle, t, working);
        add_width(res, harmonics, width);
        arb_clear(middle);
        arb_clear(width);
    }
    add_defects(res, harmonics);
}

/* The theta kernel ***************************************************************************/

/* sum over |m| <= images of exp(-(x - 2 pi m)^2/(4 time)), and the rest: at |x| <= 3.2 the m-th pair lies at least 3(2m - 1) away,
   2 sum_{m > R} q^((2m-1)^2) <= 2 q^((2R+1)^2)/(1 - q), q = exp(-9/(4 time)). */
static void
theta_sum(arb_t res, const arb_t x, const arb_t time, slong images, slong prec)
{
    arb_t shift, term, four;

    arb_init(shift);
    arb_init(term);
    arb_init(four);
    arb_mul_2exp_si(four, time, 2);
    arb_zero(res);
    for (slong m = -images; m <= images; m++)
    {
        arb_const_pi(shift, prec);
        arb_mul_si(shift, shift, -2 * m, prec);
        arb_add(shift, shift, x, prec);
        arb_sqr(shift, shift, prec);
        arb_div(shift, shift, four, prec);
        arb_neg(shift, shift);
        arb_exp(term, shift, prec);
        arb_add(res, res, term, prec);
    }
    arb_set_si(shift, -9);
    arb_div(shift, shift, four, PREC);
    arb_expm1(four, shift, PREC);
    arb_neg(four, four);
    arb_mul_si(shift, shift, (2 * images + 1) * (2 * images + 1), PREC);
    arb_exp(term, shift, PREC);
    arb_div(term, term, four, PREC);
    arb_mul_2exp_si(term, term, 1);
    arb_add_error(res, term);
    arb_clear(shift);
    arb_clear(term);
    arb_clear(four);
}

/* [HEAT-25] 4 pi M' e^(-bN)/(1 - e^(-bN)), M' = sup |f| e^(b^2/(4 time)) (1 + 2q/(1-q)); the kernel's factor is outside. */
static void
theta_error(arb_t res, const caustic_harmonics_t harmonics, double b, slong samples, const arb_t time)
{
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_set_si(x, -9);
    arb_div(x, x, time, PREC);
    arb_mul_2exp_si(x, x, -2);
    arb_exp(x, x, PREC);            /* q */
    arb_add_ui(res, x, 1, PREC);
    arb_sub_ui(x, x, 1, PREC);
    arb_neg(x, x);
    arb_div(res, res, x, PREC);     /* 1 + 2q/(1-q) = (1+q)/(1-q) */
    arb_mul(res, res, harmonics->edge, PREC);
    arb_set_d(x, b);
    arb_sqr(y, x, PREC);
    arb_div(y, y, time, PREC);
    arb_mul_2exp_si(y, y, -2);
    arb_mul_si(x, x, -samples, PREC);
    arb_add(y, y, x, PREC);
    arb_exp(y, y, PREC);
    arb_mul(res, res, y, PREC);
    arb_expm1(x, x, PREC);
    arb_neg(x, x);
    arb_div(res, res, x, PREC);
    arb_const_pi(x, PREC);
    arb_mul(res, res, x, PREC);
    arb_mul_2exp_si(res, res, 2);
    arb_clear(x);
    arb_clear(y);
}

void
caustic_circle_theta(arb_t res, const caustic_harmonics_t harmonics, const arb_t angle, const arb_t t, slong prec)
{
    const caustic_angular_struct * data = harmonics->data;
    arb_t time, x, y, weight;
    acb_ptr values;
    double nats, b, tau;
    slong samples, images;

    arb_init(time);
    arb_init(x);
    arb_init(y);
    arb_init(weight);
    arb_set_fmpq(time, data->rate, prec);
    arb_mul_fmpz(time, time, fmpq_numref(data->viscosity), prec);
    arb_div_fmpz(time, time, fmpq_denref(data->viscosity), prec);
    arb_mul(time, time, t, prec);
    tau = arf_get_d(arb_midref(time), ARF_RND_NEAR);
    nats = 0.7 * (double) prec + natural_log(harmonics->edge) - natural_log(harmonics->least) + 20;
    b = fmin(harmonics->height, 2 * sqrt(tau * nats));
    nats = (nats + b * b / (4 * tau)) / b + 2;
    images = (slong) fmin(sqrt(4 * tau * 0.7 * (double) prec) / 6, 1e5) + 2;
    samples = nats < 1e5 ? (slong) nats : 0;

    if (data->sphere != 2 || samples == 0 || images > 10000)
        arb_indeterminate(res);
    else
    {
        values = _acb_vec_init(samples);
        angular_samples(values, data, samples, prec);
        arb_zero(res);
        for (slong j = 0; j < samples; j++)
        {
            double distance;

            arb_const_pi(x, prec);
            arb_mul_si(y, x, 2 * j - samples, prec);
            arb_div_si(y, y, samples, prec);
            arb_sub(y, angle, y, prec);
            arb_mul_2exp_si(x, x, 1);
            /* into [-pi, pi], nearly */
            distance = arf_get_d(arb_midref(y), ARF_RND_NEAR);
            if (distance > 3.1416)
                arb_sub(y, y, x, prec);
            else if (distance < -3.1416)
                arb_add(y, y, x, prec);
            theta_sum(weight, y, time, images, prec);
            arb_abs(x, y);
            arb_mul_ui(x, x, 5, PREC);
            if (!arb_is_finite(x) || arf_cmpabs_ui(arb_midref(x), 16) > 0 || mag_cmp_2exp_si(arb_radref(x), -4) > 0)
                arb_indeterminate(weight);
            arb_addmul(res, acb_realref(values + j), weight, prec);
        }
        arb_const_pi(x, prec);
        arb_mul_2exp_si(y, x, 1);
        arb_mul(res, res, y, prec);
        arb_div_si(res, res, samples, prec);
        theta_error(y, harmonics, b, samples, time);
        arb_add_error(res, y);
        arb_mul(x, x, time, prec);
        arb_mul_2exp_si(x, x, 2);
        arb_rsqrt(x, x, prec);
        arb_mul(res, res, x, prec);
        _acb_vec_clear(values, samples);
    }
    arb_clear(time);
    arb_clear(x);
    arb_clear(y);
    arb_clear(weight);
}
