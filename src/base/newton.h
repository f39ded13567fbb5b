/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Zeros of systems of equations, found by Newton's method and proved by Krawczyk's.
*/

#ifndef CAUSTIC_NEWTON_H
#define CAUSTIC_NEWTON_H

#include <flint/arb.h>
#include <flint/arb_mat.h>

/* Encloses the n equations, continuously differentiable functions of x, and their n x n derivatives for every
   point of the balls x; what is not known is left not finite. Parameters in `data` may be balls too. */
typedef void (*newton_system)(arb_ptr value, arb_mat_t derivative, arb_srcptr x, const void * data, slong prec);

/* From the midpoints of x as a guess. 1: some box that contains the balls x contains exactly one zero for each
   value of the parameters, and that lies in x [BASE-1]. 0: nothing is proved. */
int newton_zero(arb_ptr x, slong n, newton_system system, const void * data, slong prec);

#endif
