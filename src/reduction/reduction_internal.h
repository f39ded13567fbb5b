/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

/* The identities of SPEC 1.2, a file for each group of them. Every function adds its statement to
   reduction->checks. */

#ifndef CAUSTIC_REDUCTION_INTERNAL_H
#define CAUSTIC_REDUCTION_INTERNAL_H

#include <flint/fmpq_mat.h>
#include <caustic/reduction.h>
#include "statement.h"

/* The given functions on parameter space as field elements. `readable` is 0 when an expression of
   the setting could not be represented; then a check named after it has said why. */
typedef struct
{
    int readable;
    gr_mat_t inverse_metric; /* A, N x N */
    gr_mat_t generators;     /* xi, k x N */
    gr_mat_t invariants;     /* z, d x 1 */
    gr_mat_t jacobian;       /* dz, d x N */
    gr_mat_t log_volume;     /* d_a log det A, N x 1 */
}
upstairs_struct;

typedef upstairs_struct upstairs_t[1];

/* Entry (i, j) as an expression. */
caustic_expr matrix_expr(const gr_mat_t matrix, slong i, slong j, gr_ctx_t ctx);

/* The expression with the parameters replaced by the section (values on the quotient). */
caustic_expr on_section(const caustic_setting_t setting, caustic_expr e);
/* The expression with the coordinates replaced by the invariants (pull-back to parameter space). */
caustic_expr pulled_back(const caustic_setting_t setting, caustic_expr e);
/* The expression with the parameters replaced by their images under element s. */
caustic_expr moved_by(const caustic_setting_t setting, caustic_expr e, slong s);

/* res = A^{ab} d_b f, N x 1; res = Delta_A f = d_a(A^{ab} d_b f) - 1/2 (d_a log det A) A^{ab} d_b f. */
int metric_gradient(gr_mat_t res, const upstairs_t up, gr_srcptr f, gr_ctx_t ctx) CAUSTIC_MUST_USE;
int metric_laplacian(gr_ptr res, const upstairs_t up, gr_srcptr f, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Not in place. GR_SUCCESS or GR_UNABLE. */
int determinant(gr_ptr res, const gr_mat_t matrix, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* d_a log det A, N x 1. */
int log_volume(gr_mat_t res, const gr_mat_t a, gr_ctx_t ctx) CAUSTIC_MUST_USE;

/* Room for the cometric and the drift of a quotient that is written out. */
void allocate_cometric(caustic_reduction_t reduction);
/* Adds to the assumptions, once. */
void assume(caustic_reduction_t reduction, const char * what);

/* The charges Q (k x N) of generators sum_b Q_ab w_b d_b; 0 where they are not of that form. */
int read_torus_charges(fmpq_mat_t charges, const caustic_setting_t setting) CAUSTIC_MUST_USE;
/* The whole reduction where the setting is a torus with monomial invariants, by matrices of exponents
   [REDUCTION-10]; 0, and nothing done, where it is not one, or something is wrong with it. */
int reduce_torus(caustic_reduction_t reduction) CAUSTIC_MUST_USE;
/* The whole reduction where the setting is a product, unit by unit [REDUCTION-9]; 0, and nothing done,
   where it is not one. */
int reduce_product(caustic_reduction_t reduction) CAUSTIC_MUST_USE;
void clear_factors(caustic_reduction_t reduction);

/* Requires that the values x lie inside the open interval, everywhere on the field's box; or, where a
   setting is given, on its stratum. */
void require_inside(statement_t statement, gr_srcptr x, const caustic_interval_t domain, const caustic_setting_struct * stratum,
    gr_ctx_t ctx, const char * what);
/* Requires that element s acts on the quotient by an isometry that keeps the drift, and lists it
   [REDUCTION-14]. */
void require_action_on_cover(statement_t invariance, slong s, caustic_reduction_t reduction);
/* Requires that the elements so listed keep the loss. */
void require_loss_on_cover(statement_t loss, caustic_expr below, caustic_reduction_t reduction);

/* Whether two expressions in the parameters are proved equal wherever both are defined, function by function and term
   by term. 0 says nothing. [REDUCTION-18] */
int equal_term_by_term(caustic_expr a, caustic_expr b, const caustic_setting_t setting) CAUSTIC_MUST_USE;

/* Looks for an exact point of the stratum where a difference is certainly not 0, and refutes the statement with it. */
void refute_at_a_point(statement_t statement, caustic_expr difference, caustic_reduction_t reduction, const char * what);

/* That a loss is invariant is an identity of values, for which kinks are no obstacle: it is looked at in fields
   of its own that allow them, in the place of upstairs and downstairs, which know nothing of what occurs in it. */
void open_loss_fields(caustic_reduction_t reduction, gr_ctx_struct * above, gr_ctx_struct * below);
void close_loss_fields(caustic_reduction_t reduction, const gr_ctx_struct * above, const gr_ctx_struct * below);

void check_metric(caustic_reduction_t reduction, const upstairs_t up);
void check_section(caustic_reduction_t reduction, const upstairs_t up);
void check_isometry(caustic_reduction_t reduction, const upstairs_t up);
/* Sets reduction->cometric, drift and derived. */
void check_projectability(caustic_reduction_t reduction, const upstairs_t up);
/* After projectability, whose cometric and drift the finite elements must keep; lists the coverings. */
void check_invariance(caustic_reduction_t reduction, const upstairs_t up);
/* After invariance. Sets reduction->loss. */
void check_loss(caustic_reduction_t reduction);
/* Lists what is left to assume. */
void check_dimension(caustic_reduction_t reduction, const upstairs_t up);

/* Exact points. The i-th trial point, in the box and on the stratum (1) or not (0); `special`: one with many
   zeros. */
int stratum_point(fmpq * point, slong i, int special, const caustic_setting_t setting) CAUSTIC_MUST_USE;
/* The values of expressions in the parameters at a point; 0 where one is no rational number. */
int value_at(fmpq_t value, caustic_expr e, const fmpq * point, const caustic_setting_t setting) CAUSTIC_MUST_USE;
int matrix_at(fmpq_mat_t values, const caustic_expr * entries, const fmpq * point, const caustic_setting_t setting) CAUSTIC_MUST_USE;
/* A polynomial in the coordinates whose pull-back agrees with f at many points: 1 if exactly one of f's weighted
   degree does. That they are equal remains to be proved [REDUCTION-13]. */
int close_in_invariants(caustic_expr * result, caustic_expr f, const caustic_setting_t setting) CAUSTIC_MUST_USE;
/* Looks for a point of the stratum where the generators are dependent: 1 and says where, which combination
   vanishes, and whether that leaves room for an invariant metric [REDUCTION-12]; 0 if none was found. */
int find_dependence(caustic_text_t why, const caustic_setting_t setting) CAUSTIC_MUST_USE;

/* Whether log and identity charts of the single parameters turn (Theta, A) into R^N and the group
   into translations of full rank [REDUCTION-2]. */
int is_translation_group(const caustic_reduction_t reduction, const upstairs_t up);
/* Whether the generators rescale the parameters, freely and properly, and move every point to the section
   [REDUCTION-17]. */
int is_scaling_group(const caustic_reduction_t reduction, const upstairs_t up);
/* Whether those charts turn (Theta, A) into R^N. */
int is_complete_by_charts(const caustic_reduction_t reduction);

#endif
