/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    limit: u(., tau) tends to the loss, in flat coordinates: a closed bound of |u(., tau) - l| on the box [RESIDUAL-13].
*/

#include <math.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "flat.h"

#define PREC 64
#define BOUND_PREC 256
#define COARSE_PIECES 8
#define FINEST_PIECES 128
#define ALTERED_DIGITS 16
#define ORDER 2

/* Of a block on the neighbourhood of its box. */
typedef struct
{
    arb_t slope;     /* |grad l| <= slope */
    arb_t curvature; /* of Hess l, as an operator; of a loss in pieces instead: */
    arb_t jump;      /* |l(x) - l(y)| <= slope |x - y| + jump */
    arb_t highest;   /* l <= highest on it */
    arb_t lowest;    /* m + c . s on the box, at least */
}
shape_struct;

static void
shape_init(shape_struct * shape)
{
    arb_init(shape->slope);
    arb_init(shape->curvature);
    arb_init(shape->jump);
    arb_init(shape->highest);
    arb_init(shape->lowest);
}

static void
shape_clear(shape_struct * shape)
{
    arb_clear(shape->slope);
    arb_clear(shape->curvature);
    arb_clear(shape->jump);
    arb_clear(shape->highest);
    arb_clear(shape->lowest);
}

/* x = max(x, upper end of y) */
static void
raise(arb_t x, const arb_t y)
{
    arf_t end;

    arf_init(end);
    arb_get_ubound_arf(end, y, PREC);
    if (arf_is_nan(end))
        arf_pos_inf(end);
    if (arf_cmp(end, arb_midref(x)) > 0)
        arb_set_arf(x, end);
    arf_clear(end);
}

/* |gradient| and the largest row sum of |Hessian|, which bounds its norm, from the jet of the loss. */
static void
norms(arb_t slope, arb_t curvature, arb_srcptr jet, const caustic_jet_shape * shape)
{
    slong k = caustic_jet_variables(shape);
    slong exponents[CAUSTIC_SPACE_DIMENSION] = {0};
    arb_t row, x;

    arb_init(row);
    arb_init(x);
    arb_zero(slope);
    arb_zero(curvature);
    for (slong i = 0; i < k; i++)
    {
        exponents[i] = 1;
        arb_abs(x, jet + caustic_jet_index(shape, exponents));
        arb_addmul(slope, x, x, PREC);
        arb_zero(row);
        for (slong j = 0; j < k; j++)
        {
            exponents[j]++;
            arb_abs(x, jet + caustic_jet_index(shape, exponents));
            arb_mul_si(x, x, i == j ? 2 : 1, PREC);
            arb_add(row, row, x, PREC);
            exponents[j]--;
        }
        raise(curvature, row);
        exponents[i] = 0;
    }
    arb_sqrtpos(slope, slope, PREC);
    arb_clear(row);
    arb_clear(x);
}

/* m + c . s on the box, at least. */
static void
lowest_of(arb_t res, const block_struct * block, arb_srcptr s)
{
    arb_set_arf(res, block->space->lower);
    for (slong i = 0; i < block->dimension; i++)
        arb_addmul(res, block->space->tilt + i, s + block->axis[i], PREC);
    ball_lower_end(res, res, PREC);
}

/* The shape of a loss in pieces on the neighbourhood of its side of the box. */
static int
shape_of_pieces(shape_struct * shape, const block_struct * block, arb_srcptr s, double radius)
{
    arb_t x, y;
    arf_t from, to;

    arb_init(x);
    arb_init(y);
    arf_init(from);
    arf_init(to);
    arb_set_d(y, radius);
    arb_sub(x, s + block->axis[0], y, 4 * PREC);
    arb_get_lbound_arf(from, x, 4 * PREC);
    arb_add(x, s + block->axis[0], y, 4 * PREC);
    arb_get_ubound_arf(to, x, 4 * PREC);
    caustic_profile_shape(shape->slope, shape->jump, shape->highest, block->profile, from, to);
    lowest_of(shape->lowest, block, s);
    arb_clear(x);
    arb_clear(y);
    arf_clear(from);
    arf_clear(to);
    return arb_is_finite(shape->slope) && arb_is_finite(shape->jump) && arb_is_finite(shape->highest)
        && arb_is_finite(shape->lowest);
}

/* On so many pieces a side of the box and its neighbourhood of the given radius. Returns 0 where a bound is not finite. */
static int
shape_on_pieces(shape_struct * shape, const block_struct * block, arb_srcptr s, double radius, slong pieces)
{
    slong flats = block->dimension, k = flats + block->zonal, count = 1;
    caustic_jet_shape * jets = caustic_jet_shape_new(k, ORDER);
    slong length = caustic_jet_length(jets);
    arb_ptr room = _arb_vec_init((k + 1) * length), out[1] = {room + k * length};
    arb_srcptr in[CAUSTIC_SPACE_DIMENSION];
    arb_t low, high, piece, slope, curvature;
    arf_t end;

    arb_init(low);
    arb_init(high);
    arb_init(piece);
    arb_init(slope);
    arb_init(curvature);
    arf_init(end);
    arb_zero(shape->slope);
    arb_zero(shape->curvature);
    arb_neg_inf(shape->highest);
    for (slong i = 0; i < k; i++)
        count *= pieces;
    for (slong n = 0; n < count; n++)
    {
        slong index = n;

        for (slong i = 0; i < k; i++, index /= pieces)
        {
            /* neighbours overlap in the ball of their common end; of a sphere all angles count */
            if (i < flats)
            {
                arb_get_lbound_arf(end, s + block->axis[i], 4 * PREC);
                arb_set_arf(low, end);
                arb_get_ubound_arf(end, s + block->axis[i], 4 * PREC);
                arb_set_arf(high, end);
                arf_set_d(end, radius);
                arb_sub_arf(low, low, end, 4 * PREC);
                arb_add_arf(high, high, end, 4 * PREC);
            }
            else
            {
                arb_zero(low);
                arb_const_pi(high, 4 * PREC);
            }
            arb_sub(high, high, low, 4 * PREC);
            arb_mul_si(piece, high, index % pieces, 4 * PREC);
            arb_div_si(piece, piece, pieces, 4 * PREC);
            arb_div_si(high, high, pieces, 4 * PREC);
            arb_add(piece, piece, low, 4 * PREC);
            arb_add(high, piece, high, 4 * PREC);
            arb_union(piece, piece, high, PREC);
            caustic_jet_variable(room + i * length, piece, i, jets);
            in[i] = room + i * length;
        }
        caustic_tape_evaluate_jet(out, block->space->loss, in, jets, PREC);
        norms(slope, curvature, out[0], jets);
        raise(shape->slope, slope);
        raise(shape->curvature, curvature);
        raise(shape->highest, out[0]);
    }
    lowest_of(shape->lowest, block, s);

    arb_clear(low);
    arb_clear(high);
    arb_clear(piece);
    arb_clear(slope);
    arb_clear(curvature);
    arf_clear(end);
    _arb_vec_clear(room, (k + 1) * length);
    caustic_jet_shape_free(jets);
    return arb_is_finite(shape->slope) && arb_is_finite(shape->curvature) && arb_is_finite(shape->highest)
        && arb_is_finite(shape->lowest);
}

/* The same on as many pieces as it takes. */
static int
shape_of_loss(shape_struct * shape, const block_struct * block, arb_srcptr s, double radius)
{
    if (block->pieced)
        return shape_of_pieces(shape, block, s, radius);
    for (slong pieces = COARSE_PIECES; pieces <= FINEST_PIECES; pieces *= 4)
        if (shape_on_pieces(shape, block, s, radius, pieces))
            return 1;
    return 0;
}

/* [RESIDUAL-13] With c = B tau < 1 and e = k erfc(r/(2 sqrt(nu tau))):
   u - l <= -2 nu log(1 - k c/2 - e),
   l - u <= 2 nu log((1 - c)^(-k/2) exp(A^2 tau/(4 nu (1 - c))) + sqrt(e) exp((l_max - m)/(2 nu) + |tilt|^2 tau/(2 nu))).
   An upper end; not finite where the conditions are not certain. */
static void
bound_of_block(arb_t res, const shape_struct * shape, const block_struct * block, double radius, const fmpq_t tau)
{
    slong k = block->dimension, prec = BOUND_PREC;
    arb_t nu, time, c, e, x, y;

    arb_init(nu);
    arb_init(time);
    arb_init(c);
    arb_init(e);
    arb_init(x);
    arb_init(y);
    arb_set_fmpq(nu, block->space->viscosity, prec);
    arb_set_fmpq(time, tau, prec);
    arb_mul(x, nu, time, prec);
    arb_rsqrt(x, x, prec);
    arb_set_d(y, radius / 2);
    arb_mul(x, x, y, prec);
    arb_hypgeom_erfc(e, x, prec);
    arb_mul_si(e, e, k, prec);
    arb_mul(c, shape->curvature, time, prec);

    /* above */
    arb_mul_si(x, c, k, prec);
    arb_mul_2exp_si(x, x, -1);
    arb_add(x, x, e, prec);
    arb_neg(x, x);
    arb_log1p(x, x, prec);
    arb_neg(x, x);

    /* below: the first term of the sum is at least 1 */
    arb_neg(y, c);
    arb_log1p(y, y, prec);
    arb_mul_si(y, y, -k, prec);
    arb_mul_2exp_si(y, y, -1);
    arb_sub_ui(c, c, 1, prec);
    arb_neg(c, c);
    if (!arb_is_positive(c))
        arb_indeterminate(y);
    arb_mul(c, c, nu, prec);
    arb_mul_2exp_si(c, c, 2);
    arb_div(c, time, c, prec);
    arb_mul(c, c, shape->slope, prec);
    arb_addmul(y, c, shape->slope, prec);

    arb_zero(c);
    for (slong i = 0; i < k; i++)
        arb_addmul(c, block->space->tilt + i, block->space->tilt + i, prec);
    arb_mul(c, c, time, prec);
    arb_add(c, c, shape->highest, prec);
    arb_sub(c, c, shape->lowest, prec);
    arb_div(c, c, nu, prec);
    arb_mul_2exp_si(c, c, -1);
    arb_exp(c, c, prec);
    arb_sqrtpos(e, e, prec);
    arb_mul(c, c, e, prec);
    arb_log1p(c, c, prec);
    arb_add(y, y, c, prec);

    arb_max(res, x, y, prec);
    arb_mul(res, res, nu, prec);
    arb_mul_2exp_si(res, res, 1);
    ball_upper_end(res, res, prec);
    if (!arb_is_finite(x) || !arb_is_finite(y))
        arb_indeterminate(res);
    arb_clear(nu);
    arb_clear(time);
    arb_clear(c);
    arb_clear(e);
    arb_clear(x);
    arb_clear(y);
}

/* [RESIDUAL-50] for a block in pieces, whose bound has e exp(...) with sqrt(e) for a loss with a tilt. */
static void
bound_of_pieces(arb_t res, const shape_struct * shape, const block_struct * block, double radius, const fmpq_t tau)
{
    arb_t growth, x;

    arb_init(growth);
    arb_init(x);
    /* (l_max - m)/(2 nu) + |tilt|^2 tau/(2 nu) */
    arb_sqr(growth, block->space->tilt, BOUND_PREC);
    arb_set_fmpq(x, tau, BOUND_PREC);
    arb_mul(growth, growth, x, BOUND_PREC);
    arb_add(growth, growth, shape->highest, BOUND_PREC);
    arb_sub(growth, growth, shape->lowest, BOUND_PREC);
    lipschitz_bound(res, shape->slope, shape->jump, growth, 1, radius, block->space->viscosity, tau);
    arb_clear(growth);
    arb_clear(x);
}

/* [RESIDUAL-16] The bound b of the flat part, and what the sphere's semigroup changes: with F = exp(-l_low/(2 nu)), m = exp(-l_max/(2 nu)),
   D = exp(b/(2 nu)) - 1 + (nu rate tau (n - 1) F (A^2/(4 nu^2) + B/(2 nu)) + 2 F e)/m: |u - l| <= -2 nu log(1 - D). */
static void
bound_of_zonal_block(arb_t res, const shape_struct * shape, const block_struct * block, double radius, const fmpq_t tau)
{
    slong prec = BOUND_PREC;
    arb_t nu, x, y, front;

    arb_init(nu);
    arb_init(x);
    arb_init(y);
    arb_init(front);
    arb_set_fmpq(nu, block->space->viscosity, prec);
    if (block->dimension > 0)
        bound_of_block(res, shape, block, radius, tau);
    else
        arb_zero(res);

    /* nu tau sup |L f| */
    arb_div(x, shape->slope, nu, prec);
    arb_sqr(x, x, prec);
    arb_mul_2exp_si(x, x, -2);
    arb_div(y, shape->curvature, nu, prec);
    arb_mul_2exp_si(y, y, -1);
    arb_add(x, x, y, prec);
    arb_mul_si(x, x, block->sphere - 1, prec);
    arb_mul(x, x, nu, prec);
    arb_set_fmpq(y, tau, prec);
    arb_mul(x, x, y, prec);
    arb_set_fmpq(y, &block->rate, prec);
    arb_mul(x, x, y, prec);

    /* 2 e */
    if (block->dimension > 0)
    {
        arb_set_fmpq(y, tau, prec);
        arb_mul(y, y, nu, prec);
        arb_rsqrt(y, y, prec);
        arb_set_d(front, radius / 2);
        arb_mul(y, y, front, prec);
        arb_hypgeom_erfc(y, y, prec);
        arb_addmul_si(x, y, 2 * block->dimension, prec);
    }

    /* F/m; a block with a tilt has no F */
    arb_sub_arf(front, shape->highest, block->space->lower, prec);
    arb_div(front, front, nu, prec);
    arb_mul_2exp_si(front, front, -1);
    arb_exp(front, front, prec);
    arb_mul(x, x, front, prec);

    arb_div(y, res, nu, prec);
    arb_mul_2exp_si(y, y, -1);
    arb_expm1(y, y, prec);
    arb_add(x, x, y, prec);
    arb_neg(x, x);
    arb_log1p(x, x, prec);
    arb_mul(x, x, nu, prec);
    arb_mul_si(res, x, -2, prec);
    ball_upper_end(res, res, prec);
    if (!_arb_vec_is_zero(block->space->tilt, block->dimension + 1))
        arb_indeterminate(res);
    arb_clear(nu);
    arb_clear(x);
    arb_clear(y);
    arb_clear(front);
}

/* The sum over the blocks. */
static void
closed_bound(arb_t res, const shape_struct * shape, const flat_t flat, const double * radius, const fmpq_t tau)
{
    arb_t x;

    arb_init(x);
    arb_zero(res);
    for (slong i = 0; i < flat->blocks; i++)
    {
        (flat->block[i].zonal ? bound_of_zonal_block : flat->block[i].pieced ? bound_of_pieces : bound_of_block)(x, shape + i,
            flat->block + i, radius[i], tau);
        arb_add(res, res, x, BOUND_PREC);
    }
    arb_clear(x);
}

/* The largest tau = t_0/10^n, n >= 4, for which the bound is finite, and the shapes on the radii outside of which the Gaussian is
   negligible against exp(l/(2 nu)). */
static int
largest_time(fmpq_t tau, shape_struct * shape, double * radius, const flat_t flat, arb_srcptr s,
    const caustic_residual_options * options)
{
    double * room = flint_malloc((size_t) flat->blocks * sizeof(double));
    fmpz_t ten;
    arb_t bound;
    int found = 0, known = 1;

    arb_init(bound);
    fmpz_init_set_ui(ten, 10);
    fmpq_set_si(tau, 1, 1000);
    fmpq_mul(tau, tau, options->time->lower);
    for (slong i = 0; i < flat->blocks && known; i++)
    {
        known = shape_of_loss(shape + i, flat->block + i, s, 0);
        room[i] = known ? arf_get_d(arb_midref(shape[i].highest), ARF_RND_UP) - arf_get_d(arb_midref(shape[i].lowest), ARF_RND_DOWN) : 0;
        room[i] = 4.6 * tolerance_digits(options) + 40 + fmax(0, room[i]) / flat->nu;
    }
    for (slong attempt = 0; attempt < 30 && known && !found; attempt++)
    {
        int shaped = 1;

        fmpq_div_fmpz(tau, tau, ten);
        for (slong i = 0; i < flat->blocks && shaped; i++)
        {
            radius[i] = 2 * sqrt(flat->nu * fmpq_get_d(tau) * room[i]);
            shaped = shape_of_loss(shape + i, flat->block + i, s, radius[i]);
        }
        if (shaped)
            closed_bound(bound, shape, flat, radius, tau);
        found = shaped && arb_is_finite(bound);
    }
    arb_clear(bound);
    fmpz_clear(ten);
    flint_free(room);
    return found;
}

/* The first of 10^-n, n from what the tolerance and the altered loss need, with the bound below the tolerance; the digits n. */
static slong
smallest_time(fmpq_t tau, const shape_struct * shape, const double * radius, const flat_t flat,
    const caustic_residual_options * options)
{
    slong digits = FLINT_MAX(tolerance_digits(options), ALTERED_DIGITS);
    arb_t bound, tolerance;

    arb_init(bound);
    arb_init(tolerance);
    arb_set_fmpq(tolerance, options->tolerance, PREC);
    arb_indeterminate(bound);
    /* of a loss with kinks the bound tends to 0 as the root of tau */
    for (slong attempt = 0; attempt < 2 * tolerance_digits(options) + 60 && !arb_le(bound, tolerance); attempt++, digits++)
    {
        fmpz_one(fmpq_numref(tau));
        fmpz_ui_pow_ui(fmpq_denref(tau), 10, (ulong) digits);
        closed_bound(bound, shape, flat, radius, tau);
    }
    arb_clear(bound);
    arb_clear(tolerance);
    return digits;
}

void
flat_initial_data(outcome_t outcome, caustic_residual_result_t result, const solution_t solution, const flat_t flat)
{
    const caustic_residual_options * options = solution->options;
    shape_struct * shape = flint_malloc((size_t) flat->blocks * sizeof(shape_struct));
    double * radius = flint_calloc((size_t) flat->blocks, sizeof(double));
    arb_ptr s = _arb_vec_init(flat->dimension);
    arb_t tolerance;
    fmpq_t tau;

    for (slong i = 0; i < flat->blocks; i++)
        shape_init(shape + i);
    arb_init(tolerance);
    fmpq_init(tau);
    arb_set_fmpq(tolerance, options->tolerance, PREC);
    if (!flat_image(s, flat, options->box) || !largest_time(tau, shape, radius, flat, s, options))
        caustic_text_append(outcome->detail, "lacking: bounds of the loss and its two derivatives near the box");
    else
    {
        slong digits = smallest_time(tau, shape, radius, flat, options);

        closed_bound(outcome->bound, shape, flat, radius, tau);
        /* what s - y loses where kernels are narrow is half the digits of tau */
        compare_initial_data(outcome, result, solution, tau, 4 * (tolerance_digits(options) + digits / 2) + 3 * PREC / 2);
        if (!arb_le(outcome->bound, tolerance))
        {
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
            caustic_text_append(outcome->detail, "; the bound is above the tolerance");
        }
    }
    for (slong i = 0; i < flat->blocks; i++)
        shape_clear(shape + i);
    flint_free(shape);
    flint_free(radius);
    _arb_vec_clear(s, flat->dimension);
    arb_clear(tolerance);
    fmpq_clear(tau);
}
