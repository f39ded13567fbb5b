/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    initial: u(., tau) tends to the loss. A closed bound of |u(., tau) - l| on the box [RESIDUAL-4],
    and the computed u must obey it; the loss times 1 + 1e-6 must not.
*/

#include <math.h>
#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "residual_internal.h"

#define BOUND_PREC 64
#define PIECES 64
#define FINEST_PIECES 16384
#define TIMES 3
#define ALTERED_DIGITS 16

/* Bounds on the s-neighbourhood of the box of the given radius. */
typedef struct
{
    arb_t radius;    /* r */
    arb_t slope;     /* A >= |dl/ds| */
    arb_t curvature; /* B >= |d^2 l/ds^2| */
    arb_t highest;   /* l <= highest on the box */
}
shape_struct;

typedef shape_struct shape_t[1];

/* A, B and the largest loss, on so many pieces that cover [s0 - r, s1 + r]. Returns 0 where they are not
   finite. */
static int
loss_shape_on_pieces(shape_t shape, const problem_t problem, const arb_t s, slong pieces)
{
    arb_t left, right, piece, width, x;
    arb_ptr series[1];
    arf_t end;
    slong i;
    int finite = 1;

    arb_init(left);
    arb_init(right);
    arb_init(piece);
    arb_init(width);
    arb_init(x);
    arf_init(end);
    series[0] = _arb_vec_init(3);
    arb_sub(left, s, shape->radius, 2 * BOUND_PREC);
    arb_get_lbound_arf(end, left, 2 * BOUND_PREC);
    arb_set_arf(left, end);
    arb_add(right, s, shape->radius, 2 * BOUND_PREC);
    arb_get_ubound_arf(end, right, 2 * BOUND_PREC);
    arb_set_arf(right, end);
    arb_sub(width, right, left, BOUND_PREC);
    arb_div_si(width, width, pieces, BOUND_PREC);
    arb_zero(shape->slope);
    arb_zero(shape->curvature);
    for (i = 0; i < pieces && finite; i++)
    {
        /* neighbours overlap in the ball of their common end */
        arb_mul_si(x, width, i, BOUND_PREC);
        arb_add(x, x, left, 2 * BOUND_PREC);
        arb_add(piece, x, width, 2 * BOUND_PREC);
        arb_union(piece, piece, x, BOUND_PREC);
        caustic_tape_evaluate_series(series, problem->line->loss, piece, 3, BOUND_PREC);
        finite = arb_is_finite(series[0]) && arb_is_finite(series[0] + 1) && arb_is_finite(series[0] + 2);
        arb_abs(x, series[0] + 1);
        arb_max(shape->slope, shape->slope, x, BOUND_PREC);
        arb_abs(x, series[0] + 2);
        arb_mul_2exp_si(x, x, 1);
        arb_max(shape->curvature, shape->curvature, x, BOUND_PREC);
        if (i == 0)
        {
            arb_set(shape->highest, series[0]);
        }
        arb_max(shape->highest, shape->highest, series[0], BOUND_PREC);
    }
    arb_clear(left);
    arb_clear(right);
    arb_clear(piece);
    arb_clear(width);
    arb_clear(x);
    arf_clear(end);
    _arb_vec_clear(series[0], 3);
    ball_upper_end(shape->slope, shape->slope, BOUND_PREC);
    ball_upper_end(shape->curvature, shape->curvature, BOUND_PREC);
    ball_upper_end(shape->highest, shape->highest, BOUND_PREC);
    return finite;
}

/* The same on as many pieces as it takes: exp of a wide ball is a ball with 0. */
static int
loss_shape(shape_t shape, const problem_t problem, const arb_t s)
{
    slong pieces;

    for (pieces = PIECES; pieces <= FINEST_PIECES; pieces *= 16)
    {
        if (loss_shape_on_pieces(shape, problem, s, pieces))
        {
            return 1;
        }
    }
    return 0;
}

/* [RESIDUAL-4] With c = B tau < 1 and e = erfc(r/(2 sqrt(nu tau))):
   u - l <= -2 nu log(1 - c/2 - e),
   l - u <= 2 nu log((1 - c)^(-1/2) exp(A^2 tau/(4 nu (1 - c))) + e exp((l_max - m)/(2 nu))).
   Not finite where c < 1 or 1 - c/2 - e > 0 is not certain. */
static void
closed_bound(arb_t res, const shape_t shape, const problem_t problem, const fmpq_t tau, slong prec)
{
    arb_t nu, time, c, e, x, y;

    arb_init(nu);
    arb_init(time);
    arb_init(c);
    arb_init(e);
    arb_init(x);
    arb_init(y);
    arb_set_fmpq(nu, problem->viscosity, prec);
    arb_set_fmpq(time, tau, prec);
    arb_mul(x, nu, time, prec);
    arb_rsqrt(x, x, prec);
    arb_mul(x, x, shape->radius, prec);
    arb_mul_2exp_si(x, x, -1);
    arb_hypgeom_erfc(e, x, prec);
    arb_mul(c, shape->curvature, time, prec);

    /* above */
    arb_mul_2exp_si(x, c, -1);
    arb_add(x, x, e, prec);
    arb_neg(x, x);
    arb_log1p(x, x, prec);
    arb_neg(x, x);

    /* below: (1 - c)^(-1/2) exp(p) + tail = (1 - c)^(-1/2) exp(p) (1 + tail (1 - c)^(1/2) exp(-p)),
       and (1 - c)^(1/2) exp(-p) <= 1 */
    arb_neg(y, c);
    arb_log1p(y, y, prec);
    arb_mul_2exp_si(y, y, -1);
    arb_neg(y, y);
    arb_sub_ui(c, c, 1, prec);
    arb_neg(c, c);
    if (!arb_is_positive(c))
    {
        arb_indeterminate(y);
    }
    arb_mul(c, c, nu, prec);
    arb_mul_2exp_si(c, c, 2);
    arb_div(c, time, c, prec);
    arb_mul(c, c, shape->slope, prec);
    arb_addmul(y, c, shape->slope, prec);
    arb_sub_arf(c, shape->highest, problem->line->lower, prec);
    arb_div(c, c, nu, prec);
    arb_mul_2exp_si(c, c, -1);
    arb_exp(c, c, prec);
    arb_mul(c, c, e, prec);
    arb_log1p(c, c, prec);
    arb_add(y, y, c, prec);

    arb_max(res, x, y, prec);
    arb_mul(res, res, nu, prec);
    arb_mul_2exp_si(res, res, 1);
    /* A and B are balls: the upper end is the bound, the lower one says nothing. */
    ball_upper_end(res, res, prec);
    if (!arb_is_finite(x) || !arb_is_finite(y))
    {
        arb_indeterminate(res);
    }
    arb_clear(nu);
    arb_clear(time);
    arb_clear(c);
    arb_clear(e);
    arb_clear(x);
    arb_clear(y);
}

/* What a planted error of phi makes of u. */
static void
planted_entropy(arb_t u, const problem_t problem, int corner, slong prec)
{
    arb_t factor, other, nu;

    arb_init(factor);
    arb_init(other);
    arb_init(nu);
    arb_one(factor);
    plant_error(factor, other, other, problem->options, corner);
    if (!arb_is_one(factor))
    {
        arb_log(factor, factor, prec);
        arb_set_fmpq(nu, problem->viscosity, prec);
        arb_mul_2exp_si(nu, nu, 1);
        arb_submul(u, nu, factor, prec);
    }
    arb_clear(factor);
    arb_clear(other);
    arb_clear(nu);
}

/* The computed u(s(z), tau) - l(z), l taken from the expression in z. */
static int
difference(arb_t res, arb_t loss, const problem_t problem, const fmpq_t z, const fmpq_t tau, slong digits)
{
    arb_t zb, tb;
    arb_ptr map;
    slong prec = (slong) (3.33 * digits) + 128;
    int found;

    arb_init(zb);
    arb_init(tb);
    map = _arb_vec_init(2);
    arb_set_fmpq(zb, z, prec);
    caustic_tape_evaluate_arb(map, problem->map, zb, prec);
    caustic_tape_evaluate_arb(loss, problem->value, zb, prec);
    arb_set_fmpq(tb, tau, prec);
    found = caustic_local_entropy_1d(res, 1, problem->line, map, tb, digits) == CAUSTIC_OK;
    planted_entropy(res, problem, fmpq_equal(z, problem->options->box->lower), prec);
    arb_sub(res, res, loss, prec);
    arb_clear(zb);
    arb_clear(tb);
    _arb_vec_clear(map, 2);
    return found && arb_is_finite(res);
}

static void
print_point(caustic_text_t out, const fmpq_t z, const fmpq_t tau)
{
    char * at_z = fmpq_get_str(NULL, 10, z);
    char * at_t = fmpq_get_str(NULL, 10, tau);

    caustic_text_printf(out, "z = %s, tau = %s", at_z, at_t);
    flint_free(at_z);
    flint_free(at_t);
}

/* The smallest of 10^-k with the bound below the tolerance, by the leading term tau (A^2/2 + nu B), and
   below what the loss's alteration by 10^-6 needs, however loose the tolerance; then smaller until
   the bound itself agrees. */
static void
smallest_time(fmpq_t tau, const shape_t shape, const problem_t problem, const arb_t tolerance)
{
    double a = arf_get_d(arb_midref(shape->slope), ARF_RND_NEAR);
    double b = arf_get_d(arb_midref(shape->curvature), ARF_RND_NEAR);
    double rate = log10(fmax(a * a / 2 + problem->nu * b, 1e-12));
    slong k = (slong) ceil(rate + 0.31) + FLINT_MAX(tolerance_digits(problem->options), ALTERED_DIGITS);
    slong attempt;
    arb_t bound;

    arb_init(bound);
    arb_indeterminate(bound);
    k = FLINT_MAX(k, 1);
    for (attempt = 0; attempt < 40 && !arb_le(bound, tolerance); attempt++, k++)
    {
        fmpz_one(fmpq_numref(tau));
        fmpz_ui_pow_ui(fmpq_denref(tau), 10, k);
        closed_bound(bound, shape, problem, tau, 256);
    }
    arb_clear(bound);
}

/* The largest tau = t_0/10^k, k >= 4, for which the closed bound is finite, and the shape of the loss on the
   radius outside of which its Gaussian is negligible against exp(l/(2 nu)). */
static int
largest_time(fmpq_t tau, shape_t shape, const problem_t problem, const arb_t s)
{
    arb_t bound;
    double room;
    slong attempt;
    int found = 0;

    arb_init(bound);
    fmpq_set_si(tau, 1, 1000);
    fmpq_mul(tau, tau, problem->options->time->lower);
    arb_zero(shape->radius);
    if (loss_shape(shape, problem, s))
    {
        room = arf_get_d(arb_midref(shape->highest), ARF_RND_UP) - arf_get_d(problem->line->lower, ARF_RND_DOWN);
        room = 2.3 * tolerance_digits(problem->options) + 20 + fmax(0, room) / (2 * problem->nu);
        for (attempt = 0; attempt < 30 && !found; attempt++)
        {
            fmpq_div_fmpz(tau, tau, (fmpz[]) {10});
            arb_set_d(shape->radius, 2 * sqrt(problem->nu * fmpq_get_d(tau) * room));
            if (loss_shape(shape, problem, s))
            {
                closed_bound(bound, shape, problem, tau, 256);
                found = arb_is_finite(bound);
            }
        }
    }
    arb_clear(bound);
    return found;
}

/* [RESIDUAL-7] The loss times 1 + 1e-6: |u - (1 + 1e-6) l| > bound at a point refutes it. */
static int
refutes_altered_loss(const arb_t difference, const arb_t loss, const arb_t bound)
{
    arb_t x;
    int refuted;

    arb_init(x);
    arb_div_ui(x, loss, 1000000, 256);
    arb_sub(x, difference, x, 256);
    arb_abs(x, x);
    refuted = arb_is_finite(x) && arb_is_finite(bound) && arb_gt(x, bound);
    arb_clear(x);
    return refuted;
}

/* Compares at all points for one tau; the verdict falls where the computed u breaks the bound. */
static void
compare(outcome_t outcome, int * altered_refuted, caustic_residual_result_t result,
    const problem_t problem, const arb_t bound, const fmpq_t tau, int last)
{
    arb_t x, size, loss, room;
    fmpq_t z, t;
    slong i;

    arb_init(x);
    arb_init(size);
    arb_init(loss);
    arb_init(room);
    fmpq_init(z);
    fmpq_init(t);
    /* The width of the computed ball may count against a bound much below the tolerance. */
    arb_set_fmpq(room, problem->options->tolerance, BOUND_PREC);
    arb_mul_2exp_si(room, room, -10);
    arb_add(room, room, bound, 4 * BOUND_PREC);
    for (i = 0; i < POINTS; i++)
    {
        sample_point(z, t, problem->options, i);
        if (!difference(x, loss, problem, z, tau, tolerance_digits(problem->options) + 8))
        {
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
            caustic_text_append(outcome->detail, "; no enclosure of u at ");
            print_point(outcome->detail, z, tau);
            continue;
        }
        arb_abs(size, x);
        if (arb_gt(size, room))
        {
            outcome->verdict = CAUSTIC_REFUTED;
            caustic_text_append(outcome->detail, "; the computed u leaves the bound at ");
            print_point(outcome->detail, z, tau);
        }
        else if (!arb_le(size, room))
        {
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
            caustic_text_append(outcome->detail, "; the computed u is too wide to compare at ");
            print_point(outcome->detail, z, tau);
        }
        if (last && !*altered_refuted && !problem->zero_loss && refutes_altered_loss(x, loss, bound))
        {
            *altered_refuted = 1;
            caustic_text_append(result->altered, "loss times 1 + 1e-6 in the initial data: refuted at ");
            print_point(result->altered, z, tau);
            caustic_text_append(result->altered, "; ");
        }
    }
    arb_clear(x);
    arb_clear(size);
    arb_clear(loss);
    arb_clear(room);
    fmpq_clear(z);
    fmpq_clear(t);
}

void
initial_data(outcome_t outcome, caustic_residual_result_t result, const problem_t problem)
{
    arb_t s, z, tolerance;
    arb_ptr map, bound = _arb_vec_init(TIMES);
    fmpq_t tau[TIMES];
    shape_t shape;
    slong i;
    int altered_refuted = 0;

    arb_init(s);
    arb_init(z);
    arb_init(tolerance);
    arb_init(shape->radius);
    arb_init(shape->slope);
    arb_init(shape->curvature);
    arb_init(shape->highest);
    map = _arb_vec_init(4);
    for (i = 0; i < TIMES; i++)
    {
        fmpq_init(tau[i]);
    }
    arb_set_fmpq(tolerance, problem->options->tolerance, BOUND_PREC);
    arb_set_fmpq(z, problem->options->box->lower, 2 * BOUND_PREC);
    caustic_tape_evaluate_arb(map, problem->map, z, 2 * BOUND_PREC);
    arb_set_fmpq(z, problem->options->box->upper, 2 * BOUND_PREC);
    caustic_tape_evaluate_arb(map + 2, problem->map, z, 2 * BOUND_PREC);
    arb_union(s, map, map + 2, 2 * BOUND_PREC);

    outcome->verdict = largest_time(tau[0], shape, problem, s) ? CAUSTIC_PROVED : CAUSTIC_UNDECIDED;
    if (outcome->verdict != CAUSTIC_PROVED)
    {
        caustic_text_append(outcome->detail, "lacking: bounds of the loss and its two derivatives near the box");
    }
    else
    {
        smallest_time(tau[2], shape, problem, tolerance);
        if (fmpq_cmp(tau[2], tau[0]) > 0)
        {
            fmpq_set(tau[2], tau[0]);
        }
        /* 10^-8 in between, where it is in between */
        fmpq_set_si(tau[1], 1, 100000000);
        if (fmpq_cmp(tau[1], tau[0]) > 0 || fmpq_cmp(tau[1], tau[2]) < 0)
        {
            fmpq_set(tau[1], tau[0]);
        }
        caustic_text_append(outcome->detail, "|u(., tau) - l| <= 2 nu max of two logarithms that vanish with tau; bounds ");
        for (i = 0; i < TIMES; i++)
        {
            closed_bound(bound + i, shape, problem, tau[i], 256);
            caustic_print_upper(outcome->detail, bound + i, 4);
            caustic_text_append(outcome->detail, i + 1 < TIMES ? ", " : "");
        }
        for (i = 0; i < TIMES; i++)
        {
            if (arb_is_finite(bound + i))
            {
                compare(outcome, &altered_refuted, result, problem, bound + i, tau[i], i + 1 == TIMES);
                continue;
            }
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
            caustic_text_append(outcome->detail, "; tau is too large for the bound");
        }
        arb_set(outcome->bound, bound + TIMES - 1);
        if (!arb_le(bound + TIMES - 1, tolerance))
        {
            outcome->verdict = caustic_verdict_and(outcome->verdict, CAUSTIC_UNDECIDED);
            caustic_text_append(outcome->detail, "; the last bound is above the tolerance");
        }
    }
    if (!problem->zero_loss)
    {
        result->altered_tried++;
        result->altered_refuted += altered_refuted;
        if (!altered_refuted)
        {
            caustic_text_append(result->altered, "loss times 1 + 1e-6 in the initial data: no point found that refutes it; ");
        }
    }
    arb_clear(s);
    arb_clear(z);
    _arb_vec_clear(bound, TIMES);
    arb_clear(tolerance);
    arb_clear(shape->radius);
    arb_clear(shape->slope);
    arb_clear(shape->curvature);
    arb_clear(shape->highest);
    _arb_vec_clear(map, 4);
    for (i = 0; i < TIMES; i++)
    {
        fmpq_clear(tau[i]);
    }
}
