/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    focal: the first focal time of one characteristic, in any number of dimensions.

    Characteristics are the geodesics of a cometric g that start with the differential of a function l as
    covector: x' = dH/dp, p' = -dH/dx, H = 1/2 g^{ij} p_i p_j, p(0) = dl(x(0)). A focal time is a zero t > 0 of
    det dx(t)/dx(0).
*/

#ifndef CAUSTIC_FOCAL_H
#define CAUSTIC_FOCAL_H

#include <caustic/integrator.h>
#include <caustic/reduction.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A manifold in one chart, with its cometric and a function. Expressions in the coordinates, row-major. */
typedef struct
{
    caustic_pool * pool;
    slong dimension;
    const caustic_expr * coordinate;
    const caustic_interval_struct * domain; /* one interval a coordinate; NULL: whole lines */
    const caustic_expr * cometric;          /* dimension x dimension, symmetric */
    caustic_expr function;
    slong generators;                       /* vector fields that are to be independent along the characteristic */
    const caustic_expr * generator;         /* generators x dimension */
    slong strata;                           /* expressions that are to have no zeros along it */
    const caustic_expr * stratum;
    slong feet;                             /* the symbols in which the foot is given, */
    const caustic_expr * foot;
    const caustic_expr * start;             /* and the coordinates of the foot in these. Where these are fewer than the
                                               dimension, the first of the generators are symmetries of cometric and function and complete
                                               their directions */
}
caustic_focal_problem;

typedef struct
{
    int found;          /* 1: there is a focal time, the first one in `time`; 0: not known, or `never` */
    int never;          /* 1: there is none at any time */
    arb_t time;         /* encloses the first focal time; the whole line where none was found */
    slong multiplicity; /* of all focal times together that agree with the first to half of the bits; 0: not
                           determined */
    arb_t reached;      /* a lower bound: there is no focal time in (0, reached] */
    slong steps;        /* of the last attempt */
    slong precision;    /* bits of the last attempt */
}
caustic_focal_struct;

typedef caustic_focal_struct caustic_focal_t[1];

void caustic_focal_init(caustic_focal_t result);
void caustic_focal_clear(caustic_focal_t result);

/* How far to look, and how sharply. */
typedef struct
{
    arb_srcptr time_limit;   /* NULL: none */
    slong step_limit;
    slong digits;            /* relative width at most 10^(1-digits) */
    slong precision_limit;   /* bits */
}
caustic_focal_options;

/* The first focal time of the characteristic from the foot (balls for the symbols problem->foot; the answer
   holds for each of their points) by validated integration of the characteristic with its variations. [FOCAL-1], [FOCAL-2]

   CAUSTIC_OK: found, to the digits.
   Otherwise error says what was lacking; result holds what is known all the same (time, reached):
   CAUSTIC_NO_RESOURCES: none before the time limit, or before `reached`, where a limit ended the search; or found, but
   not to the digits.
   CAUSTIC_UNSUPPORTED: the characteristic leaves the declared domain or stratum.
   CAUSTIC_BAD_INPUT: an expression is CAUSTIC_NONE or has another symbol, digits < 1, a time limit that is not positive. */
caustic_result caustic_focal_integrate(caustic_focal_t result, const caustic_focal_problem * problem,
    arb_srcptr foot, const caustic_focal_options * options, caustic_error_t error) CAUSTIC_MUST_USE;

/* The derivatives of the focal time by the symbols of the foot **************************************/

/* Jets of the characteristics by their feet, compiled once; order 1: for gradients, 2: for Hessians too. As many symbols for the foot as
   dimensions. The problem's pool and expressions are not needed later. NULL with the error set: CAUSTIC_BAD_INPUT. */
typedef struct caustic_focal_jets caustic_focal_jets;
caustic_focal_jets * caustic_focal_jets_new(const caustic_focal_problem * problem, slong order, caustic_error_t error);
void caustic_focal_jets_free(caustic_focal_jets * jets);

/* Gradient (one ball a symbol) and, for jets of order 2, Hessian of t* at every point of the balls `foot`, where `time` contains their first focal
   times, as of caustic_focal_integrate: a smooth function of the foot near the balls, whose kernels there have dimension 1 [FOCAL-14]. hessian: dimension x
   dimension, or NULL for jets of order 1.

   CAUSTIC_OK, or CAUSTIC_NO_RESOURCES: the flow could not be followed, or the balls are too wide, or the focal time not simple. */
caustic_result caustic_focal_derivatives(arb_ptr gradient, arb_mat_t hessian, const caustic_focal_jets * jets, arb_srcptr foot,
    const arb_t time, slong precision, caustic_error_t error) CAUSTIC_MUST_USE;

/* A strict local minimum of the focal time, with a simple kernel, inside a box of feet. */
typedef struct
{
    slong feet;
    arb_t time;     /* the focal time there */
    arb_ptr at;     /* one ball a symbol of the foot: the minimiser */
    arb_t there;    /* the focal time at the midpoints of these balls, to the digits */
}
caustic_focal_minimum_struct;

typedef caustic_focal_minimum_struct caustic_focal_minimum_t[1];

void caustic_focal_minimum_init(caustic_focal_minimum_t minimum, slong feet);
void caustic_focal_minimum_clear(caustic_focal_minimum_t minimum);

/* Searches by descents from the middle of the box and points around it, or, unless it is NULL, from `start`; then proves that gradient of t* has
   exactly one zero near the place found, and that its Hessian is positive definite there [FOCAL-15]. box: an interval a symbol of the foot; infinite ends
   are looked at up to some distance only. As many symbols for the foot as dimensions.

   CAUSTIC_OK: found, time to the digits; nothing is said about other places.
   CAUSTIC_NO_RESOURCES: none was proved; CAUSTIC_BAD_INPUT as above. */
caustic_result caustic_focal_minimum(caustic_focal_minimum_t minimum, const caustic_focal_problem * problem,
    const caustic_interval_struct * box, arb_srcptr start, const caustic_focal_options * options, caustic_error_t error) CAUSTIC_MUST_USE;

/* The same by the closed formula for a locally symmetric manifold: the caller has proved that the curvature tensor
   is parallel. Nothing is integrated; generators and strata are not looked at, and the formula gives the focal
   time of the geodesic provided that it exists so long. curvature_sign: -1 where all sectional curvatures are
   known to be <= 0 (then `never` may be proved), else 1. [FOCAL-3] Results as above. */
caustic_result caustic_focal_symmetric(caustic_focal_t result, const caustic_focal_problem * problem, int curvature_sign,
    arb_srcptr foot, const caustic_focal_options * options, caustic_error_t error) CAUSTIC_MUST_USE;

/* The problem in parameter space that belongs to a loss on the quotient: cometric A, function l o invariants, foot
   given by the coordinates and the section, or by the parameters (see caustic_focal_lift_foot), the group's generators. Its focal times are those of the quotient [FOCAL-4].
   An expression of the stratum by which an invariant divides is left out: where it vanishes, a chart ends.
   loss: in the coordinates or in the parameters. The setting's identities are not checked here. The problem is released by
   caustic_focal_problem_clear.

   CAUSTIC_OK, CAUSTIC_UNSUPPORTED (no section) or CAUSTIC_BAD_INPUT (no loss). */
caustic_result caustic_focal_upstairs(caustic_focal_problem * problem, const caustic_setting_t setting,
    caustic_expr loss, caustic_error_t error) CAUSTIC_MUST_USE;

/* Where the problem of caustic_focal_upstairs begins over a point of the quotient (one ball a coordinate): what its symbols `foot`
   are there. Those are the coordinates, or where there is no section and as many invariants as parameters, the parameters: balls
   that contain one point of the fibre for each point of the given balls, found by Newton's method and proved [FOCAL-6].
   res: room for as many as there are parameters or coordinates, whichever is more.

   CAUSTIC_OK; CAUSTIC_NO_RESOURCES: no point was found; CAUSTIC_UNSUPPORTED: no section, and fewer invariants than parameters. */
caustic_result caustic_focal_lift_foot(arb_ptr res, const caustic_setting_t setting, arb_srcptr point, slong precision,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* The problem on the quotient itself: the coordinates are the foot. cometric: d x d. Releases and results as above. */
caustic_result caustic_focal_downstairs(caustic_focal_problem * problem, const caustic_setting_t setting,
    const caustic_expr * cometric, caustic_expr loss, caustic_error_t error) CAUSTIC_MUST_USE;

void caustic_focal_problem_clear(caustic_focal_problem * problem);

/* Whether a symmetric matrix of balls (its lower triangle is read) is positive definite, for every symmetric matrix in it.
   T_FALSE: every one of them has a vector with x^T A x < 0; then *negative, unless NULL, is the number of negative
   eigenvalues of every one of them, or 0 where that was not determined. [FOCAL-5] */
truth_t caustic_form_is_positive(slong * negative, const arb_mat_t form, slong prec) CAUSTIC_MUST_USE;

/* The first focal time of the characteristic of the loss from a point of the quotient, computed in parameter space: the
   problem of caustic_focal_upstairs, integrated. Neither the cometric of the quotient nor any curvature enters.

   CAUSTIC_OK: every foot in the ball (one ball a coordinate) has a first focal time, in (0, time_limit], and `time`, of
   relative width at most 10^(1-digits), contains all of them. Otherwise error says what was lacking and `time` is the whole
   line; results as of caustic_focal_integrate, and CAUSTIC_UNSUPPORTED where the foot is not certainly in the domain of
   the coordinates. */
caustic_result caustic_characteristic_focal_time(arb_t time, const caustic_setting_t setting,
    caustic_expr loss, arb_srcptr foot, const arb_t time_limit, slong digits, slong precision_limit,
    caustic_error_t error) CAUSTIC_MUST_USE;

/* Boxes of feet ******************************************************************************/

typedef struct
{
    int found;     /* 1: some characteristic from the box focuses, at the latest at `upper` */
    arb_t lower;   /* exact: where found, none of them focuses in (0, lower]; else 0 */
    arb_t upper;   /* exact; inf where none was found */
    slong feet;
    fmpq * foot;   /* where found: the foot of that characteristic, */
    arb_t there;   /* and its focal time, which lies below `upper` */
    fmpq * open;   /* where found, and the bracket is not as narrow as it should be: a foot near which the lower bound is least */
    slong cells;   /* parts of the box that were integrated */
}
caustic_focal_box_struct;

typedef caustic_focal_box_struct caustic_focal_box_t[1];

void caustic_focal_box_init(caustic_focal_box_t result, slong feet);
void caustic_focal_box_clear(caustic_focal_box_t result);

/* T* = inf t* over the characteristics from a box of feet (one closed finite interval for each of the symbols problem->foot): lower <= T* <= upper,
   by branch and bound, which ends when step_limit steps of integrations have been made. All characteristics live until `lower`, and that from `foot` until
   its focal time, inside domain and stratum: they are integrated. [FOCAL-13] result: as initialised. gap > 0.

   CAUSTIC_OK: upper - lower is at most gap lower. Otherwise error says what was lacking, and the bracket holds all the same:
   CAUSTIC_NO_RESOURCES: it is wider, or no characteristic was seen to focus; CAUSTIC_UNSUPPORTED: the box is infinite or empty;
   CAUSTIC_BAD_INPUT as of caustic_focal_integrate. */
caustic_result caustic_focal_box(caustic_focal_box_t result, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const fmpq_t gap, slong step_limit, caustic_error_t error) CAUSTIC_MUST_USE;

/* The infimum with all the digits of known minima (of caustic_focal_minimum, in the same box): a well around each of them, on which the focal
   time is convex, and boxes for the rest [FOCAL-20]. result: as initialised, and as above.

   CAUSTIC_OK: every characteristic from another place of the box focuses later than all of the minima's upper ends; so T* is
   the least of their times. CAUSTIC_NO_RESOURCES: that was not shown. */
caustic_result caustic_focal_box_around(caustic_focal_box_t result, const caustic_focal_problem * problem, const caustic_interval_struct * box,
    const caustic_focal_minimum_struct * minimum, slong minima, slong step_limit, caustic_error_t error) CAUSTIC_MUST_USE;

/* Rays ***************************************************************************************/

/* One of the ways to the focal time of a ray. */
typedef struct
{
    const char * name;   /* "curvature" or "characteristics" */
    caustic_focal_t focal;
    caustic_result status;
    char * detail;       /* how, or what was lacking; never NULL */
}
caustic_ray_route;

typedef struct
{
    caustic_verdict verdict;
    int shock;              /* where PROVED: 1: the ray focuses, first at `time`; 0: it has no focal time */
    arb_t time;             /* the whole line where none was found */
    slong multiplicity;     /* 0: not determined */
    caustic_ray_route route[2];
    char * detail;
}
caustic_ray_struct;

typedef caustic_ray_struct caustic_ray_t[1];

void caustic_ray_init(caustic_ray_t ray);
void caustic_ray_clear(caustic_ray_t ray);

/* The first focal time of the characteristic of the reduction's loss from a point of the quotient, by two routes: on the quotient
   (the closed formula where the exact field proves the curvature parallel; else geodesic and Jacobi fields integrated)
   and in parameter space. PROVED where a route that proves the characteristic to live that long finds it, or where the
   manifold is known to be `complete`, and no route excludes the other. The reduction is proved, written out, and has a loss. */
void caustic_focal_ray(caustic_ray_t ray, const caustic_reduction_t reduction, const fmpq * from, slong digits,
    slong precision_limit, int complete);

#ifdef __cplusplus
}
#endif

#endif
