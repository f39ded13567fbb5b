/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    flow: validated solution of ordinary differential equations, and the focal time of a
    characteristic in raw parameter space.

    Every enclosure here holds for every solution that starts in the given balls.
*/

#ifndef CAUSTIC_FLOW_H
#define CAUSTIC_FLOW_H

#include <flint/arb_mat.h>
#include <caustic/jet.h>
#include <caustic/reduction.h>

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
void caustic_flow_free(caustic_flow * flow);
slong caustic_flow_dimension(const caustic_flow * flow);
slong caustic_flow_observables(const caustic_flow * flow);

/* Orbits *************************************************************************************/

/* The set of solutions that start in a box, at the time reached so far. The set is kept as
   c + Q r with a point c, a nearly orthogonal matrix Q and a box r (Lohner), so that rotations and
   shears do not widen it. One step is prepared, looked at, and made:

       caustic_orbit_prepare   a step [0, h] and, on it, Taylor polynomials with remainder for all
                               coordinates and observables: value_i(s) for s in [0, h] since `time`
       caustic_orbit_value     reads them
       caustic_orbit_advance   moves on by any s in [0, h]                                         */
typedef struct
{
    const caustic_flow * flow;
    slong precision;        /* bits of the Taylor arithmetic */
    slong order;            /* of the Taylor polynomials */
    arb_t time;             /* since the start */
    arb_ptr state;          /* a box that contains the state, whatever else is known of it */

    /* of the prepared step */
    int prepared;
    arb_t step;             /* h, exact and > 0 */
    arb_ptr enclosure;      /* a box that contains every solution during the whole of [0, h] */

    /* internal */
    arb_ptr centre;
    arb_mat_t frame;
    arb_ptr box;
    arb_ptr polynomial;     /* of the set, with as many bits as it was read with so far */
    slong polynomial_order;
    slong polynomial_precision;
    arb_ptr remainder;      /* of the coordinates, at order + 1 */
    double step_guess;
}
caustic_orbit_struct;

typedef caustic_orbit_struct caustic_orbit_t[1];

/* start: one ball a coordinate. The flow must outlive the orbit. */
void caustic_orbit_init(caustic_orbit_t orbit, const caustic_flow * flow, arb_srcptr start, slong precision);
void caustic_orbit_clear(caustic_orbit_t orbit);

/* Prepares a step of length at most `most` (its upper bound counts).
   CAUSTIC_OK: every solution from the set exists on [0, h] and stays in `enclosure` [FLOW-1].
   CAUSTIC_NO_RESOURCES: no step could be proved: the solution blows up, leaves the domain of the
   field, or the set has become too wide; error says where. */
caustic_result caustic_orbit_prepare(caustic_orbit_t orbit, const arb_t most, caustic_error_t error) CAUSTIC_MUST_USE;

/* Encloses coordinate i, or observable i - dimension, at the times `time + since` for all numbers
   of the ball `since`, which must lie in [0, h]; not finite otherwise. Cheap where prec is at most 64,
   which is enough to decide signs. */
void caustic_orbit_value(arb_t res, caustic_orbit_t orbit, slong i, const arb_t since, slong prec);

/* Moves the set on by `since`, in [0, h]. CAUSTIC_OK, or CAUSTIC_NO_RESOURCES if no step is
   prepared, `since` is not certainly in [0, h], or the new set is not finite; in the last case the
   set may stay where it was, with a shorter step to be prepared next: compare `time`. */
caustic_result caustic_orbit_advance(caustic_orbit_t orbit, const arb_t since, caustic_error_t error) CAUSTIC_MUST_USE;

/* The state after `time` >= 0: steps until there. end and start may be the same vector.
   CAUSTIC_OK, or CAUSTIC_NO_RESOURCES (as above, or step_limit steps did not get there) or
   CAUSTIC_BAD_INPUT (time negative or not finite); then every ball of `end` is the whole line. */
caustic_result caustic_flow_integrate(arb_ptr end, const caustic_flow * flow, arb_srcptr start,
    const arb_t time, slong precision, slong step_limit, caustic_error_t error) CAUSTIC_MUST_USE;

/* Characteristics ****************************************************************************/

/* The first focal time of the characteristic of the loss from a point of the quotient, computed in
   parameter space: the Hamiltonian flow of H = 1/2 A^(ab) p_a p_b from theta(0) = section(foot),
   p(0) = d(loss o invariants), with its variational equations in the directions of the foot,
   projected by the invariants; the focal time is the first zero of the determinant of the Jacobian
   of the projected point by the foot. Neither the cometric of the quotient nor any curvature enters.

   setting: the Hamiltonian flow projects because the setting's identities hold (invariance,
   isometry, projectability, section); they are not checked here. loss: in the coordinates. foot:
   a ball a coordinate.

   CAUSTIC_OK: every foot in the ball has a first focal time, in (0, time_limit], and `time`, of
   relative width at most 10^(1-digits), contains all of them.
   Otherwise error says what was lacking and `time` is the whole line:
   CAUSTIC_NO_RESOURCES: none was found: up to the time limit the determinant is proved positive
   (the message says so), or the precision limit (bits) was reached.
   CAUSTIC_UNSUPPORTED: more than four coordinates; the characteristic leaves the declared domain of the
   parameters; the foot is not certainly in the domain of the coordinates.
   CAUSTIC_BAD_INPUT: an expression is CAUSTIC_NONE or has another symbol, digits < 1, the time
   limit not positive. */
caustic_result caustic_characteristic_focal_time(arb_t time, const caustic_setting_t setting,
    caustic_expr loss, arb_srcptr foot, const arb_t time_limit, slong digits, slong precision_limit,
    caustic_error_t error) CAUSTIC_MUST_USE;

#ifdef __cplusplus
}
#endif

#endif
