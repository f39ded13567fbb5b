/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Exact solutions of Burgers' equation from the literature, compared by containment. Each reference is a
    series or a closed form of phi, or of the inviscid v, evaluated in ball arithmetic with a proved
    tail; none of it uses the code under test. A viscosity that is off by one per cent must give
    disjoint balls: containment then means something.

    Signs: v_t + v v_x = nu v_xx, v = u_x, u = -2 nu log phi, phi_t = nu phi_xx.

    The solutions -a tanh(bx), the travelling front, -ax/(1+x^2) and every finite sum of exponentials
    have a loss that is not bounded below (phi grows), which the kernel's proof needs. They are tested
    under Appell's symmetry of the heat equation, which adds c x^2/2 to the loss: with T = 1 + ct

        phi(x,t) -> T^(-1/2) exp(-c x^2/(4 nu T)) phi(x/T, t/T),   v -> (c x + v(x/T, t/T))/T.
*/

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <flint/acb_hypgeom.h>
#include <flint/arb_hypgeom.h>
#include <flint/arb_poly.h>
#include <caustic/integrator.h>
#include <caustic/heat.h>
#include <caustic/shock.h>

#define PREC 320
#define DIGITS 50
#define WANTED_BITS 133 /* 40 digits */

static caustic_expr
parse(caustic_pool * pool, const char * text, const char * name)
{
    caustic_name names[1] = {{name, caustic_symbol(pool, name)}};
    caustic_scope scope = {names, 1, NULL, 0};
    caustic_error_t error;
    caustic_expr result = CAUSTIC_NONE;

    caustic_error_init(error);
    assert_int_equal(caustic_parse(&result, pool, text, &scope, NULL, error), CAUSTIC_OK);
    caustic_error_clear(error);
    return result;
}

static void
set_rational(arb_t res, const char * text)
{
    fmpq_t x;

    fmpq_init(x);
    assert_int_equal(fmpq_set_str(x, text, 10), 0);
    arb_set_fmpq(res, x, PREC);
    fmpq_clear(x);
}

/* At least 40 digits are known of it, absolutely below 1. */
static int
is_sharp(const arb_t x)
{
    mag_t limit;
    int sharp;

    mag_init(limit);
    arb_get_mag(limit, x);
    if (mag_cmp_2exp_si(limit, 0) < 0)
    {
        mag_one(limit);
    }
    mag_mul_2exp_si(limit, limit, -WANTED_BITS);
    sharp = arb_is_finite(x) && mag_cmp(arb_radref(x), limit) < 0;
    mag_clear(limit);
    return sharp;
}

/* References ***********************************************************************************/

/* Taylor coefficients in x, below order `length`, of phi up to the constant factor 1: so that
   -2 nu log phi(., 0) is exactly the loss beside it in the table. */
typedef void (* reference_function)(arb_ptr phi, slong length, const arb_t x, const arb_t t,
    const arb_t nu, const char * const * data);

/* phi += weight exp(k x + nu k^2 t), as a series in x */
static void
add_exponential(arb_ptr phi, slong length, const arb_t weight, const arb_t k, const arb_t x, const arb_t t,
    const arb_t nu)
{
    arb_t term;
    slong i;

    arb_init(term);
    arb_mul(term, nu, k, PREC);
    arb_mul(term, term, t, PREC);
    arb_add(term, term, x, PREC);
    arb_mul(term, term, k, PREC);
    arb_exp(term, term, PREC);
    arb_mul(term, term, weight, PREC);
    for (i = 0; i < length; i++)
    {
        arb_add(phi + i, phi + i, term, PREC);
        arb_mul(term, term, k, PREC);
        arb_div_ui(term, term, i + 1, PREC);
    }
    arb_clear(term);
}

/* phi += weight cos(k x) exp(-nu k^2 t), as a series in x */
static void
add_cosine(arb_ptr phi, slong length, const arb_t weight, const arb_t k, const arb_t x, const arb_t t,
    const arb_t nu)
{
    arb_t factor;
    arb_ptr c, argument;

    arb_init(factor);
    c = _arb_vec_init(length);
    argument = _arb_vec_init(2);
    arb_mul(factor, k, k, PREC);
    arb_mul(factor, factor, nu, PREC);
    arb_mul(factor, factor, t, PREC);
    arb_neg(factor, factor);
    arb_exp(factor, factor, PREC);
    arb_mul(factor, factor, weight, PREC);
    arb_mul(argument, k, x, PREC);
    arb_set(argument + 1, k);
    _arb_poly_cos_series(c, argument, 2, length, PREC);
    _arb_vec_scalar_addmul(phi, c, length, factor, PREC);
    arb_clear(factor);
    _arb_vec_clear(c, length);
    _arb_vec_clear(argument, 2);
}

/* v_0 = -sin(pi x) (Cole 1951, Quart. Appl. Math. 9). phi_0 = exp(-z cos(pi x)), z = 1/(2 pi nu), is
   I_0(z) + 2 sum (-1)^n I_n(z) cos(n pi x) (the generating function of I_n), and each cosine
   decays by itself. Rest after N: I_n(z) <= (z/2)^n/n! exp(z^2/(4(n+1))), term by term in the
   series of I_n; the k-th derivative multiplies by (n pi)^k <= (n pi)^3, and for n > N >= 2z + 8 each term is
   below half the one before: (z/2)/n ((n+1)/n)^3 < (1/4) 1.43. */
static void
cole_sine(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu,
    const char * const * data)
{
    arb_t pi, z, weight, k, order;
    mag_t rest;
    slong n, last, i;

    (void) data;
    arb_init(pi);
    arb_init(z);
    arb_init(weight);
    arb_init(k);
    arb_init(order);
    mag_init(rest);
    arb_const_pi(pi, PREC);
    arb_mul(z, pi, nu, PREC);
    arb_mul_2exp_si(z, z, 1);
    arb_inv(z, z, PREC);
    last = (slong) (8 + 2 * ceil(arf_get_d(arb_midref(z), ARF_RND_UP))) + 120;
    arb_mul_2exp_si(weight, z, 1);
    arb_add_ui(weight, weight, 8, PREC);
    arb_set_si(order, last);
    assert_true(arb_lt(weight, order));
    for (n = 0; n <= last; n++)
    {
        arb_set_si(order, n);
        arb_hypgeom_bessel_i(weight, order, z, PREC);
        if (n > 0)
        {
            arb_mul_si(weight, weight, n % 2 ? -2 : 2, PREC);
        }
        arb_mul_si(k, pi, n, PREC);
        add_cosine(phi, length, weight, k, x, t, nu);
    }
    /* 2 * (first term left out) * 2 */
    n = last + 1;
    arb_mul_2exp_si(weight, z, -1);
    arb_pow_ui(weight, weight, n, PREC);
    arb_fac_ui(k, n, PREC);
    arb_div(weight, weight, k, PREC);
    arb_sqr(k, z, PREC);
    arb_div_si(k, k, 4 * (n + 1), PREC);
    arb_exp(k, k, PREC);
    arb_mul(weight, weight, k, PREC);
    arb_mul_2exp_si(weight, weight, 2);
    arb_mul_si(k, pi, n, PREC);
    for (i = 0; i < length; i++)
    {
        arb_get_mag(rest, weight);
        arb_add_error_mag(phi + i, rest);
        arb_mul(weight, weight, k, PREC);
    }
    arb_clear(pi);
    arb_clear(z);
    arb_clear(weight);
    arb_clear(k);
    arb_clear(order);
    mag_clear(rest);
}

/* phi = A + e^(-pi^2 nu t) cos(pi x) (Wood 2006, Commun. Numer. Meth. Engng 22). */
static void
wood(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu, const char * const * data)
{
    arb_t one, pi, a;

    arb_init(one);
    arb_init(pi);
    arb_init(a);
    arb_one(one);
    arb_const_pi(pi, PREC);
    set_rational(a, data[0]);
    add_cosine(phi, length, one, pi, x, t, nu);
    arb_add(phi, phi, a, PREC);
    arb_clear(one);
    arb_clear(pi);
    arb_clear(a);
}

/* data: weight, k, weight, k, ..., NULL. A sum of exponentials, each a solution by itself; for weights
   C(n,i)/2^n and k = (n - 2i) b that is cosh(bx)^n at t = 0. */
static void
exponentials(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu,
    const char * const * data)
{
    arb_t weight, k;

    arb_init(weight);
    arb_init(k);
    for (; data[0] != NULL; data += 2)
    {
        set_rational(weight, data[0]);
        set_rational(k, data[1]);
        add_exponential(phi, length, weight, k, x, t, nu);
    }
    arb_clear(weight);
    arb_clear(k);
}

/* data: n, b. sum_i C(n,i) exp((n-2i) b x + nu (n-2i)^2 b^2 t)/2^n. */
static void
tanh_power(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu,
    const char * const * data)
{
    arb_t weight, k;
    slong n, i;

    arb_init(weight);
    arb_init(k);
    n = (slong) strtol(data[0], NULL, 10);
    for (i = 0; i <= n; i++)
    {
        arb_bin_uiui(weight, n, i, PREC);
        arb_mul_2exp_si(weight, weight, -n);
        set_rational(k, data[1]);
        arb_mul_si(k, k, n - 2 * i, PREC);
        add_exponential(phi, length, weight, k, x, t, nu);
    }
    arb_clear(weight);
    arb_clear(k);
}

/* data: m. phi_0 = (1 + x^2)^m, v_0 = -4 nu m x/(1 + x^2): phi is the heat polynomial
   sum_j (nu t)^j/j! d^(2j)/dx^(2j) (1 + x^2)^m, v a rational function (arXiv:1910.05488). */
static void
rational(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu,
    const char * const * data)
{
    arb_poly_t p, total, shift;
    arb_t factor;
    slong j, i, m = (slong) strtol(data[0], NULL, 10);

    arb_poly_init(p);
    arb_poly_init(total);
    arb_poly_init(shift);
    arb_init(factor);
    arb_poly_set_coeff_si(p, 0, 1);
    arb_poly_set_coeff_si(p, 2, 1);
    arb_poly_pow_ui(p, p, m, PREC);
    for (j = 0; j <= m; j++)
    {
        arb_poly_add(total, total, p, PREC);
        arb_poly_derivative(p, p, PREC);
        arb_poly_derivative(p, p, PREC);
        arb_mul(factor, nu, t, PREC);
        arb_div_ui(factor, factor, j + 1, PREC);
        arb_poly_scalar_mul(p, p, factor, PREC);
    }
    arb_poly_taylor_shift(shift, total, x, PREC);
    for (i = 0; i < length; i++)
    {
        arb_poly_get_coeff_arb(factor, shift, i);
        arb_add(phi + i, phi + i, factor, PREC);
    }
    arb_poly_clear(p);
    arb_poly_clear(total);
    arb_poly_clear(shift);
    arb_clear(factor);
}

/* data: centre, 1/(4 nu s_0), weight, ... NULL, after data[0], a constant. phi_0 is the constant plus Gaussians
   weight exp(-q (x - centre)^2); Q = 1 + 4 nu q t: weight Q^(-1/2) exp(-q (x - centre)^2/Q). The constant 1
   and one Gaussian are the N-wave (Whitham 1974, section 4.5), the constant 0 and one a quadratic loss. */
static void
gaussians(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu,
    const char * const * data)
{
    arb_t q, scale, weight;
    arb_ptr exponent, c;

    arb_init(q);
    arb_init(scale);
    arb_init(weight);
    exponent = _arb_vec_init(3);
    c = _arb_vec_init(length);
    set_rational(weight, data[0]);
    arb_add(phi, phi, weight, PREC);
    for (data++; data[0] != NULL; data += 3)
    {
        set_rational(exponent, data[0]);
        arb_sub(exponent, x, exponent, PREC);
        set_rational(q, data[1]);
        set_rational(weight, data[2]);
        arb_mul(scale, nu, q, PREC);
        arb_mul(scale, scale, t, PREC);
        arb_mul_2exp_si(scale, scale, 2);
        arb_add_ui(scale, scale, 1, PREC);
        arb_div(q, q, scale, PREC);
        arb_neg(q, q);
        arb_mul_2exp_si(exponent + 1, exponent, 1);
        arb_sqr(exponent, exponent, PREC);
        arb_one(exponent + 2);
        _arb_vec_scalar_mul(exponent, exponent, 3, q, PREC);
        _arb_poly_exp_series(c, exponent, 3, length, PREC);
        arb_rsqrt(scale, scale, PREC);
        arb_mul(weight, weight, scale, PREC);
        _arb_vec_scalar_addmul(phi, c, length, weight, PREC);
    }
    arb_clear(q);
    arb_clear(scale);
    arb_clear(weight);
    _arb_vec_clear(exponent, 3);
    _arb_vec_clear(c, length);
}

/* phi_0 = 2 + erf(x): a smoothed step; phi = 2 + erf(x/sqrt(1 + 4 nu t)). */
static void
step(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu, const char * const * data)
{
    arb_ptr argument = _arb_vec_init(2), c = _arb_vec_init(length);
    arb_t scale;

    (void) data;
    arb_init(scale);
    arb_mul(scale, nu, t, PREC);
    arb_mul_2exp_si(scale, scale, 2);
    arb_add_ui(scale, scale, 1, PREC);
    arb_rsqrt(scale, scale, PREC);
    arb_mul(argument, x, scale, PREC);
    arb_set(argument + 1, scale);
    _arb_hypgeom_erf_series(c, argument, 2, length, PREC);
    _arb_vec_add(phi, phi, c, length, PREC);
    arb_add_ui(phi, phi, 2, PREC);
    arb_clear(scale);
    _arb_vec_clear(argument, 2);
    _arb_vec_clear(c, length);
}

/* phi_0 = 1/(1 + x^2), v_0 = 4 nu x/(1 + x^2): the Voigt profile phi = sqrt(pi kappa) Re w(sqrt(kappa)(x + i)),
   w(z) = exp(-z^2) erfc(-iz), w' = -2 z w + 2i/sqrt(pi) (DLMF 7.19). */
static void
voigt(arb_ptr phi, slong length, const arb_t x, const arb_t t, const arb_t nu, const char * const * data)
{
    arb_t root, factor, pi;
    acb_t z, y;
    acb_ptr w = _acb_vec_init(length + 1);
    slong k;

    (void) data;
    arb_init(root);
    arb_init(factor);
    arb_init(pi);
    acb_init(z);
    acb_init(y);
    arb_const_pi(pi, PREC);
    arb_mul(root, nu, t, PREC);
    arb_mul_2exp_si(root, root, 2);
    arb_rsqrt(root, root, PREC);
    arb_mul(acb_realref(z), x, root, PREC);
    arb_set(acb_imagref(z), root);
    acb_mul_onei(y, z);
    acb_neg(y, y);
    acb_hypgeom_erfc(w, y, PREC);
    acb_sqr(y, z, PREC);
    acb_neg(y, y);
    acb_exp(y, y, PREC);
    acb_mul(w, w, y, PREC);
    for (k = 0; k + 1 < length; k++)
    {
        /* (k+1) w_(k+1) = r (-2 z w_k - 2 r w_(k-1) + [k = 0] 2i/sqrt(pi)) */
        acb_mul(w + k + 1, z, w + k, PREC);
        if (k > 0)
        {
            acb_addmul_arb(w + k + 1, w + k - 1, root, PREC);
        }
        acb_mul_si(w + k + 1, w + k + 1, -2, PREC);
        if (k == 0)
        {
            arb_rsqrt(factor, pi, PREC);
            arb_mul_2exp_si(factor, factor, 1);
            arb_add(acb_imagref(w + 1), acb_imagref(w + 1), factor, PREC);
        }
        acb_mul_arb(w + k + 1, w + k + 1, root, PREC);
        acb_div_si(w + k + 1, w + k + 1, k + 1, PREC);
    }
    arb_sqrt(factor, pi, PREC);
    arb_mul(factor, factor, root, PREC);
    for (k = 0; k < length; k++)
    {
        arb_addmul(phi + k, acb_realref(w + k), factor, PREC);
    }
    arb_clear(root);
    arb_clear(factor);
    arb_clear(pi);
    acb_clear(z);
    acb_clear(y);
    _acb_vec_clear(w, length + 1);
}

/* Appell's symmetry with the rational c, or nothing where it is NULL; then u and its derivatives. */
static void
reference_entropy(arb_ptr u, slong length, reference_function f, const char * const * data, const char * c,
    const arb_t x, const arb_t t, const arb_t nu)
{
    arb_ptr phi = _arb_vec_init(length), exponent = _arb_vec_init(3);
    arb_t scale, y, s, one;
    slong k;

    arb_init(scale);
    arb_init(y);
    arb_init(s);
    arb_init(one);
    arb_one(scale);
    if (c != NULL)
    {
        set_rational(y, c);
        arb_addmul(scale, y, t, PREC);
        /* -c x^2/(4 nu T) as a polynomial around x */
        arb_div(y, y, scale, PREC);
        arb_div(y, y, nu, PREC);
        arb_mul_2exp_si(y, y, -2);
        arb_neg(y, y);
        arb_sqr(exponent, x, PREC);
        arb_mul_2exp_si(exponent + 1, x, 1);
        arb_one(exponent + 2);
        _arb_vec_scalar_mul(exponent, exponent, 3, y, PREC);
    }
    arb_div(y, x, scale, PREC);
    arb_div(s, t, scale, PREC);
    f(phi, length, y, s, nu, data);
    arb_one(one);
    for (k = 0; k < length; k++)
    {
        arb_mul(phi + k, phi + k, one, PREC);
        arb_div(one, one, scale, PREC);
    }
    arb_rsqrt(scale, scale, PREC);
    _arb_vec_scalar_mul(phi, phi, length, scale, PREC);
    _arb_poly_log_series(u, phi, length, length, PREC);
    for (k = 0; k < length && k < 3; k++)
    {
        arb_add(u + k, u + k, exponent + k, PREC);
    }
    arb_mul_si(y, nu, -2, PREC);
    for (k = 0; k < length; k++)
    {
        arb_mul(u + k, u + k, y, PREC);
        arb_mul_ui(y, y, k + 1, PREC);
    }
    arb_clear(scale);
    arb_clear(y);
    arb_clear(s);
    arb_clear(one);
    _arb_vec_clear(phi, length);
    _arb_vec_clear(exponent, 3);
}

/* With viscosity *******************************************************************************/

typedef struct
{
    const char * name;
    const char * loss;
    const char * lower; /* NULL: caustic_lower_bound must find one */
    reference_function f;
    const char * data[12];
    const char * quadratic; /* c of Appell's symmetry; NULL: none */
    const char * nu;
    slong inviscid;         /* 1: v does not depend on nu */
}
solution;

/* Lower bounds of what Appell's symmetry made of losses without one, from log cosh x <= |x|,
   log(1 + x^2) <= |x| and log sum w_i e^(k_i x) <= max |k_i| |x| for sum w_i = 1:
   c x^2/2 - K |x| >= -K^2/(2c). */
static const solution SOLUTIONS[] =
{
    {"Cole, -sin(pi x)", "cos(pi*s)/pi", NULL, cole_sine, {NULL}, NULL, "1/20", 0},
    {"Cole, -sin(pi x)", "cos(pi*s)/pi", NULL, cole_sine, {NULL}, NULL, "1/3", 0},
    {"Cole, -sin(pi x)", "cos(pi*s)/pi", NULL, cole_sine, {NULL}, NULL, "1/100", 0},
    {"Wood", "-1/10*log(2 + cos(pi*s))", NULL, wood, {"2"}, NULL, "1/20", 0},
    {"Wood", "-1/2*log(11/10 + cos(pi*s))", NULL, wood, {"11/10"}, NULL, "1/4", 0},
    {"N-wave", "-1/10*log(1 + 3*exp(-2*s^2))", NULL, gaussians, {"1", "0", "2", "3", NULL}, NULL, "1/20", 0},
    {"two Gaussians", "-1/5*log(exp(-(s - 1)^2) + exp(-2*(s + 1)^2)/2)", NULL, gaussians,
        {"0", "1", "1", "1", "-1", "2", "1/2", NULL}, NULL, "1/10", 0},
    {"smooth step", "-1/10*log(2 + erf(s))", NULL, step, {NULL}, NULL, "1/20", 0},
    {"Voigt", "1/5*log(1 + s^2)", NULL, voigt, {NULL}, NULL, "1/10", 0},
    /* q = c/(4 nu) */
    {"quadratic", "3*(s - 1/2)^2/2", NULL, gaussians, {"0", "1/2", "15", "1", NULL}, NULL, "1/20", 1},
    {"quadratic", "s^2/1000", NULL, gaussians, {"0", "0", "1/400", "1", NULL}, NULL, "1/5", 1},
    /* a = 2 b n nu, K = a */
    {"-a tanh(bx), n = 1", "s^2/2 - 1/10*log(cosh(2*s))", "-1/50", tanh_power, {"1", "2"}, "1", "1/20", 0},
    {"-a tanh(bx), n = 2", "s^2/4 - 2/5*log(cosh(3*s/2))", "-9/25", tanh_power, {"2", "3/2"}, "1/2", "1/10", 0},
    {"-a tanh(bx), n = 5", "s^2/2 - log(cosh(s))", "-1/2", tanh_power, {"5", "1"}, "1", "1/10", 0},
    /* x - A tanh(A x/(2 nu)) moves with speed 1: cosh(5 x) e^(-10 x) at nu = 1/20, A = 1/2 */
    {"travelling tanh", "s^2/2 + s - 1/10*log(cosh(5*s))", "-9/8", exponentials,
        {"1/2", "-5", "1/2", "-15", NULL}, "1", "1/20", 0},
    {"three exponentials", "s^2/2 - 1/5*log(exp(4*s)/4 + exp(-3*s)/4 + exp(s)/2)", "-8/25", exponentials,
        {"1/4", "4", "1/4", "-3", "1/2", "1", NULL}, "1", "1/10", 0},
    /* a = 4 nu m, K = 2 nu m */
    {"rational, m = 1", "s^2/2 - 1/5*log(1 + s^2)", "-1/50", rational, {"1"}, "1", "1/10", 0},
    {"rational, m = 3", "s^2/5 - 3/10*log(1 + s^2)", "-9/80", rational, {"3"}, "2/5", "1/20", 0},
};

static const char * const POINTS[][2] =
{
    {"3/10", "1/10"}, {"-4/5", "1/2"}, {"1/7", "1"}, {"9/10", "1/4"},
};

#define SOLUTIONS_LENGTH ((slong) (sizeof(SOLUTIONS) / sizeof(SOLUTIONS[0])))
#define POINTS_LENGTH ((slong) (sizeof(POINTS) / sizeof(POINTS[0])))

/* u, v, v_x, v_xx at one point against the reference. expected: 1, all overlap; 0, none that depends on
   the viscosity does. */
static slong
compare(const solution * entry, const caustic_line_t line, const char * x_text, const char * t_text,
    int expected)
{
    arb_t x, t, nu;
    arb_ptr u = _arb_vec_init(4), reference = _arb_vec_init(4);
    slong k, failures = 0;

    arb_init(x);
    arb_init(t);
    arb_init(nu);
    set_rational(x, x_text);
    set_rational(t, t_text);
    set_rational(nu, entry->nu);
    reference_entropy(reference, 4, entry->f, entry->data, entry->quadratic, x, t, nu);
    if (caustic_local_entropy_1d(u, 4, line, x, t, DIGITS) != CAUSTIC_OK)
    {
        printf("# %s: no enclosure at (%s, %s)\n", entry->name, x_text, t_text);
        failures++;
    }
    for (k = 0; k < (expected || !entry->inviscid ? 4 : 1); k++)
    {
        if (!is_sharp(u + k) || !is_sharp(reference + k)
            || arb_overlaps(u + k, reference + k) != expected)
        {
            printf("# %s, nu = %s, (%s, %s), derivative %ld, expected %s:\n# ", entry->name, entry->nu, x_text,
                t_text, (long) k, expected ? "overlap" : "disjoint");
            arb_printd(u + k, 45);
            printf("\n# ");
            arb_printd(reference + k, 45);
            printf("\n");
            failures++;
        }
    }
    arb_clear(x);
    arb_clear(t);
    arb_clear(nu);
    _arb_vec_clear(u, 4);
    _arb_vec_clear(reference, 4);
    return failures;
}

static void
test_viscous(void ** state)
{
    slong i, j, failures = 0;
    int altered;

    (void) state;
    for (i = 0; i < SOLUTIONS_LENGTH; i++)
    {
        const solution * entry = SOLUTIONS + i;

        for (altered = 0; altered < 2; altered++)
        {
            caustic_pool * pool = caustic_pool_new();
            caustic_expr s = caustic_symbol(pool, "s"), loss = parse(pool, entry->loss, "s");
            caustic_interval_t whole;
            caustic_line_t line;
            fmpq_t nu, factor;
            arf_t lower;
            arb_t bound;

            caustic_interval_init(whole);
            fmpq_init(nu);
            fmpq_init(factor);
            arf_init(lower);
            arb_init(bound);
            fmpq_set_str(nu, entry->nu, 10);
            if (altered)
            {
                fmpq_set_si(factor, 101, 100);
                fmpq_mul(nu, nu, factor);
            }
            if (entry->lower == NULL)
            {
                assert_true(caustic_lower_bound(lower, pool, loss, s, whole));
            }
            else
            {
                set_rational(bound, entry->lower);
                arb_get_lbound_arf(lower, bound, 64);
            }
            assert_int_equal(caustic_line_init(line, pool, s, loss, nu, lower), CAUSTIC_OK);
            for (j = 0; j < (altered ? 1 : POINTS_LENGTH); j++)
            {
                failures += compare(entry, line, POINTS[j][0], POINTS[j][1], !altered);
            }
            caustic_line_clear(line);
            caustic_interval_clear(whole);
            fmpq_clear(nu);
            fmpq_clear(factor);
            arf_clear(lower);
            arb_clear(bound);
            caustic_pool_free(pool);
        }
    }
    assert_int_equal(failures, 0);
}

/* Without viscosity ****************************************************************************/

/* v_0 = -sin(pi x), 0 < pi t < 1: v = -2 sum_{n >= 1} J_n(n e) sin(n pi x)/(n e), e = pi t (Kepler's
   equation; Platzman 1964, Tellus 16). Rest after N, by Kapteyn's inequality (DLMF 10.14.8):
   |J_n(n e)| <= q^n, q = e exp(sqrt(1 - e^2))/(1 + sqrt(1 - e^2)) < 1. */
static void
bessel_sine(arb_t v, const arb_t x, const arb_t t)
{
    arb_t pi, e, q, y, order, argument;
    mag_t rest;
    slong n, last;

    arb_init(pi);
    arb_init(e);
    arb_init(q);
    arb_init(y);
    arb_init(order);
    arb_init(argument);
    mag_init(rest);
    arb_const_pi(pi, 4 * PREC);
    arb_mul(e, pi, t, 4 * PREC);
    arb_sqr(q, e, PREC);
    arb_sub_ui(q, q, 1, PREC);
    arb_neg(q, q);
    arb_sqrt(y, q, PREC);
    arb_exp(q, y, PREC);
    arb_mul(q, q, e, PREC);
    arb_add_ui(y, y, 1, PREC);
    arb_div(q, q, y, PREC);
    arb_one(y);
    assert_true(arb_is_positive(e) && arb_lt(q, y));
    last = (slong) (-150 / log2(arf_get_d(arb_midref(q), ARF_RND_NEAR))) + 1;
    arb_zero(v);
    for (n = 1; n <= last; n++)
    {
        arb_set_si(order, n);
        /* the power series of J_n(ne) cancels about n e/ln 2 bits */
        arb_mul_si(argument, e, n, PREC + 3 * n);
        arb_hypgeom_bessel_j(y, order, argument, PREC + 3 * n);
        arb_div(y, y, argument, PREC);
        arb_mul_si(order, x, n, PREC);
        arb_sin_pi(order, order, PREC);
        arb_addmul(v, y, order, PREC);
    }
    arb_mul_si(v, v, -2, PREC);
    /* 2 q^(N+1)/((N+1) e (1-q)) */
    arb_pow_ui(y, q, last + 1, PREC);
    arb_sub_ui(q, q, 1, PREC);
    arb_neg(q, q);
    arb_div(y, y, q, PREC);
    arb_div(y, y, e, PREC);
    arb_mul_2exp_si(y, y, 1);
    arb_div_si(y, y, last + 1, PREC);
    arb_get_mag(rest, y);
    arb_add_error_mag(v, rest);
    arb_clear(pi);
    arb_clear(e);
    arb_clear(q);
    arb_clear(y);
    arb_clear(order);
    arb_clear(argument);
    mag_clear(rest);
}

/* v(x,t) = l'(y) with x = y + t l'(y), from the loss's expression and its derivatives: interval Newton in
   y on [-1, 1], where 1 + t l'' > 0. */
static void
characteristic_value(arb_t v, caustic_pool * pool, caustic_expr loss, const arb_t x, const arb_t t)
{
    caustic_expr s = caustic_symbol(pool, "s"), roots[2];
    caustic_tape * tape;
    arb_t y, middle, next;
    arb_ptr values = _arb_vec_init(2);
    slong i;
    int inside = 0;

    arb_init(y);
    arb_init(middle);
    arb_init(next);
    roots[0] = caustic_derivative(pool, loss, s);
    roots[1] = caustic_derivative(pool, roots[0], s);
    tape = caustic_tape_new(pool, roots, 2, &s, 1);
    assert_non_null(tape);
    mag_one(arb_radref(y));
    for (i = 0; i < 200 && !is_sharp(y); i++)
    {
        /* N = m - (m + t l'(m) - x)/(1 + t l''(Y)); one N inside Y proves that there is a root */
        arb_get_mid_arb(middle, y);
        caustic_tape_evaluate_arb(values, tape, middle, PREC);
        arb_mul(next, values, t, PREC);
        arb_add(next, next, middle, PREC);
        arb_sub(next, next, x, PREC);
        caustic_tape_evaluate_arb(values, tape, y, PREC);
        arb_mul(values, values + 1, t, PREC);
        arb_add_ui(values, values, 1, PREC);
        assert_true(arb_is_positive(values));
        arb_div(next, next, values, PREC);
        arb_sub(next, middle, next, PREC);
        inside = inside || arb_contains(y, next);
        assert_true(arb_intersection(y, y, next, PREC));
    }
    assert_true(inside && is_sharp(y));
    caustic_tape_evaluate_arb(values, tape, y, PREC);
    arb_set(v, values);
    caustic_tape_free(tape);
    arb_clear(y);
    arb_clear(middle);
    arb_clear(next);
    _arb_vec_clear(values, 2);
}

static void
test_inviscid_sine(void ** state)
{
    static const char * const points[][2] =
        {{"3/10", "1/10"}, {"-4/5", "1/5"}, {"1/7", "1/4"}, {"1/20", "1/5"}, {"9/10", "3/100"}};
    caustic_pool * pool = caustic_pool_new();
    caustic_expr loss = parse(pool, "cos(pi*s)/pi", "s");
    arb_t x, t, v, reference;
    size_t i;

    (void) state;
    arb_init(x);
    arb_init(t);
    arb_init(v);
    arb_init(reference);
    for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
    {
        set_rational(x, points[i][0]);
        set_rational(t, points[i][1]);
        bessel_sine(reference, x, t);
        characteristic_value(v, pool, loss, x, t);
        assert_true(is_sharp(v) && is_sharp(reference) && arb_overlaps(v, reference));
        /* another time is another value */
        arb_mul_ui(t, t, 101, PREC);
        arb_div_ui(t, t, 100, PREC);
        characteristic_value(v, pool, loss, x, t);
        assert_true(is_sharp(v) && !arb_overlaps(v, reference));
    }
    arb_clear(x);
    arb_clear(t);
    arb_clear(v);
    arb_clear(reference);
    caustic_pool_free(pool);
}

/* The same in the curved coordinate z = exp(sqrt(2) x) of a chain of depth two, by integrating the
   characteristic: H = z^2 p^2, z' = 2 z^2 p, p' = -2 z p^2; then v = sqrt(2) z p at x = log(z)/sqrt(2). */
static void
test_characteristic_flow(void ** state)
{
    static const char * const points[][2] = {{"3/10", "1/10"}, {"-2/5", "1/5"}, {"1/7", "1/4"}};
    caustic_pool * pool = caustic_pool_new();
    caustic_expr coordinates[2] = {caustic_symbol(pool, "z"), caustic_symbol(pool, "p")}, field[2];
    caustic_name names[2] = {{"z", coordinates[0]}, {"p", coordinates[1]}};
    caustic_scope scope = {names, 2, NULL, 0};
    caustic_error_t error;
    caustic_flow * flow;
    arb_ptr start = _arb_vec_init(2);
    arb_t x, t, v, reference, root;
    size_t i;

    (void) state;
    caustic_error_init(error);
    arb_init(x);
    arb_init(t);
    arb_init(v);
    arb_init(reference);
    arb_init(root);
    assert_int_equal(caustic_parse(field, pool, "2*z^2*p", &scope, NULL, error), CAUSTIC_OK);
    assert_int_equal(caustic_parse(field + 1, pool, "-2*z*p^2", &scope, NULL, error), CAUSTIC_OK);
    flow = caustic_flow_new(pool, field, coordinates, 2, NULL, 0);
    assert_non_null(flow);
    arb_sqrt_ui(root, 2, PREC);
    for (i = 0; i < sizeof(points) / sizeof(points[0]); i++)
    {
        set_rational(x, points[i][0]);
        set_rational(t, points[i][1]);
        /* z = exp(sqrt(2) y), p = l'(y)/(sqrt(2) z) */
        arb_mul(start, root, x, PREC);
        arb_exp(start, start, PREC);
        arb_sin_pi(start + 1, x, PREC);
        arb_neg(start + 1, start + 1);
        arb_div(start + 1, start + 1, root, PREC);
        arb_div(start + 1, start + 1, start, PREC);
        assert_int_equal(caustic_flow_integrate(start, flow, start, t, PREC, 10000, error), CAUSTIC_OK);
        arb_mul(v, start, start + 1, PREC);
        arb_mul(v, v, root, PREC);
        arb_log(x, start, PREC);
        arb_div(x, x, root, PREC);
        assert_true(is_sharp(x) && is_sharp(v));
        bessel_sine(reference, x, t);
        assert_true(is_sharp(reference) && arb_overlaps(v, reference));
    }
    caustic_flow_free(flow);
    caustic_error_clear(error);
    _arb_vec_clear(start, 2);
    arb_clear(x);
    arb_clear(t);
    arb_clear(v);
    arb_clear(reference);
    arb_clear(root);
    caustic_pool_free(pool);
}

/* Shock times **********************************************************************************/

static const struct
{
    const char * loss;
    const char * lower;
    const char * upper;
    const char * time; /* NULL: no shock */
}
SHOCKS[] =
{
    {"cos(pi*z)/pi", "-1", "1", "1/pi"},
    {"-4/3*log(cosh(3*z/2))", "-2", "2", "1/3"},            /* a = 2, b = 3/2: 1/(ab) */
    {"z^2/4 - 4/3*log(cosh(3*z/2))", "-2", "2", "2/5"},     /* 1/(ab - c) */
    {"2*z^2 - 4/3*log(cosh(3*z/2))", "-2", "2", NULL},      /* c > ab */
    {"-3/2*log(1 + z^2)", "-2", "2", "1/3"},                /* a = 3: 1/a */
    {"3/2*log(1 + z^2)", "-4", "4", "8/3"},                 /* at z^2 = 3: a/8 */
    {"z - 1/10*log(cosh(5*z))", "-1", "1", "2/5"},          /* travelling: 2 nu/A^2, nu = 1/20, A = 1/2 */
    {"-1/10*log(2 + cos(pi*z))", "0", "2", "10/pi^2"},      /* Wood: (A - 1)/(2 nu pi^2), A = 2 */
    {"z^2/2", "-2", "2", NULL},
};

static void
test_shock_times(void ** state)
{
    size_t i;
    int wrong;

    (void) state;
    for (i = 0; i < sizeof(SHOCKS) / sizeof(SHOCKS[0]); i++)
    {
        for (wrong = 0; wrong < (SHOCKS[i].time == NULL ? 1 : 2); wrong++)
        {
            caustic_pool * pool = caustic_pool_new();
            caustic_shock_problem problem;
            caustic_shock_result_t result;
            char claim[100];

            memset(&problem, 0, sizeof(problem));
            problem.pool = pool;
            problem.z = caustic_symbol(pool, "z");
            caustic_interval_init(problem.domain);
            caustic_interval_init(problem.box);
            problem.box->lower_infinite = problem.box->upper_infinite = 0;
            problem.box->lower_closed = problem.box->upper_closed = 1;
            fmpq_set_str(problem.box->lower, SHOCKS[i].lower, 10);
            fmpq_set_str(problem.box->upper, SHOCKS[i].upper, 10);
            problem.cometric = caustic_integer(pool, 1);
            problem.loss = parse(pool, SHOCKS[i].loss, "z");
            problem.digits = 45;
            problem.precision_limit = 1 << 16;
            problem.box_limit = 200000;
            if (SHOCKS[i].time == NULL)
            {
                problem.claimed_none = 1;
            }
            else
            {
                snprintf(claim, sizeof(claim), "(%s)%s", SHOCKS[i].time, wrong ? "*(1 + 1e-42)" : "");
                problem.claimed_time = parse(pool, claim, "z");
            }
            caustic_shock_result_init(result);
            caustic_shock_global_1d(result, &problem);
            if (result->verdict != CAUSTIC_PROVED || result->shock != (SHOCKS[i].time != NULL)
                || result->claim_time != (wrong ? CAUSTIC_REFUTED : CAUSTIC_PROVED))
            {
                printf("# %s, claim %d: %s, shock %d, claim %s: %s\n", SHOCKS[i].loss, wrong,
                    caustic_verdict_name(result->verdict), result->shock,
                    result->claim_time ? caustic_verdict_name(result->claim_time) : "none", result->detail);
                fail();
            }
            caustic_shock_result_clear(result);
            caustic_interval_clear(problem.domain);
            caustic_interval_clear(problem.box);
            caustic_pool_free(pool);
        }
    }
}

/* mpmath ***************************************************************************************/

/* u and three derivatives by quadrature with 50 digits, tests/opinions/values.py, run from the top of the
   sources. Not a proof: the enclosures must contain what it says to 40 digits. */
static void
test_against_mpmath(void ** state)
{
    static const char * const entries[][5] =
    {
        /* nu, s, t, loss, and a loss that is off by 1e-30 */
        {"1/20", "3/10", "1/2", "(exp(sqrt(2)*s) - 2)^2/2", "(exp(sqrt(2)*s) - 2)^2/2 + 1e-30"},
        {"1/10", "-1/2", "1/4", "log(1 + exp(-exp(s)))", "log(1 + exp(-exp(s))) + 1e-30"},
        {"1/5", "2/5", "1", "(s^2 - 1)^2/4 + s/5", "(s^2 - 1)^2/4 + s/5 + 1e-30"},
    };
    arb_ptr u = _arb_vec_init(4);
    arb_t s, t, value;
    size_t i, k, wrong;

    (void) state;
    if (system("python3 -c 'import mpmath' > /dev/null 2>&1") != 0)
    {
        _arb_vec_clear(u, 4);
        printf("# python3 with mpmath is not installed\n");
        skip();
    }
    arb_init(s);
    arb_init(t);
    arb_init(value);
    for (i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
    {
        for (wrong = 0; wrong < 2; wrong++)
        {
            caustic_pool * pool = caustic_pool_new();
            caustic_expr loss = parse(pool, entries[i][3 + wrong], "s");
            caustic_interval_t whole;
            caustic_line_t line;
            fmpq_t nu;
            arf_t lower;
            char text[400];
            FILE * answer;

            caustic_interval_init(whole);
            fmpq_init(nu);
            arf_init(lower);
            fmpq_set_str(nu, entries[i][0], 10);
            assert_true(caustic_lower_bound(lower, pool, loss, caustic_symbol(pool, "s"), whole));
            assert_int_equal(caustic_line_init(line, pool, caustic_symbol(pool, "s"), loss, nu, lower), CAUSTIC_OK);
            set_rational(s, entries[i][1]);
            set_rational(t, entries[i][2]);
            assert_int_equal(caustic_local_entropy_1d(u, 4, line, s, t, DIGITS), CAUSTIC_OK);
            snprintf(text, sizeof(text), "python3 tests/opinions/values.py '%s' '%s' '%s' '%s'", entries[i][0],
                entries[i][1], entries[i][2], entries[i][3]);
            answer = popen(text, "r");
            assert_non_null(answer);
            for (k = 0; k < (wrong ? 1 : 4); k++)
            {
                assert_non_null(fgets(text, sizeof(text), answer));
                text[strcspn(text, "\n")] = 0;
                assert_int_equal(arb_set_str(value, text, PREC), 0);
                mag_set_ui_2exp_si(arb_radref(value), 1, -WANTED_BITS); /* what mpmath is trusted for */
                if (!is_sharp(u + k) || arb_overlaps(u + k, value) == (int) wrong)
                {
                    printf("# %s, derivative %d: mpmath says %s\n", entries[i][3 + wrong], (int) k, text);
                    fail();
                }
            }
            while (fgets(text, sizeof(text), answer) != NULL)
            {
            }
            assert_int_equal(pclose(answer), 0);
            caustic_line_clear(line);
            caustic_interval_clear(whole);
            fmpq_clear(nu);
            arf_clear(lower);
            caustic_pool_free(pool);
        }
    }
    _arb_vec_clear(u, 4);
    arb_clear(s);
    arb_clear(t);
    arb_clear(value);
}

int
main(void)
{
    const struct CMUnitTest tests[] =
    {
        cmocka_unit_test(test_viscous),
        cmocka_unit_test(test_inviscid_sine),
        cmocka_unit_test(test_characteristic_flow),
        cmocka_unit_test(test_shock_times),
        cmocka_unit_test(test_against_mpmath),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    flint_cleanup();
    return failed;
}
