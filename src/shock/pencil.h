/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    pencil, private: the smallest eigenvalue lambda of P - lambda G, symmetric m x m matrices of analytic functions of
    n variables with G positive definite, on boxes: lower bounds, derivatives where it is simple, and its infimum.
*/

#ifndef CAUSTIC_SHOCK_PENCIL_H
#define CAUSTIC_SHOCK_PENCIL_H

#include <flint/arb_mat.h>
#include "shock_internal.h"

typedef struct
{
    slong variables;             /* n */
    slong size;                  /* m */
    int unit;                    /* G = 1 */
    int curved;                  /* P is the Hessian, G the cometric, and what P stands for in the search is
                                    P + F - G/t, F the form of cotangents at the time t [FOCAL-8] */
    const arb_struct * time;     /* t, a ball of times; NULL: P alone */
    caustic_tape * tape;         /* entries i <= j of P, row by row, then those of G unless unit, then those of the form of curvature
                                    if curved */
    caustic_jet_shape * first;   /* jets of order 1 and 2 */
    caustic_jet_shape * second;
}
pencil_struct;

typedef pencil_struct pencil_t[1];

/* entries: m(m + 1)/2 of P, then as many of G, or none where G = 1 (unit), then as many of the form of curvature, where curved. 0: an
   entry depends on something else. */
int pencil_init(pencil_t pencil, const caustic_pool * pool, const caustic_expr * variable, slong variables, slong size,
    const caustic_expr * entries, int unit, int curved) CAUSTIC_MUST_USE;
void pencil_clear(pencil_t pencil);

/* cotangent.c: p += F - g/t, where F = sqrt(R) cot(t sqrt(R)) g and R the endomorphism with R g = a, for jets of the entries
   i <= j of m x m matrices. 1: at every point of the jets, and every t of the ball, g is positive definite and t is
   before the first conjugate point, t^2 R < pi^2; 0: that is not certain, and p is left as it is. [FOCAL-8] */
int cotangent_add(arb_ptr * p, const arb_ptr * g, const arb_ptr * a, slong m, const arb_t t, const caustic_jet_shape * shape, slong prec)
    CAUSTIC_MUST_USE;
/* N = P + F, m x m, at a point; 0: not defined there. */
int pencil_form(arb_mat_t form, const pencil_t pencil, arb_srcptr point, slong prec) CAUSTIC_MUST_USE;

/* The pencil around one box in the frame V of approximate eigenvectors at its centre c: N = V^T P V and K = V^T G V.
   Of each entry the value at c and the gradient there, or over the whole box, and the matrix Q of the second-order
   Taylor coefficients over the whole box: f(c + d) = f(c) + f'(c) d + d^T Q d with some Q in its ball. */
typedef struct
{
    const pencil_struct * pencil;
    slong prec;
    arb_ptr centre;      /* n: exact, but for ends of the region that are not binary */
    arb_ptr box;         /* n */
    arb_ptr radius;      /* n, exact: |box - centre| is at most that */
    double * frame;      /* V, m x m; column k belongs to the k-th smallest eigenvalue at c */
    double * eigenvalue; /* at c, a guide only */
    arb_ptr at[2];       /* N, K at c:        m x m entries of 1 + n balls */
    arb_ptr over[2];     /* N, K over box:    m x m entries of 1 + n + n^2 balls */
    int defined;         /* 0: something is not finite on the box */
    arb_ptr work;        /* room */
}
chart_cell_struct;

typedef chart_cell_struct chart_cell_t[1];

void chart_cell_init(chart_cell_t cell, const pencil_t pencil);
void chart_cell_clear(chart_cell_t cell);
/* Sets box, centre and radius from the ends (exact numbers; for a point the ball itself) and evaluates. */
void chart_cell_set(chart_cell_t cell, arb_srcptr lower, arb_srcptr upper, slong prec);
void chart_cell_set_point(chart_cell_t cell, arb_srcptr point, slong prec);

/* lambda <= upper at the centre, by a Rayleigh quotient. */
void chart_cell_upper(arf_t upper, const chart_cell_t cell);
/* lambda >= lower on the box; sharp where lambda is near mu, and lower = mu where that much could be proved. -inf: none.
   1: even lambda > mu on the box. lower and mu may be the same. [HESSIAN-3] */
int chart_cell_lower(arf_t lower, chart_cell_t cell, const arf_t mu);

/* The smallest eigenvalue where it is simple on the whole box. */
typedef struct
{
    arb_t value;      /* over the box */
    arb_ptr gradient; /* n */
    arb_ptr hessian;  /* n x n: second derivatives */
}
eigenvalue_struct;

typedef eigenvalue_struct eigenvalue_t[1];

void eigenvalue_init(eigenvalue_t eigenvalue, slong variables);
void eigenvalue_clear(eigenvalue_t eigenvalue, slong variables);
/* 1: lambda is simple on all of the box, hence analytic, and all is enclosed. lower: a lower bound on the box. 0: not
   certain. [HESSIAN-4] */
int eigenvalue_over(eigenvalue_t eigenvalue, chart_cell_t cell, const arf_t lower);

/* Whether all eigenvalues but one are certainly above the number, on the box. */
int eigenvalue_is_alone(const chart_cell_t cell, const arb_t upper);

/* Symmetric real matrices in floating point, as guides: A = U diag(w) U^T, w ascending; A is destroyed. */
void symmetric_eigen(double * w, double * u, double * a, slong n);

/* The infimum ********************************************************************************/

/* A part of the closed region: lower <= z <= upper, or on a face, z_k = an end of the region where face_k = -1, +1. */
typedef struct
{
    arb_ptr ends;  /* 2 n exact numbers: lower, then upper */
    signed char * face;
    slong split;   /* the variable in which it is divided next */
    arf_t bound;   /* lambda >= bound */
}
piece_struct;

/* A piece on which lambda is simple and strictly convex in the free variables, with its one minimum. [HESSIAN-5] */
typedef struct
{
    piece_struct zone;
    arb_ptr location; /* n: the minimiser over the zone */
    arb_t value;      /* encloses the minimum over the zone */
    arf_t steepness;  /* > 0: smallest eigenvalue of the second derivatives on the zone */
    int included;     /* the minimiser belongs to the region: 1, 0, or -1 where that is not certain */
    int twin;         /* the same minimiser as that of an earlier well */
}
well_struct;

typedef enum
{
    DESCENT_RESOLVED = 1, /* no piece is left: every minimiser where lambda < 0 lies in a well */
    DESCENT_NARROW,       /* pieces are left, the infimum is known to the tolerance */
    DESCENT_LIMIT,        /* the number of pieces reached its limit */
    DESCENT_UNDEFINED     /* the entries are not certainly defined near a point of the region */
}
descent_status;

typedef struct
{
    const pencil_struct * pencil;
    const region_struct * region;  /* n intervals, finite */
    const slong * symmetric;       /* n numbers: the infimum over the part where z_j <= z_k for j < k of the same number
                                      is that over the region; NULL: no symmetry */
    slong prec;
    slong goal;                    /* bits wanted of wells, relative */
    slong narrow;                  /* bits wanted of the infimum where there are none */
    slong limit;                   /* of pieces */
    slong pieces;                  /* looked at */
    piece_struct * heap;           /* least bound first */
    slong length, capacity;
    well_struct * wells;
    slong wells_length, wells_capacity;
    arf_t ceiling;                 /* infimum <= ceiling; starts at 0: only lambda < 0 matters */
    int ceiling_is_fixed;          /* the ceiling is given and stays: only lambda <= ceiling matters, whatever the infimum is */
    arf_t floor;                   /* after the run: lambda >= floor */
    arb_ptr lowest;                /* n: where the ceiling was found, a ball in the region */
    chart_cell_t cell, probe;
    eigenvalue_t slopes, there;
}
descent_struct;

typedef descent_struct descent_t[1];

void descent_init(descent_t descent, const pencil_t pencil, const region_struct * region);
void descent_clear(descent_t descent);
/* Best-first branch and bound over the closed region. [HESSIAN-6] */
descent_status descent_run(descent_t descent);
/* Sharpens the wells to the goal with so many bits and drops those that are certainly not minimal; sets the floor. */
void descent_refine(descent_t descent, slong prec);
/* Downhill from the point, along the sides of the region where that is the way: `lowest` and the ceiling. */
void descent_slide(descent_t descent, arb_srcptr start);
/* A well around one critical point, by descent from the point; 0: none was proved. */
int descent_local(descent_t descent, arb_srcptr start);
/* Forgets all but one well (-1: all), whatever lies elsewhere. */
void descent_keep(descent_t descent, slong which);

#endif
