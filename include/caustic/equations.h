/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    equations: the equations of a derived quotient as expressions, and claims about them.

    Unknowns and their derivatives are symbols: u_t, u_z, u_z_z for the entropy, phi_t, ... for the
    heat equation, v_z, v_z_t, v_z_w, v_z_w_w for the gradient v = du. Since v is a differential
    its derivatives are symmetric: v_z_w and v_w_z are one symbol, the one in coordinate order.
*/

#ifndef CAUSTIC_EQUATIONS_H
#define CAUSTIC_EQUATIONS_H

#include <caustic/geometry.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct
{
    caustic_expr left;
    caustic_expr right;
}
caustic_equation;

typedef struct
{
    caustic_pool * pool;
    slong dimension;
    caustic_expr * coordinate;        /* d symbols */
    caustic_expr * cometric;          /* d x d */
    caustic_expr * drift;             /* d */
    caustic_expr viscosity;           /* nu */
    caustic_equation hamilton_jacobi; /* u_t + 1/2 g^{ij} u_i u_j = nu (g^{ij} u_ij + b^i u_i) */
    caustic_equation heat;            /* phi_t = nu (g^{ij} phi_ij + b^i phi_i) */
    caustic_equation * burgers;       /* d components: the differential of the first */
    caustic_equation * burgers_covariant; /* d components; see below */
    int has_covariant;
}
caustic_equations_struct;

typedef caustic_equations_struct caustic_equations_t[1];

/* Writes the equations of the cometric (d x d, row-major) and drift. Where geometry is not NULL and
   was computed, also the covariant Burgers equation (Bochner-Weitzenboeck)
   v_k_t + v^j D_j v_k = nu (D^j D_j v_k + W^j D_j v_k - R_kj v^j + (D_k W_j) v^j),
   its components written out: for few dimensions, and beside caustic_equations_check_covariant. */
void caustic_equations_init(caustic_equations_t equations, caustic_pool * pool, const caustic_expr * coordinate,
    slong dimension, const caustic_expr * cometric, const caustic_expr * drift, const caustic_geometry_struct * geometry);
void caustic_equations_clear(caustic_equations_t equations);

/* Whether the covariant Burgers equation of a geometry is the coordinate form of Burgers' equation, in all
   components: coefficient by coefficient in v and its derivatives, each a function of the coordinates
   [EQUATIONS-3]. Nothing is written out, and so this is for every dimension that has a geometry.
   PROVED, REFUTED (the geometry is not that of the cometric and drift), or UNDECIDED; the detail says why. */
caustic_verdict caustic_equations_check_covariant(caustic_text_t detail, const gr_mat_t cometric,
    const gr_mat_t drift, const caustic_geometry_struct * geometry) CAUSTIC_MUST_USE;

/* Whether two equations say the same: their differences left - right are proportional with a
   factor that has no zero on the product of the coordinates' domains with nu > 0 and all values of
   the unknowns. `pivot` is the time derivative by whose coefficients the factor is found. Mixed
   derivatives are identified by symmetry first. Equations that are polynomials in the unknowns are compared
   coefficient by coefficient [EQUATIONS-4], others as they stand. The detail names what fails and where, and, for a
   claim about a component of equations->burgers that is this equation without some of its terms, which. */
caustic_verdict caustic_equations_compare(caustic_text_t detail, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, const caustic_equation * claimed,
    const caustic_equation * derived, caustic_expr pivot) CAUSTIC_MUST_USE;

/* Whether a claimed equation is defined, and smooth, for all values of the coordinates in their domains,
   nu > 0 and all values of the unknowns. T_FALSE: it is not (`punctured`: zeros of denominators are not held
   against it). The reason is appended to why. */
truth_t caustic_equations_is_defined(caustic_text_t why, const caustic_equations_t equations,
    const caustic_interval_struct * coordinate_domain, const caustic_equation * claimed, int punctured) CAUSTIC_MUST_USE;

/* The symbol of a derivative: unknown "u", "phi" or "v", indices in coordinate order, then t:
   caustic_equations_symbol(e, "v", {0, 1}, 2, 0) is v_z1_z2. */
caustic_expr caustic_equations_symbol(const caustic_equations_t equations, const char * unknown,
    const slong * indices, slong length, int time_derivative);

/* "left = right", as text and as LaTeX. */
void caustic_equation_print(caustic_text_t out, const caustic_pool * pool, const caustic_equation * equation);
void caustic_equation_latex(caustic_text_t out, const caustic_pool * pool, const caustic_equation * equation);

#ifdef __cplusplus
}
#endif

#endif
