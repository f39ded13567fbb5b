/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    focal_internal: what the two ways to a focal time share: data at the foot, and the search for the time at which
    a decreasing symmetric matrix ceases to be positive.
*/

#ifndef CAUSTIC_FOCAL_INTERNAL_H
#define CAUSTIC_FOCAL_INTERNAL_H

#include <caustic/focal.h>
#include <caustic/integrator.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FOCAL_ROUGH 64

/* The symbols of x and p: the coordinates and as many momenta. Freed by flint_free. */
caustic_expr * focal_phase_space(const caustic_focal_problem * problem);

/* Expressions, then their derivatives by n symbols, row by row; NULL where one is CAUSTIC_NONE or has other symbols. */
caustic_tape * focal_map_tape(caustic_pool * pool, const caustic_expr * map, slong length, const caustic_expr * symbol, slong n);

/* Hamilton's equations for the energy 1/2 g^ij p_i p_j; NULL where an expression is CAUSTIC_NONE or has other symbols. */
caustic_flow * focal_hamiltonian_flow(const caustic_focal_problem * problem);

/* The same field for jets of that shape; no Jacobian. NULL as above. */
caustic_flow * focal_hamiltonian_jets(const caustic_focal_problem * problem, const caustic_jet_shape * shape);

/* About the derivatives of caustic_focal_derivatives at the midpoints, without any proof: for searches. 0: not found. */
int focal_guess_derivatives(arb_ptr gradient, arb_mat_t hessian, const caustic_focal_jets * jets, arb_srcptr foot, const arb_t time,
    slong prec);

void focal_copy(fmpq * res, const fmpq * from, slong length);

/* Balls that contain the box between two points. */
void focal_box_balls(arb_ptr res, const fmpq * lower, const fmpq * upper, slong feet, slong prec);

/* A box of feet on which the focal time is strictly convex, and its minimum there. */
typedef struct
{
    fmpq * lower;
    fmpq * upper;
    arb_t time;
} focal_well;

void focal_well_init(focal_well * well, slong feet);
void focal_well_clear(focal_well * well, slong feet);

/* A well around the minimum, in the finite box in which it lies: as large as it can be proved with some hundred parts [FOCAL-20]. 0: none. */
int focal_well_find(focal_well * well, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const caustic_focal_minimum_t minimum);

/* T_TRUE: N(s) is positive definite; T_FALSE: N is not positive any more; with the number of negative eigenvalues, or 0. */
typedef truth_t (* focal_sign)(slong * negative, void * context, const arb_t s);

/* lower = 0 or N(lower) > 0, N(upper) not: narrows the bracket around the time between, to 2^-precision of `upper` or as far as
   the signs are decided. Both exact. multiplicity: of all focal times together that agree with the first to half of the bits; 0
   where that was not determined. */
void focal_bisect(arb_t lower, arb_t upper, slong * multiplicity, focal_sign sign, void * context, slong precision);

/* A ball that contains [lower, upper]; both exact. */
void focal_ball(arb_t res, const arb_t lower, const arb_t upper);

/* Whether the relative width is at most 10^(1 - digits). */
int focal_is_narrow(const arb_t time, slong digits);

/* Bits for the balls of an exact foot. */
slong focal_foot_precision(slong digits, slong precision_limit);

/* The error where a characteristic cannot begin in parameter space. */
caustic_result focal_no_section(caustic_error_t error);

/* Reasons not to begin. */
caustic_result focal_check(const caustic_focal_problem * problem, const caustic_focal_options * options, caustic_error_t error);

/* Whether more bits than these are worth trying; first, and then again and again. */
slong focal_first_precision(const caustic_focal_options * options);

/* The error, with the bound up to which there is no focal time. */
caustic_result focal_stop(const caustic_focal_t result, caustic_result code, const char * what, caustic_error_t error);

/* integrate.c: the equations of a problem, compiled once for many feet; the problem must live as long. NULL: an expression is not
   defined. Freed by focal_characteristic_free. */
typedef struct focal_characteristic focal_characteristic;

focal_characteristic * focal_characteristic_new(const caustic_focal_problem * problem, caustic_error_t error);
void focal_characteristic_free(focal_characteristic * c);

/* caustic_focal_integrate from one more foot. The options are those of a problem that focal_check accepts. */
caustic_result focal_characteristic_integrate(caustic_focal_t result, focal_characteristic * c, arb_srcptr foot,
    const caustic_focal_options * options, caustic_error_t error);

/* Third derivatives of the function, with which sets of feet are enclosed better. */
void focal_characteristic_prepare_sets(focal_characteristic * c);

/* Integrates the characteristics from all feet of a set (balls for the symbols problem->foot) at once: all of them live on [0, free], inside domain
   and stratum, and none of them focuses in (0, free]; free >= 0 is exact. 1: free >= until; else the error says what was lacking: CAUSTIC_UNSUPPORTED
   where some may leave domain or stratum or the loss may not be smooth, CAUSTIC_NO_RESOURCES otherwise. until: exact, positive. *steps: how many were made. [FOCAL-13] */
int focal_set_is_free(arb_t free, slong * steps, const focal_characteristic * c, arb_srcptr feet, const arb_t until, slong step_limit, slong precision,
    caustic_error_t error);

/* Whether cometric and function have finite second derivatives at the foot, and the cometric is positive definite there. */
int focal_is_regular_at(const caustic_focal_problem * problem, arb_srcptr foot, slong prec);

/* The result, and the error that says so, where it is proved that there is no focal time. */
caustic_result focal_never(caustic_focal_t result, caustic_error_t error);

/* Empties the result: nothing is known. */
void focal_reset(caustic_focal_t result);

#ifdef __cplusplus
}
#endif

#endif
