/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    slope: where and when the viscous solution is steepest, [FRONT-8].
*/

#include <math.h>
#include "base/newton.h"
#include "front_internal.h"

#define LENGTH 7          /* u and its derivatives in s up to the sixth: w_tt has no higher one */
#define GUESS_DIGITS 8
#define EVALUATIONS 600   /* of the climb */
#define HALVINGS 8
#define ATTEMPTS 3
#define MORE_DIGITS 20

typedef struct
{
    const caustic_line_struct * line;
    arb_t nu;
}
slope_struct;

/* d^k/ds^k u_t = nu u_(k+2) - (u_s^2)^(k)/2 from u_0, ..., u_(k+2), the derivatives in s. */
static void
time_derivative(arb_t res, slong k, arb_srcptr u, const arb_t nu, slong prec)
{
    arb_t sum, term;
    fmpz_t binomial;

    arb_init(sum);
    arb_init(term);
    fmpz_init(binomial);
    for (slong j = 0; j <= k; j++)
    {
        fmpz_bin_uiui(binomial, (ulong) k, (ulong) j);
        arb_mul(term, u + 1 + j, u + 1 + k - j, prec);
        arb_addmul_fmpz(sum, term, binomial, prec);
    }
    arb_mul_2exp_si(sum, sum, -1);
    arb_mul(res, nu, u + k + 2, prec);
    arb_sub(res, res, sum, prec);
    arb_clear(sum);
    arb_clear(term);
    fmpz_clear(binomial);
}

/* w_s and w_t of w = u_ss at x = (s, t), and the Hessian of w [FRONT-8]. */
static void
steepest_equations(arb_ptr value, arb_mat_t hessian, arb_srcptr x, const void * data, slong prec)
{
    const slope_struct * slope = data;
    arb_ptr u = _arb_vec_init(LENGTH), u_t = _arb_vec_init(LENGTH - 2);
    arb_ptr w_tt = arb_mat_entry(hessian, 1, 1);

    /* what is not known comes back not finite, and stays so */
    (void) !caustic_local_entropy_1d(u, LENGTH, slope->line, x, x + 1, (slong) (0.3 * (double) prec));
    for (slong k = 0; k < LENGTH - 2; k++)
        time_derivative(u_t + k, k, u, slope->nu, prec);
    arb_set(value, u + 3);
    arb_set(value + 1, u_t + 2);
    arb_set(arb_mat_entry(hessian, 0, 0), u + 4);
    arb_set(arb_mat_entry(hessian, 0, 1), u_t + 3);
    arb_set(arb_mat_entry(hessian, 1, 0), u_t + 3);
    /* the derivative in t of w_t = nu u_4 - u_2^2 - u_1 u_3 */
    arb_mul(w_tt, u + 2, u_t + 2, prec);
    arb_mul_2exp_si(w_tt, w_tt, 1);
    arb_addmul(w_tt, u + 1, u_t + 3, prec);
    arb_addmul(w_tt, u + 3, u_t + 1, prec);
    arb_neg(w_tt, w_tt);
    arb_addmul(w_tt, slope->nu, u_t + 4, prec);
    _arb_vec_clear(u, LENGTH);
    _arb_vec_clear(u_t, LENGTH - 2);
}

/* About -v_s, to guide the climb. */
static double
steepness(const slope_struct * slope, double s, double t)
{
    arb_ptr u = _arb_vec_init(3), x = _arb_vec_init(2);
    double res = -HUGE_VAL;

    arb_set_d(x, s);
    arb_set_d(x + 1, t);
    if (caustic_local_entropy_1d(u, 3, slope->line, x, x + 1, GUESS_DIGITS) == CAUSTIC_OK)
        res = -arf_get_d(arb_midref(u + 2), ARF_RND_NEAR);
    _arb_vec_clear(u, 3);
    _arb_vec_clear(x, 2);
    return res;
}

/* Uphill from (s, t) along the axes, with steps that are halved where no neighbour is higher. Proves nothing. */
static void
climb(double * s, double * t, const slope_struct * slope)
{
    static const int direction[4][2] = {{0, 1}, {0, -1}, {1, 0}, {-1, 0}};
    double nu = arf_get_d(arb_midref(slope->nu), ARF_RND_NEAR);
    double width = sqrt(nu * *t) / 2, time = *t / 4, top = steepness(slope, *s, *t);
    slong halvings = 0;

    for (slong evaluations = 0; evaluations < EVALUATIONS && halvings < HALVINGS;)
    {
        int moved = 0;

        for (int i = 0; i < 4; i++, evaluations++)
        {
            double s1 = *s + direction[i][0] * width, t1 = *t + direction[i][1] * time;
            double here = t1 > 0 ? steepness(slope, s1, t1) : -HUGE_VAL;

            if (here > top)
            {
                *s = s1;
                *t = t1;
                top = here;
                moved = 1;
            }
        }
        if (!moved)
        {
            halvings++;
            width /= 2;
            time /= 2;
        }
    }
}

/* w is least at the zero of its gradient in x, strictly and next to it: the Hessian is positive definite on x. */
static int
is_strict_minimum(arb_srcptr x, const slope_struct * slope, slong prec)
{
    arb_ptr gradient = _arb_vec_init(2);
    arb_mat_t hessian;
    arb_t determinant;
    int strict;

    arb_mat_init(hessian, 2, 2);
    arb_init(determinant);
    steepest_equations(gradient, hessian, x, slope, prec);
    arb_mat_det(determinant, hessian, prec);
    strict = arb_is_positive(arb_mat_entry(hessian, 0, 0)) && arb_is_positive(determinant);
    arb_mat_clear(hessian);
    arb_clear(determinant);
    _arb_vec_clear(gradient, 2);
    return strict;
}

/* -v_s on x, to `digits` digits if 1; v_s < 0 proved. */
static int
steepest_value(arb_t value, arb_srcptr x, const slope_struct * slope, slong digits, slong prec)
{
    arb_ptr u = _arb_vec_init(3);
    int good = caustic_local_entropy_1d(u, 3, slope->line, x, x + 1, (slong) (0.3 * (double) prec)) == CAUSTIC_OK;

    arb_neg(value, u + 2);
    good = good && arb_is_positive(value) && (double) arb_rel_accuracy_bits(value) > 3.33 * (double) digits;
    _arb_vec_clear(u, 3);
    return good;
}

caustic_result
caustic_front_steepest(arb_t value, arb_t position, arb_t time, caustic_text_t why, const caustic_front_t front, const arb_t s,
    const arb_t t, const fmpq_t viscosity, slong digits)
{
    caustic_line_t line;
    slope_struct slope = {.line = line};
    arb_ptr x = _arb_vec_init(2);
    double s0 = arf_get_d(arb_midref(s), ARF_RND_NEAR), t0 = arf_get_d(arb_midref(t), ARF_RND_NEAR);
    int proved = 0;

    arb_init(slope.nu);
    if (caustic_line_init(line, front->pool, front->flat->s, front->loss, viscosity, front->lower) == CAUSTIC_OK
        && isfinite(s0) && isfinite(t0) && t0 > 0)
    {
        arb_set_fmpq(slope.nu, viscosity, 64);
        climb(&s0, &t0, &slope);
        for (slong attempt = 1; attempt <= ATTEMPTS && !proved; attempt++)
        {
            slong prec = (slong) (3.34 * (double) (digits + attempt * MORE_DIGITS)) + 32;

            arb_set_fmpq(slope.nu, viscosity, prec);
            arb_set_d(x, s0);
            arb_set_d(x + 1, t0);
            proved = newton_zero(x, 2, steepest_equations, &slope, prec) && arb_is_positive(x + 1)
                && is_strict_minimum(x, &slope, prec) && steepest_value(value, x, &slope, digits, prec);
        }
    }
    if (proved)
    {
        arb_set(position, x);
        arb_set(time, x + 1);
    }
    else
    {
        arb_indeterminate(value);
        arb_indeterminate(position);
        arb_indeterminate(time);
        caustic_text_append(why, "no strict local maximum of -v_s was proved near where a climb from the shock's beginning ended");
    }
    caustic_line_clear(line);
    arb_clear(slope.nu);
    _arb_vec_clear(x, 2);
    return proved ? CAUSTIC_OK : CAUSTIC_NO_RESOURCES;
}
