/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    front, private: psi(y) = t l(y) + y^2/2 and what is proved of it on intervals.
*/

#ifndef CAUSTIC_FRONT_INTERNAL_H
#define CAUSTIC_FRONT_INTERNAL_H

#include <caustic/front.h>

/* The Taylor coefficients of psi on the ball y, for every t of its ball. */
void psi_series(arb_ptr res, const caustic_front_t front, const arb_t t, const arb_t y, slong length, slong prec);

/* Walks over [lower, upper] in cells from left to right: one that `settle` says 1 of is done and the next twice as long, else it is
   halved. 1: every point lies in a closed cell that was settled; 0: more than `limit` calls, or cells too thin. */
int walk_cells(const arf_t lower, const arf_t upper, slong prec, slong limit, int (* settle)(void * data, const arf_t, const arf_t), void * data);

/* psi minus the line through (foot, value) with the given slope. */
typedef struct
{
    const caustic_front_struct * front;
    arb_srcptr t;
    arb_srcptr foot;
    arb_srcptr value;
    arb_srcptr slope;
    int tangent; /* 1: value = psi(foot) and slope = psi'(foot), whatever foot and t of their balls, so that they need not be used */
}
excess_struct;

/* Whether psi is above the line at every y of [lower, upper], psi'' > 0 there: proved if 1. */
int excess_is_positive(const excess_struct * excess, const arf_t lower, const arf_t upper, slong prec);
int psi_is_convex(const caustic_front_t front, const arb_t t, const arf_t lower, const arf_t upper, slong prec);

/* The line touches psi at `foot`, where psi'' > 0 (proved here): whether psi is nowhere below it, between foot and `end` (either side). */
int excess_is_nonnegative(const excess_struct * excess, const arf_t end, slong prec);
/* The same from foot to infinity, to the left (side -1) or right (1). */
int excess_is_nonnegative_beyond(const excess_struct * excess, int side, slong prec);

/* Beyond the distance `radius` from `slope` psi is above the line, by the lower bound of the loss. */
void excess_radius(arf_t radius, const excess_struct * excess, slong prec);

/* circle.c: where the quotient is proved to be a circle, and the loss a trigonometric polynomial on it, its flat coordinate, of which the angle is a
   multiple, and the loss as a function of that on the whole line, periodic [FRONT-12]. 0 with the reason appended to why. */
int unroll_circle(caustic_front_t front, caustic_text_t why, const caustic_reduction_t reduction, caustic_expr loss);

/* viscous.c: beyond lower and upper psi lies strictly above its tangent at the foot. */
int is_only_foot(const excess_struct * excess, const arb_t lower, const arb_t upper, slong prec);
/* The signature's limit from T and l_4 = l''''/24 [FRONT-5]. */
void signature_constant(arb_t limit, const arb_t fourth, const arb_t time, slong prec);

/* laplace.c: caustic_front_viscous where one foot has the mass. */
caustic_result laplace_solution(arb_ptr res, const caustic_front_t front, const arb_t s, const arb_t t, const arb_t foot,
    const fmpq_t viscosity, slong digits) CAUSTIC_MUST_USE;

#endif
