/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    frame: the moving frame in which a set of solutions is kept (R. Lohner, 1987). Doubles choose it; only
    balls prove.
*/

#include <math.h>
#include "integrator/integrator_internal.h"

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

/* Symmetric about 0, and no smaller, entry by entry. */
static void make_symmetric(arb_mat_t x)
{
    slong i, j;
    for (i = 0; i < arb_mat_nrows(x); i++)
    {
        for (j = 0; j < arb_mat_ncols(x); j++)
        {
            symmetric(arb_mat_entry(x, i, j));
        }
    }
}

/* C' = centre of Y; R' = Q'^-1 (Y - C') + (Q'^-1 J Q) R. */
static void move_variation(caustic_orbit_t orbit, const arb_mat_t variation, const arb_mat_t inverse,
    const arb_mat_t turned)
{
    slong i, j;
    arb_mat_t error, box;
    arb_mat_init(error, arb_mat_nrows(variation), arb_mat_ncols(variation));
    arb_mat_init(box, arb_mat_nrows(variation), arb_mat_ncols(variation));
    for (i = 0; i < arb_mat_nrows(variation); i++)
    {
        for (j = 0; j < arb_mat_ncols(variation); j++)
        {
            arb_get_mid_arb(arb_mat_entry(orbit->variation_centre, i, j), arb_mat_entry(variation, i, j));
            arb_get_rad_arb(arb_mat_entry(error, i, j), arb_mat_entry(variation, i, j));
            symmetric(arb_mat_entry(error, i, j));
        }
    }
    arb_mat_mul(box, turned, orbit->variation_box, ROUGH);
    arb_mat_mul(error, inverse, error, ROUGH);
    arb_mat_add(orbit->variation_box, box, error, ROUGH);
    make_symmetric(orbit->variation_box);
    arb_mat_clear(error);
    arb_mat_clear(box);
}

/* r' = Q'^-1 (y - c') + (Q'^-1 J Q) r. */
void orbit_move_frame(caustic_orbit_t orbit, arb_srcptr y, const arb_mat_t variation, const arb_mat_t jacobian)
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
    move_variation(orbit, variation, inverse, turned);
    arb_mat_clear(image);
    arb_mat_clear(inverse);
    arb_mat_clear(turned);
    _arb_vec_clear(error, n);
    _arb_vec_clear(box, n);
}
