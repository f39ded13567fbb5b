/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    variation: the Jacobian of the flow during a step, and variations carried along.
*/

#include <math.h>
#include "integrator/integrator_internal.h"

/* Polynomials ********************************************************************************/

/* What polynomials of that order leave out of the coordinates, for times in [0, h]. */
static void state_tails(caustic_tails_t tails, const caustic_orbit_t orbit, const mag_t h, slong order)
{
    slong i;
    arb_ptr cut = _arb_vec_init(orbit_stride(orbit));
    mag_t power;
    mag_init(power);
    mag_pow_ui(power, h, (ulong) order + 1);
    for (i = 0; i < orbit->flow->dimension; i++)
    {
        flow_shorten(cut, order + 2, orbit->polynomial + i * orbit_stride(orbit), orbit_stride(orbit), h, ROUGH);
        mag_mul(caustic_tails_input(tails, i), arb_radref(cut + order + 1), power);
    }
    _arb_vec_clear(cut, orbit_stride(orbit));
    mag_clear(power);
}

/* Taylor polynomials with remainder, at every point of the set, of the variations that begin as the columns [INTEGRATOR-3]:
   order + 2 coefficients an entry. 0: the remainders are not bounded. */
static int variation_polynomials(arb_ptr polynomial, const caustic_orbit_t orbit, const arb_mat_t columns, slong order, slong prec)
{
    const caustic_flow * flow = orbit->flow;
    slong length = flow->dimension * arb_mat_ncols(columns), i;
    int proved;
    mag_ptr bound = _mag_vec_init(length);
    mag_t h;
    caustic_series_t series;
    caustic_tails_t tails;

    mag_init(h);
    arb_get_mag(h, orbit->step);
    flow_series(series, flow, flow->variation, orbit->state, order, prec);
    flow_series_variation(polynomial, flow, series, columns, order, prec);
    caustic_tails_init(tails, series, order, h);
    state_tails(tails, orbit, h, order);
    caustic_tails_run(tails);
    proved = flow_variation_tails(bound, flow, tails, polynomial, arb_mat_ncols(columns), h);
    for (i = 0; i < length; i++)
    {
        if (!proved)
        {
            mag_inf(bound + i);
        }
        flow_remainder(polynomial + i * (order + 2) + order + 1, bound + i, h, order);
    }
    caustic_tails_clear(tails);
    caustic_series_clear(series);
    _mag_vec_clear(bound, length);
    mag_clear(h);
    return proved;
}

void orbit_vary_centre(arb_mat_t res, const caustic_orbit_t orbit, const arb_t since)
{
    slong n = orbit->flow->dimension, m = orbit->variations, length = orbit->order + 2, i;
    arb_ptr polynomial;
    if (m == 0)
    {
        return;
    }
    if (orbit->flow->variation == NULL)
    {
        arb_mat_indeterminate(res);
        return;
    }
    polynomial = _arb_vec_init(n * m * length);
    variation_polynomials(polynomial, orbit, orbit->variation_centre, orbit->order, orbit->precision);
    for (i = 0; i < n * m; i++)
    {
        horner(arb_mat_entry(res, i / m, i % m), polynomial + i * length, length, since, orbit->precision);
    }
    _arb_vec_clear(polynomial, n * m * length);
}

/* Bits of the rough Jacobian at the end of a step; of longer polynomials as many more. */
#define SHARP 20.0

/* An order whose remainder is well below 2^-SHARP, if the coefficients shrink as those of the coordinates do. */
static slong rough_order(const caustic_orbit_t orbit)
{
    return FLINT_MIN(orbit->order, 6 + 28 * orbit->order / orbit->precision);
}

void orbit_forget_jacobian(caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension;
    if (orbit->jacobian != NULL)
    {
        _arb_vec_clear(orbit->jacobian, n * n * (orbit->jacobian_order + 2));
        orbit->jacobian = NULL;
    }
    orbit->jacobian_precision = 0;
}

/* log2 of what the largest remainder of the Jacobian, which begins as the identity, is at the end of the step. */
static double log2_remainder(const caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, length = orbit->jacobian_order + 2, i;
    double largest = -HUGE_VAL;
    for (i = 0; i < n * n; i++)
    {
        largest = fmax(largest, log2_size(orbit->jacobian + (i + 1) * length - 1));
    }
    return largest + (double) (length - 1) * log2_size(orbit->step);
}

/* The polynomials of the whole Jacobian; whether their remainders are small. */
static int make_jacobian(caustic_orbit_t orbit, slong order, slong prec)
{
    slong n = orbit->flow->dimension;
    int proved;
    arb_mat_t identity;
    arb_mat_init(identity, n, n);
    arb_mat_one(identity);
    orbit_forget_jacobian(orbit);
    orbit->jacobian_order = order;
    orbit->jacobian = _arb_vec_init(n * n * (order + 2));
    orbit->jacobian_precision = prec;
    proved = variation_polynomials(orbit->jacobian, orbit, identity, order, prec);
    arb_mat_clear(identity);
    return proved && log2_remainder(orbit) <= -SHARP * (double) order / (double) rough_order(orbit);
}

static slong rough_precision(const caustic_orbit_t orbit)
{
    return FLINT_MIN(orbit->precision, ROUGH);
}

/* Made once a step for each of the two precisions. */
static void need_jacobian(caustic_orbit_t orbit, slong prec)
{
    slong wanted = prec > ROUGH ? orbit->precision : rough_precision(orbit), order = prec > ROUGH ? orbit->order : rough_order(orbit);
    if (orbit->jacobian_precision < wanted)
    {
        while (!make_jacobian(orbit, order, wanted) && order < orbit->order)
        {
            order = FLINT_MIN(2 * order, orbit->order);
        }
    }
}

int orbit_jacobian_is_sharp(caustic_orbit_t orbit)
{
    slong order = rough_order(orbit);
    int sharp = make_jacobian(orbit, order, rough_precision(orbit));
    for (order *= 2; order < orbit->order && !sharp; order *= 2)
    {
        sharp = make_jacobian(orbit, order, rough_precision(orbit));
    }
    return sharp;
}

/* Leaves out the first `skip` coefficients: (P - ...)/since^skip. */
static void read_jacobian(arb_mat_t res, caustic_orbit_t orbit, const arb_t since, slong skip, slong prec)
{
    slong n = orbit->flow->dimension, length, i;
    if (!orbit_within_step(orbit, since) || orbit->flow->variation == NULL)
    {
        arb_mat_indeterminate(res);
        return;
    }
    need_jacobian(orbit, prec);
    length = orbit->jacobian_order + 2;
    for (i = 0; i < n * n; i++)
    {
        horner(arb_mat_entry(res, i / n, i % n), orbit->jacobian + i * length + skip, length - skip, since, prec);
    }
}

void caustic_orbit_jacobian(arb_mat_t res, caustic_orbit_t orbit, const arb_t since, slong prec)
{
    read_jacobian(res, orbit, since, 0, prec);
}

void caustic_orbit_jacobian_slope(arb_mat_t res, caustic_orbit_t orbit, const arb_t since, slong prec)
{
    read_jacobian(res, orbit, since, 1, prec);
}
