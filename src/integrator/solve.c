/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    solve: the state after a given time, and as many bits as digits take.
*/

#include "integrator/integrator_internal.h"

/* Steps until the orbit has reached the time. */
static caustic_result follow(caustic_orbit_t orbit, const arb_t time, slong step_limit, caustic_error_t error)
{
    slong step, prec = 2 * orbit->precision;
    int arrived = 0;
    caustic_result result = CAUSTIC_OK;
    arb_t rest, since;

    arb_init(rest);
    arb_init(since);
    if (!arb_is_finite(time) || !arb_is_nonnegative(time))
    {
        result = caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0,
            "a time to integrate to must be a finite ball of non-negative numbers");
    }
    for (step = 0; result == CAUSTIC_OK && !arrived && step < step_limit; step++)
    {
        arb_sub(rest, time, orbit->time, prec);
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
        caustic_text_t text;
        caustic_text_init(text);
        caustic_print_lower(text, orbit->time, 8);
        result = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "%ld steps of the flow did not reach the end of the time span, but time %s", (long) step_limit, text->data);
        caustic_text_clear(text);
    }
    arb_clear(rest);
    arb_clear(since);
    return result;
}

static void whole_lines(arb_ptr end, arb_mat_t jacobian, slong n)
{
    slong i;
    for (i = 0; i < n; i++)
    {
        arb_zero_pm_inf(end + i);
    }
    for (i = 0; jacobian != NULL && i < n * n; i++)
    {
        arb_zero_pm_inf(arb_mat_entry(jacobian, i / n, i % n));
    }
}

/* One run at a given precision. */
static caustic_result run(arb_ptr end, arb_mat_t jacobian, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong precision, slong step_limit, caustic_error_t error)
{
    slong n = flow->dimension;
    caustic_result result;
    caustic_orbit_t orbit;

    caustic_orbit_init(orbit, flow, start, precision);
    if (jacobian != NULL)
    {
        arb_mat_one(jacobian);
        caustic_orbit_vary(orbit, jacobian);
    }
    result = follow(orbit, time, step_limit, error);
    if (result == CAUSTIC_OK)
    {
        _arb_vec_set(end, orbit->state, n);
        if (jacobian != NULL)
        {
            arb_mat_set(jacobian, orbit->variation);
        }
    }
    else
    {
        whole_lines(end, jacobian, n);
    }
    caustic_orbit_clear(orbit);
    return result;
}

caustic_result caustic_flow_integrate(arb_ptr end, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong precision, slong step_limit, caustic_error_t error)
{
    return run(end, NULL, flow, start, time, precision, step_limit, error);
}

/* Raises largest and widest to the size and the radius of x. */
static void note_size(arf_t largest, mag_t widest, const arb_t x)
{
    if (arf_cmpabs(arb_midref(x), largest) > 0)
    {
        arf_abs(largest, arb_midref(x));
    }
    mag_max(widest, widest, arb_radref(x));
}

/* Whether widest <= 10^-digits largest. */
static int is_narrow(const arf_t largest, const mag_t widest, slong digits)
{
    int narrow;
    arb_t width, goal, size;
    arb_init(width);
    arb_init(goal);
    arb_init(size);
    arb_set_arf(size, largest);
    arf_set_mag(arb_midref(width), widest);
    arb_set_ui(goal, 10);
    arb_pow_ui(goal, goal, (ulong) digits, ROUGH);
    arb_mul(width, width, goal, ROUGH);
    narrow = arb_le(width, size);
    arb_clear(width);
    arb_clear(goal);
    arb_clear(size);
    return narrow;
}

/* Both the end and the Jacobian; *widest becomes the larger of the two radii. */
static int narrow_enough(mag_t widest, arb_srcptr end, const arb_mat_t jacobian, slong n, slong digits)
{
    slong i;
    int narrow;
    arf_t largest;
    mag_t radius;

    arf_init(largest);
    mag_init(radius);
    for (i = 0; i < n; i++)
    {
        note_size(largest, radius, end + i);
    }
    narrow = is_narrow(largest, radius, digits);
    mag_set(widest, radius);
    if (jacobian != NULL)
    {
        arf_zero(largest);
        mag_zero(radius);
        for (i = 0; i < n * n; i++)
        {
            note_size(largest, radius, arb_mat_entry(jacobian, i / n, i % n));
        }
        narrow = narrow && is_narrow(largest, radius, digits);
        mag_max(widest, widest, radius);
    }
    arf_clear(largest);
    mag_clear(radius);
    return narrow;
}

caustic_result caustic_flow_solve(arb_ptr end, arb_mat_t jacobian, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong digits, slong precision_limit, slong step_limit, caustic_error_t error)
{
    slong n = flow->dimension, precision = 64 + (slong) (3.33 * (double) digits);
    int done = 0;
    caustic_result result = CAUSTIC_OK;
    arb_ptr first = _arb_vec_init(n);
    mag_t widest, before;

    mag_init(widest);
    mag_init(before);
    mag_inf(before);
    _arb_vec_set(first, start, n);
    whole_lines(end, jacobian, n);
    if (digits < 1 || precision > precision_limit)
    {
        result = caustic_error_set(error, digits < 1 ? CAUSTIC_BAD_INPUT : CAUSTIC_NO_RESOURCES, NULL, 0, 0,
            "%ld digits are asked for with a precision limit of %ld bits", (long) digits, (long) precision_limit);
        done = 1;
    }
    while (!done)
    {
        result = run(end, jacobian, flow, first, time, precision, step_limit, error);
        done = result == CAUSTIC_BAD_INPUT || (result == CAUSTIC_OK && narrow_enough(widest, end, jacobian, n, digits));
        if (!done && result == CAUSTIC_OK)
        {
            result = caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
                "the solution is enclosed with %ld bits, but not to %ld digits", (long) precision, (long) digits);
            /* where the start is what is wide, bits do not help */
            mag_mul_2exp_si(before, before, -1);
            done = mag_cmp(widest, before) > 0;
            mag_set(before, widest);
        }
        precision += precision / 2;
        done = done || precision > precision_limit;
    }
    if (result == CAUSTIC_OK)
    {
        /* what lower precisions lacked is not an error any more */
        caustic_error_clear(error);
        caustic_error_init(error);
    }
    _arb_vec_clear(first, n);
    mag_clear(widest);
    mag_clear(before);
    return result;
}
