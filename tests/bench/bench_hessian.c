/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    What certainty costs in several dimensions: certified infima of the smallest eigenvalue of the Hessian against a plain
    floating-point minimiser of the same function (a grid, then descent from its best points), in one run.
*/

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <caustic/shock.h>

#define MOST 3

/* The Hessian by hand, in floating point. */
typedef void (* hessian_function)(double * h, const double * x);

typedef struct
{
    const char * name;
    slong dimension;
    const char * loss;
    double lower, upper; /* of each coordinate, in quarters */
    slong digits;
    double limit;        /* milliseconds that the issue allows */
    hessian_function hessian;
}
bench_case;

/* exp(-q), q = sum a_i (x_i - c_i)^2: h_ij = (q_i q_j - q_ij) exp(-q) */
static void
bump(double * h, const double * x, slong d)
{
    static const double a[MOST] = { 1, 2, 3 }, c[MOST] = { 1.0 / 3, -0.2, 0.1 };
    double q = 0;

    for (slong i = 0; i < d; i++)
        q += a[i] * (x[i] - c[i]) * (x[i] - c[i]);
    for (slong i = 0; i < d; i++)
        for (slong j = 0; j < d; j++)
            h[i * d + j] = exp(-q) * (4 * a[i] * a[j] * (x[i] - c[i]) * (x[j] - c[j]) - (i == j ? 2 * a[i] : 0));
}

static void bump_2(double * h, const double * x) { bump(h, x, 2); }
static void bump_3(double * h, const double * x) { bump(h, x, 3); }

static void
egg_box(double * h, const double * x)
{
    h[0] = h[3] = -cos(x[0]) * cos(x[1]);
    h[1] = h[2] = sin(x[0]) * sin(x[1]);
}

static const bench_case cases[] =
{
    { "bump in the plane", 2, "exp(-(x1 - 1/3)^2 - 2*(x2 + 1/5)^2)", -4, 4, 15, 50, bump_2 },
    { "bump in space", 3, "exp(-(x1 - 1/3)^2 - 2*(x2 + 1/5)^2 - 3*(x3 - 1/10)^2)", -4, 4, 15, 2000, bump_3 },
    { "cos x cos y", 2, "cos(x1)*cos(x2)", -8, 8, 7, 500, egg_box },
};

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double) t.tv_sec + 1e-9 * (double) t.tv_nsec;
}

/* The smallest eigenvalue by Jacobi's rotations. */
static double
smallest(const bench_case * c, const double * x)
{
    double a[MOST * MOST], least;
    slong d = c->dimension;

    c->hessian(a, x);
    for (int sweep = 0; sweep < 6; sweep++)
        for (slong p = 0; p < d; p++)
            for (slong q = p + 1; q < d; q++)
            {
                double t, s, k, tau;

                if (fabs(a[p * d + q]) < 1e-300)
                    continue;
                tau = (a[q * d + q] - a[p * d + p]) / (2 * a[p * d + q]);
                t = (tau >= 0 ? 1 : -1) / (fabs(tau) + sqrt(1 + tau * tau));
                k = 1 / sqrt(1 + t * t);
                s = t * k;
                for (slong i = 0; i < d; i++)
                {
                    double u = a[i * d + p], v = a[i * d + q];
                    a[i * d + p] = k * u - s * v;
                    a[i * d + q] = s * u + k * v;
                }
                for (slong i = 0; i < d; i++)
                {
                    double u = a[p * d + i], v = a[q * d + i];
                    a[p * d + i] = k * u - s * v;
                    a[q * d + i] = s * u + k * v;
                }
            }
    least = a[0];
    for (slong i = 1; i < d; i++)
        least = fmin(least, a[i * d + i]);
    return least;
}

/* A grid of 33^d points, then a pattern search from the best. */
static double
plain_minimum(const bench_case * c)
{
    slong d = c->dimension, total = 1;
    double best = HUGE_VAL, place[MOST] = { 0 }, x[MOST], step = (c->upper - c->lower) / 4 / 32;

    for (slong i = 0; i < d; i++)
        total *= 33;
    for (slong i = 0; i < total; i++)
    {
        slong rest = i;
        double value;

        for (slong k = 0; k < d; k++, rest /= 33)
            x[k] = c->lower / 4 + (double) (rest % 33) * step;
        value = smallest(c, x);
        if (value < best)
        {
            best = value;
            memcpy(place, x, sizeof(x));
        }
    }
    for (; step > 1e-9; step /= 2)
        for (slong k = 0; k < 2 * d; k++)
        {
            double value;

            memcpy(x, place, sizeof(x));
            x[k / 2] += k % 2 ? step : -step;
            value = fabs(x[k / 2]) <= c->upper / 4 ? smallest(c, x) : HUGE_VAL;
            if (value < best)
            {
                best = value;
                memcpy(place, x, sizeof(x));
            }
        }
    return best;
}

static double
certified(caustic_shock_result_t result, const bench_case * c, int runs)
{
    static const char * const name[MOST] = { "x1", "x2", "x3" };
    slong d = c->dimension;
    double total = 0;

    for (int r = 0; r < runs; r++)
    {
        caustic_pool * pool = caustic_pool_new();
        caustic_shock_flat_problem problem;
        caustic_interval_struct domain[MOST], box[MOST];
        caustic_expr z[MOST], cometric[MOST * MOST], drift[MOST];
        caustic_name names[MOST];
        caustic_scope scope = { names, d, NULL, 0 };
        caustic_origin origin = { "bench", 1, 1 };
        caustic_error_t error;
        double start;

        memset(&problem, 0, sizeof(problem));
        for (slong k = 0; k < d; k++)
        {
            z[k] = caustic_symbol(pool, name[k]);
            names[k] = (caustic_name) { name[k], z[k] };
            drift[k] = caustic_integer(pool, 0);
            caustic_interval_init(domain + k);
            caustic_interval_init(box + k);
            box[k].lower_infinite = box[k].upper_infinite = 0;
            box[k].lower_closed = box[k].upper_closed = 1;
            fmpq_set_si(box[k].lower, (slong) c->lower, 4);
            fmpq_set_si(box[k].upper, (slong) c->upper, 4);
        }
        for (slong i = 0; i < d * d; i++)
            cometric[i] = caustic_integer(pool, i / d == i % d);
        caustic_error_init(error);
        if (caustic_parse(&problem.loss, pool, c->loss, &scope, &origin, error) != CAUSTIC_OK)
            flint_throw(FLINT_ERROR, "%s\n", error->message);
        caustic_error_clear(error);
        problem.pool = pool;
        problem.dimension = d;
        problem.z = z;
        problem.domain = domain;
        problem.cometric = cometric;
        problem.drift = drift;
        problem.box = box;
        problem.digits = c->digits;
        problem.precision_limit = 1 << 16;
        start = now();
        caustic_shock_flat_global(result, &problem);
        total += now() - start;
        for (slong k = 0; k < d; k++)
        {
            caustic_interval_clear(domain + k);
            caustic_interval_clear(box + k);
        }
        caustic_pool_free(pool);
    }
    return total / runs;
}

int
main(void)
{
    slong failures = 0;

    printf("%-20s %7s %12s %14s %8s %12s  %s\n", "case", "digits", "plain [ms]", "certified [ms]", "ratio", "limit [ms]", "verdict");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        const bench_case * c = cases + i;
        caustic_shock_result_t result;
        double start = now(), plain, sharp;
        volatile double least = 0;

        for (int r = 0; r < 10; r++)
            least = plain_minimum(c);
        plain = (now() - start) / 10;
        caustic_shock_result_init(result);
        sharp = certified(result, c, 3);
        failures += result->verdict != CAUSTIC_PROVED || 1e3 * sharp > c->limit
            || fabs(-1 / least - arf_get_d(arb_midref(result->time), ARF_RND_NEAR)) > 1e-5 / fabs(least);
        printf("%-20s %7ld %12.3f %14.3f %8.1f %12.0f  %s\n", c->name, (long) c->digits, 1e3 * plain, 1e3 * sharp, sharp / plain,
            c->limit, caustic_verdict_name(result->verdict));
        caustic_shock_result_clear(result);
    }
    flint_cleanup();
    return failures != 0;
}
