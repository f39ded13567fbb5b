/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What the proofs of theorems in parameters share.
*/

#ifndef CAUSTIC_THEOREM_H
#define CAUSTIC_THEOREM_H

#include <caustic/family.h>

/* h = g l'' + g' l'/2 of the coordinate z and the parameters y; T* = -1/inf h over the box. */
typedef struct
{
    const caustic_theorem_problem * problem;
    caustic_pool * pool;
    slong variables;              /* 1 + parameters */
    const caustic_expr * symbol;  /* z, then the parameters */
    const caustic_interval_struct * range; /* of the parameters */
    gr_ctx_t field;               /* of functions on an open box around box and parameters */
    int field_open;
    int regular;                  /* g > 0, and g and l are analytic there */
    int compact;                  /* the box is finite */
    caustic_expr h;
    caustic_expr h_z;
}
family_work;

/* The verdict on one claim, with its text. */
typedef struct
{
    caustic_verdict verdict;
    caustic_text_t text;
}
claim_struct;

/* 0, with the reason: g or l is not known to be analytic, or g to be positive, everywhere. To be cleared in any case. */
int family_work_init(family_work * work, const caustic_theorem_problem * problem, caustic_text_t why);
void family_work_clear(family_work * work);

/* The sign of e at a point of rational numbers: 0 where 4096 bits do not tell. */
int sign_at(const family_work * work, caustic_expr e, const fmpq * point);
/* e is identically 0 at z = at(y), which lies in the box for every y. */
int vanishes_along(const family_work * work, caustic_expr e, caustic_expr at);
/* A point of the parameters inside their intervals, the i-th of seven. */
void inner_point(fmpq * value, const family_work * work, slong i);
/* "c = 1/2" */
void print_values(caustic_text_t out, const family_work * work, const fmpq * value);

/* For one parameter and algebraic functions; UNDECIDED where they are not. */
void exact_threshold(claim_struct * claim, const family_work * work);
void exact_time(claim_struct * claim, const family_work * work, caustic_expr time, caustic_expr at);
void exact_none(claim_struct * claim, const family_work * work);
void exact_monotone(claim_struct * claim, const family_work * work, int direction);

/* Formulas in the one parameter for places at which h_z may be 0, candidates for the place where h is least: how many. */
#define EXACT_PLACES 8
slong exact_places(caustic_expr * place, const family_work * work);
/* T* against time(y) for all y near an end of the interval of the one parameter: 1: T* >= time > 0, -1: T* < time, 0: not decided. [FAMILY-8] */
int exact_time_near_end(const family_work * work, caustic_expr time, int upper);
/* Whether shocks form for all y near the end, or for none: 1, 0, or -1 where that was not decided. */
int exact_shock_near_end(const family_work * work, int upper);
/* The sign of e(y) at a rational y; 2 where it is not known. */
int sign_at_number(const family_work * work, caustic_expr e, const fmpq_t y);

/* For any number of parameters, where h is a parabola in z, for a threshold apart from a positive factor. Changes a claim only by deciding it. */
void vertex_threshold(claim_struct * claim, const family_work * work);
void vertex_time(claim_struct * claim, const family_work * work, caustic_expr time);
void vertex_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction);

/* Refutes by the certified T* of single values, where that is possible; for any number of parameters and any h. */
void values_time(claim_struct * claim, const family_work * work, caustic_expr time);
void values_none(claim_struct * claim, const family_work * work);
void values_threshold(claim_struct * claim, const family_work * work);
void values_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction);
/* A shock forms at one value. */
int values_shock(const family_work * work);
/* A number inside the box at which h_z = 0 for all values, a candidate for the place where h is least; CAUSTIC_NONE: none was found. */
caustic_expr values_place(const family_work * work);

/* For any number of parameters and a finite box. */
void boxes_time(claim_struct * claim, const family_work * work, caustic_expr time, caustic_expr at);
void boxes_threshold(claim_struct * claim, const family_work * work, caustic_expr at);
void boxes_none(claim_struct * claim, const family_work * work);
void boxes_monotone(claim_struct * claim, const family_work * work, slong parameter, int direction);
void boxes_constant(claim_struct * claim, const family_work * work, slong parameter);
void boxes_cover(caustic_theorem_t theorem, const family_work * work);

#endif
