/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    variation: the Jacobian of the flow during a step, and variations carried along.
*/

#include <math.h>
#include "integrator/integrator_internal.h"

/* A box for the Jacobian during the step *****************************************************/

/* Df on the enclosure. */
static void field_jacobian(arb_mat_t res, const caustic_orbit_t orbit)
{
    const caustic_flow * flow = orbit->flow;
    slong n = flow->dimension, e;
    arb_ptr f = _arb_vec_init(n + flow->entries);
    caustic_tape_evaluate_arb(f, flow->variation, orbit->enclosure, ROUGH);
    arb_mat_zero(res);
    for (e = 0; e < flow->entries; e++)
    {
        arb_swap(arb_mat_entry(res, flow->entry_row[e], flow->entry_column[e]), f + n + e);
    }
    _arb_vec_clear(f, n + flow->entries);
}

/* Upper bound of the row-sum norm. */
static void row_sum_norm(mag_t res, const arb_mat_t matrix)
{
    slong i, j;
    mag_t sum, t;
    mag_init(sum);
    mag_init(t);
    mag_zero(res);
    for (i = 0; i < arb_mat_nrows(matrix); i++)
    {
        mag_zero(sum);
        for (j = 0; j < arb_mat_ncols(matrix); j++)
        {
            arb_get_mag(t, arb_mat_entry(matrix, i, j));
            mag_add(sum, sum, t);
        }
        mag_max(res, res, sum);
    }
    mag_clear(sum);
    mag_clear(t);
}

/* An order for the rough Jacobian whose remainder, (h |Df|)^(k+1)/(k+1)! e^(h |Df|) or so, is below 2^-24. */
static slong rough_order(const caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, order = 0;
    double size, log2_term;
    arb_mat_t slope;
    mag_t norm, h;

    arb_mat_init(slope, n, n);
    mag_init(norm);
    mag_init(h);
    field_jacobian(slope, orbit);
    row_sum_norm(norm, slope);
    arb_get_mag(h, orbit->step);
    mag_mul(norm, norm, h);
    size = mag_get_d(norm);
    log2_term = 1.4427 * size;
    while (order < orbit->order && !(order >= 6 && log2_term < -24.0))
    {
        order++;
        log2_term += log2(size / (double) order);
    }
    arb_mat_clear(slope);
    mag_clear(norm);
    mag_clear(h);
    return order;
}

/* How often the box is made narrower. */
#define REFINEMENTS 3

/* A box P for the Jacobian at every time of the step and every point of the set: |P - I| <= exp(h |Df|) - 1 in
   the row-sum norm over the enclosure, then P := I + [0, h] Df P [INTEGRATOR-3]. */
static void jacobian_enclosure(arb_mat_t res, const caustic_orbit_t orbit)
{
    slong n = orbit->flow->dimension, i, round;
    arb_mat_t slope, next;
    arb_t zero_to_h;
    mag_t norm, h;

    arb_mat_init(slope, n, n);
    arb_mat_init(next, n, n);
    arb_init(zero_to_h);
    mag_init(norm);
    mag_init(h);
    field_jacobian(slope, orbit);
    row_sum_norm(norm, slope);
    arb_get_mag(h, orbit->step);
    mag_mul(norm, norm, h);
    mag_expm1(norm, norm);
    arb_mat_one(res);
    for (i = 0; i < n * n; i++)
    {
        mag_set(arb_radref(arb_mat_entry(res, i / n, i % n)), norm);
    }
    arb_mul_2exp_si(zero_to_h, orbit->step, -1);
    arf_get_mag(arb_radref(zero_to_h), arb_midref(zero_to_h));
    arb_mat_scalar_mul_arb(slope, slope, zero_to_h, ROUGH);
    for (round = 0; round < REFINEMENTS; round++)
    {
        arb_mat_mul(next, slope, res, ROUGH);
        for (i = 0; i < n; i++)
        {
            arb_add_ui(arb_mat_entry(next, i, i), arb_mat_entry(next, i, i), 1, ROUGH);
        }
        for (i = 0; i < n * n; i++)
        {
            if (mag_cmp(arb_radref(arb_mat_entry(next, i / n, i % n)), arb_radref(arb_mat_entry(res, i / n, i % n))) < 0)
            {
                arb_swap(arb_mat_entry(res, i / n, i % n), arb_mat_entry(next, i / n, i % n));
            }
        }
    }
    arb_mat_clear(slope);
    arb_mat_clear(next);
    arb_clear(zero_to_h);
    mag_clear(norm);
    mag_clear(h);
}

/* Polynomials ********************************************************************************/

/* Taylor polynomials with remainder, at every point of the set, of the variations that begin as the columns:
   Taylor's formula for (x, V). order + 2 coefficients an entry. */
static arb_ptr variation_polynomials(const caustic_orbit_t orbit, const arb_mat_t columns, slong order, slong prec)
{
    slong n = orbit->flow->dimension, m = arb_mat_ncols(columns), i;
    arb_ptr inside = _arb_vec_init(n * m * (order + 1));
    arb_ptr outside = _arb_vec_init(n * m * (order + 2));
    arb_mat_t box, during;

    arb_mat_init(box, n, n);
    arb_mat_init(during, n, m);
    flow_taylor_variation(inside, orbit->flow, orbit->state, columns, order, prec);
    jacobian_enclosure(box, orbit);
    arb_mat_mul(during, box, columns, ROUGH);
    flow_taylor_variation(outside, orbit->flow, orbit->enclosure, during, order + 1, ROUGH);
    for (i = 0; i < n * m; i++)
    {
        _arb_vec_set(outside + i * (order + 2), inside + i * (order + 1), order + 1);
    }
    _arb_vec_clear(inside, n * m * (order + 1));
    arb_mat_clear(box);
    arb_mat_clear(during);
    return outside;
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
    polynomial = variation_polynomials(orbit, orbit->variation_centre, orbit->order, orbit->precision);
    for (i = 0; i < n * m; i++)
    {
        horner(arb_mat_entry(res, i / m, i % m), polynomial + i * length, length, since, orbit->precision);
    }
    _arb_vec_clear(polynomial, n * m * length);
}

/* The polynomials of the whole Jacobian, made once a step for each of the two precisions. */
static void need_jacobian(caustic_orbit_t orbit, slong prec)
{
    slong n = orbit->flow->dimension, wanted = prec > ROUGH ? orbit->precision : FLINT_MIN(orbit->precision, ROUGH);
    arb_mat_t identity;
    if (orbit->jacobian_precision >= wanted)
    {
        return;
    }
    if (orbit->jacobian != NULL)
    {
        _arb_vec_clear(orbit->jacobian, n * n * (orbit->jacobian_order + 2));
    }
    arb_mat_init(identity, n, n);
    arb_mat_one(identity);
    orbit->jacobian_order = prec > ROUGH ? orbit->order : rough_order(orbit);
    orbit->jacobian_precision = wanted;
    orbit->jacobian = variation_polynomials(orbit, identity, orbit->jacobian_order, wanted);
    arb_mat_clear(identity);
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
