/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    lipschitz: how fast u(., tau) tends to a loss of which only a Lipschitz constant is known.
*/

#include <flint/arb_hypgeom.h>
#include "base/ball.h"
#include "solution.h"

#define PREC 256

/* [RESIDUAL-50] With a = A (tau/(2 nu))^(1/2) and e = N erfc(r/(2 N (nu tau)^(1/2))):
   u - l <= J - 2 nu log(1 - N a (2/pi)^(1/2) - e),
   l - u <= J + 2 nu log((exp(a^2/2)(1 + erf(a/2^(1/2))))^N + e^(1/2) exp(growth/(2 nu))). */
void
lipschitz_bound(arb_t res, const arb_t slope, const arb_t jump, const arb_t growth, slong dimension, double radius,
    const fmpq_t viscosity, const fmpq_t tau)
{
    arb_t nu, time, a, e, x, y;

    arb_init(nu);
    arb_init(time);
    arb_init(a);
    arb_init(e);
    arb_init(x);
    arb_init(y);
    arb_set_fmpq(nu, viscosity, PREC);
    arb_set_fmpq(time, tau, PREC);
    arb_div(a, time, nu, PREC);
    arb_mul_2exp_si(a, a, -1);
    arb_sqrt(a, a, PREC);
    arb_mul(a, a, slope, PREC);
    ball_upper_end(a, a, PREC);
    arb_mul(x, nu, time, PREC);
    arb_rsqrt(x, x, PREC);
    arb_set_d(y, radius / 2);
    arb_div_si(y, y, dimension, PREC);
    arb_mul(x, x, y, PREC);
    arb_hypgeom_erfc(e, x, PREC);
    arb_mul_si(e, e, dimension, PREC);

    /* above */
    arb_const_pi(x, PREC);
    arb_mul_2exp_si(x, x, -1);
    arb_rsqrt(x, x, PREC);
    arb_mul(x, x, a, PREC);
    arb_mul_si(x, x, dimension, PREC);
    arb_add(x, x, e, PREC);
    arb_neg(x, x);
    arb_log1p(x, x, PREC);
    arb_neg(x, x);

    /* below: N (a^2/2 + log(1 + erf)) and what the second term adds, the first being at least 1 */
    arb_sqrt_ui(y, 2, PREC);
    arb_div(y, a, y, PREC);
    arb_hypgeom_erf(y, y, PREC);
    arb_log1p(y, y, PREC);
    arb_sqr(a, a, PREC);
    arb_mul_2exp_si(a, a, -1);
    arb_add(y, y, a, PREC);
    arb_mul_si(y, y, dimension, PREC);
    arb_div(a, growth, nu, PREC);
    arb_mul_2exp_si(a, a, -1);
    arb_exp(a, a, PREC);
    arb_sqrtpos(e, e, PREC);
    arb_mul(a, a, e, PREC);
    arb_log1p(a, a, PREC);
    arb_add(y, y, a, PREC);

    arb_max(res, x, y, PREC);
    arb_mul(res, res, nu, PREC);
    arb_mul_2exp_si(res, res, 1);
    arb_add(res, res, jump, PREC);
    ball_upper_end(res, res, PREC);
    if (!arb_is_finite(x) || !arb_is_finite(y) || !arb_is_finite(jump))
        arb_indeterminate(res);
    arb_clear(nu);
    arb_clear(time);
    arb_clear(a);
    arb_clear(e);
    arb_clear(x);
    arb_clear(y);
}
