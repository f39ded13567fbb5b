/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flat, private: the search for T* on a flat quotient, and what it hands over to the claims.
*/

#ifndef CAUSTIC_SHOCK_FLAT_H
#define CAUSTIC_SHOCK_FLAT_H

#include "bracket.h"

typedef struct
{
    hessian_t hessian;
    region_struct ** regions; /* of each block's variables */
    descent_struct * descents;
    int * active;             /* the block may hold the infimum */
    caustic_shock_result_struct ** line; /* of blocks that were solved in one dimension, else NULL */
    slong started;
    bracket_t bracket;        /* in high dimension */
    arf_t floor, ceiling;     /* of the smallest eigenvalue over all blocks */
    slong precision;
    slong goal;
    int resolved;             /* nothing but wells is left */
    descent_status worst;
    int unbounded;            /* a block has an infinite end for which there is no rule */
}
flat_struct;

typedef flat_struct flat_t[1];

/* floor and ceiling over the blocks; blocks that are above the ceiling are out. */
void flat_collect(flat_t flat);
/* T* from floor and ceiling. */
void flat_set_time(caustic_shock_result_t result, const flat_t flat);

/* flat_claims.c */
void flat_claims_decide(caustic_shock_result_t result, flat_t flat);

#endif
