/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    orbit: one validated step after another.

    A step needs Taylor polynomials of the set with bounds of what they leave out, in the whole disc of complex times of the step's length,
    and, so that the set of solutions is not wrapped into a box again and again, its image under the Jacobian of the flow in a moving frame
    (R. Lohner, 1987). Doubles choose lengths, orders and frames; only balls prove.
*/

#include <math.h>
#include "integrator/integrator_internal.h"

/* Making and unmaking ************************************************************************/

static slong values(const caustic_orbit_t orbit)
{
    return orbit->flow->dimension + orbit->flow->observables;
}

/* Bits of the Taylor arithmetic. */
static slong whole_precision(const caustic_orbit_t orbit)
{
    return FLINT_MAX(orbit->precision, ROUGH);
}

/* Cost per unit of time is least at h = radius of convergence / e^2, where a bit costs log(2)/2 of
   an order. */
static slong order_for(slong precision)
{
    return 8 + (slong) (0.35 * (double) precision);
}

slong orbit_stride(const caustic_orbit_t orbit)
{
    return orbit->order + 2;
}

/* The box c + Q r, and the variations C + Q R. */
static void hull(caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, i;
    arb_t t;
    arb_init(t);
    for (i = 0; i < n; i++)
    {
        arb_dot(t, NULL, 0, arb_mat_entry(orbit->frame, i, 0), 1, orbit->box, 1, n, ROUGH);
        arb_add(orbit->state + i, orbit->centre + i, t, orbit->precision + ROUGH);
    }
    arb_clear(t);
    if (orbit->variations > 0)
    {
        arb_mat_mul(orbit->variation, orbit->frame, orbit->variation_box, ROUGH);
        arb_mat_add(orbit->variation, orbit->variation, orbit->variation_centre, orbit->precision + ROUGH);
    }
}

void caustic_orbit_init(caustic_orbit_t orbit, const caustic_flow * flow, arb_srcptr start, slong precision)
{
    slong n = flow->dimension, i;

    orbit->flow = flow;
    orbit->precision = precision;
    orbit->order = order_for(precision);
    orbit->few_bits = 1;
    orbit->polynomial_precision = 0;
    orbit->prepared = 0;
    orbit->step_guess = HUGE_VAL;
    orbit->rough_length = 0;
    orbit->jacobian = NULL;
    orbit->jacobian_order = 0;
    orbit->jacobian_precision = 0;
    orbit->variations = 0;
    arb_init(orbit->time);
    arb_init(orbit->step);
    orbit->state = _arb_vec_init(n);
    orbit->enclosure = _arb_vec_init(n);
    orbit->centre = _arb_vec_init(n);
    orbit->box = _arb_vec_init(n);
    arb_mat_init(orbit->frame, n, n);
    arb_mat_init(orbit->variation, n, 0);
    arb_mat_init(orbit->variation_centre, n, 0);
    arb_mat_init(orbit->variation_box, n, 0);
    orbit->polynomial = _arb_vec_init(values(orbit) * orbit_stride(orbit));
    orbit->rough = _arb_vec_init(values(orbit) * orbit_stride(orbit));

    arb_mat_one(orbit->frame);
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(orbit->centre + i, start + i);
        mag_set(arb_radref(orbit->box + i), arb_radref(start + i));
        arb_set(orbit->state + i, start + i);
    }
}

void caustic_orbit_init_set(caustic_orbit_t orbit, const caustic_flow * flow, arb_srcptr centre, const arb_mat_t frame,
    arb_srcptr box, slong precision)
{
    slong n = flow->dimension, i;

    caustic_orbit_init(orbit, flow, centre, precision);
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(orbit->centre + i, centre + i);
        arb_zero(orbit->box + i);
        arb_get_mag(arb_radref(orbit->box + i), box + i);
    }
    arb_mat_get_mid(orbit->frame, frame);
    hull(orbit);
}

static void forget_step(caustic_orbit_t orbit)
{
    orbit->prepared = 0;
    orbit->rough_length = 0;
    orbit_forget_jacobian(orbit);
}

void caustic_orbit_clear(caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension;
    forget_step(orbit);
    arb_clear(orbit->time);
    arb_clear(orbit->step);
    _arb_vec_clear(orbit->state, n);
    _arb_vec_clear(orbit->enclosure, n);
    _arb_vec_clear(orbit->centre, n);
    _arb_vec_clear(orbit->box, n);
    arb_mat_clear(orbit->frame);
    arb_mat_clear(orbit->variation);
    arb_mat_clear(orbit->variation_centre);
    arb_mat_clear(orbit->variation_box);
    _arb_vec_clear(orbit->polynomial, values(orbit) * orbit_stride(orbit));
    _arb_vec_clear(orbit->rough, values(orbit) * orbit_stride(orbit));
}

/* The present frame is Q: columns = C + Q R with R = Q^-1 (columns - C). */
void caustic_orbit_vary(caustic_orbit_t orbit, const arb_mat_t columns)
{
    slong n = orbit->flow->dimension, m = arb_mat_ncols(columns), i, j;
    arb_mat_t inverse;

    arb_mat_clear(orbit->variation);
    arb_mat_clear(orbit->variation_centre);
    arb_mat_clear(orbit->variation_box);
    arb_mat_init(orbit->variation, n, m);
    arb_mat_init(orbit->variation_centre, n, m);
    arb_mat_init(orbit->variation_box, n, m);
    orbit->variations = m;
    arb_mat_set(orbit->variation, columns);
    for (i = 0; i < n; i++)
    {
        for (j = 0; j < m; j++)
        {
            arb_get_mid_arb(arb_mat_entry(orbit->variation_centre, i, j), arb_mat_entry(columns, i, j));
            mag_set(arb_radref(arb_mat_entry(orbit->variation_box, i, j)), arb_radref(arb_mat_entry(columns, i, j)));
        }
    }
    arb_mat_init(inverse, n, n);
    if (!arb_mat_inv(inverse, orbit->frame, ROUGH))
    {
        arb_mat_indeterminate(inverse); /* frames are invertible: not reached */
    }
    arb_mat_mul(orbit->variation_box, inverse, orbit->variation_box, ROUGH);
    arb_mat_clear(inverse);
}

/* Errors *************************************************************************************/

/* Why the set cannot move on, as far as can be seen. */
static const char * obstacle(const caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, i;
    const char * reason = "the steps that can be proved become too short: the solution ends there, or the field is not smooth there";
    arb_ptr f = _arb_vec_init(n);

    for (i = 0; i < n; i++)
    {
        if (arb_rel_accuracy_bits(orbit->state + i) < 8 && !arb_is_exact(orbit->state + i))
        {
            reason = "the set of solutions has become too wide";
        }
    }
    caustic_tape_evaluate_arb(f, orbit->flow->field, orbit->state, orbit->precision);
    if (!_arb_vec_is_finite(f, n))
    {
        reason = "the field is not certainly defined there";
    }
    if (!_arb_vec_is_finite(orbit->state, n))
    {
        reason = "the set of solutions is no longer enclosed";
    }
    _arb_vec_clear(f, n);
    return reason;
}

caustic_result orbit_no_step(const caustic_orbit_t orbit, caustic_error_t error)
{
    caustic_text_t text;
    caustic_result result;
    caustic_text_init(text);
    caustic_print_lower(text, orbit->time, 8);
    result = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
        "no step of the flow could be proved after time %s with %ld bits: %s", text->data, (long) orbit->precision,
        obstacle(orbit));
    caustic_text_clear(text);
    return result;
}

/* The polynomials and their remainders *******************************************************/

void horner(arb_t res, arb_srcptr polynomial, slong length, const arb_t x, slong prec)
{
    slong k;
    arb_t sum;
    arb_init(sum);
    for (k = length - 1; k >= 0; k--)
    {
        arb_mul(sum, sum, x, prec);
        arb_add(sum, sum, polynomial + k, prec);
    }
    arb_swap(res, sum);
    arb_clear(sum);
}

/* Whether the Taylor series of the set are bounded in the disc of radius h: then the solutions exist on [0, h] and are
   enclosed by the polynomials with these bounds as remainders [INTEGRATOR-1]. */
static int bound_remainders(caustic_orbit_t orbit, const caustic_series_t series, const arf_t h)
{
    const caustic_flow * flow = orbit->flow;
    slong n = flow->dimension, i;
    int proved;
    mag_ptr bound = _mag_vec_init(n);
    mag_t radius;
    caustic_tails_t tails;

    mag_init(radius);
    arf_get_mag(radius, h);
    caustic_tails_init(tails, series, orbit->order, radius);
    proved = flow_tails(bound, tails, flow, radius);
    for (i = 0; i < values(orbit) && proved; i++)
    {
        flow_remainder(orbit->polynomial + i * orbit_stride(orbit) + orbit->order + 1,
            i < n ? bound + i : caustic_tails_root(tails, i).tail, radius, orbit->order);
    }
    caustic_tails_clear(tails);
    _mag_vec_clear(bound, n);
    mag_clear(radius);
    return proved;
}

/* The Taylor coefficients of the set, with that many bits; remainders stay what they are. The machine is to be cleared. */
static void set_polynomials(caustic_orbit_t orbit, caustic_series_t series, slong prec)
{
    slong i, n = orbit->flow->dimension, length = orbit->order + 1;
    flow_series(series, orbit->flow, orbit->flow->tape, orbit->state, orbit->order, prec);
    orbit->polynomial_precision = prec;
    for (i = 0; i < values(orbit); i++)
    {
        _arb_vec_set(orbit->polynomial + i * orbit_stride(orbit), i < n ? caustic_series_input(series, i) : caustic_series_root(series, i), length);
    }
}

/* The range of the polynomials over [0, h]. */
static void set_enclosure(caustic_orbit_t orbit)
{
    slong i;
    arb_t zero_to_h;
    arb_init(zero_to_h);
    arb_mul_2exp_si(zero_to_h, orbit->step, -1);
    arf_get_mag(arb_radref(zero_to_h), arb_midref(zero_to_h));
    for (i = 0; i < orbit->flow->dimension; i++)
    {
        horner(orbit->enclosure + i, orbit->polynomial + i * orbit_stride(orbit), orbit_stride(orbit), zero_to_h, ROUGH);
    }
    arb_clear(zero_to_h);
}

/* The length of the step, by doubles *********************************************************/

double log2_size(const arb_t x)
{
    double result;
    mag_t t;
    mag_init(t);
    arb_get_mag(t, x);
    result = mag_is_zero(t) ? -HUGE_VAL : mag_get_d_log2_approx(t);
    mag_clear(t);
    return result;
}

static double log2_largest(const caustic_orbit_t orbit)
{
    double largest = -HUGE_VAL;
    slong i;
    for (i = 0; i < orbit->flow->dimension; i++)
    {
        largest = fmax(largest, log2_size(orbit->state + i));
    }
    return largest;
}

/* log2 of the error that coordinate i may have: 2^-precision of its size. */
static double log2_goal(const caustic_orbit_t orbit, slong i, double largest)
{
    double size = fmax(log2_size(orbit->state + i), largest - 20.0);
    return (isfinite(size) ? size : 0.0) - (double) orbit->precision;
}

/* log2 of the h for which the remainders fall to the goal. */
static double log2_step(const caustic_orbit_t orbit)
{
    slong i;
    double largest = log2_largest(orbit), least = HUGE_VAL, size;
    for (i = 0; i < orbit->flow->dimension; i++)
    {
        size = log2_size(orbit->polynomial + i * orbit_stride(orbit) + orbit->order + 1);
        if (size > -HUGE_VAL)
        {
            least = fmin(least, (log2_goal(orbit, i, largest) - size) / (double) (orbit->order + 1));
        }
    }
    return least;
}

/* log2 of the h at which the last coefficients, their midpoints or their radii, fall to the goal. */
static double log2_first_step(const caustic_orbit_t orbit, void (*part)(arb_t, const arb_t))
{
    slong i, k;
    double largest = log2_largest(orbit), least = HUGE_VAL, goal, size;
    arb_t t;
    arb_init(t);
    for (i = 0; i < orbit->flow->dimension; i++)
    {
        goal = log2_goal(orbit, i, largest);
        for (k = FLINT_MAX(1, orbit->order - 2); k <= orbit->order; k++)
        {
            part(t, orbit->polynomial + i * orbit_stride(orbit) + k);
            size = log2_size(t);
            least = size > -HUGE_VAL ? fmin(least, (goal - size) / (double) k) : least;
        }
    }
    arb_clear(t);
    return least;
}

/* Balls of coefficients grow from order to order. A step at which those of the last coefficients just fall to the accuracy wanted would lose many bits in
   all of them together; one that is shorter by this much, in bits, loses few. */
#define CAUTION 0.5

/* Taylor series of the set, and log2 of a step to try. Few bits do, unless it is the balls of the coefficients that make the step short. */
static double begin_step(caustic_orbit_t orbit, caustic_series_t series)
{
    double wanted, allowed;
    set_polynomials(orbit, series, orbit->few_bits ? ROUGH : whole_precision(orbit));
    wanted = log2_first_step(orbit, arb_get_mid_arb);
    allowed = log2_first_step(orbit, arb_get_rad_arb) - CAUTION;
    if (allowed < wanted && orbit->polynomial_precision < whole_precision(orbit))
    {
        orbit->few_bits = 0;
        caustic_series_clear(series);
        return begin_step(orbit, series);
    }
    return fmin(wanted, allowed);
}

#define MOST_HALVINGS 20

/* What is proved for a step holds for shorter ones. */
static void shorten_for_variations(caustic_orbit_t orbit)
{
    slong halving;
    if (orbit->variations == 0 || orbit->flow->variation == NULL)
    {
        return;
    }
    for (halving = 0; halving < MOST_HALVINGS && !orbit_jacobian_is_sharp(orbit); halving++)
    {
        arb_mul_2exp_si(orbit->step, orbit->step, -1);
        orbit->step_guess = 2.0 * arf_get_d(arb_midref(orbit->step), ARF_RND_NEAR);
    }
}

#define MOST_ATTEMPTS 200

caustic_result caustic_orbit_prepare(caustic_orbit_t orbit, const arb_t most, caustic_error_t error)
{
    slong attempt;
    double guess, found, underflow, limit;
    int proved = 0;
    caustic_series_t series;
    arf_t h, cap;

    forget_step(orbit);
    if (!arb_is_finite(most) || !arb_is_finite(orbit->time) || !_arb_vec_is_finite(orbit->state, orbit->flow->dimension))
    {
        return orbit_no_step(orbit, error);
    }
    arf_init(h);
    arf_init(cap);
    arb_get_ubound_arf(cap, most, ROUGH);
    limit = arf_get_d(cap, ARF_RND_UP);
    guess = fmin(fmin(orbit->step_guess, exp2(begin_step(orbit, series))), limit);
    underflow = ldexp(guess + arf_get_d(arb_midref(orbit->time), ARF_RND_UP), -40);

    for (attempt = 0; attempt < MOST_ATTEMPTS && !proved && guess > underflow; attempt++)
    {
        arf_set_d(h, guess);
        if (guess >= limit)
        {
            arf_set(h, cap);
        }
        proved = arf_sgn(h) > 0 && arf_is_finite(h) && bound_remainders(orbit, series, h);
        guess *= 0.5;
    }
    if (proved)
    {
        guess *= 2.0;
        found = exp2(log2_step(orbit));
        if (found < guess)
        {
            arf_set_d(h, found); /* shorter than what was proved */
        }
        orbit->step_guess = 2.0 * fmin(found, guess);
    }
    proved = proved && arf_sgn(h) > 0 && arf_is_finite(h);
    if (proved)
    {
        arb_set_arf(orbit->step, h);
        orbit->prepared = 1;
        shorten_for_variations(orbit);
        set_enclosure(orbit);
    }
    arf_clear(h);
    arf_clear(cap);
    caustic_series_clear(series);
    return proved ? CAUSTIC_OK : orbit_no_step(orbit, error);
}

/* Reading ************************************************************************************/

int orbit_within_step(const caustic_orbit_t orbit, const arb_t since)
{
    return orbit->prepared && arb_is_nonnegative(since) && arb_le(since, orbit->step);
}

/* Shorter polynomials, which do for few bits, made once a step. */
static void need_rough_polynomials(caustic_orbit_t orbit)
{
    slong i, length = FLINT_MIN(order_for(ROUGH), orbit->order) + 2;
    mag_t h;
    if (orbit->rough_length > 0)
    {
        return;
    }
    mag_init(h);
    arb_get_mag(h, orbit->step);
    for (i = 0; i < values(orbit); i++)
    {
        flow_shorten(orbit->rough + i * orbit_stride(orbit), length, orbit->polynomial + i * orbit_stride(orbit), orbit_stride(orbit), h, ROUGH);
    }
    orbit->rough_length = length;
    mag_clear(h);
}

static void need_polynomials(caustic_orbit_t orbit)
{
    caustic_series_t series;
    if (orbit->polynomial_precision < whole_precision(orbit))
    {
        set_polynomials(orbit, series, whole_precision(orbit));
        caustic_series_clear(series);
    }
}

slong caustic_orbit_polynomial(arb_srcptr * res, caustic_orbit_t orbit, slong i, slong prec)
{
    *res = NULL;
    if (!orbit->prepared || i < 0 || i >= values(orbit))
    {
        return 0;
    }
    if (prec > ROUGH)
    {
        need_polynomials(orbit);
        *res = orbit->polynomial + i * orbit_stride(orbit);
        return orbit_stride(orbit);
    }
    need_rough_polynomials(orbit);
    *res = orbit->rough + i * orbit_stride(orbit);
    return orbit->rough_length;
}

void caustic_orbit_value(arb_t res, caustic_orbit_t orbit, slong i, const arb_t since, slong prec)
{
    arb_srcptr polynomial;
    slong length = orbit_within_step(orbit, since) ? caustic_orbit_polynomial(&polynomial, orbit, i, prec) : 0;
    if (length == 0)
    {
        arb_indeterminate(res);
        return;
    }
    horner(res, polynomial, length, since, prec);
}

/* Moving on **********************************************************************************/

/* The centre of the set, moved on: its own Taylor polynomial, with all bits. */
static void flow_centre(arb_ptr y, const caustic_orbit_t orbit, const arb_t since)
{
    slong n = orbit->flow->dimension, width = orbit_stride(orbit), i;
    arb_ptr polynomial = _arb_vec_init(n * width);
    flow_taylor(polynomial, width, orbit->flow, orbit->centre, orbit->order, orbit->precision);
    for (i = 0; i < n; i++)
    {
        arb_set(polynomial + i * width + orbit->order + 1, orbit->polynomial + i * width + orbit->order + 1);
        horner(y + i, polynomial + i * width, width, since, orbit->precision);
    }
    _arb_vec_clear(polynomial, n * width);
}

/* Whether the set is a single point without variations: then nothing turns. */
static int is_point(const caustic_orbit_t orbit)
{
    return orbit->variations == 0 && _arb_vec_is_zero(orbit->box, orbit->flow->dimension);
}

/* Where the field's derivatives are not known: the set becomes the box of the polynomials' values. */
static void become_box(caustic_orbit_t orbit, arb_srcptr y)
{
    slong n = orbit->flow->dimension, i;
    arb_mat_one(orbit->frame);
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(orbit->centre + i, y + i);
        arb_zero(orbit->box + i);
        mag_set(arb_radref(orbit->box + i), arb_radref(y + i));
    }
}

static void flow_box(arb_ptr y, caustic_orbit_t orbit, const arb_t since)
{
    slong i;
    for (i = 0; i < orbit->flow->dimension; i++)
    {
        caustic_orbit_value(y + i, orbit, i, since, orbit->precision);
    }
}

caustic_result caustic_orbit_advance(caustic_orbit_t orbit, const arb_t since, caustic_error_t error)
{
    slong n = orbit->flow->dimension;
    caustic_result result = CAUSTIC_OK;
    arb_ptr y;
    arb_mat_t jacobian, variation;

    if (!orbit_within_step(orbit, since))
    {
        return caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "the flow was asked to advance beyond the step that was proved");
    }
    y = _arb_vec_init(n);
    arb_mat_init(jacobian, n, n);
    arb_mat_init(variation, n, orbit->variations);
    if (orbit->flow->variation == NULL)
    {
        flow_box(y, orbit, since);
    }
    else
    {
        flow_centre(y, orbit, since);
    }
    orbit_vary_centre(variation, orbit, since);
    if (is_point(orbit) || orbit->flow->variation == NULL)
    {
        arb_mat_one(jacobian);
    }
    else
    {
        caustic_orbit_jacobian(jacobian, orbit, since, ROUGH);
    }
    if (!_arb_vec_is_finite(y, n) || !arb_mat_is_finite(jacobian) || !arb_mat_is_finite(variation))
    {
        /* proved to exist, but not enclosed well enough to move on: a shorter step will be */
        orbit->step_guess = 0.125 * arf_get_d(arb_midref(orbit->step), ARF_RND_NEAR);
        result = orbit_no_step(orbit, error);
    }
    else
    {
        if (orbit->flow->variation == NULL)
        {
            become_box(orbit, y);
        }
        else
        {
            orbit_move_frame(orbit, y, variation, jacobian);
        }
        hull(orbit);
        arb_add(orbit->time, orbit->time, since, 2 * orbit->precision);
        result = _arb_vec_is_finite(orbit->state, n) ? CAUSTIC_OK : orbit_no_step(orbit, error);
    }
    forget_step(orbit);
    arb_mat_clear(jacobian);
    arb_mat_clear(variation);
    _arb_vec_clear(y, n);
    return result;
}
