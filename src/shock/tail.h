/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#ifndef CAUSTIC_TAIL_H
#define CAUSTIC_TAIL_H

#include <caustic/expression.h>

/* e >= bound for every value of the symbol from cut to infinity (side 1, cut > 0) or minus infinity (side -1, cut < 0), by growth
   monomials [SHOCK-16]. 0: no bound is known. */
int expression_tail_bound(arf_t bound, caustic_pool * pool, caustic_expr e, caustic_expr symbol, const fmpq_t cut, int side, slong prec);

#endif
