/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    shock: certified focal times. In one dimension the covariant Hessian of the loss with one index
    raised is h = g l'' + g' l'/2, the focal time of the characteristic from z is -1/h(z) where h < 0,
    and T* = -1/inf h when that infimum is negative. On a flat quotient of any dimension h is the smallest eigenvalue
    of the covariant Hessian with one index raised.
*/

#ifndef CAUSTIC_SHOCK_H
#define CAUSTIC_SHOCK_H

#include <caustic/field.h>
#include <caustic/focal.h>
#include <caustic/jet.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct
{
    caustic_pool * pool;
    caustic_expr z;              /* the coordinate's symbol */
    caustic_interval_t domain;   /* the coordinate's domain (the chart) */
    caustic_expr cometric;       /* g(z) */
    caustic_expr loss;           /* l(z) */
    caustic_interval_t box;      /* closed; ends may be infinite */
    slong digits;
    slong precision_limit;       /* bits */
    slong box_limit;             /* cells of branch and bound */
    /* claims; CAUSTIC_NONE where there is none */
    caustic_expr claimed_time;
    caustic_expr claimed_at;
    int claimed_none;            /* the claim says that there is no shock */
}
caustic_shock_problem;

typedef struct
{
    caustic_verdict verdict;     /* of the shock time itself, without the claim */
    int shock;                   /* 1: T* finite; 0: no focal time (both only when PROVED) */
    arb_t time;                  /* encloses T*, also when UNDECIDED (then wide) */
    int attained;                /* 1: the infimum is a minimum; 0: it is not; -1: not determined */
    slong minimisers;            /* number of isolated minimisers (the detail says whether ties were
                                    proved or agree to the bits used); -1: "many", a continuum or
                                    one and more in every period of a long box;
                                    0: none, or not determined */
    slong dimension;
    arb_ptr at;                  /* one ball a coordinate: the minimiser, where minimisers == 1; else a point of the box, if one
                                    is known, whose focal time is in `time` */
    arb_t there;                 /* the focal time at `at`, where that is known apart from T*; else not finite */
    char * detail;               /* how it was proved, or what was lacking */
    caustic_verdict claim_time;  /* 0: no claim */
    int claim_exact;             /* 1: the claim was decided by algebra; 0: to the digits, that is
                                    |claim - T*| <= 10^(1-digits)/2 T*, or by disjoint balls */
    caustic_verdict claim_at;    /* 0: no claim */
    char * claim_detail;
    int bracket;                 /* 1: earliest <= T* <= latest, by the Hessian's bound on the box and its values at points */
    arf_t earliest, latest;      /* 0 and inf where there is no bound */
    char * bracket_detail;       /* how */
    slong cells;                 /* of branch and bound, for the curious */
    slong precision;             /* bits used in the end */
    int curved;                  /* 1: by the closed formula of parallel curvature, on a quotient not seen to be flat */
    int general;                 /* 1: characteristics are to be integrated: the quotient is not seen to be flat or locally
                                    symmetric; or, for a local minimum, not flat, and the closed formula showed none */
    int integrated;              /* 1: the characteristics were integrated, and live as long as the bounds say */
}
caustic_shock_result_struct;

typedef caustic_shock_result_struct caustic_shock_result_t[1];

/* For one coordinate; the functions for more make room themselves. */
void caustic_shock_result_init(caustic_shock_result_t result);
void caustic_shock_result_clear(caustic_shock_result_t result);

/* Certifies T* on the box, globally: the time's relative width is <= 10^(1-digits) when PROVED. */
void caustic_shock_global_1d(caustic_shock_result_t result, const caustic_shock_problem * problem);

/* Several dimensions *************************************************************************/

/* A loss on a flat or locally symmetric quotient with d coordinates. */
typedef struct
{
    caustic_pool * pool;
    slong dimension;                         /* d */
    const caustic_expr * z;                  /* d symbols */
    const caustic_interval_struct * domain;  /* d */
    const caustic_expr * cometric;           /* d x d */
    const caustic_expr * drift;              /* d; only used to recognise flat coordinates */
    caustic_expr loss;
    const caustic_interval_struct * box;     /* d closed intervals */
    slong digits;
    slong precision_limit;                   /* bits */
    slong box_limit;                         /* boxes of branch and bound; 0: as many as take some seconds */
    slong points;                            /* places of the box where the Hessian is looked at first, for the bracket */
    const fmpq * point;                      /* points x d */
    caustic_expr claimed_time;               /* claims; CAUSTIC_NONE where there is none */
    const caustic_expr * claimed_at;         /* d, or NULL */
    int claimed_none;
}
caustic_shock_flat_problem;

/* Certifies T* on the box: on a flat quotient T* = -1/inf lambda, lambda the smallest eigenvalue of the covariant Hessian; where the
   curvature tensor is parallel T* is the infimum of the focal times of the closed formula [FOCAL-3], of geodesics provided that they exist so
   long. That the metric is the one or the other is proved here, as is that g is positive and g, l are analytic. PROVED as in one dimension; UNDECIDED with the bracket so
   far in `time` where the boxes or bits did not suffice. minimisers == -1: a continuum, or places that were not told apart. */
void caustic_shock_flat_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem);

/* T* on a quotient of any curvature, where caustic_shock_flat_global has found that it is `general`: characteristics are integrated, whole boxes of them at once
   [FOCAL-13]. PROVED where the bracket is as narrow as the digits ask, UNDECIDED with the bracket otherwise. `characteristics`: the problem on the quotient; its feet are
   the coordinates of `problem`, and branch and bound ends after step_limit steps of integrations. */
void caustic_shock_integrated_global(caustic_shock_result_t result, const caustic_shock_flat_problem * problem,
    const caustic_focal_problem * characteristics, slong step_limit);

/* A local minimum of the focal time there, where caustic_shock_flat_local has found that the quotient is `general` [FOCAL-15]: PROVED says that it is one, with its time
   and place, and nothing about other places. The search begins at the claimed place where there is one. */
void caustic_shock_integrated_local(caustic_shock_result_t result, const caustic_shock_flat_problem * problem,
    const caustic_focal_problem * characteristics);

/* A local minimum of the focal time inside the box, the earliest that a few descents find: PROVED says that it is one, with its
   time and place, and nothing about other places. d >= 1. */
void caustic_shock_flat_local(caustic_shock_result_t result, const caustic_shock_flat_problem * problem);

#ifdef __cplusplus
}
#endif

#endif
