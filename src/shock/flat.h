/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flat, private: the search for T* on a flat quotient, and what it hands over to the claims.
*/

#ifndef CAUSTIC_SHOCK_FLAT_H
#define CAUSTIC_SHOCK_FLAT_H

#include "beyond.h"
#include "bracket.h"

typedef struct
{
    hessian_t hessian;
    region_struct ** regions; /* of each block's variables */
    descent_struct * descents;
    int * active;             /* the block may hold the infimum */
    caustic_shock_result_struct ** line; /* of blocks that were solved in one dimension, else NULL */
    slong started;
    arf_ptr outside;          /* of each block: lambda >= outside beyond its core; 0 where nothing there matters */
    int periodic;             /* one period was searched: minimisers repeat */
    int cut;                  /* a finite core was searched, with bounds beyond it */
    bracket_t bracket;        /* in high dimension */
    arf_t floor, ceiling;     /* of the smallest eigenvalue over all blocks */
    slong precision;
    slong goal;
    int resolved;             /* nothing but wells is left */
    descent_status worst;
    arb_t time;               /* of the form of cotangents, where the quotient is curved */
    caustic_expr common_time; /* at which all characteristics focus, by algebra; CAUSTIC_NONE where there is none */
    const char * subject;     /* what the search is about, in words */
    int unbounded;            /* a block has an infinite end beyond which nothing is known */
}
flat_struct;

typedef flat_struct flat_t[1];

/* floor and ceiling over the blocks; blocks that are above the ceiling are out. */
void flat_collect(flat_t flat);
/* T* from floor and ceiling. */
void flat_set_time(caustic_shock_result_t result, const flat_t flat);

/* Room for the blocks' searches; one of them begun, in their order; the last one begun anew; all forgotten. */
void flat_make_room(flat_t flat);
void flat_start(flat_t flat, slong i);
void flat_restart(flat_t flat);
void flat_forget(flat_t flat);
/* 0: what the block depends on has infinite ends. */
int flat_has_finite_region(const hessian_t hessian, const block_struct * block);
/* The same for all blocks, with a word about it. */
int flat_has_finite_blocks(flat_t flat);
/* An infinite end becomes a finite one. */
void flat_make_finite(region_struct * region);
/* The deepest well inside the region, on no face; -1: there is none. */
slong flat_deepest_well(const descent_t descent);
/* How many minimisers, and where; the detail. */
void flat_describe_minimisers(caustic_shock_result_t result, flat_t flat);

/* curved.c: the same where the curvature tensor is parallel. [FOCAL-9] local: 0 where no local minimum was proved. */
void curved_solve(caustic_shock_result_t result, flat_t flat);
int curved_solve_local(caustic_shock_result_t result, flat_t flat);
void curved_claims_decide(caustic_shock_result_t result, flat_t flat);

/* never.c: 1: it is proved that no characteristic of the box has a focal time, and said in the detail. never_solve begins the search first. */
int never_prove(caustic_shock_result_t result, flat_t flat);
int never_solve(caustic_shock_result_t result, flat_t flat);

/* flat_claims.c: 1: a finite ball for a constant expression. */
int flat_evaluate_constant(arb_t res, const caustic_pool * pool, caustic_expr e, slong prec);
void flat_claims_decide(caustic_shock_result_t result, flat_t flat);

#endif
