/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <math.h>
#include <flint/arb.h>
#include "base/ball.h"
#include "kernel.h"

#define PROOF_PREC 64

void
kernel_init(kernel_t kernel)
{
    arb_init(kernel->kappa_lower);
    arb_init(kernel->kappa_upper);
    arb_init(kernel->delta);
    arb_init(kernel->spread);
    arb_init(kernel->radius);
    arb_init(kernel->half_inverse);
    arb_one(kernel->spread);
    kernel->k_lower = kernel->k_upper = kernel->d_delta = kernel->d_radius = kernel->d_half_inverse = 0;
}

void
kernel_clear(kernel_t kernel)
{
    arb_clear(kernel->kappa_lower);
    arb_clear(kernel->kappa_upper);
    arb_clear(kernel->delta);
    arb_clear(kernel->spread);
    arb_clear(kernel->radius);
    arb_clear(kernel->half_inverse);
}

void
kernel_set_viscosity(kernel_t kernel, const fmpq_t viscosity)
{
    arb_set_fmpq(kernel->half_inverse, viscosity, PROOF_PREC);
    arb_mul_2exp_si(kernel->half_inverse, kernel->half_inverse, 1);
    arb_inv(kernel->half_inverse, kernel->half_inverse, PROOF_PREC);
    kernel->d_half_inverse = ball_guess(kernel->half_inverse);
}

int
kernel_set(kernel_t kernel, const fmpq_t viscosity, const arb_t t, const arf_t radius_t, const arf_t radius_s)
{
    arb_t first, last, four_nu, x;
    int valid;

    arb_init(first);
    arb_init(last);
    arb_init(four_nu);
    arb_init(x);
    kernel_set_viscosity(kernel, viscosity);
    arb_set_fmpq(four_nu, viscosity, PROOF_PREC);
    arb_mul_2exp_si(four_nu, four_nu, 2);
    ball_lower_end(first, t, PROOF_PREC);
    ball_upper_end(last, t, PROOF_PREC);
    valid = arb_is_finite(first) && arb_is_finite(last) && arf_is_finite(radius_s) && arf_is_finite(radius_t)
        && arf_sgn(radius_s) >= 0 && arf_sgn(radius_t) >= 0;

    /* delta = r/sqrt(t0^2 - r^2), the tangent of the largest argument of t */
    arb_sqr(x, first, PROOF_PREC);
    arb_set_arf(kernel->delta, radius_t);
    arb_submul(x, kernel->delta, kernel->delta, PROOF_PREC);
    valid = valid && arb_is_positive(first) && arb_is_positive(x);
    arb_rsqrt(x, x, PROOF_PREC);
    arb_mul(kernel->delta, kernel->delta, x, PROOF_PREC);
    arb_sqr(kernel->spread, kernel->delta, PROOF_PREC);
    arb_add_ui(kernel->spread, kernel->spread, 1, PROOF_PREC);

    arb_sub_arf(first, first, radius_t, PROOF_PREC);
    arb_add_arf(last, last, radius_t, PROOF_PREC);
    valid = valid && arb_is_positive(first);
    arb_mul(first, first, four_nu, PROOF_PREC);
    arb_mul(last, last, four_nu, PROOF_PREC);
    arb_inv(kernel->kappa_upper, first, PROOF_PREC);
    arb_inv(kernel->kappa_lower, last, PROOF_PREC);
    arb_set_arf(kernel->radius, radius_s);

    kernel->k_lower = ball_guess(kernel->kappa_lower);
    kernel->k_upper = ball_guess(kernel->kappa_upper);
    kernel->d_delta = ball_guess(kernel->delta);
    kernel->d_radius = ball_guess(kernel->radius);
    valid = valid && isfinite(kernel->k_lower) && isfinite(kernel->k_upper) && kernel->k_lower > 0
        && isfinite(kernel->d_delta);

    arb_clear(first);
    arb_clear(last);
    arb_clear(four_nu);
    arb_clear(x);
    return valid;
}

void
kernel_offsets(arb_t low, arb_t high, const kernel_t kernel, const arb_t s, const arf_t centre, slong prec)
{
    arb_t x;

    arb_init(x);
    arb_sub_arf(x, s, centre, prec);
    ball_lower_end(low, x, PROOF_PREC);
    ball_upper_end(high, x, PROOF_PREC);
    arb_sub(low, low, kernel->radius, PROOF_PREC);
    arb_add(high, high, kernel->radius, PROOF_PREC);
    arb_clear(x);
}

/* (d - delta eta)^2 - (1 + delta^2) eta^2 */
void
kernel_add_axis(arb_t square, const kernel_t kernel, const arb_t low, const arb_t high, double x0, double x1, double height)
{
    arb_t d, e, eta;

    arb_init(d);
    arb_init(e);
    arb_init(eta);
    arb_set_d(eta, height);
    arb_add(eta, eta, kernel->radius, PROOF_PREC);
    /* d: the distance of Re y from Re s; at least delta eta counts */
    arb_set_d(e, x0);
    arb_sub(d, e, high, PROOF_PREC);
    arb_set_d(e, x1);
    arb_sub(e, low, e, PROOF_PREC);
    arb_max(d, d, e, PROOF_PREC);
    arb_mul(e, kernel->delta, eta, PROOF_PREC);
    arb_max(d, d, e, PROOF_PREC);
    arb_sub(d, d, e, PROOF_PREC);
    arb_addmul(square, d, d, PROOF_PREC);
    arb_sqr(eta, eta, PROOF_PREC);
    arb_submul(square, kernel->spread, eta, PROOF_PREC);
    arb_clear(d);
    arb_clear(e);
    arb_clear(eta);
}

/* times the worse of the two kappa */
void
kernel_exponent(arb_t res, const kernel_t kernel, const arb_t square)
{
    arb_t x, y;

    arb_init(x);
    arb_init(y);
    arb_neg(x, square);
    arb_mul(y, x, kernel->kappa_lower, PROOF_PREC);
    arb_mul(x, x, kernel->kappa_upper, PROOF_PREC);
    arb_max(res, x, y, PROOF_PREC);
    arb_clear(x);
    arb_clear(y);
}

void
set_offsets(arb_t res, double x0, double x1)
{
    arf_t a, b;

    arf_init(a);
    arf_init(b);
    arf_set_d(a, x0);
    arf_set_d(b, x1);
    arb_set_interval_arf(res, a, b, PROOF_PREC);
    arf_clear(a);
    arf_clear(b);
}
