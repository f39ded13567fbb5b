/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    orbit: one validated step after another.

    A step needs a box that no solution leaves during the step (Picard and Lindeloef), Taylor
    polynomials with Lagrange's remainder on that box, and, so that the set of solutions is not
    wrapped into a box again and again, its image under the Jacobian of the flow in a moving frame
    (R. Lohner, 1987). Doubles choose lengths, orders and frames; only balls prove.
*/

#include <math.h>
#include "flow/flow_internal.h"

#define ROUGH CAUSTIC_FLOW_ROUGH
#define VARIATION_ORDER CAUSTIC_FLOW_VARIATION_ORDER

/* Making and unmaking ************************************************************************/

static slong values(const caustic_orbit_t orbit)
{
    return orbit->flow->dimension + orbit->flow->observables;
}

/* Cost per unit of time is least at h = radius of convergence / e^2, where a bit costs log(2)/2 of
   an order. */
static slong order_for(slong precision)
{
    return 8 + (slong) (0.35 * (double) precision);
}

/* The number of coefficients of a Taylor polynomial with its remainder. */
static slong stride(const caustic_orbit_t orbit)
{
    return orbit->order + 2;
}

/* The box c + Q r. */
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
}

void caustic_orbit_init(caustic_orbit_t orbit, const caustic_flow * flow, arb_srcptr start, slong precision)
{
    slong n = flow->dimension, i;

    orbit->flow = flow;
    orbit->precision = precision;
    orbit->order = order_for(FLINT_MAX(precision, ROUGH));
    orbit->prepared = 0;
    orbit->step_guess = HUGE_VAL;
    orbit->polynomial_order = 0;
    orbit->polynomial_precision = 0;
    arb_init(orbit->time);
    arb_init(orbit->step);
    orbit->state = _arb_vec_init(n);
    orbit->enclosure = _arb_vec_init(n);
    orbit->centre = _arb_vec_init(n);
    orbit->box = _arb_vec_init(n);
    arb_mat_init(orbit->frame, n, n);
    orbit->polynomial = _arb_vec_init(values(orbit) * stride(orbit));
    orbit->remainder = _arb_vec_init(n);

    arb_mat_one(orbit->frame);
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(orbit->centre + i, start + i);
        mag_set(arb_radref(orbit->box + i), arb_radref(start + i));
        arb_set(orbit->state + i, start + i);
    }
}

void caustic_orbit_clear(caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension;
    arb_clear(orbit->time);
    arb_clear(orbit->step);
    _arb_vec_clear(orbit->state, n);
    _arb_vec_clear(orbit->enclosure, n);
    _arb_vec_clear(orbit->centre, n);
    _arb_vec_clear(orbit->box, n);
    arb_mat_clear(orbit->frame);
    _arb_vec_clear(orbit->polynomial, values(orbit) * stride(orbit));
    _arb_vec_clear(orbit->remainder, n);
}

/* A box for the whole step *******************************************************************/

/* res = X + [0, h] f(E); 0 if f is not certainly defined on E. */
static int picard(arb_ptr res, const caustic_orbit_t orbit, arb_srcptr box, const arb_t zero_to_h)
{
    slong n = orbit->flow->dimension, i;
    int defined = 1;
    arb_ptr f = _arb_vec_init(n);

    caustic_tape_evaluate_arb(f, orbit->flow->field, box, ROUGH);
    for (i = 0; i < n; i++)
    {
        defined = defined && arb_is_finite(f + i);
        arb_mul(f + i, f + i, zero_to_h, ROUGH);
        arb_add(res + i, orbit->state + i, f + i, ROUGH);
    }
    _arb_vec_clear(f, n);
    return defined;
}

/* A little wider on every side. */
static void inflate(arb_ptr box, slong length)
{
    slong i;
    mag_t t;
    mag_init(t);
    for (i = 0; i < length; i++)
    {
        mag_mul_2exp_si(t, arb_radref(box + i), -3);
        mag_add(arb_radref(box + i), arb_radref(box + i), t);
        arf_get_mag(t, arb_midref(box + i));
        mag_mul_2exp_si(t, t, 8 - ROUGH);
        mag_add(arb_radref(box + i), arb_radref(box + i), t);
    }
    mag_clear(t);
}

static int box_contains(arb_srcptr outer, arb_srcptr inner, slong length)
{
    slong i;
    for (i = 0; i < length; i++)
    {
        if (!arb_contains(outer + i, inner + i))
        {
            return 0;
        }
    }
    return 1;
}

/* Finds E with X + [0, h] f(E) inside E; then every solution from X exists on [0, h] and stays in
   the image, which becomes the enclosure [FLOW-1]. */
static int enclose(caustic_orbit_t orbit, const arf_t h)
{
    slong n = orbit->flow->dimension, attempt;
    int found = 0;
    arb_ptr image = _arb_vec_init(n);
    arb_t zero_to_h;

    arb_init(zero_to_h);
    arb_set_arf(zero_to_h, h);
    arb_mul_2exp_si(zero_to_h, zero_to_h, -1);
    arf_get_mag(arb_radref(zero_to_h), arb_midref(zero_to_h));

    if (picard(orbit->enclosure, orbit, orbit->state, zero_to_h))
    {
        inflate(orbit->enclosure, n);
        for (attempt = 0; attempt < 10 && !found; attempt++)
        {
            if (!picard(image, orbit, orbit->enclosure, zero_to_h))
            {
                break;
            }
            found = box_contains(orbit->enclosure, image, n);
            _arb_vec_swap(orbit->enclosure, image, n);
            if (!found)
            {
                inflate(orbit->enclosure, n);
            }
        }
    }
    _arb_vec_clear(image, n);
    arb_clear(zero_to_h);
    return found;
}

/* The length of the step, by doubles *********************************************************/

static double log2_size(const arb_t x)
{
    double result;
    mag_t t;
    mag_init(t);
    arb_get_mag(t, x);
    result = mag_is_zero(t) ? -HUGE_VAL : mag_get_d_log2_approx(t);
    mag_clear(t);
    return result;
}

/* log2 of the h for which the remainder falls to 2^-precision of the size of each coordinate. */
static double log2_step(const caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, i;
    double largest = -HUGE_VAL, least = HUGE_VAL, scale, size;
    for (i = 0; i < n; i++)
    {
        largest = fmax(largest, log2_size(orbit->state + i));
    }
    for (i = 0; i < n; i++)
    {
        scale = fmax(log2_size(orbit->state + i), largest - 20.0);
        scale = isfinite(scale) ? scale : 0.0;
        size = log2_size(orbit->remainder + i);
        if (size > -HUGE_VAL)
        {
            least = fmin(least, (scale - (double) orbit->precision - size) / (double) (orbit->order + 1));
        }
    }
    return least;
}

/* The Taylor coefficients of that order on the enclosure: the remainders [FLOW-2]. */
static void coefficients_on_enclosure(arb_ptr res, const caustic_orbit_t orbit, int with_observables, slong order)
{
    slong i, length = with_observables ? values(orbit) : orbit->flow->dimension;
    arb_ptr all = _arb_vec_init(length * (order + 1));
    caustic_flow_taylor(all, order + 1, orbit->flow, orbit->enclosure, with_observables, order, ROUGH);
    for (i = 0; i < length; i++)
    {
        arb_swap(res + i, all + i * (order + 1) + order);
    }
    _arb_vec_clear(all, length * (order + 1));
}

/* Of the coordinates. 0 if not finite: the field is not certainly smooth on the enclosure. */
static int remainders(caustic_orbit_t orbit)
{
    coefficients_on_enclosure(orbit->remainder, orbit, 0, orbit->order + 1);
    return _arb_vec_is_finite(orbit->remainder, orbit->flow->dimension);
}

static caustic_result no_step(const caustic_orbit_t orbit, caustic_error_t error)
{
    caustic_text_t text;
    caustic_result result;
    caustic_text_init(text);
    caustic_print_lower(text, orbit->time, 8);
    result = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
        "no step of the flow could be proved after time %s with %ld bits: the solution ends there, the field "
        "is not smooth there, or the set of solutions has become too wide", text->data, (long) orbit->precision);
    caustic_text_clear(text);
    return result;
}

caustic_result caustic_orbit_prepare(caustic_orbit_t orbit, const arb_t most, caustic_error_t error)
{
    slong attempt;
    double guess, found, underflow, limit;
    int proved = 0;
    arf_t h, cap;

    orbit->prepared = 0;
    orbit->polynomial_precision = 0;
    if (!arb_is_finite(most) || !arb_is_finite(orbit->time))
    {
        return no_step(orbit, error);
    }
    arf_init(h);
    arf_init(cap);
    arb_get_ubound_arf(cap, most, ROUGH);
    limit = arf_get_d(cap, ARF_RND_UP);
    underflow = ldexp(1.0 + arf_get_d(arb_midref(orbit->time), ARF_RND_UP), -40);
    guess = fmin(orbit->step_guess, limit);

    for (attempt = 0; attempt < 200 && !proved && guess > underflow; attempt++)
    {
        arf_set_d(h, guess);
        if (guess >= limit)
        {
            arf_set(h, cap);
        }
        if (arf_sgn(h) <= 0 || !arf_is_finite(h) || !enclose(orbit, h) || !remainders(orbit))
        {
            guess *= 0.5;
            continue;
        }
        found = exp2(log2_step(orbit));
        if (found < 0.4 * guess && attempt < 3)
        {
            /* a smaller box has smaller coefficients: worth another try */
            guess = fmax(2.0 * found, 0.3 * guess);
            continue;
        }
        proved = 1;
        if (found < guess)
        {
            arf_set_d(h, found); /* shorter than what was proved */
        }
        orbit->step_guess = 1.5 * fmin(found, guess);
    }
    proved = proved && arf_sgn(h) > 0 && arf_is_finite(h);
    if (proved)
    {
        arb_set_arf(orbit->step, h);
        orbit->prepared = 1;
    }
    arf_clear(h);
    arf_clear(cap);
    return proved ? CAUSTIC_OK : no_step(orbit, error);
}

/* Reading ************************************************************************************/

static int within_step(const caustic_orbit_t orbit, const arb_t since)
{
    return orbit->prepared && arb_is_nonnegative(since) && arb_le(since, orbit->step);
}

static void horner(arb_t res, arb_srcptr polynomial, slong length, const arb_t x, slong prec)
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

/* The Taylor polynomials of the set, their last coefficients those on the enclosure [FLOW-2]. */
static void polynomials(caustic_orbit_t orbit, slong precision)
{
    slong i, order = FLINT_MIN(order_for(precision), orbit->order);
    arb_ptr last = _arb_vec_init(values(orbit));

    caustic_flow_taylor(orbit->polynomial, stride(orbit), orbit->flow, orbit->state, 1, order, precision);
    coefficients_on_enclosure(last, orbit, 1, order + 1);
    for (i = 0; i < values(orbit); i++)
    {
        arb_swap(orbit->polynomial + i * stride(orbit) + order + 1, last + i);
    }
    orbit->polynomial_order = order;
    orbit->polynomial_precision = precision;
    _arb_vec_clear(last, values(orbit));
}

void caustic_orbit_value(arb_t res, caustic_orbit_t orbit, slong i, const arb_t since, slong prec)
{
    slong wanted = prec > ROUGH ? orbit->precision : FLINT_MIN(orbit->precision, ROUGH);
    if (i < 0 || i >= values(orbit) || !within_step(orbit, since))
    {
        arb_indeterminate(res);
        return;
    }
    if (orbit->polynomial_precision < wanted)
    {
        polynomials(orbit, wanted);
    }
    horner(res, orbit->polynomial + i * stride(orbit), orbit->polynomial_order + 2, since, prec);
}

/* The centre of the set, moved on: its own Taylor polynomial, with all bits. */
static void flow_centre(arb_ptr y, const caustic_orbit_t orbit, const arb_t since)
{
    slong n = orbit->flow->dimension, width = stride(orbit), i;
    arb_ptr polynomial = _arb_vec_init(n * width);
    caustic_flow_taylor(polynomial, width, orbit->flow, orbit->centre, 0, orbit->order, orbit->precision);
    for (i = 0; i < n; i++)
    {
        arb_set(polynomial + i * width + orbit->order + 1, orbit->remainder + i);
        horner(y + i, polynomial + i * width, width, since, orbit->precision);
    }
    _arb_vec_clear(polynomial, n * width);
}

/* The Jacobian of the flow *******************************************************************/

/* Upper bound of the row-sum norm of Df on the enclosure. */
static void jacobian_norm(mag_t res, const caustic_orbit_t orbit)
{
    const caustic_flow * flow = orbit->flow;
    slong n = flow->dimension, e;
    arb_ptr f = _arb_vec_init(n + flow->entries);
    mag_ptr rows = _mag_vec_init(n);
    mag_t t;

    mag_init(t);
    mag_zero(res);
    caustic_tape_evaluate_arb(f, flow->variation, orbit->enclosure, ROUGH);
    for (e = 0; e < flow->entries; e++)
    {
        arb_get_mag(t, f + n + e);
        mag_add(rows + flow->entry_row[e], rows + flow->entry_row[e], t);
        mag_max(res, res, rows + flow->entry_row[e]);
    }
    mag_clear(t);
    _mag_vec_clear(rows, n);
    _arb_vec_clear(f, n + flow->entries);
}

/* The Jacobian P(t) of the flow by the start satisfies |P(t) - I| <= exp(h |Df|) - 1 during the
   step, in the row-sum norm over the enclosure [FLOW-3]. */
static void variation_enclosure(arb_ptr matrix, const caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, i;
    mag_t norm, h;

    mag_init(norm);
    mag_init(h);
    jacobian_norm(norm, orbit);
    arb_get_mag(h, orbit->step);
    mag_mul(norm, norm, h);
    mag_expm1(norm, norm);
    _arb_vec_zero(matrix, n * n);
    for (i = 0; i < n * n; i++)
    {
        if (i % (n + 1) == 0)
        {
            arb_one(matrix + i);
        }
        mag_set(arb_radref(matrix + i), norm);
    }
    mag_clear(norm);
    mag_clear(h);
}

/* The Jacobian after `since`, at every point of the set: Taylor's formula for (x, P). */
static void flow_jacobian(arb_mat_t jacobian, const caustic_orbit_t orbit, const arb_t since)
{
    slong n = orbit->flow->dimension, order = VARIATION_ORDER, i;
    arb_ptr inside = _arb_vec_init(n * n * (order + 2));
    arb_ptr outside = _arb_vec_init(n * n * (order + 2));
    arb_ptr matrix = _arb_vec_init(n * n);

    for (i = 0; i < n; i++)
    {
        arb_one(matrix + i * (n + 1));
    }
    caustic_flow_taylor_variation(inside, orbit->flow, orbit->state, matrix, order, ROUGH);
    variation_enclosure(matrix, orbit);
    caustic_flow_taylor_variation(outside, orbit->flow, orbit->enclosure, matrix, order + 1, ROUGH);
    for (i = 0; i < n * n; i++)
    {
        arb_ptr polynomial = outside + i * (order + 2);
        _arb_vec_set(polynomial, inside + i * (order + 1), order + 1);
        horner(arb_mat_entry(jacobian, i / n, i % n), polynomial, order + 2, since, ROUGH);
    }
    _arb_vec_clear(inside, n * n * (order + 2));
    _arb_vec_clear(outside, n * n * (order + 2));
    _arb_vec_clear(matrix, n * n);
}

/* The moving frame ***************************************************************************/

/* Reflects so that column k of a (from row k on) points along the first axis, and notes it in q. */
static void reflect(double * a, double * q, slong n, slong k)
{
    slong i, j;
    double norm = 0.0, dot, * v = flint_malloc(sizeof(double) * (size_t) n);
    for (i = k; i < n; i++)
    {
        v[i] = a[i * n + k];
        norm = hypot(norm, v[i]);
    }
    v[k] += v[k] < 0.0 ? -norm : norm;
    dot = 0.0;
    for (i = k; i < n; i++)
    {
        dot += v[i] * v[i];
    }
    if (dot > 0.0)
    {
        for (j = 0; j < n; j++)
        {
            double left = 0.0, right = 0.0;
            for (i = k; i < n; i++)
            {
                left += v[i] * a[i * n + j];
                right += v[i] * q[j * n + i];
            }
            for (i = k; i < n; i++)
            {
                a[i * n + j] -= 2.0 * left / dot * v[i];
                q[j * n + i] -= 2.0 * right / dot * v[i];
            }
        }
    }
    flint_free(v);
}

/* The columns of the matrix, scaled by the box and sorted with the longest first, as doubles. */
static void sorted_columns(double * a, const arb_mat_t image, arb_srcptr box, slong n)
{
    slong i, j, best, column, * order = flint_malloc(sizeof(slong) * (size_t) n);
    double * length = flint_malloc(sizeof(double) * (size_t) n);
    double * size = flint_malloc(sizeof(double) * (size_t) n);

    for (j = 0; j < n; j++)
    {
        size[j] = 0.0;
        for (i = 0; i < n; i++)
        {
            size[j] = hypot(size[j], arf_get_d(arb_midref(arb_mat_entry(image, i, j)), ARF_RND_NEAR));
        }
        length[j] = size[j] > 0.0 ? log2_size(box + j) + log2(size[j]) : -HUGE_VAL;
        order[j] = j;
    }
    for (i = 0; i < n; i++)
    {
        best = i;
        for (j = i + 1; j < n; j++)
        {
            best = length[order[j]] > length[order[best]] ? j : best;
        }
        column = order[best];
        order[best] = order[i];
        order[i] = column;
        for (j = 0; j < n; j++)
        {
            a[j * n + i] = size[order[i]] > 0.0
                ? arf_get_d(arb_midref(arb_mat_entry(image, j, order[i])), ARF_RND_NEAR) / size[order[i]] : 0.0;
        }
    }
    flint_free(order);
    flint_free(length);
    flint_free(size);
}

/* A nearly orthogonal matrix whose first columns follow the longest sides of the set, and its
   inverse. The choice is free: what is proved does not depend on it. */
static void choose_frame(arb_mat_t frame, arb_mat_t inverse, const arb_mat_t image, arb_srcptr box)
{
    slong n = arb_mat_nrows(image), i;
    int usable = 1;
    double * a = flint_calloc((size_t) (n * n), sizeof(double));
    double * q = flint_calloc((size_t) (n * n), sizeof(double));

    sorted_columns(a, image, box, n);
    for (i = 0; i < n; i++)
    {
        q[i * (n + 1)] = 1.0;
    }
    for (i = 0; i + 1 < n; i++)
    {
        reflect(a, q, n, i);
    }
    for (i = 0; i < n * n; i++)
    {
        usable = usable && isfinite(q[i]);
        arb_set_d(arb_mat_entry(frame, i / n, i % n), q[i]);
    }
    if (!usable || !arb_mat_inv(inverse, frame, ROUGH))
    {
        arb_mat_one(frame);
        arb_mat_one(inverse);
    }
    flint_free(a);
    flint_free(q);
}

/* Symmetric about 0, and no smaller. */
static void symmetric(arb_t x)
{
    mag_t t;
    mag_init(t);
    arb_get_mag(t, x);
    arf_zero(arb_midref(x));
    mag_swap(arb_radref(x), t);
    mag_clear(t);
}

/* From y = flow(c) and the image J Q of the frame to the new c', Q', r' with
   y + J Q r inside c' + Q' r', that is r' = Q'^-1 (y - c') + (Q'^-1 J Q) r [FLOW-4]. */
static void move_frame(caustic_orbit_t orbit, arb_srcptr y, const arb_mat_t jacobian)
{
    slong n = orbit->flow->dimension, i;
    arb_mat_t image, inverse, turned;
    arb_ptr error = _arb_vec_init(n), box = _arb_vec_init(n);

    arb_mat_init(image, n, n);
    arb_mat_init(inverse, n, n);
    arb_mat_init(turned, n, n);
    arb_mat_mul(image, jacobian, orbit->frame, ROUGH);
    choose_frame(orbit->frame, inverse, image, orbit->box);
    arb_mat_mul(turned, inverse, image, ROUGH);
    for (i = 0; i < n; i++)
    {
        arb_get_mid_arb(orbit->centre + i, y + i);
        mag_set(arb_radref(error + i), arb_radref(y + i));
    }
    for (i = 0; i < n; i++)
    {
        arb_dot(box + i, NULL, 0, arb_mat_entry(turned, i, 0), 1, orbit->box, 1, n, ROUGH);
        arb_dot(box + i, box + i, 0, arb_mat_entry(inverse, i, 0), 1, error, 1, n, ROUGH);
        symmetric(box + i);
    }
    _arb_vec_swap(orbit->box, box, n);
    arb_mat_clear(image);
    arb_mat_clear(inverse);
    arb_mat_clear(turned);
    _arb_vec_clear(error, n);
    _arb_vec_clear(box, n);
}

caustic_result caustic_orbit_advance(caustic_orbit_t orbit, const arb_t since, caustic_error_t error)
{
    slong n = orbit->flow->dimension;
    arb_ptr y;
    arb_mat_t jacobian;

    if (!within_step(orbit, since))
    {
        return caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "the flow was asked to advance beyond the step that was proved");
    }
    y = _arb_vec_init(n);
    arb_mat_init(jacobian, n, n);
    flow_centre(y, orbit, since);
    if (_arb_vec_is_zero(orbit->box, n))
    {
        arb_mat_one(jacobian); /* a single point: nothing to turn */
    }
    else
    {
        flow_jacobian(jacobian, orbit, since);
    }
    if (!_arb_vec_is_finite(y, n) || !arb_mat_is_finite(jacobian))
    {
        /* proved to exist, but not enclosed well enough to move on: a shorter step will be */
        orbit->step_guess = 0.125 * arf_get_d(arb_midref(orbit->step), ARF_RND_NEAR);
        orbit->prepared = 0;
        _arb_vec_clear(y, n);
        arb_mat_clear(jacobian);
        return no_step(orbit, error);
    }
    move_frame(orbit, y, jacobian);
    hull(orbit);
    arb_add(orbit->time, orbit->time, since, 2 * orbit->precision);
    orbit->prepared = 0;
    arb_mat_clear(jacobian);
    _arb_vec_clear(y, n);
    return _arb_vec_is_finite(orbit->state, n) ? CAUSTIC_OK : no_step(orbit, error);
}

/* To a given time ****************************************************************************/

caustic_result caustic_flow_integrate(arb_ptr end, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong precision, slong step_limit, caustic_error_t error)
{
    slong n = flow->dimension, step, i;
    int arrived = 0;
    caustic_result result = CAUSTIC_OK;
    caustic_orbit_t orbit;
    arb_t rest, since;

    arb_init(rest);
    arb_init(since);
    caustic_orbit_init(orbit, flow, start, precision);
    if (!arb_is_finite(time) || !arb_is_nonnegative(time))
    {
        result = caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "a time to integrate to must be a finite ball of non-negative numbers");
    }
    for (step = 0; result == CAUSTIC_OK && !arrived && step < step_limit; step++)
    {
        arb_sub(rest, time, orbit->time, 2 * precision);
        arrived = arb_is_zero(rest);
        if (!arrived)
        {
            result = caustic_orbit_prepare(orbit, rest, error);
        }
        if (!arrived && result == CAUSTIC_OK)
        {
            arrived = arb_le(rest, orbit->step);
            arb_set(since, arrived ? rest : orbit->step);
            if (!arrived && !arb_lt(since, rest))
            {
                arb_mul_2exp_si(since, since, -1); /* not into the uncertainty of the end */
            }
            result = caustic_orbit_advance(orbit, since, error);
        }
    }
    if (result == CAUSTIC_OK && !arrived)
    {
        result = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "%ld steps of the flow did not reach the end of the time span", (long) step_limit);
    }
    for (i = 0; i < n; i++)
    {
        if (result == CAUSTIC_OK)
        {
            arb_set(end + i, orbit->state + i);
        }
        else
        {
            arb_zero_pm_inf(end + i);
        }
    }
    caustic_orbit_clear(orbit);
    arb_clear(rest);
    arb_clear(since);
    return result;
}
