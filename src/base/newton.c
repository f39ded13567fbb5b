/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "base/newton.h"

#define POLISHING_STEPS 100
#define INFLATIONS 12

/* What the steps work on; midpoints are exact. */
typedef struct
{
    slong n;
    slong prec;
    newton_system system;
    const void * data;
    arb_ptr value;
    arb_ptr step;
    arb_mat_t derivative;
    arb_mat_t inverse; /* about that of the derivative; exact numbers */
}
work_struct;

static void
work_init(work_struct * work, slong n, newton_system system, const void * data, slong prec)
{
    work->n = n;
    work->prec = prec;
    work->system = system;
    work->data = data;
    work->value = _arb_vec_init(n);
    work->step = _arb_vec_init(n);
    arb_mat_init(work->derivative, n, n);
    arb_mat_init(work->inverse, n, n);
}

static void
work_clear(work_struct * work)
{
    _arb_vec_clear(work->value, work->n);
    _arb_vec_clear(work->step, work->n);
    arb_mat_clear(work->derivative);
    arb_mat_clear(work->inverse);
}

/* step = inverse * value */
static void
correction(work_struct * work)
{
    for (slong i = 0; i < work->n; i++)
        arb_dot(work->step + i, NULL, 0, arb_mat_entry(work->inverse, i, 0), 1, work->value, 1, work->n, work->prec);
}

static int
is_finite(arb_srcptr x, slong n)
{
    return _arb_vec_is_finite(x, n);
}

/* Newton's method on the midpoints, which proves nothing, until the steps no longer shrink. */
static int
polish(arb_ptr x, work_struct * work)
{
    mag_t size, previous;
    int usable = 1;

    mag_init(size);
    mag_init(previous);
    mag_inf(previous);
    for (slong k = 0; k < POLISHING_STEPS; k++)
    {
        for (slong i = 0; i < work->n; i++)
            mag_zero(arb_radref(x + i));
        work->system(work->value, work->derivative, x, work->data, work->prec);
        usable = is_finite(work->value, work->n) && arb_mat_is_finite(work->derivative)
            && arb_mat_approx_inv(work->inverse, work->derivative, work->prec);
        if (!usable)
            break;
        correction(work);
        _arb_vec_get_mag(size, work->step, work->n);
        if (k > 8 && mag_cmp(size, previous) >= 0)
            break;
        mag_set(previous, size);
        for (slong i = 0; i < work->n; i++)
        {
            arf_sub(arb_midref(x + i), arb_midref(x + i), arb_midref(work->step + i), work->prec, ARF_RND_NEAR);
            usable = usable && arf_is_finite(arb_midref(x + i));
        }
    }
    mag_clear(size);
    mag_clear(previous);
    return usable;
}

/* [BASE-1] box = m - C f(m) + (1 - C f'(X)) (X - m), with X = m + radius; 1 where it lies inside X. */
static int
krawczyk(arb_ptr box, arb_srcptr midpoint, arb_srcptr x, work_struct * work)
{
    arb_mat_t product;
    arb_ptr offset = _arb_vec_init(work->n);
    int inside = 1;

    arb_mat_init(product, work->n, work->n);
    work->system(work->value, work->derivative, x, work->data, work->prec);
    arb_mat_mul(product, work->inverse, work->derivative, work->prec);
    arb_mat_neg(product, product);
    for (slong i = 0; i < work->n; i++)
        arb_add_ui(arb_mat_entry(product, i, i), arb_mat_entry(product, i, i), 1, work->prec);
    for (slong i = 0; i < work->n; i++)
    {
        arb_sub(offset + i, x + i, midpoint + i, work->prec);
        inside = inside && mag_is_finite(arb_radref(x + i)) && arb_is_finite(offset + i);
    }
    for (slong i = 0; i < work->n && inside; i++)
    {
        arb_sub(box + i, midpoint + i, work->step + i, work->prec);
        arb_dot(box + i, box + i, 0, arb_mat_entry(product, i, 0), 1, offset, 1, work->n, work->prec);
        inside = arb_is_finite(box + i) && arb_contains_interior(x + i, box + i);
    }
    arb_mat_clear(product);
    _arb_vec_clear(offset, work->n);
    return inside;
}

int
newton_zero(arb_ptr x, slong n, newton_system system, const void * data, slong prec)
{
    work_struct work;
    arb_ptr midpoint = _arb_vec_init(n), box = _arb_vec_init(n);
    mag_t size, largest;
    int proved = 0;

    work_init(&work, n, system, data, prec);
    mag_init(size);
    mag_init(largest);
    if (is_finite(x, n) && polish(x, &work))
    {
        _arb_vec_set(midpoint, x, n);
        system(work.value, work.derivative, midpoint, data, prec);
        correction(&work);
        for (slong k = 1; k <= INFLATIONS && !proved && is_finite(work.step, n); k++)
        {
            /* each radius a little more than its own correction, some of the largest one, and of the last bits */
            _arb_vec_get_mag(size, midpoint, n);
            mag_add_ui(size, size, 1);
            mag_mul_2exp_si(size, size, -prec);
            _arb_vec_get_mag(largest, work.step, n);
            mag_add(size, size, largest);
            mag_mul_2exp_si(size, size, 2 * k - 10);
            for (slong i = 0; i < n; i++)
            {
                arb_get_mag(arb_radref(x + i), work.step + i);
                mag_mul_2exp_si(arb_radref(x + i), arb_radref(x + i), k > 1);
                mag_add(arb_radref(x + i), arb_radref(x + i), size);
            }
            proved = krawczyk(box, midpoint, x, &work);
        }
        if (proved)
            _arb_vec_set(x, box, n);
    }
    work_clear(&work);
    mag_clear(size);
    mag_clear(largest);
    _arb_vec_clear(midpoint, n);
    _arb_vec_clear(box, n);
    return proved;
}
