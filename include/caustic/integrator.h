/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    integrator: validated solution of ordinary differential equations x' = f(x) and of their
    equation of variation v' = Df(x) v.

    Every enclosure here holds for every solution that starts in the given balls.
*/

#ifndef CAUSTIC_INTEGRATOR_H
#define CAUSTIC_INTEGRATOR_H

#include <flint/arb_mat.h>
#include <caustic/jet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Vector fields ******************************************************************************/

/* x' = f(x), with m further functions of x ("observables") to be followed along the solutions. An
   equation that depends on time takes time as one more coordinate. Immutable once made. */
typedef struct caustic_flow caustic_flow;

/* field: one expression a coordinate; coordinates: their symbols. NULL if an expression is
   CAUSTIC_NONE or depends on another symbol. The pool grows (derivatives) and is not needed later. */
caustic_flow * caustic_flow_new(caustic_pool * pool, const caustic_expr * field,
    const caustic_expr * coordinates, slong dimension, const caustic_expr * observables,
    slong observables_length);
/* The same without observables, with the derivatives of the field given, dimension x dimension expressions: the caller knows that
   they are right, and perhaps a shorter way to write them. */
caustic_flow * caustic_flow_new_with_jacobian(caustic_pool * pool, const caustic_expr * field, const caustic_expr * jacobian,
    const caustic_expr * coordinates, slong dimension);
/* The field that jets follow [INTEGRATOR-5]: where the start depends on parameters, its Taylor coefficients by these, monomial by monomial in the
   order of the shape, and coordinate after coordinate, are the coordinates of the new flow; dimension * caustic_jet_length(shape)
   of them. NULL as above. Its derivatives are not written: the sets of its orbits are boxes, wrapped at each step, which is
   no loss for points and tiny boxes, and their Jacobians are not known. */
caustic_flow * caustic_flow_prolong(caustic_pool * pool, const caustic_expr * field, const caustic_expr * coordinates, slong dimension,
    const caustic_jet_shape * shape);
void caustic_flow_free(caustic_flow * flow);
slong caustic_flow_dimension(const caustic_flow * flow);
slong caustic_flow_observables(const caustic_flow * flow);

/* The Taylor coefficients 0 .. order, in time, of the solutions from the balls `start`: coefficient k of coordinate i is
   res[i * (order + 1) + k]. Not finite where the field is not certainly smooth. */
void caustic_flow_taylor(arb_ptr res, const caustic_flow * flow, arb_srcptr start, slong order, slong prec);

/* Orbits *************************************************************************************/

/* The set of solutions that start in a box, at the time reached so far, and what variations of
   them have become. The set is kept as c + Q r with a point c, a nearly orthogonal matrix Q and a
   box r (Lohner), the variations as C + Q R with matrices C and R, so that rotations and shears do not
   widen them. One step is prepared, looked at, and made:

       caustic_orbit_prepare     a step [0, h] and, on it, Taylor polynomials with remainder
       caustic_orbit_value       reads coordinates and observables at times `time + s`, s in [0, h]
       caustic_orbit_jacobian    reads the Jacobian of the flow from `time` to `time + s`
       caustic_orbit_advance     moves on by any s in [0, h]                                       */
typedef struct
{
    const caustic_flow * flow;
    slong precision;        /* bits of the Taylor arithmetic */
    slong order;            /* of the Taylor polynomials */
    arb_t time;             /* since the start */
    arb_ptr state;          /* a box that contains the state, whatever else is known of it */
    slong variations;       /* number of variations followed */
    arb_mat_t variation;    /* dimension x variations: what they are now */

    /* of the prepared step */
    int prepared;
    arb_t step;             /* h, exact and > 0 */
    arb_ptr enclosure;      /* a box that contains every solution during the whole of [0, h] */

    /* internal */
    arb_ptr centre;
    arb_mat_t frame;
    arb_ptr box;
    arb_mat_t variation_centre;
    arb_mat_t variation_box;
    arb_ptr polynomial;     /* of the set, with remainders, of the prepared step */
    slong polynomial_precision;
    arb_ptr rough;          /* the same, shorter and with 64 bits, where they were asked for */
    slong rough_length;
    int few_bits;           /* whether steps are found with 64 bits */
    arb_ptr jacobian;       /* polynomials of the Jacobian, as above */
    slong jacobian_order;
    slong jacobian_precision;
    double step_guess;
}
caustic_orbit_struct;

typedef caustic_orbit_struct caustic_orbit_t[1];

/* start: one ball a coordinate. The flow must outlive the orbit. */
void caustic_orbit_init(caustic_orbit_t orbit, const caustic_flow * flow, arb_srcptr start, slong precision);
/* The same for the set of all centre + frame r, r in the box made symmetric about 0: it may be much smaller than the box around it. centre and
   the entries of the frame, an invertible matrix, are points: their midpoints are taken. */
void caustic_orbit_init_set(caustic_orbit_t orbit, const caustic_flow * flow, arb_srcptr centre, const arb_mat_t frame,
    arb_srcptr box, slong precision);
void caustic_orbit_clear(caustic_orbit_t orbit);

/* From now on the orbit carries the solutions v' = Df(x) v with the columns of the matrix (dimension x
   any number) as present values, at every point of the set. */
void caustic_orbit_vary(caustic_orbit_t orbit, const arb_mat_t columns);

/* Prepares a step of length at most `most` (its upper bound counts).
   CAUSTIC_OK: every solution from the set exists on [0, h] and stays in `enclosure` [INTEGRATOR-1].
   CAUSTIC_NO_RESOURCES: no step could be proved; error says after which time and why: the field is not certainly
   smooth where the set is, the set has become too wide, or the solution ends. */
caustic_result caustic_orbit_prepare(caustic_orbit_t orbit, const arb_t most, caustic_error_t error) CAUSTIC_MUST_USE;

/* Encloses coordinate i, or observable i - dimension, at the times `time + since` for all numbers
   of the ball `since`, which must lie in [0, h]; not finite otherwise. Cheap where prec is at most 64,
   which is enough to decide signs. */
void caustic_orbit_value(arb_t res, caustic_orbit_t orbit, slong i, const arb_t since, slong prec);

/* The same as a polynomial in s: sum_k res_k s^k for s in [0, h] encloses it, the last coefficient being a
   remainder [INTEGRATOR-2]. Returns the number of coefficients and sets *res to a vector of that length that the
   orbit keeps until the next step is prepared; 0 and NULL where no step is prepared or there is no such i. */
slong caustic_orbit_polynomial(arb_srcptr * res, caustic_orbit_t orbit, slong i, slong prec) CAUSTIC_MUST_USE;

/* Encloses the derivative of the state at `time + since` by the state at `time`, at every point of the set and
   for all numbers of `since` in [0, h]; not finite otherwise. res: dimension x dimension. */
void caustic_orbit_jacobian(arb_mat_t res, caustic_orbit_t orbit, const arb_t since, slong prec);

/* Encloses (the same - identity)/since, also where `since` contains 0: for since = 0 that is Df. */
void caustic_orbit_jacobian_slope(arb_mat_t res, caustic_orbit_t orbit, const arb_t since, slong prec);

/* Moves the set on by `since`, in [0, h]. CAUSTIC_OK, or CAUSTIC_NO_RESOURCES if no step is
   prepared, `since` is not certainly in [0, h], or the new set is not finite; in the last case the
   set may stay where it was, with a shorter step to be prepared next: compare `time`. */
caustic_result caustic_orbit_advance(caustic_orbit_t orbit, const arb_t since, caustic_error_t error) CAUSTIC_MUST_USE;

/* To a given time ****************************************************************************/

/* The state after `time` >= 0: steps until there. end and start may be the same vector.
   CAUSTIC_OK, or CAUSTIC_NO_RESOURCES (as above, or step_limit steps did not get there) or
   CAUSTIC_BAD_INPUT (time negative or not finite); then every ball of `end` is the whole line. */
caustic_result caustic_flow_integrate(arb_ptr end, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong precision, slong step_limit, caustic_error_t error) CAUSTIC_MUST_USE;

/* The same, and, unless jacobian is NULL, the derivative of the end by the start, dimension x dimension, with
   as many bits as it takes: the radii of `end` are at most 10^-digits times the largest coordinate, those of the
   Jacobian at most 10^-digits times its largest entry.
   CAUSTIC_NO_RESOURCES also where the precision limit does not do, or more bits do not help, as with
   balls for a start: then `end` and the Jacobian are the valid, wider enclosures of the last attempt. */
caustic_result caustic_flow_solve(arb_ptr end, arb_mat_t jacobian, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong digits, slong precision_limit, slong step_limit, caustic_error_t error) CAUSTIC_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
