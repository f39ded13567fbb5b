/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* The equations in any dimension, as straight-line programs in the coordinates, nu and the derivatives of u; and
   those derivatives from the derivatives of phi. */

#ifndef CAUSTIC_SYSTEM_H
#define CAUSTIC_SYSTEM_H

#include <caustic/equations.h>
#include <caustic/reduction.h>

/* A function and its derivatives at a point: value, d_i, d_ij, d_ijk (d, d^2, d^3 entries), d_t, d_t d_i. */
typedef struct
{
    slong dimension;
    arb_t value;
    arb_ptr first, second, third;
    arb_t time;
    arb_ptr time_first;
}
derivatives_struct;

typedef derivatives_struct derivatives_t[1];

void derivatives_init(derivatives_t jet, slong dimension);
void derivatives_clear(derivatives_t jet);

/* The derivatives of u = -2 nu log phi from those of phi. Not finite where phi > 0 is not certain. */
void entropy_derivatives(derivatives_t u, const derivatives_t phi, const fmpq_t viscosity, slong prec);

/* How the equations are altered; all ones and no curvature dropped: not at all. */
typedef struct
{
    const char * name;
    const char * viscosity; /* factors */
    const char * cometric;
    const char * drift;
    const char * half;
    int without_curvature;
}
alteration_struct;

extern const alteration_struct unaltered;
#define ALTERATIONS 5
extern const alteration_struct alterations[ALTERATIONS];

/* The residuals left - right of the Hamilton-Jacobi equation and of each component of Burgers' equation. */
typedef struct
{
    slong dimension;
    caustic_tape * tape;      /* NULL where it could not be written */
}
system_struct;

typedef system_struct system_t[1];

/* ricci (d x d) may be NULL unless the curvature is to be dropped. */
void system_init(system_t system, const caustic_reduction_t reduction, const caustic_expr * ricci,
    const alteration_struct * alteration);
void system_clear(system_t system);

/* res has 1 + d entries: Hamilton-Jacobi, then the components of Burgers. */
void system_evaluate(arb_ptr res, const system_t system, arb_srcptr z, const fmpq_t viscosity,
    const derivatives_t u, slong prec);

#endif
