/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Integer polynomials in one variable and their real roots.
*/

#ifndef CAUSTIC_POLYNOMIAL_H
#define CAUSTIC_POLYNOMIAL_H

#include <flint/arb.h>
#include <flint/fmpq.h>
#include <flint/fmpz_poly.h>

void polynomial_squarefree_part(fmpz_poly_t res, const fmpz_poly_t p);
int polynomial_vanishes_at(const fmpz_poly_t p, const fmpq_t x);
/* Divides out the factor x - q as often as it occurs; returns how often. */
slong polynomial_remove_root(fmpz_poly_t p, const fmpq_t q);
/* The real roots of a squarefree polynomial, ascending, in disjoint balls of about prec bits; the caller clears
   *roots, of length *allocated. */
slong polynomial_real_roots(arb_ptr * roots, slong * allocated, const fmpz_poly_t p, slong prec);

#endif
