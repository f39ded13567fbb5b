/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    foot: where a characteristic begins in parameter space, over a point of the quotient [FOCAL-6].
*/

#include <math.h>
#include "base/newton.h"
#include "focal/focal_internal.h"

/* The equations invariants(x) = point. */
typedef struct
{
    slong n;
    caustic_tape * tape; /* the invariants, and their derivatives by the parameters */
    arb_srcptr point;
} fibre;

static void fibre_equations(arb_ptr value, arb_mat_t derivative, arb_srcptr x, const void * data, slong prec)
{
    const fibre * f = data;
    slong n = f->n, i;
    arb_ptr out = _arb_vec_init(n + n * n);
    caustic_tape_evaluate_arb(out, f->tape, x, prec);
    _arb_vec_sub(value, out, f->point, n, prec);
    for (i = 0; i < n * n; i++)
    {
        arb_swap(arb_mat_entry(derivative, i / n, i % n), out + n + i);
    }
    _arb_vec_clear(out, n + n * n);
}

static int in_domains(const caustic_setting_t setting, arb_srcptr x)
{
    slong i;
    for (i = 0; i < setting->parameters; i++)
    {
        if (caustic_interval_contains_arb(setting->parameter_domain + i, x + i) != T_TRUE)
        {
            return 0;
        }
    }
    return 1;
}

#define MOST_GUESSES 256

/* Guesses fill cubes evenly, one of four sizes after the other: multiples of the powers of 1/phi, phi^(n+1) = phi + 1,
   modulo 1 (M. Roberts, 2018). */
static void guess(arb_ptr x, slong n, slong k)
{
    static const double sizes[] = {1.0, 2.0, 0.5, 8.0};
    double phi = 2.0, power = 1.0;
    slong i;
    for (i = 0; i < 60; i++)
    {
        phi = pow(1.0 + phi, 1.0 / (double) (n + 1));
    }
    for (i = 0; i < n; i++)
    {
        power /= phi;
        arb_set_d(x + i, sizes[k % 4] * (2.0 * fmod(0.5 + power * (double) (k + 1), 1.0) - 1.0));
    }
}

/* With few bits from the guesses, and from what these find with all. */
static int find(arb_ptr x, fibre * f, const caustic_setting_t setting, slong precision)
{
    slong n = f->n, k;
    int found = 0;
    for (k = 0; k < MOST_GUESSES && !found; k++)
    {
        guess(x, n, k);
        found = newton_zero(x, n, fibre_equations, f, FOCAL_ROUGH) && in_domains(setting, x)
            && newton_zero(x, n, fibre_equations, f, precision) && in_domains(setting, x);
    }
    return found;
}

caustic_result caustic_focal_lift_foot(arb_ptr res, const caustic_setting_t setting, arb_srcptr point, slong precision,
    caustic_error_t error)
{
    slong n = setting->parameters;
    fibre f;
    int found;

    if (setting->has_section)
    {
        _arb_vec_set(res, point, setting->coordinates);
        return CAUSTIC_OK;
    }
    if (n != setting->coordinates)
    {
        return focal_no_section(error);
    }
    f.n = n;
    f.point = point;
    f.tape = focal_map_tape(setting->pool, setting->invariant, n, setting->parameter, n);
    if (f.tape == NULL)
    {
        return caustic_error_set(error, CAUSTIC_BAD_INPUT, NULL, 0, 0, "the invariants are not defined by the parameters alone");
    }
    found = find(res, &f, setting, precision);
    caustic_tape_free(f.tape);
    return found ? CAUSTIC_OK : caustic_error_set(error, CAUSTIC_NO_RESOURCES, NULL, 0, 0,
        "no point of parameter space was found over the foot: Newton's method did not converge from %d guesses, and there may be none",
        MOST_GUESSES);
}
