/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Exact values of expressions among the algebraic numbers.
*/

#ifndef CAUSTIC_ALGEBRAIC_H
#define CAUSTIC_ALGEBRAIC_H

#include <flint/qqbar.h>
#include <caustic/expression.h>

/* Beyond these an exact value is not worth its time. */
#define ALGEBRAIC_DEGREE 12
#define ALGEBRAIC_BITS 20000

/* The value of an expression made of numbers, sums, products, rational powers and abs, with a number for the symbol. 0: it has none, or a
   large one. */
int algebraic_of_expr(qqbar_t res, const caustic_pool * pool, caustic_expr root, caustic_expr symbol, const qqbar_t value);
int algebraic_of_constant(qqbar_t res, const caustic_pool * pool, caustic_expr root);

#endif
