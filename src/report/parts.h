/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* The parts of a quotient that is a product, each derived once; a quotient that is none is one part. */

#ifndef CAUSTIC_PARTS_H
#define CAUSTIC_PARTS_H

#include <caustic/equations.h>
#include <caustic/reduction.h>

/* One kind of unit with its geometry, as expressions in the first copy's coordinates. */
typedef struct
{
    const caustic_setting_struct * unit;
    caustic_reduction_struct * reduction;
    slong copies;
    const slong * coordinate;  /* copies x d: the indices in the whole; NULL where it is not written out */
    int has_geometry;          /* 1: what follows is there */
    caustic_expr * metric;     /* d x d */
    caustic_expr * ricci;      /* d x d */
    caustic_expr * weight;     /* d */
    caustic_expr * christoffel; /* d x d x d: [k][i][j] is Gamma^k_ij */
    caustic_expr scalar;
    caustic_expr potential;    /* W with dW = weight; CAUSTIC_NONE where there is none, or it was not found */
    caustic_expr constant;     /* the constant curvature; CAUSTIC_NONE where it is not constant */
    truth_t flat, weight_closed;
    const char * lacking;      /* why there is no geometry; static */
    int has_equations;
    caustic_equations_t equations;
    caustic_checks_t checks;   /* that the two forms of Burgers' equation agree */
}
part_struct;

typedef struct
{
    caustic_reduction_struct * reduction; /* of the whole */
    slong length;
    part_struct * part;
}
parts_struct;

typedef parts_struct parts_t[1];

/* The parts of a reduction that is derived; it must outlive them. */
void parts_init(parts_t parts, caustic_reduction_t reduction);
void parts_clear(parts_t parts);

/* The whole from the parts: block diagonal matrices and lists over all copies. The callers free them.
   `written_out` must be 1. */
caustic_expr * parts_matrix(const parts_t parts, caustic_expr * (* of)(const part_struct *));
caustic_expr * parts_vector(const parts_t parts, caustic_expr * (* of)(const part_struct *));
/* All d^3 of them; those of different copies are 0. */
caustic_expr * parts_christoffel(const parts_t parts);
/* Scalar curvature and flatness of one copy with its spheres. CAUSTIC_NONE where it has no geometry. */
caustic_expr part_scalar(const part_struct * part);
truth_t part_flat(const part_struct * part);
/* The scalar curvature: the sum over all copies and spheres. CAUSTIC_NONE where it cannot be written. */
caustic_expr parts_scalar(const parts_t parts);
/* The constant curvature of the whole, or CAUSTIC_NONE. */
caustic_expr parts_constant_curvature(const parts_t parts);
/* The weight's potential, the sum over all copies; CAUSTIC_NONE where some part has none, or there is no weight. */
caustic_expr parts_potential(const parts_t parts);
/* Whether all parts are flat and no sphere is curved; whether all weights are closed. */
truth_t parts_flat(const parts_t parts);
truth_t parts_weight_closed(const parts_t parts);
/* NULL, or why some part has no geometry. */
const char * parts_lacking(const parts_t parts);
/* One check of the whole: covariant_burgers. Nothing where no part has a geometry. */
void parts_check_covariant(caustic_checks_t checks, const parts_t parts);

caustic_expr * part_metric(const part_struct * part);
caustic_expr * part_ricci(const part_struct * part);
caustic_expr * part_weight(const part_struct * part);

/* A function of the first copy's coordinates, on another copy. */
caustic_expr on_copy(const part_struct * part, const caustic_setting_struct * whole, caustic_expr e, slong copy);

#endif
