/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    bracket, private: two bounds of the smallest eigenvalue of the Hessian in high dimension, for a cometric of numbers.
*/

#ifndef CAUSTIC_SHOCK_BRACKET_H
#define CAUSTIC_SHOCK_BRACKET_H

#include "hessian.h"

/* In more dimensions than BRACKET_ABOVE there is a bracket without being asked. Up to BRACKET_FIRST the box is divided first. A
   coupled block of more than BRACKET_ONLY rows is not searched, as its boxes are too many. */
#define BRACKET_ABOVE 3
#define BRACKET_FIRST 8
#define BRACKET_ONLY 16

typedef struct
{
    arf_t floor;    /* all eigenvalues on the box are >= floor; -inf: no bound */
    arf_t ceiling;  /* some eigenvalue on the box is <= ceiling, where where >= 0; else 0 */
    slong where;    /* 0: in the middle of the box; i: at the i-th point given; -1: nothing negative was found */
    slong largest;  /* rows of the largest block of the Hessian */
}
bracket_struct;

typedef bracket_struct bracket_t[1];

void bracket_init(bracket_t bracket);
void bracket_clear(bracket_t bracket);
/* Whether there is one for this problem: the cometric is a matrix of numbers, and the dimension high or a point given. */
int bracket_applies(const caustic_shock_flat_problem * problem);
/* 0: the loss is not proved smooth, or the cometric not positive. [HESSIAN-9], [HESSIAN-10] */
int bracket_find(bracket_t bracket, hessian_t hessian, slong goal) CAUSTIC_MUST_USE;

#endif
