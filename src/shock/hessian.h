/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    hessian, private: the covariant Hessian of a loss on a flat or locally symmetric quotient as a pencil, cut into blocks.
*/

#ifndef CAUSTIC_SHOCK_HESSIAN_H
#define CAUSTIC_SHOCK_HESSIAN_H

#include "pencil.h"

/* Rows and columns of the pencil that have nothing to do with the others, and the coordinates that they depend on. */
typedef struct
{
    slong size;
    slong * row;
    slong variables;
    slong * variable;      /* indices of coordinates; at least one */
    int constant;          /* depends on none: the one variable stands for nothing */
    pencil_t pencil;
}
block_struct;

typedef struct
{
    const caustic_shock_flat_problem * problem;
    region_struct * region;      /* d: the box cut with the domains */
    caustic_expr * raised;       /* P^ij: the Hessian with both indices raised [HESSIAN-1] */
    caustic_expr * form;         /* the pencil's P, d x d: the Hessian in flat coordinates, or `raised` */
    caustic_expr * metric;       /* the pencil's G, d x d: NULL for 1 */
    caustic_expr * curvature;    /* d x d: NULL where the quotient is flat; else R^ikjl d_k l d_l l, and the curvature tensor R is parallel */
    fmpq_t constant;             /* the constant curvature, where it is not 0 and has_constant */
    int has_constant;
    int general;                 /* 1: not seen to be flat or locally symmetric; then only that nothing focuses may be proved, for curvature_sign -1 */
    int curvature_sign;          /* -1: no sectional curvature is positive; else 1 */
    int radial;                  /* 1: all rotations about the origin keep cometric and loss; then the region is on the first axis, */
    fmpq_t nearest, farthest;    /* and these are the squares of the distances of the box from the origin [FOCAL-11] */
    gr_ctx_t field;
    int field_open;
    block_struct * block;
    slong blocks;
    slong * symmetric;           /* d numbers: coordinates with the same number may be exchanged; NULL: none */
    caustic_text_t detail;
}
hessian_struct;

typedef hessian_struct hessian_t[1];

void hessian_init(hessian_t hessian, const caustic_shock_flat_problem * problem);
void hessian_clear(hessian_t hessian);
/* Sets the region and opens the exact field, once; 0: the box is empty. */
int hessian_open(hessian_t hessian) CAUSTIC_MUST_USE;
/* Whether loss and cometric are smooth by their form, on the open chart with the ends of the region inside. [HESSIAN-2] */
int hessian_is_regular_by_form(hessian_t hessian);
/* Rows of the largest block of `form`. */
slong hessian_largest_block(const hessian_t hessian);
/* Proves that the quotient is flat, locally symmetric, or nowhere positively curved, and regularity, and writes the blocks. 0: not possible, the detail says why.
   rotate: a curved region that rotations reduce to an axis is reduced. */
int hessian_prepare(hessian_t hessian, int rotate) CAUSTIC_MUST_USE;
/* Whether e, a function of the coordinates, vanishes identically, or, without coordinates, is zero. */
truth_t hessian_is_zero(hessian_t hessian, caustic_expr e);

#endif
