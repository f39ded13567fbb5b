/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    heat: normal forms of the quotient's operator L and certified solutions of phi_t = nu L phi.

    On the flat line with coordinate s, phi(s,t) = (4 pi nu t)^(-1/2) int exp(-(s-y)^2/(4 nu t)) f(y) dy,
    f = exp(-l/(2 nu)), is written phi = S + E: S a finite sum of kernels, an exact solution, and E
    bounded on complex polydiscs by the residue theorem and Gaussian tails.
*/

#ifndef CAUSTIC_HEAT_H
#define CAUSTIC_HEAT_H

#include <flint/fmpq_mat.h>
#include <flint/fmpq_mpoly.h>
#include <caustic/field.h>
#include <caustic/jet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A one-dimensional flattening: s(z) with g s'^2 = 1, its inverse z(s), both proved. */
typedef struct
{
    caustic_expr z;       /* the coordinate's symbol */
    caustic_expr s;       /* the flat coordinate's symbol (a fresh name) */
    caustic_expr map;     /* s(z) */
    caustic_expr inverse; /* z(s); CAUSTIC_NONE where none is elementary */
    int onto;             /* 1: s maps the domain onto the whole line, proved */
    int driftless;        /* 1: L s = 0, proved */
    fmpq_t dimension;     /* n of the Bessel operator (caustic_flatten_radial), else 0 */
    caustic_checks_t checks; /* isometry, drift, onto, inverse; each with its verdict */
}
caustic_flattening_struct;

typedef caustic_flattening_struct caustic_flattening_t[1];

void caustic_flattening_init(caustic_flattening_t flattening);
void caustic_flattening_clear(caustic_flattening_t flattening);
/* Whether s maps the chart isometrically onto the line, L becoming d^2/ds^2, with a known inverse; else the reasons are appended to why. */
int caustic_flattening_is_proved(caustic_text_t why, const caustic_flattening_t flattening);

/* Finds s = int dz/sqrt(g) where it is elementary (g a constant times a power of an affine
   function, a quadratic, a squared quadratic), or takes `given` if that is not CAUSTIC_NONE, and
   proves what it claims in the exact field. cometric and drift are expressions in z, domain that
   of z. Returns CAUSTIC_OK (then the checks say what holds) or CAUSTIC_UNSUPPORTED (no elementary
   map found; the checks say so). */
caustic_result caustic_flatten(caustic_flattening_t result, caustic_pool * pool, caustic_expr z,
    const caustic_interval_t domain, caustic_expr cometric, caustic_expr drift, caustic_expr given);

/* The same for the half line: finds or takes r with g r'^2 = 1 and L r = (n - 1)/r for a rational n >= 1, which maps the domain onto
   (0, inf): L is the Bessel operator of dimension n [HEAT-55]. Returns CAUSTIC_OK (then the checks say what holds; where all are
   proved, dimension is n) or CAUSTIC_UNSUPPORTED. */
caustic_result caustic_flatten_radial(caustic_flattening_t result, caustic_pool * pool, caustic_expr z,
    const caustic_interval_t domain, caustic_expr cometric, caustic_expr drift, caustic_expr given);

/* Flat coordinates in d dimensions: s^A(z) with g^{ij} d_i s^A d_j s^B = delta^{AB} and L s^A = 0, onto R^d. */
typedef struct
{
    slong dimension;
    caustic_expr * s;       /* fresh symbols */
    caustic_expr * map;     /* s^A(z) */
    caustic_expr * inverse; /* z_i(s) */
    int proved;             /* 1: all of the above, and map and inverse are inverse to each other */
    caustic_checks_t checks;
}
caustic_chart_struct;

typedef caustic_chart_struct caustic_chart_t[1];

void caustic_chart_init(caustic_chart_t chart, slong dimension);
void caustic_chart_clear(caustic_chart_t chart);

/* Finds s = C x with x_i a flat coordinate of z_i alone (caustic_flatten) and a constant matrix C, or takes the d
   expressions `given` (NULL: none), which must be affine in those x_i, and proves what it claims in the exact field
   [HEAT-15]. `name` makes the fresh symbols' names. Returns CAUSTIC_OK (then proved and the checks say what holds) or
   CAUSTIC_UNSUPPORTED (no such coordinates were found; the checks say why). */
caustic_result caustic_chart_find(caustic_chart_t chart, caustic_pool * pool, const caustic_expr * coordinate,
    const caustic_interval_struct * domain, const caustic_expr * cometric, const caustic_expr * drift,
    const caustic_expr * given, const char * name);

/* Bounds by form *****************************************************************************/

/* A number m with e >= m at every point of the domain of the one symbol of e, proved by the form of
   e: even powers, exp, softplus and the like by interval arithmetic over the whole domain, the
   polynomial terms together by Sturm's theorem [HEAT-6]. Returns 1 and sets bound (finite), or 0
   where no bound was found, which proves nothing. */
int caustic_lower_bound(arf_t bound, caustic_pool * pool, caustic_expr e, caustic_expr symbol,
    const caustic_interval_t domain) CAUSTIC_MUST_USE;

/* The same for the loss on the flattened line, tried in the chart's coordinate (on `domain`), then as the function flat_loss of the flat
   one (on `image`, NULL: the whole line): what one form hides the other may show. */
int caustic_flattening_lower_bound(arf_t bound, caustic_pool * pool, const caustic_flattening_t flattening, caustic_expr loss,
    const caustic_interval_t domain, caustic_expr flat_loss, const caustic_interval_struct * image) CAUSTIC_MUST_USE;

/* Initial data on the flat line ****************************************************************/

/* f = exp(-l/(2 nu)) on the whole line, l >= lower there. Immutable once made. */
typedef struct
{
    caustic_tape * loss; /* l as a function of the flat coordinate, one root, one symbol */
    fmpq_t viscosity;    /* nu > 0 */
    arf_t lower;         /* a proved lower bound of l on the whole line */
}
caustic_line_struct;

typedef caustic_line_struct caustic_line_t[1];

/* `loss` is an expression in the symbol s alone, defined on the whole line; `lower` a proved lower
   bound of it (caustic_lower_bound). Returns CAUSTIC_OK, or CAUSTIC_UNSUPPORTED where the loss
   depends on something else than s or nu is not positive; the line must be cleared in each case. */
caustic_result caustic_line_init(caustic_line_t line, const caustic_pool * pool, caustic_expr s,
    caustic_expr loss, const fmpq_t viscosity, const arf_t lower) CAUSTIC_MUST_USE;
void caustic_line_clear(caustic_line_t line);

/* The splitting phi = S + E for all (s, t) in a neighbourhood of a box:

       S(s,t) = (4 pi nu t)^(-1/2) h sum_{|j| <= n} exp(-(s - c - jh)^2/(4 nu t)) f(c + jh)

   and |E| <= error for all complex (s, t) within radius_s and radius_t of the real box s x t. So
   |d_s^i d_t^j E| <= i! j! error/(radius_s^i radius_t^j) on the box [HEAT-4]. */
typedef struct
{
    arf_t centre;    /* c */
    arf_t step;      /* h */
    slong reach;     /* n */
    arf_t height;    /* a: f is holomorphic on |Re y - c| <= (n + 1/2) h, |Im y| <= a, proved */
    arb_t s;         /* the real box */
    arb_t t;
    arf_t radius_s;
    arf_t radius_t;
    arb_t error;     /* upper bound of |E| */
    double aim;      /* what was aimed at, -log error */
    slong boxes;     /* evaluations of the loss that the proof took */
}
caustic_strip_struct;

typedef caustic_strip_struct caustic_strip_t[1];

void caustic_strip_init(caustic_strip_t strip);
void caustic_strip_clear(caustic_strip_t strip);

/* Chooses c, h, n, a by search and proves the bound `error`, aiming at exp(-nats). Precondition:
   every t > 0, radius_s > 0, radius_t >= 0, radius_t < t. Returns CAUSTIC_OK (the bound is proved;
   it may be larger than aimed at), CAUSTIC_NO_RESOURCES (no strip was found on which the loss is
   certainly holomorphic, within the limit of boxes) or CAUSTIC_UNSUPPORTED (precondition). */
caustic_result caustic_strip_find(caustic_strip_t strip, const caustic_line_t line, const arb_t s,
    const arb_t t, const arf_t radius_s, const arf_t radius_t, double nats) CAUSTIC_MUST_USE;

/* About -log of the largest value of exp(-(s - y)^2/(4 nu t)) f(y) on the line, and how far from s the place of that is:
   how small the solution is and how steep, to aim error bounds and to choose radii. A guide only. */
double caustic_line_peak(double * distance, const caustic_line_t line, const arb_t s, const arb_t t);

/* The same as caustic_strip_find, aiming at exp(-nats) times the largest value of the integrand on the line. */
caustic_result caustic_strip_find_relative(caustic_strip_t strip, const caustic_line_t line, const arb_t s,
    const arb_t t, const arf_t radius_s, const arf_t radius_t, double nats) CAUSTIC_MUST_USE;

/* A bound of |E| for a given choice of centre, step, reach and height (as set in strip) on the
   region set in strip: what caustic_strip_find proves in the end. Same returns. */
caustic_result caustic_strip_bound(caustic_strip_t strip, const caustic_line_t line) CAUSTIC_MUST_USE;

/* The moments M_k = (4 pi nu t)^(-1/2) h sum_j (s-y_j)^k exp(-(s-y_j)^2/(4 nu t)) f(y_j), k < length,
   of the finite sum S alone (no E), with absolute error about 2^(-bits). */
void caustic_strip_moments(arb_ptr moments, slong length, const caustic_strip_t strip,
    const caustic_line_t line, const arb_t s, const arb_t t, slong bits);

#define CAUSTIC_ENTROPY_LENGTH 8

/* Encloses u = -2 nu log phi and its derivatives in s: res_k contains (d/ds)^k u(s,t) for every s and
   t of the balls, k < length <= CAUSTIC_ENTROPY_LENGTH, to about `digits` digits relative to phi where s and t allow.
   Returns CAUSTIC_OK (the enclosures are finite) or CAUSTIC_NO_RESOURCES (they are not). */
caustic_result caustic_local_entropy_1d(arb_ptr res, slong length, const caustic_line_t line,
    const arb_t s, const arb_t t, slong digits) CAUSTIC_MUST_USE;

/* The local entropy of a loss on R^N that depends on one linear combination of the coordinates
   only: encloses

       u = -2 nu log int_{R^N} (4 pi nu t)^(-N/2) exp(-|w|^2/(4 nu t)) f(sigma + weights . w) dw

   by the N-dimensional trapezoid sum, whose terms of equal weights . w are added exactly first: the
   sum over them is a convolution of N vectors [HEAT-7]. Every weight must be certainly non-zero.
   Same returns as caustic_local_entropy_1d. */
caustic_result caustic_local_entropy_collapsed(arb_t res, const caustic_line_t line,
    arb_srcptr weights, slong length, const arb_t sigma, const arb_t t, slong digits) CAUSTIC_MUST_USE;

/* Piecewise analytic data, on the line and on the half line ************************************/

/* f = exp(-l/(2 nu)), l >= lower + tilt s, with an l that has kinks, on the line, where L = d^2/ds^2, or on the half line s > 0 of
   the Bessel operator L = d^2/ds^2 + ((n - 1)/s) d/ds, n >= 1, where kernels are those reflected at 0. Between kinks l is
   analytic and `loss` is the branch there; where they lie is found out as far from 0 as is asked for. */
typedef struct
{
    fmpq_t dimension;      /* n; 0: the line */
    fmpq_t viscosity;      /* nu > 0 */
    arf_t lower;
    arb_t tilt;            /* 0 on the half line */
    caustic_pool * pool;
    caustic_expr symbol;
    caustic_expr expr;     /* l */
    caustic_tape * whole;  /* l, for values */
    caustic_tape * kinks;  /* what vanishes at kinks; NULL: nothing does */
    slong arguments;       /* of those */
    slong bits;            /* kinks are enclosed in intervals of 2^-bits */
    arf_t from, to;        /* the kinks in [from, to] are known */
    slong pieces;
    slong capacity;
    arf_struct * end;      /* piece i is [end_2i, end_2i+1], without kinks; between pieces at least one kink */
    caustic_tape ** loss;
}
caustic_profile_struct;

typedef caustic_profile_struct caustic_profile_t[1];

/* `lower` and `tilt` (NULL: 0) are proved. CAUSTIC_UNSUPPORTED where the loss depends on something else than the symbol, nu is not positive, or n is
   neither 0 nor at least 1. To be cleared in each case. */
caustic_result caustic_profile_init(caustic_profile_t profile, caustic_pool * pool, const fmpq_t dimension, caustic_expr symbol,
    caustic_expr loss, const fmpq_t viscosity, const arf_t lower, const arb_t tilt, slong bits) CAUSTIC_MUST_USE;
void caustic_profile_clear(caustic_profile_t profile);

/* Finds the pieces of [from, to] (on the half line of its part s >= 0). CAUSTIC_NO_RESOURCES where there are too many kinks, or they are not isolated. */
caustic_result caustic_profile_cover(caustic_profile_t profile, const arf_t from, const arf_t to) CAUSTIC_MUST_USE;

/* |l(x) - l(y)| <= slope |x - y| + jump and l(x) <= highest for x, y in [from, to], which is covered first: jump is what l may vary in
   the intervals of 2^-bits around kinks. Not finite where no bound was found. */
void caustic_profile_shape(arb_t slope, arb_t jump, arb_t highest, caustic_profile_t profile, const arf_t from, const arf_t to);

/* A lower bound of phi on s x t, exact; 0 where none was found [HEAT-54]. */
void caustic_profile_lower(arb_t res, const caustic_profile_t profile, const arb_t s, const arb_t t);

/* A part [a, b] of a piece and the Gauss-Legendre rule of so many nodes on it. */
typedef struct
{
    arf_t a, b;
    slong piece;
    slong order;
}
caustic_panel;

/* The splitting phi = S + E for all (s, t) in a neighbourhood of a box, as caustic_strip: S is the sum over the panels of
   weights times kernels at the nodes, |E| <= error [HEAT-52] and |phi| <= mass for all complex (s, t) within radius_s and radius_t of
   the box. */
typedef struct
{
    slong length;
    slong capacity;
    caustic_panel * panel;
    arb_t s;
    arb_t t;
    arf_t radius_s;
    arf_t radius_t;
    arb_t error;
    arb_t mass;
}
caustic_panels_struct;

typedef caustic_panels_struct caustic_panels_t[1];

void caustic_panels_init(caustic_panels_t panels);
void caustic_panels_clear(caustic_panels_t panels);

/* Chooses panels and orders by search and proves the error, aiming at exp(-nats). Returns and preconditions as
   caustic_strip_find; on the half line s >= 0. */
caustic_result caustic_panels_find(caustic_panels_t panels, caustic_profile_t profile, const arb_t s, const arb_t t,
    const arf_t radius_s, const arf_t radius_t, double nats) CAUSTIC_MUST_USE;

/* The Taylor coefficients of phi at (s, t), E included: four in s, and two of phi_t, not by the equation. s and t lie in
   the box of the panels. */
void caustic_panels_expand(arb_ptr value, arb_ptr slope, const caustic_panels_t panels, const caustic_profile_t profile,
    const arb_t s, const arb_t t, slong prec);

/* Several dimensions ***************************************************************************/

#define CAUSTIC_SPACE_DIMENSION 3

/* f = exp(-l/(2 nu)) on R^k with l(y) >= lower + tilt . y everywhere. Immutable once made. */
typedef struct
{
    slong dimension;     /* k <= CAUSTIC_SPACE_DIMENSION */
    slong angles;        /* 1: l depends on an angle in [0, pi] too, the last symbol of the tape; else 0 */
    caustic_tape * loss; /* l, one root, k + angles symbols */
    fmpq_t viscosity;    /* nu > 0 */
    arf_t lower;
    arb_ptr tilt;        /* k entries, usually 0 */
}
caustic_space_struct;

typedef caustic_space_struct caustic_space_t[1];

/* Finds lower and tilt by the form of the loss: terms that are linear in the symbols make the tilt, all others
   must be bounded below [HEAT-13]. Returns CAUSTIC_OK, or CAUSTIC_UNSUPPORTED with the reason appended to why: no
   bound was found, the loss depends on something else, k is too large, nu is not positive. To be cleared in each case. */
caustic_result caustic_space_init(caustic_space_t space, caustic_text_t why, caustic_pool * pool,
    const caustic_expr * symbol, slong dimension, caustic_expr loss, const fmpq_t viscosity) CAUSTIC_MUST_USE;
/* The same for data on R^k times a sphere, k + 1 <= CAUSTIC_SPACE_DIMENSION, k >= 0: `symbol` has k + 1 entries, the last one the angle
   to a pole, in which the loss is even and of period 2 pi; both are the caller's to prove. */
caustic_result caustic_space_init_zonal(caustic_space_t space, caustic_text_t why, caustic_pool * pool,
    const caustic_expr * symbol, slong dimension, caustic_expr loss, const fmpq_t viscosity) CAUSTIC_MUST_USE;
void caustic_space_clear(caustic_space_t space);

/* The splitting phi = S + E of [HEAT-12] for all (s, t) in a neighbourhood of a box, as caustic_strip: S the tensor
   trapezoid sum over centre_i + j step_i, |j| <= reach_i, and |E| <= error for all complex (s, t) within radius_s (in
   each coordinate) and radius_t of the real box. mass bounds |phi| itself there. */
typedef struct
{
    slong dimension;
    arf_struct centre[CAUSTIC_SPACE_DIMENSION];
    double step[CAUSTIC_SPACE_DIMENSION];   /* an exact binary number, as is (reach + 1/2) step */
    slong reach[CAUSTIC_SPACE_DIMENSION];
    double height[CAUSTIC_SPACE_DIMENSION]; /* f is holomorphic in each coordinate up to there, proved */
    arb_ptr s;                              /* the real box */
    arb_t t;
    arf_t radius_s;
    arf_t radius_t;
    arb_t error;
    arb_t mass;
    slong boxes;
}
caustic_grid_struct;

typedef caustic_grid_struct caustic_grid_t[1];

void caustic_grid_init(caustic_grid_t grid, slong dimension);
void caustic_grid_clear(caustic_grid_t grid);

/* Chooses a grid by search and proves its error, aiming at exp(-nats). Same returns and preconditions as
   caustic_strip_find. */
caustic_result caustic_grid_find(caustic_grid_t grid, const caustic_space_t space, arb_srcptr s, const arb_t t,
    const arf_t radius_s, const arf_t radius_t, double nats) CAUSTIC_MUST_USE;

/* A bound of |E| for a given choice of centre, step, reach and height, on the region set in grid. Same returns. */
caustic_result caustic_grid_bound(caustic_grid_t grid, const caustic_space_t space) CAUSTIC_MUST_USE;

/* The Taylor coefficients of phi at (s, t), E included: value has 4^k entries, that of s^a at a_1 + 4 a_2 + ..., all
   a_i <= 3; slope, 2^k entries, those of phi_t, at a_1 + 2 a_2 + ..., a_i <= 1, not by the equation. s and t lie in the
   box of the grid. */
void caustic_grid_expand(arb_ptr value, arb_ptr slope, const caustic_grid_t grid, const caustic_space_t space,
    arb_srcptr s, const arb_t t, slong prec);

/* A line or a plane times a sphere *************************************************************/

/* The solution on R^k x S^(n-1), zonal in the second factor: L = Laplace_s + rate ((1 - x^2) d_x^2 - (n - 1) x d_x), x = cos(angle).
   phi = S + E with S the trapezoid sum of [HEAT-12] in s and of `samples` angles in the angle, cut to half as many
   zonal polynomials: an exact solution for every value of its terms [HEAT-34]. On the polydisc of the grid in s and t, and for all x in [-1, 1],

       |d_x^m E| <= defect_m,   |d_x^m S| or |d_x^m phi| <= size_m,   |d_x^m e^(nu t L_x) h| <= smoothing_m sup|h|,

   t in the last one the least real t of the box; a bound that is not known is not finite. */
typedef struct
{
    slong dimension;      /* k */
    slong sphere;         /* n >= 3 */
    fmpq_t rate;          /* > 0 */
    caustic_grid_t grid;  /* of the k axes; its error is that of the trapezoid sum in s for every angle */
    slong samples;        /* a power of two */
    arb_struct smoothing[5];
    arb_struct defect[4];
    arb_struct size[5];
}
caustic_zonal_struct;

typedef caustic_zonal_struct caustic_zonal_t[1];

void caustic_zonal_init(caustic_zonal_t zonal, slong dimension, slong sphere, const fmpq_t rate);
void caustic_zonal_clear(caustic_zonal_t zonal);

/* As caustic_grid_find; s has k entries. */
caustic_result caustic_zonal_find(caustic_zonal_t zonal, const caustic_space_t space, arb_srcptr s, const arb_t t,
    const arf_t radius_s, const arf_t radius_t, double nats) CAUSTIC_MUST_USE;

/* As caustic_grid_expand in k + 1 variables, the last of which is x: value has 4^(k+1) entries, slope 2^(k+1). */
void caustic_zonal_expand(arb_ptr value, arb_ptr slope, const caustic_zonal_t zonal, const caustic_space_t space,
    arb_srcptr s, const arb_t t, slong prec);

/* A bound of |L_x h| (order 0) or |(L_x h)'| (order 1), the rate included, from bounds of |h'|, |h''|, |h'''| at bound[1], [2], [3]. */
void caustic_zonal_operator_bound(arb_t res, const caustic_zonal_t zonal, const arb_struct * bound, slong order);

/* Polynomial initial data ********************************************************************/

/* phi(., 0) = p, a polynomial with rational coefficients in d coordinates, where L = g^{ij} d_i d_j + b^i d_i
   has polynomial coefficients and q_k = L^k p, k < m, span a space that L maps into itself. Then

       phi(z, t) = sum_k a_k(t) q_k(z),    a(t) = exp(nu t C) (1, 0, ..., 0)

   with C the matrix of L in the basis q_k, exact over Q [HEAT-10]. Immutable once made. */
typedef struct
{
    slong dimension;           /* d */
    slong length;              /* m <= 64 */
    int closed;                /* 1: L maps the span into itself, proved; then matrix is C */
    fmpq_mpoly_ctx_t ring;
    fmpq_mpoly_struct * basis; /* q_0 = p, ..., q_(m-1) */
    fmpq_mat_t matrix;         /* C, m x m */
}
caustic_spectral_struct;

typedef caustic_spectral_struct caustic_spectral_t[1];

/* The space of the density p for the operator of cometric (d x d) and drift (d), expressions in the coordinates.
   Returns CAUSTIC_OK, or CAUSTIC_UNSUPPORTED with the reason appended to why: something is not a polynomial by its
   form, or no space of dimension up to 64 was found. To be cleared in each case. */
caustic_result caustic_spectral_init(caustic_spectral_t spectral, caustic_text_t why, const caustic_pool * pool,
    const caustic_expr * coordinate, slong dimension, const caustic_expr * cometric, const caustic_expr * drift,
    caustic_expr density) CAUSTIC_MUST_USE;
void caustic_spectral_clear(caustic_spectral_t spectral);

/* Encloses a_k at nu t = time, and da_k/d(nu t) from values of a on a circle, not from the equation
   [HEAT-11]. m entries each. */
void caustic_spectral_amplitudes(arb_ptr res, const caustic_spectral_t spectral, const arb_t time, slong prec);
void caustic_spectral_slopes(arb_ptr res, const caustic_spectral_t spectral, const arb_t time, slong prec);

/* Encloses sum_k amplitudes_k d_i d_j ... q_k(z) for the listed indices (none: the value). */
void caustic_spectral_evaluate(arb_t res, const caustic_spectral_t spectral, arb_srcptr amplitudes, const slong * indices,
    slong length, arb_srcptr z, slong prec);

/* Analytic data on circles and spheres *********************************************************/

/* f = exp(-l/(2 nu)) as a function of an angle: on a circle, where L = rate d^2/dangle^2, or zonal on the unit sphere
   S^(n-1), where the angle is that to the pole and L = (1 - x^2) d^2/dx^2 - (n - 1) x d/dx with x = cos(angle). */
typedef struct
{
    slong sphere;         /* n >= 3; 2: the circle */
    caustic_tape * near;  /* l: on the circle as a function of tan(angle/2), on a sphere of cos(angle) */
    caustic_tape * far;   /* on the circle: l as a function of cot(angle/2), the same function [HEAT-20]; else NULL */
    caustic_tape * near_slope; /* their derivatives */
    caustic_tape * far_slope;
    fmpq_t rate;          /* > 0; on a sphere 1 */
    fmpq_t viscosity;     /* > 0 */
}
caustic_angular_struct;

typedef caustic_angular_struct caustic_angular_t[1];

/* near and far are expressions in the one symbol. CAUSTIC_UNSUPPORTED where they depend on something else or a number is
   not positive; to be cleared in each case. */
caustic_result caustic_angular_init(caustic_angular_t data, caustic_pool * pool, slong sphere, caustic_expr symbol,
    caustic_expr near, caustic_expr far, const fmpq_t rate, const fmpq_t viscosity) CAUSTIC_MUST_USE;
void caustic_angular_clear(caustic_angular_t data);

/* The solution phi = S + E with a finite sum S of eigenfunctions, an exact solution for every value of its coefficients:

       circle  S = sum_k exp(-nu rate k^2 t) (cosine_k cos(k angle) + sine_k sin(k angle))
       sphere  S = sum_l exp(-nu l (l + n - 2) t) amplitude_l P_l(x),   sum_l amplitude_l P_l = sum_k cosine_k T_k

   P_l the monic Gegenbauer polynomials of weight n/2 - 1. Derivatives are those in the angle, on spheres those in x.
   Everything holds at every point and for all t >= 0 [HEAT-23]. */
typedef struct
{
    const caustic_angular_struct * data;
    slong length;         /* K */
    arb_ptr cosine;       /* K exact numbers */
    arb_ptr sine;         /* K exact numbers; NULL on spheres */
    arb_ptr amplitude;    /* K balls; NULL on the circle */
    arb_ptr eigenvalue;   /* K exact integers */
    arb_struct defect[4]; /* |d^m E| <= defect_m */
    arb_struct size[5];   /* |d^m S| <= size_m */
    arb_t least;          /* 0 < least <= f */
    double height;        /* f is holomorphic for |Im angle| <= height, proved */
    arb_t edge;           /* |f| <= edge there */
    slong boxes;          /* evaluations of the loss that the proof took */
}
caustic_harmonics_struct;

typedef caustic_harmonics_struct caustic_harmonics_t[1];

/* Chooses the height and K, aiming at E below exp(-nats) (inf f)^2/sup f, and proves the bounds. CAUSTIC_OK, or CAUSTIC_NO_RESOURCES:
   no strip was found on which the loss is certainly holomorphic, or too many terms or bits are needed. The data must
   outlive the result, which is to be cleared in each case. */
caustic_result caustic_harmonics_init(caustic_harmonics_t harmonics, const caustic_angular_t data, double nats,
    slong precision_limit) CAUSTIC_MUST_USE;
void caustic_harmonics_clear(caustic_harmonics_t harmonics);

/* Encloses phi, phi', phi'', phi''', phi_t, phi_t' at the angle s (on spheres: x = s, the true point in [-1, 1]) and t >= 0, E included.
   Those in t are derivatives of the exponentials. */
#define CAUSTIC_HARMONICS_VALUES 6
void caustic_harmonics_evaluate(arb_ptr res, const caustic_harmonics_t harmonics, const arb_t s, const arb_t t, slong prec);

/* A bound of |L h| (order 0) or of |(L h)'| (order 1) from bounds of |h'|, |h''|, |h'''| at bound[1], [2], [3]. */
void caustic_harmonics_operator_bound(arb_t res, const caustic_harmonics_t harmonics, const arb_struct * bound, slong order);

/* Encloses phi on the circle at the angle and t > 0 by the theta kernel, which knows nothing of eigenfunctions:
   a trapezoid sum of images of the Gaussian [HEAT-25]. */
void caustic_circle_theta(arb_t res, const caustic_harmonics_t harmonics, const arb_t angle, const arb_t t, slong prec);

#ifdef __cplusplus
}
#endif

#endif
