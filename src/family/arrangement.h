/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Where algebraic functions of two variables vanish: finitely many values of the second cut its interval
    into cells, over each of which the zeros are graphs that do not meet.
*/

#ifndef CAUSTIC_ARRANGEMENT_H
#define CAUSTIC_ARRANGEMENT_H

#include <flint/fmpz_mpoly.h>
#include <caustic/expression.h>

/* Different irreducible polynomials in z and y. */
typedef struct
{
    fmpz_mpoly_ctx_t ctx; /* z, y, and room for roots */
    fmpz_mpoly_struct * factor;
    slong length;
    slong capacity;
}
curves_struct;

void curves_init(curves_struct * curves);
void curves_clear(curves_struct * curves);

/* Adds polynomials one of which vanishes wherever the expression does, or where a denominator in it does; the expression is
   made of numbers, z, y, sums, products and rational powers. 1, or 0 where that is not so, or too large. [FAMILY-3]
   *rational: there are no roots in it. */
int curves_add_zeros(curves_struct * curves, int * rational, const caustic_pool * pool, caustic_expr e, caustic_expr z, caustic_expr y);

/* And the curves on which a radicand or a divisor is 0 or has a pole: between all of them an expression that is not known to be defined
   everywhere is defined and continuous, or nowhere defined. [FAMILY-4] */
int curves_add_breaks(curves_struct * curves, const caustic_pool * pool, caustic_expr e, caustic_expr z, caustic_expr y);

/* The cells of y. Between two neighbouring critical numbers, and between them and the ends, the curves are graphs
   over y inside the box. [FAMILY-4] */
typedef struct
{
    fmpz_poly_t critical; /* squarefree; its roots inside the interval are the critical numbers */
    arb_ptr root;         /* these, ascending */
    slong roots;
    slong allocated;
    fmpq * sample;        /* roots + 1 rational numbers, one in each cell */
    int critical_ends;    /* an end of the interval is critical too */
}
cells_struct;

void cells_init(cells_struct * cells);
void cells_clear(cells_struct * cells);
/* 1, or 0 where the curves are too many or too steep for it. The box is closed at its finite ends. */
int cells_set(cells_struct * cells, const curves_struct * curves, const caustic_interval_t box, const caustic_interval_t range);

/* The line over one y. */
typedef struct
{
    arb_ptr root;    /* where curves cross it inside the box, ascending */
    slong roots;
    slong allocated;
    fmpq * sample;   /* roots + 1 rational numbers, one in each sector, inside the box */
}
fiber_struct;

void fiber_init(fiber_struct * fiber);
void fiber_clear(fiber_struct * fiber);
/* 1, or 0 where a curve contains the line. */
int fiber_set(fiber_struct * fiber, const curves_struct * curves, const caustic_interval_t box, const fmpq_t y, slong prec);

#endif
