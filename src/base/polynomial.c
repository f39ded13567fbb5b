/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <flint/acb.h>
#include <flint/arb_fmpz_poly.h>
#include "base/polynomial.h"

void
polynomial_squarefree_part(fmpz_poly_t res, const fmpz_poly_t p)
{
    fmpz_poly_t d;

    fmpz_poly_init(d);
    fmpz_poly_derivative(d, p);
    fmpz_poly_gcd(d, d, p);
    fmpz_poly_div(res, p, d);
    fmpz_poly_primitive_part(res, res);
    fmpz_poly_clear(d);
}

int
polynomial_vanishes_at(const fmpz_poly_t p, const fmpq_t x)
{
    fmpq_t y;
    int zero;

    fmpq_init(y);
    fmpz_poly_evaluate_fmpq(y, p, x);
    zero = fmpq_is_zero(y);
    fmpq_clear(y);
    return zero;
}

slong
polynomial_remove_root(fmpz_poly_t p, const fmpq_t q)
{
    fmpz_poly_t factor;
    fmpz_t minus;
    slong count = 0;

    fmpz_poly_init(factor);
    fmpz_init(minus);
    fmpz_neg(minus, fmpq_numref(q));
    fmpz_poly_set_coeff_fmpz(factor, 0, minus);
    fmpz_poly_set_coeff_fmpz(factor, 1, fmpq_denref(q));
    while (!fmpz_poly_is_zero(p) && polynomial_vanishes_at(p, q))
    {
        fmpz_poly_div(p, p, factor);
        count++;
    }
    fmpz_poly_clear(factor);
    fmpz_clear(minus);
    return count;
}

slong
polynomial_real_roots(arb_ptr * roots, slong * allocated, const fmpz_poly_t p, slong prec)
{
    slong degree = FLINT_MAX(fmpz_poly_degree(p), 0), i, length = 0;
    acb_ptr all = _acb_vec_init(degree);

    *roots = _arb_vec_init(degree);
    *allocated = degree;
    if (degree > 0)
        arb_fmpz_poly_complex_roots(all, p, 0, prec);
    for (i = 0; i < degree; i++)
        if (arb_is_zero(acb_imagref(all + i)))
            arb_swap(*roots + length++, acb_realref(all + i));
    _acb_vec_clear(all, degree);
    return length;
}
