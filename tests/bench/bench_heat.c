/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The local entropy and its derivatives at a point of the flat line with 50 certified digits, against
    the same four moments by acb_calc_integrate at the same tolerance; and the uniform bound of the
    error on a box. Prints times in milliseconds and their ratio, then how the cost grows with the digits and with the
    area of the box, as slopes of log-log fits; exits with 1 if the two disagree.
*/

#include <math.h>
#include <stdio.h>
#include <time.h>
#include <flint/acb_calc.h>
#include <caustic/heat.h>

#define DIGITS 50
#define PREC 210
#define REPEATS 40

static double
milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1e3 + now.tv_nsec * 1e-6;
}

typedef struct
{
    const caustic_line_struct * line;
    arb_srcptr s;
    arb_srcptr kappa;
    slong power;
}
integrand_data;

static int
integrand(acb_ptr res, const acb_t y, void * param, slong order, slong prec)
{
    integrand_data * data = param;
    acb_t w, x;
    arb_t nu;

    (void) order;
    acb_init(w);
    acb_init(x);
    arb_init(nu);
    caustic_tape_evaluate_acb(x, data->line->loss, y, prec);
    arb_set_fmpq(nu, data->line->viscosity, prec);
    arb_mul_2exp_si(nu, nu, 1);
    acb_div_arb(x, x, nu, prec);
    acb_sub_arb(w, y, data->s, prec);
    acb_neg(w, w);
    acb_pow_ui(res, w, data->power, prec);
    acb_sqr(w, w, prec);
    acb_addmul_arb(x, w, data->kappa, prec);
    acb_neg(x, x);
    acb_exp(x, x, prec);
    acb_mul(res, res, x, prec);
    acb_clear(w);
    acb_clear(x);
    arb_clear(nu);
    return 0;
}

/* The four moments over 17 widths of the kernel: beyond, exp(-289) is far below the tolerance. */
static void
integrate(arb_ptr moments, const caustic_line_t line, const arb_t s, const arb_t t)
{
    integrand_data data = {line, s, NULL, 0};
    arb_t kappa, width;
    acb_t a, b, value;
    mag_t tolerance;

    arb_init(kappa);
    arb_init(width);
    acb_init(a);
    acb_init(b);
    acb_init(value);
    mag_init(tolerance);
    arb_set_fmpq(kappa, line->viscosity, PREC);
    arb_mul(kappa, kappa, t, PREC);
    arb_mul_2exp_si(kappa, kappa, 2);
    arb_inv(kappa, kappa, PREC);
    data.kappa = kappa;
    arb_rsqrt(width, kappa, PREC);
    arb_mul_ui(width, width, 17, PREC);
    arb_sub(acb_realref(a), s, width, PREC);
    arb_add(acb_realref(b), s, width, PREC);
    mag_set_ui_2exp_si(tolerance, 1, -170);
    for (data.power = 0; data.power < 4; data.power++)
    {
        acb_calc_integrate(value, integrand, &data, a, b, PREC, tolerance, NULL, PREC);
        arb_set(moments + data.power, acb_realref(value));
    }
    arb_clear(kappa);
    arb_clear(width);
    acb_clear(a);
    acb_clear(b);
    acb_clear(value);
    mag_clear(tolerance);
}

/* u_s from the moments: -2 nu (-2 kappa M_1)/M_0 = M_1/(t M_0). */
static int
agrees(arb_srcptr moments, arb_srcptr u, const arb_t t)
{
    arb_t x;
    int same;

    arb_init(x);
    arb_div(x, moments + 1, moments + 0, PREC);
    arb_div(x, x, t, PREC);
    same = arb_overlaps(x, u + 1) && mag_cmp_2exp_si(arb_radref(u + 1), -140) < 0;
    arb_clear(x);
    return same;
}

/* The slope of the line of least squares through (log x, log y). */
static double
slope(const double * x, const double * y, slong n)
{
    double mx = 0, my = 0, xx = 0, xy = 0;

    for (slong i = 0; i < n; i++)
    {
        mx += log(x[i]) / (double) n;
        my += log(y[i]) / (double) n;
    }
    for (slong i = 0; i < n; i++)
    {
        xx += (log(x[i]) - mx) * (log(x[i]) - mx);
        xy += (log(x[i]) - mx) * (log(y[i]) - my);
    }
    return xy / xx;
}

#define SIZES 6

/* How the cost of a point grows with the digits up to 100, and that of a uniform bound at 1e-47 with the width of the box. */
static int
print_slopes(const caustic_line_t line)
{
    static const double digits[SIZES] = {10, 16, 25, 40, 63, 100};
    double cost[SIZES], area[SIZES];
    caustic_strip_t strip;
    arb_ptr u = _arb_vec_init(4);
    arb_t s, t;
    arf_t radius_s, radius_t;
    slong i, k;
    int good = 1;

    caustic_strip_init(strip);
    arb_init(s);
    arb_init(t);
    arf_init(radius_s);
    arf_init(radius_t);
    arb_set_d(s, 0.3);
    arb_set_d(t, 0.5);
    for (i = 0; i < SIZES; i++)
    {
        cost[i] = milliseconds();
        for (k = 0; k < REPEATS; k++)
        {
            good = caustic_local_entropy_1d(u, 4, line, s, t, (slong) digits[i]) == CAUSTIC_OK && good;
        }
        cost[i] = (milliseconds() - cost[i]) / REPEATS;
    }
    printf("             digits 10 to 100: %.3f to %.3f ms, slope %.2f", cost[0], cost[SIZES - 1], slope(digits, cost, SIZES));
    arb_set_d(t, 0.6);
    mag_set_d(arb_radref(t), 0.5);
    arf_set_d(radius_s, 0.03125);
    arf_set_d(radius_t, 0.0078125);
    for (i = 0; i < SIZES; i++)
    {
        area[i] = ldexp(1, (int) i);
        arb_zero(s);
        mag_set_d(arb_radref(s), area[i] / 2);
        cost[i] = milliseconds();
        for (k = 0; k < 4; k++)
        {
            good = caustic_strip_find(strip, line, s, t, radius_s, radius_t, 110) == CAUSTIC_OK && good;
        }
        cost[i] = (milliseconds() - cost[i]) / 4;
    }
    printf("; area 1 to 32: %.3f to %.3f ms, slope %.2f\n", cost[0], cost[SIZES - 1], slope(area, cost, SIZES));
    caustic_strip_clear(strip);
    _arb_vec_clear(u, 4);
    arb_clear(s);
    arb_clear(t);
    arf_clear(radius_s);
    arf_clear(radius_t);
    return good;
}

static int
bench(const char * name, const char * text)
{
    caustic_pool * pool = caustic_pool_new();
    caustic_name names[1] = {{"s", caustic_symbol(pool, "s")}};
    caustic_scope scope = {names, 1, NULL, 0};
    caustic_error_t error;
    caustic_expr loss;
    caustic_interval_t whole;
    caustic_line_t line;
    caustic_strip_t strip;
    arb_ptr u = _arb_vec_init(4), moments = _arb_vec_init(4);
    arb_t s, t;
    arf_t lower, radius_s, radius_t;
    fmpq_t nu;
    double start, sum, adaptive, uniform;
    slong i;
    int good;

    caustic_error_init(error);
    caustic_interval_init(whole);
    caustic_strip_init(strip);
    arb_init(s);
    arb_init(t);
    arf_init(lower);
    arf_init(radius_s);
    arf_init(radius_t);
    fmpq_init(nu);
    fmpq_set_si(nu, 1, 20);
    good = caustic_parse(&loss, pool, text, &scope, NULL, error) == CAUSTIC_OK
        && caustic_lower_bound(lower, pool, loss, names[0].value, whole);
    good = caustic_line_init(line, pool, names[0].value, loss, nu, lower) == CAUSTIC_OK && good;
    arb_set_d(s, 0.3);
    arb_set_d(t, 0.5);
    if (good)
    {
        start = milliseconds();
        for (i = 0; i < REPEATS; i++)
        {
            good = caustic_local_entropy_1d(u, 4, line, s, t, DIGITS) == CAUSTIC_OK && good;
        }
        sum = (milliseconds() - start) / REPEATS;
        start = milliseconds();
        for (i = 0; i < 4; i++)
        {
            integrate(moments, line, s, t);
        }
        adaptive = (milliseconds() - start) / 4;
        good = good && agrees(moments, u, t);
        /* the box 2 x 1: s in [-1, 1], t in [1/10, 11/10] */
        arb_set_d(s, 0);
        arb_add_error_2exp_si(s, 0);
        arb_set_d(t, 0.6);
        mag_set_d(arb_radref(t), 0.5);
        arf_set_d(radius_s, 0.03125);
        arf_set_d(radius_t, 0.0078125);
        start = milliseconds();
        for (i = 0; i < 4; i++)
        {
            good = caustic_strip_find(strip, line, s, t, radius_s, radius_t, 110) == CAUSTIC_OK && good;
        }
        uniform = (milliseconds() - start) / 4;
        printf("%-12s point: %7.3f ms, acb_calc_integrate: %8.3f ms, ratio %6.1f; box: %7.3f ms%s\n", name, sum,
            adaptive, adaptive / sum, uniform, good ? "" : "  DISAGREE");
        good = print_slopes(line) && good;
    }
    caustic_error_clear(error);
    caustic_interval_clear(whole);
    caustic_strip_clear(strip);
    caustic_line_clear(line);
    _arb_vec_clear(u, 4);
    _arb_vec_clear(moments, 4);
    arb_clear(s);
    arb_clear(t);
    arf_clear(lower);
    arf_clear(radius_s);
    arf_clear(radius_t);
    fmpq_clear(nu);
    caustic_pool_free(pool);
    return good;
}

int
main(void)
{
    int good = 1;

    good = bench("double well", "(s^2 - 1)^2/4") && good;
    good = bench("neuron", "(exp(sqrt(2)*s) - 2)^2/2") && good;
    good = bench("logistic", "log(1 + exp(-exp(sqrt(2)*s)))") && good;
    return good ? 0 : 1;
}
